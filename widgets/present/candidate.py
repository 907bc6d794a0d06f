"""What a line that is being typed may become."""

from __future__ import annotations

from msgspec import Struct

from backends.fleet.model import safe
from widgets.present.row import EMPTY, SafeText


class Candidate(Struct, frozen=True, kw_only=True):
    line: SafeText
    """The whole line once it is taken."""
    cursor: int
    """Where one goes on typing in it."""
    word: SafeText
    """As it is offered."""
    about: SafeText = EMPTY


def pasted(text: str, room: int) -> SafeText:
    """What of a paste goes into a line with so much room: the first of its lines that is not empty, made safe."""
    first = next((line.strip() for line in text.splitlines() if line.strip()), "")
    return SafeText(safe(first[:room], room)[:room])
