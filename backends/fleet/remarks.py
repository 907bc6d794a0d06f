"""What is to be said of a source beside its fault: sentences, each about one thing that somebody should know."""

from __future__ import annotations

from typing import Final

from backends.fleet.model import SafeText, Source, safe

SKEWED_S: Final = 30.0
"""A clock that differs by less is nobody's business."""
_UNITS: Final = ((86_400.0, "d"), (3_600.0, "h"), (60.0, "min"), (1.0, "s"))


def remarks(source: Source) -> list[SafeText]:
    """All there is to say, the source's own words first."""
    said = [_sentence(source.note)] if source.note else []
    if source.quarantined:
        records, were = ("1 record", "was") if source.quarantined == 1 else (f"{source.quarantined} records", "were")
        said.append(safe(f"{records} could not be understood and {were} set aside."))
    return [*said, *(one for one in (unplaced(source), skew(source)) if one)]


def _sentence(note: SafeText) -> SafeText:
    """A note as a sentence that another may follow."""
    whole = safe(note[:1].upper() + note[1:], 512)
    return whole if whole.endswith((".", "!", "?", "…")) else safe(f"{whole}.", 512)


def unplaced(source: Source) -> SafeText:
    """How many of its devices belong to no client; empty where each has one."""
    if not source.unplaced:
        return SafeText("")
    verb = "is" if source.unplaced == 1 else "are"
    return safe(f"{source.unplaced} of {source.devices} devices {verb} unplaced: no rule gives a client.")


def skew(source: Source) -> SafeText:
    """How far its clock differs from ours; empty where that is little, or it does not tell."""
    seconds = source.skew_s
    if seconds is None or abs(seconds) < SKEWED_S:
        return SafeText("")
    size, unit = next((size, unit) for size, unit in _UNITS if abs(seconds) >= size)
    way = "ahead of" if seconds > 0 else "behind"
    return safe(f"Its clock is {abs(seconds) / size:.0f} {unit} {way} ours.")
