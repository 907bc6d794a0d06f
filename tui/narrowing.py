"""The issues that a filter leaves, while it is being typed. The order of a place is made once for all letters, and a
longer word is looked for only where the shorter one was found.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from msgspec.structs import replace

from backends.fleet.model import Issue, IssueId
from tui.filtering import Filter
from tui.issue_list import is_here
from tui.place import Place
from widgets.present.issues import in_order


class Narrowing:
    def __init__(self) -> None:
        self._place: Place | None = None
        self._issues: dict[IssueId, Issue] = {}
        self._ordered: Sequence[Issue] = ()
        self._chosen: Filter | None = None
        self._found: Sequence[Issue] = ()

    def of(self, place: Place, issues: dict[IssueId, Issue], chosen: Filter, now: datetime) -> Sequence[Issue]:
        """The issues of the place that match, in their order. `issues` is another dict when one of them is another."""
        base = replace(place, query="")
        if base != self._place or issues is not self._issues:
            self._place, self._issues, self._chosen = base, issues, None
            self._ordered = in_order(issue for issue in issues.values() if is_here(place, issue))
        within = self._chosen is not None and chosen.is_within(self._chosen)
        self._found, self._chosen = chosen.of(self._found if within else self._ordered, now), chosen
        return self._found
