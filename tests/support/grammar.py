"""Oracle O1: every byte that the screen writes to a terminal, from its start to its end, against a grammar.

The grammar is what our screen needs and nothing more: the first picture in plain text, text that can be seen, styled
runs (`SGR text SGR 0`), cursor positions between runs, the modes that are switched on before the first frame and off
after the last, the two questions with which Textual begins, pointer shapes, and, where a test says so, one copy by
OSC 52. Anything else is a fault that names its place, what it is and what stands around it. A payload made of allowed
pieces does not slip through: a position or a style inside a styled run, a mode in the midst of painting, and a line
feed that no position follows are faults as well.
"""

from __future__ import annotations

import base64
import binascii
import re
import unicodedata
from collections.abc import Iterator
from enum import Enum, auto
from typing import Final

from msgspec import Struct

COMBINING: Final = 8
"""Most marks that one character may carry."""

_TOKEN: Final = re.compile(
    rb"(?P<text>[^\x00-\x1f\x7f]+)"
    rb"|(?P<csi>(?<=\x1b\[\?1049h)\x1b\[2J\x1b\[\?25l|\x1b\[[0-?]*[ -/]*[@-~])"
    rb"|(?P<osc>\x1b\][^\x00-\x1f\x7f]*(?:\x07|\x1b\\))"
    rb"|(?P<line>\r\n)"
    rb"|(?P<other>.)",
    re.DOTALL,
)
_STYLE: Final = re.compile(rb"\x1b\[[\d;]+m")
_RESET: Final = b"\x1b[0m"
_POSITION: Final = re.compile(rb"\x1b\[[1-9]\d*;[1-9]\d*H")
_POINTER: Final = re.compile(rb"\x1b\]22;[a-z-]{1,20}\x07")
_COPY: Final = re.compile(rb"\x1b\]52;c;([A-Za-z0-9+/=]*)\x07")

_ENTER, _LEAVE = b"\x1b[?1049h", b"\x1b[?1049l"
_CLEAR, _HIDE = b"\x1b[2J", b"\x1b[?25l"
"""Together, and right behind the way in, they begin the first picture; nowhere else anything is erased."""
_MOUSE: Final = (b"1000", b"1003", b"1015", b"1006")
_ON: Final = frozenset(
    {*(b"\x1b[?%bh" % mode for mode in (*_MOUSE, b"1004", b"2004")), b"\x1b[?25l", b"\x1b[?7l", b"\x1b[>25u"}
    | {b"\x1b[?2026$p", b"\x1b[?2048$p"}
)
"""Between entering the alternate screen and the first frame; the last two are Textual's questions."""
_WHILE: Final = frozenset({b"\x1b[?2026h", b"\x1b[?2026l", b"\x1b[?2048h", b"\x1b[?1016h"})
"""While painting: synchronized output, and what the answers to the questions allow."""
_OFF: Final = frozenset(
    {*(b"\x1b[?%bl" % mode for mode in (*_MOUSE, b"1016", b"1004", b"2004", b"2048")), b"\x1b[?25h", b"\x1b[?7h"}
    | {b"\x1b[<u"}
)
_LASTING: Final = {b"\x1b[?25l": b"\x1b[?25h", b"\x1b[?7l": b"\x1b[?7h", b"\x1b[>25u": b"\x1b[<u"}
"""What takes back those that do not end in h."""
_INVISIBLE: Final = re.compile(
    "[\u034f\u115f\u1160\u17b4\u17b5\u180b-\u180f\u2800\u3164\ufe00-\ufe0f\uffa0\U00016fe4\U000e0100-\U000e01ef]"
)


class Fault(Struct, frozen=True):
    """Something that no screen of ours may write."""

    offset: int
    sequence: bytes
    why: str
    context: bytes

    def __str__(self) -> str:
        return f"at byte {self.offset}: {self.sequence[:60]!r} {self.why}, in {self.context!r}"


class Phase(Enum):
    SHELL = auto()
    """Not our screen: sentences on the ordinary screen."""
    ENTERED = auto()
    OPENING = auto()
    """The first picture, plain text at positions, before Textual has taken over."""
    BEGINNING = auto()
    PAINTING = auto()
    ENDING = auto()
    LEFT = auto()
    """The alternate screen is left; the last modes follow."""


class Grammar:
    """Reads one whole session; `faults` gives what is wrong with it, `copied` the texts of the copies in it."""

    def __init__(self, *, copies: bool = False) -> None:
        self.copied: list[str] = []
        self._copies = copies
        self._phase = Phase.SHELL
        self._styled = False
        self._line_fed = False
        self._on: set[bytes] = set()

    def faults(self, raw: bytes, *, ended: bool = True) -> list[Fault]:
        """`ended` is false for a session that still goes on."""
        found = []
        end = 0
        for match in _TOKEN.finditer(raw):
            end = match.end()
            kind, token = match.lastgroup or "", match.group()
            around = raw[max(0, match.start() - 60) : end + 60]
            found += [Fault(match.start(), token, why, around) for why in self._take(kind, token)]
        if ended:
            left = b" ".join(sorted(self._on))
            for why, holds in (
                ("is on the alternate screen at the end", self._phase not in (Phase.SHELL, Phase.LEFT)),
                ("is left on", bool(left)),
                ("is in the midst of a style at the end", self._styled),
            ):
                if holds:
                    found.append(Fault(end, left, why, raw[-120:]))
        return found

    def _take(self, kind: str, token: bytes) -> Iterator[str]:
        fed, self._line_fed = self._line_fed, False
        if fed and not _POSITION.fullmatch(token):
            yield "after a line feed that no position follows"
        match kind:
            case "text":
                yield from self._text(token)
            case "csi":
                yield from self._csi(token)
            case "osc":
                yield from self._osc(token)
            case "line":
                yield from self._line()
            case _:
                yield "is no part of any text"

    def _text(self, token: bytes) -> Iterator[str]:
        if self._phase is Phase.LEFT:
            self._phase = Phase.SHELL
        if self._phase not in (Phase.SHELL, Phase.PAINTING, Phase.OPENING):
            yield f"is text while the screen is {self._phase.name}"
        try:
            text = token.decode()
        except UnicodeDecodeError:
            yield "is no UTF-8"
            return
        if text.isascii():
            return
        marks = 0
        for char in text:
            category = unicodedata.category(char)
            marks = marks + 1 if category in ("Mn", "Me") else 0
            if category in ("Cc", "Cf", "Cs", "Co", "Cn", "Zl", "Zp") or _INVISIBLE.match(char):
                yield f"has U+{ord(char):04X}, which hides or moves its neighbours"
            elif marks == COMBINING + 1:
                yield f"has more than {COMBINING} marks on one character"

    def _csi(self, token: bytes) -> Iterator[str]:
        if token == _RESET:
            if not self._styled:
                yield "ends a style where none is"
            self._styled = False
        elif _STYLE.fullmatch(token):
            if self._phase is Phase.OPENING:
                yield "is a style in the first picture"
            if self._styled:
                yield "is a style within a style"
            self._styled = True
        elif _POSITION.fullmatch(token):
            yield from self._position()
        else:
            yield from self._mode(token)

    def _position(self) -> Iterator[str]:
        if self._phase is Phase.BEGINNING:
            self._phase = Phase.PAINTING
        if self._phase not in (Phase.PAINTING, Phase.OPENING):
            yield f"is a position while the screen is {self._phase.name}"
        if self._styled:
            yield "is a position within a style"

    def _mode(self, token: bytes) -> Iterator[str]:
        if self._styled:
            yield "is a mode within a style"
        self._go_on(token)
        if token == _ENTER and self._phase in (Phase.SHELL, Phase.LEFT):
            self._phase = Phase.ENTERED
            self._on.add(_LEAVE)
        elif token == _LEAVE and self._phase is Phase.ENDING:
            self._phase = Phase.LEFT
            self._on.discard(token)
        elif token in _ON and self._phase is Phase.BEGINNING:
            if not token.endswith(b"p"):
                self._on.add(_LASTING.get(token, token[:-1] + b"l"))
        elif token in _WHILE and self._phase is Phase.PAINTING:
            if token in (b"\x1b[?2048h", b"\x1b[?1016h"):
                self._on.add(token[:-1] + b"l")
        elif token in _OFF and self._phase in (Phase.ENDING, Phase.LEFT):
            self._on.discard(token)
        elif token == _CLEAR + _HIDE and self._phase is Phase.OPENING:
            self._on.add(_LASTING[_HIDE])
        else:
            yield f"is not in the grammar while the screen is {self._phase.name}"

    def _go_on(self, token: bytes) -> None:
        """The modes with which a phase ends."""
        match self._phase:
            case Phase.ENTERED:
                self._phase = Phase.OPENING if token == _CLEAR + _HIDE else Phase.BEGINNING
            case Phase.OPENING if token == b"\x1b[?1000h":
                self._phase = Phase.BEGINNING
            case Phase.OPENING if token == b"\x1b[?25h":
                self._phase = Phase.ENDING
            case Phase.PAINTING | Phase.BEGINNING if token == b"\x1b[?2004l":
                self._phase = Phase.ENDING

    def _osc(self, token: bytes) -> Iterator[str]:
        copy = _COPY.fullmatch(token)
        if self._phase not in (Phase.BEGINNING, Phase.PAINTING) or self._styled:
            yield "is an operating system command where none may be"
        elif copy is not None and self._copies:
            try:
                self.copied.append(base64.b64decode(copy[1], validate=True).decode())
            except (binascii.Error, UnicodeDecodeError):
                yield "copies what is no base64 of a text"
        elif copy is not None:
            yield "copies where nobody asked for it"
        elif not _POINTER.fullmatch(token):
            yield "is an operating system command"

    def _line(self) -> Iterator[str]:
        if self._phase is Phase.PAINTING:
            self._line_fed = True
            if self._styled:
                yield "is a line feed within a style"
        elif self._phase is Phase.LEFT:
            self._phase = Phase.SHELL
        elif self._phase is not Phase.SHELL:
            yield f"is a line feed while the screen is {self._phase.name}"


def obeys(raw: bytes, *, copies: bool = False, ended: bool = True) -> list[str]:
    """Whether the session keeps to the grammar; the texts that it copied. Fails naming the first faults."""
    grammar = Grammar(copies=copies)
    found = grammar.faults(raw, ended=ended)
    assert not found, f"{len(found)} faults, the first: " + "\n".join(map(str, found[:5]))
    return grammar.copied
