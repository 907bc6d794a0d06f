"""The oracle over a terminal's bytes sees every payload, and lets our own screen pass."""

from __future__ import annotations

import base64
from pathlib import Path

import pytest

from backends.adapters.demo.hostile import BIDI, C1, ESCAPES, LOOK_ALIKES, QUERIES, ROWS, TITLES
from tests.support.grammar import Grammar, obeys
from tests.support.terminal import Terminal
from tests.support.unguarded import SHOWN, command

BEGIN = (
    b"\x1b[?1049h\x1b[?1000h\x1b[?1003h\x1b[?1015h\x1b[?1006h\x1b[?25l\x1b[?1004h\x1b[>25u\x1b[?2026$p\x1b[?2048$p"
    b"\x1b[?2004h\x1b[?7l\x1b]22;default\x07"
)
END = (
    b"\x1b[?2004l\x1b[?7h\x1b[?1000l\x1b[?1003l\x1b[?1015l\x1b[?1006l\x1b[<u\x1b[?1049l\x1b[?25h\x1b[?1004l\x1b[?1000l"
)
NARROW = {"letter for digit", "cyrillic", "full width"}
"""Look-alikes of ordinary letters: nothing that a terminal could do wrong."""
OPERATING = {
    name: text for name, text in (*ESCAPES, *C1, *TITLES, *QUERIES, *ROWS, *BIDI, *LOOK_ALIKES) if name not in NARROW
}


def frame(text: str) -> bytes:
    """A line as Textual writes it; the terminal's line discipline makes CR LF of every LF."""
    return b"\x1b[3;1H\x1b[1;38;5;253m" + text.replace("\n", "\r\n").encode() + b"\x1b[0m\r\n\x1b[4;1H"


def session(*frames: bytes) -> bytes:
    return BEGIN + b"\x1b[1;1H" + b"".join(frames) + END


def whys(raw: bytes) -> list[str]:
    return [fault.why for fault in Grammar().faults(raw)]


def test_a_session_of_our_own_passes() -> None:
    assert whys(session(frame("Größe 東浜 ✓ ● e\u0301"), b"\x1b[?2026h", frame("│ ␛[2J"), b"\x1b[?2026l")) == []


def test_sentences_before_and_after_the_screen_pass() -> None:
    assert whys(b"rounds: starting\r\n" + session(frame("x")) + b"\x1b[1mbye\x1b[0m\r\n" + session()) == []


@pytest.mark.parametrize("text", OPERATING.values(), ids=OPERATING)
def test_every_payload_in_a_line_is_a_fault(text: str) -> None:
    """F-28, F-29, F-30, F-31, F-32, F-33, F-36."""
    assert whys(session(frame(text)))


@pytest.mark.parametrize("name", sorted(OPERATING.keys() - {"line feed", "own colours"}))
def test_every_payload_in_the_last_sentence_is_a_fault(name: str) -> None:
    """F-38: on the ordinary screen lines and colours are allowed, and nothing else is."""
    said = f"rounds: it says {OPERATING[name]}\n".replace("\n", "\r\n").encode()
    assert whys(session(frame("x")) + said)


@pytest.mark.parametrize(
    ("raw", "why"),
    [
        (session(b"\xff"), "is no UTF-8"),
        (session(b"\xed\xa0\x80"), "is no UTF-8"),
        (session(frame("z" + "\u0301" * 9)), "has more than 8 marks on one character"),
        (session(b"\x1b[?25h"), "is not in the grammar while the screen is PAINTING"),
        (session(b"\x1b[?1049l"), "is not in the grammar while the screen is PAINTING"),
        (session(b"\x1b[2J"), "is not in the grammar while the screen is PAINTING"),
        (session(b"\x1b[m"), "is not in the grammar while the screen is PAINTING"),
        (session(b"\x1b"), "is no part of any text"),
        (session(b"\x1b]52;c;eA==\x07"), "copies where nobody asked for it"),
        (BEGIN + b"\x1b[1;1H", "is on the alternate screen at the end"),
        (session().replace(b"\x1b[?1003l", b""), "is left on"),
        (session().replace(b"\x1b[<u", b""), "is left on"),
        (session().replace(b"\x1b[?25h", b""), "is left on"),
    ],
)
def test_what_is_wrong_is_named(raw: bytes, why: str) -> None:
    assert why in whys(raw)


def test_a_fault_tells_its_place_and_what_stands_around_it() -> None:
    raw = session(frame("before\x1b[2Jafter"))
    fault = Grammar().faults(raw)[0]
    assert raw[fault.offset : fault.offset + 4] == fault.sequence == b"\x1b[2J"
    assert b"before" in fault.context
    assert b"after" in fault.context


def test_a_copy_that_was_asked_for_gives_its_text() -> None:
    copy = b"\x1b]52;c;" + base64.b64encode("fw-hq é".encode()) + b"\x07"
    assert obeys(session(copy, frame("x"), copy), copies=True) == ["fw-hq é", "fw-hq é"]


@pytest.mark.parametrize("text", [b"eA=", b"/w==", b"eA==\x1b[2J"])
def test_a_copy_of_anything_else_is_a_fault_even_then(text: bytes) -> None:
    with pytest.raises(AssertionError):
        obeys(session(b"\x1b]52;c;" + text + b"\x07"), copies=True)


def test_a_plain_textual_program_that_shows_the_payloads_fails(tmp_path: Path) -> None:
    """The positive control, on the bytes of a real terminal: F-28, F-29, F-30, F-31, F-32."""
    with Terminal(command(), {"PATH": "", "TERM": "xterm-256color", "HOME": str(tmp_path)}, (100, 60)) as terminal:
        terminal.until_ended()
        found = Grammar().faults(bytes(terminal.raw))

    seen = {name for name in SHOWN if any(f"<{name}>".encode() in fault.context for fault in found)}
    assert seen == set(SHOWN)


FIRST = b"\x1b[?1049h\x1b[2J\x1b[?25l\x1b[1;1H demo\x1b[2;1H 3 sites "


def test_a_first_picture_that_is_taken_over_or_left_passes() -> None:
    assert whys(FIRST + session()[len(b"\x1b[?1049h") :]) == []
    assert whys(FIRST + b"\x1b[?25h\x1b[?1049l" + b"bye\r\n") == []


@pytest.mark.parametrize("text", OPERATING.values(), ids=OPERATING)
def test_every_payload_in_the_first_picture_is_a_fault(text: str) -> None:
    """F-28, F-29, F-30, F-31, F-32, F-33, F-36; but a position there could as well be our own."""
    raw = FIRST + text.replace("\n", "\r\n").encode() + session()[len(b"\x1b[?1049h") :]
    assert bool(whys(raw)) == (text != OPERATING["cursor placed"])
