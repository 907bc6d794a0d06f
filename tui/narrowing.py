"""The issues that a filter leaves, while it is being typed. The order of a place is made once for all letters, and only
as far as somebody looks; a longer word is looked for only where the shorter one was found. Between two letters the
first few hundred issues do: nobody sees more of them, and the next letter waits.
"""

from __future__ import annotations

import heapq
from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import datetime
from itertools import islice
from typing import Final

from msgspec import Struct
from msgspec.structs import replace

from backends.fleet.model import Issue, IssueId
from backends.fleet.urgency import standing
from tui.filtering import Filter
from tui.issue_list import IssueList, is_here
from tui.place import Place
from widgets.present.issues import in_order

ENOUGH: Final = 500
"""So many issues are found between two letters; more than lines of the tallest screen."""


class Found(Struct, frozen=True):
    issues: Sequence[Issue]
    """In their order."""
    whole: bool
    """Whether these are all of them."""


class Narrowing:
    def __init__(self, listed: IssueList) -> None:
        self._listed = listed
        self._place: Place | None = None
        self._issues: dict[IssueId, Issue] = {}
        self._ordered: Iterable[Issue] = ()
        self._chosen: Filter | None = None
        self._found = Found((), whole=False)

    def of(
        self,
        place: Place,
        issues: dict[IssueId, Issue],
        chosen: Filter,
        now: datetime,
        *,
        enough: int = 0,
        upto: str | None = None,
    ) -> Found:
        """The issues of the place that match. `issues` is another dict when one of them is another. With `enough` no
        more than so many, or as many as there are up to the one with the id `upto`, if it matches."""
        base = replace(place, query="")
        if base != self._place or issues is not self._issues:
            self._place, self._issues, self._chosen = base, issues, None
            self._ordered = self._in_order(base, issues) if enough else _all_in_order(base, issues)
        within = self._found.whole and self._chosen is not None and chosen.is_within(self._chosen)
        matching = chosen.matching(self._found.issues if within else self._ordered, now)
        last = issues.get(IssueId(upto)) if enough and upto is not None else None
        if last is not None and not (is_here(base, last) and any(chosen.matching((last,), now))):
            last = None
        self._found, self._chosen = _taken(matching, enough, last), chosen
        return self._found

    def _in_order(self, base: Place, issues: dict[IssueId, Issue]) -> Iterable[Issue]:
        """Those that were listed before anything was typed stand in their order already."""
        if not self._listed.is_at(base):
            return _all_in_order(base, issues)
        listed: Mapping[str, Issue] = self._listed.of(base, issues).facts
        others = in_order(issue for issue in issues.values() if issue.id not in listed and is_here(base, issue))
        return _Merged(listed.values(), others)


def _all_in_order(base: Place, issues: dict[IssueId, Issue]) -> list[Issue]:
    return in_order(issue for issue in issues.values() if is_here(base, issue))


class _Merged:
    """Two lists that are in order as one, as often as it is wanted."""

    def __init__(self, *parts: Iterable[Issue]) -> None:
        self._merged: list[Issue] = []
        self._rest = heapq.merge(*parts, key=standing)

    def __iter__(self) -> Iterator[Issue]:
        yield from self._merged
        for issue in self._rest:
            self._merged.append(issue)
            yield issue


def _taken(matching: Iterator[Issue], enough: int, last: Issue | None) -> Found:
    if not enough:
        return Found([*matching], whole=True)
    found = [*islice(matching, enough)]
    if len(found) < enough:
        return Found(found, whole=True)
    if last is not None and not any(issue is last for issue in found):
        for issue in matching:
            found.append(issue)
            if issue is last:
                break
    return Found(found, whole=False)
