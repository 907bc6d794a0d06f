"""The issues of a place in their order, with their rows: while none comes, goes or changes its place, only what changed
is looked at. Thousands of issues cost no more than the few that are new."""

from __future__ import annotations

from msgspec import Struct

from backends.fleet.changes import replaced
from backends.fleet.model import Issue, IssueId
from backends.fleet.tally import waits
from backends.fleet.urgency import standing
from tui.place import Place
from widgets.present.issues import in_order, issue_row
from widgets.present.row import Row


class Stood(Struct, frozen=True):
    """Issues in their order, and their rows beside them."""

    rows: tuple[Row, ...]
    facts: dict[str, Issue]
    """By id."""


class IssueList:
    """Of unfiltered lists; a filter may go by age and asks again."""

    def __init__(self) -> None:
        self._place: Place | None = None
        self._issues: dict[IssueId, Issue] = {}
        self._stood = Stood((), {})
        self._places: dict[str, int] = {}

    def is_at(self, place: Place) -> bool:
        """Whether that is the place whose issues were listed last."""
        return place == self._place

    def of(self, place: Place, issues: dict[IssueId, Issue]) -> Stood:
        changed = self._in_their_places(place, issues) if place == self._place else None
        if changed is None:
            listed = in_order(issue for issue in issues.values() if _is_listed(place, issue))
            rows = tuple(self.row(issue) for issue in listed)
            self._stood = Stood(rows, {issue.id: issue for issue in listed})
            self._places = {row.key: number for number, row in enumerate(rows)}
        elif changed:
            standing_rows, facts = list(self._stood.rows), dict(self._stood.facts)
            for issue in changed:
                standing_rows[self._places[issue.id]] = issue_row(issue)
                facts[issue.id] = issue
            self._stood = Stood(tuple(standing_rows), facts)
        self._place, self._issues = place, issues
        return self._stood

    def row(self, issue: Issue) -> Row:
        """The row that it had, while it is the same."""
        number = self._places.get(issue.id)
        if number is not None and ((was := self._stood.facts[issue.id]) is issue or was == issue):
            return self._stood.rows[number]
        return issue_row(issue)

    def _in_their_places(self, place: Place, issues: dict[IssueId, Issue]) -> list[Issue] | None:
        """Listed issues that are others now and stand where they stood; None when the order has to be made anew."""
        changed = []
        for before, after in replaced(self._issues, issues):
            was = before is not None and before.id in self._places
            now = after is not None and _is_listed(place, after)
            if was != now:
                return None
            if before is not None and after is not None and now:
                if standing(before) != standing(after):
                    return None
                changed.append(after)
        return changed


def _is_listed(place: Place, issue: Issue) -> bool:
    return is_here(place, issue) and (place.incident is not None or waits(issue))


def is_here(place: Place, issue: Issue) -> bool:
    return (
        (place.incident is None or issue.incident == place.incident)
        and (place.client is None or issue.client == place.client)
        and (place.site is None or issue.site == place.site)
        and (place.source is None or place.source in issue.sources)
        and (place.device is None or issue.device == place.device)
    )
