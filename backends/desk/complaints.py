"""What was not taken by the sources that were to be told, in one sentence for the technician."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence

from backends.desk.outside import Outcome, Took
from backends.desk.protocol import DeskError, DeskErrorKind
from backends.fleet.model import SourceName

Says = Mapping[SourceName, bool]
"""Sources that nobody knew of whether they had taken it, with what they said when they were asked again; one that could
not be asked is missing."""


def complain(here: str, outcomes: Sequence[Outcome], says: Says | None, deaf: Iterable[SourceName] = ()) -> None:
    """Raise `DeskError` when a source did not take it, or may not have, or left something, or cannot be told (`deaf`).
    `here` says what counts all the same: `Acknowledged here`; empty where nothing was decided here. `says` is None
    where asking again tells nothing of it."""
    words = [word for outcome in outcomes if (word := _word(outcome, says))]
    words += [f"{source} cannot be told with the credentials it has: do it there" for source in deaf]
    if not words:
        return
    if not here and all(outcome.took is Took.NOT_SENT for outcome in outcomes):
        raise DeskError(DeskErrorKind.REFUSED, _ended(f"Nothing was changed: {'; '.join(words)}"))
    raise DeskError(DeskErrorKind.PARTLY, _ended(f"{here or 'It was asked for'}; {'; '.join(words)}"))


def _word(outcome: Outcome, says: Says | None) -> str:
    why = outcome.sentence.rstrip(". ")
    match outcome.took:
        case Took.DONE:
            return f"{outcome.source}: {why}" if why else ""
        case Took.NOT_SENT:
            return f"{outcome.source} did not take it: {why}"
    if says is None:
        return f"{outcome.source} may have taken it: {why}"
    if outcome.source not in says:
        return f"{outcome.source} may have taken it: {why}. It could not be asked again"
    return f"{outcome.source} may have taken it: {why}. Asked again, it says that it has{_not(says[outcome.source])}"


def _not(taken: bool) -> str:
    return "" if taken else " not"


def _ended(sentence: str) -> str:
    return f"{sentence}."
