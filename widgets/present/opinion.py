"""What a device looked like from here: the sentence, and each attempt behind it."""

from __future__ import annotations

from typing import Final

from backends.fleet.model import SafeText
from backends.fleet.opinion import Glimpse, Seen, Verdict, ms_text
from backends.fleet.run import DeviceCard
from widgets.present.row import Cell, Line, line, plain, since
from widgets.present.tone import Tone

VERDICT_TONE: Final = {
    Verdict.ANSWERS: Tone.OK,
    Verdict.REFUSES: Tone.WARNING,
    Verdict.SILENT: Tone.CRITICAL,
    Verdict.UNTRIED: Tone.UNKNOWN,
}
_WORDS: Final = {
    Seen.ANSWERED: "answered",
    Seen.REFUSED: "refused",
    Seen.SILENT: "silent",
    Seen.UNTRIED: "not tried",
    Seen.SAID: "",
}


def opinion_lines(known: DeviceCard) -> list[Line]:
    """Two or three lines; none where nobody has asked lately."""
    opinion = known.opinion
    if opinion is None:
        return []
    lines = [line("Here", Cell(opinion.sentence, VERDICT_TONE[opinion.verdict]), plain(" "), since(opinion.at))]
    if opinion.careful:
        lines.append(line("", Cell(opinion.careful, Tone.WARNING)))
    if opinion.looks:
        lines.append(line("", plain(" · ".join(map(glimpse_text, opinion.looks)), Tone.DIM)))
    return lines


def glimpse_text(one: Glimpse) -> SafeText:
    """`tcp 443 answered in 12 ms`, `tcp 22 silent (no answer within 3 s)`, `the name sql01 is 10.0.0.4 here`."""
    word = f" {_WORDS[one.seen]}" if _WORDS[one.seen] else ""
    took = f" in {ms_text(one.ms)}" if one.ms is not None and one.seen is Seen.ANSWERED else ""
    more = one.sentence
    if more and one.seen is not Seen.SAID:
        more = SafeText(f"({more.rstrip('.')})")
    return SafeText(f"{one.what}{word}{took}{f' {more}' if more else ''}")
