"""Texts that outside systems could send to harm a terminal or its user, and a mask that puts them on the fleet.

`PAYLOADS` is raw on purpose: tests feed it to every surface. Whoever makes facts of it sends it through `safe`.
"""

from __future__ import annotations

from typing import Final

ESC: Final = "\x1b"
BEL: Final = "\x07"
ST: Final = f"{ESC}\\"

ESCAPES: Final[tuple[tuple[str, str], ...]] = (
    ("osc 52, bell", f"{ESC}]52;c;cm91bmRz{BEL}copied"),
    ("osc 52, string terminator", f"{ESC}]52;c;cm91bmRz{ST}copied"),
    ("clear screen", f"{ESC}[2J{ESC}[Hgone"),
    ("cursor up and over", f"fine{ESC}[3A{ESC}[2Kforged"),
    ("scroll region", f"{ESC}[2;3rstuck"),
    ("insert mode", f"{ESC}[4hinsert"),
    ("reset", f"{ESC}creset"),
    ("alternate screen off", f"{ESC}[?1049lout"),
    ("mouse off", f"{ESC}[?1000l{ESC}[?1006lmouse"),
    ("bracketed paste off", f"{ESC}[?2004lpaste"),
    ("cursor hidden", f"{ESC}[?25lhidden"),
    ("application string", f"{ESC}_Gf=32,s=1,v=1;AAAA{ST}picture"),
    ("device control", f"{ESC}P$q m{ST}dcs"),
    ("cursor placed", f"{ESC}[1;1Hforged"),
    ("own colours", f"{ESC}[1;32mok{ESC}[0m"),
    ("own frame", f"{ESC}[?2026hframe{ESC}[?2026l"),
    ("keyboard taken", f"{ESC}[>31ukeys"),
)
"""F-28, F-29."""

C1: Final[tuple[tuple[str, str], ...]] = (
    ("c1 csi", "\x9b2Jc1"),
    ("c1 osc", "\x9d52;c;cm91bmRz\x9cc1"),
    ("c1 dcs", "\x90q\x9cc1"),
    ("next line", "one\x85two"),
    ("delete and null", "de\x7flete\x00null"),
)
"""F-30."""

TITLES: Final[tuple[tuple[str, str], ...]] = (
    ("title", f"{ESC}]0;owned{BEL}title"),
    ("link", f"{ESC}]8;;https://example.invalid/{ST}link{ESC}]8;;{ST}"),
    ("notification", f"{ESC}]9;owned{BEL}{ESC}]777;notify;owned;owned{ST}ping"),
    ("palette", f"{ESC}]4;1;#000000{BEL}{ESC}]10;#000000{BEL}{ESC}]11;#000000{BEL}dark"),
)
"""F-31."""

QUERIES: Final[tuple[tuple[str, str], ...]] = (
    ("device attributes", f"{ESC}[c{ESC}[>cwho"),
    ("cursor report", f"{ESC}[6nwhere"),
    ("window size", f"{ESC}[18t{ESC}[14tsize"),
    ("terminal version", f"{ESC}[>0qversion"),
    ("answerback", "\x05enquiry"),
)
"""F-32: the terminal's answer would arrive as key presses."""

ROWS: Final[tuple[tuple[str, str], ...]] = (
    ("carriage return", "broken\rok    "),
    ("backspaces", "critical\b\b\b\b\b\b\b\bok      "),
    ("tab", "a\tb\tc"),
    ("line feed", "one\ntwo\nthree"),
    ("vertical tab and form feed", "one\x0btwo\x0cthree"),
    ("line and paragraph separator", "one\u2028two\u2029three"),
)
"""F-33."""

MARKUP: Final[tuple[tuple[str, str], ...]] = (
    ("click quits", "[@click=app.quit]press me[/]"),
    ("click runs", "[@click=screen.run_fix('reboot')]press me[/]"),
    ("markup link", "[link=https://example.invalid/]press me[/link]"),
    ("open close", "[/"),
    ("stray close", "a[/]b"),
    ("wrong close", "[/red]"),
    ("torn link", '[link="x]'),
    ("many brackets", "[" * 3000),
    ("eaten assignment", "[a=b]x"),
    ("eaten word", "[on]x"),
    ("eaten percent", "[50%]x"),
    ("path", "C:\\[x]\\"),
    ("address and port", "[fe80::1]:22"),
    ("json list", '["a", "b", {"c": [1, 2]}]'),
    ("format fields", "{0} {name} %s %(x)d {self.__class__}"),
    ("rich style", "[bold red on white]alarm[/]"),
)
"""F-34, F-35, F-39."""

BIDI: Final[tuple[tuple[str, str], ...]] = (
    ("override", "srv-\u202e10-bd"),
    ("isolate", "\u2067srv\u2069-\u2066db\u2069"),
    ("marks", "srv\u200f-db\u200e-1"),
    ("arabic letter mark", "srv\u061c-1"),
)
"""F-36."""

LOOK_ALIKES: Final[tuple[tuple[str, str], ...]] = (
    ("zero width space", "sql\u200b01"),
    ("zero width joiner", "sql\u200d01"),
    ("word joiner", "sql\u206001"),
    ("soft hyphen", "sql\u00ad01"),
    ("byte order mark", "\ufeffsql01"),
    ("cyrillic", "ѕql01"),
    ("letter for digit", "sqlO1"),
    ("full width", "ｓｑｌ０１"),
    ("tag characters", "sql01\U000e0041\U000e0042"),
    ("variation selector", "sql01\ufe0f"),
    ("hangul filler", "sql\u316401"),
    ("braille blank", "sql\u280001"),
)
"""F-37."""

FLOODS: Final[tuple[tuple[str, str], ...]] = (
    ("1 MB name", "n" * 1_000_000),
    ("a million combining marks", "e" + "\u0301" * 1_000_000),
    ("333 000 wide characters", "漢" * 333_000),
    ("100 000 lines", "line\n" * 100_000),
    ("lone surrogates", "half \ud800 a pair \udfff"),
    ("emoji sequence", "👩\u200d👩\u200d👧\u200d👦 family"),
    ("zalgo", "z\u0300\u0301\u0302\u0303\u0304\u0305\u0306\u0307\u0308\u0309\u030a\u030b\u030c" * 40),
    ("nothing but invisible", "\u200b\u200c\u200d\u2060\ufeff"),
    ("empty", ""),
    ("spaces", "      "),
)
"""F-40."""

PAYLOADS: Final[tuple[tuple[str, str], ...]] = (
    ESCAPES + C1 + TITLES + QUERIES + ROWS + MARKUP + BIDI + LOOK_ALIKES + FLOODS
)
"""All of them: a name for the test's report, and the raw text."""

COMMANDS: Final = (
    "$(reboot)",
    "`reboot`",
    "; rm -rf /",
    "' || reboot '",
    "-rf",
    "--help",
    "../../etc/passwd",
)
"""Subjects that would do harm as a part of a command instead of an argument."""


class Mask:
    """Puts a payload on every second machine, on every third client, and into findings and outputs."""

    def machine(self, index: int, name: str) -> str:
        return name if index % 2 else _payload(index // 2)

    def client(self, index: int, name: str) -> str:
        return name if index % 3 else f"{name} {_short(index // 3 * 7)}"

    def site(self, index: int, name: str) -> str:
        return name if index % 4 else f"{name} {_short(index // 4 * 5 + 3)}"

    def native(self, index: int, native: str) -> str:
        return native if index % 6 else f"{native}{ESC}[2J\u202e"

    def subject(self, index: int, subject: str) -> str:
        return subject if index % 5 else f"{subject}{COMMANDS[index // 5 % len(COMMANDS)]}"

    def words(self, index: int, words: str) -> str:
        return f"{words} {_payload(index + 11)}"

    def output(self, index: int) -> bytes:
        """What a script there prints between its own lines."""
        return f"{_payload(index)[:20_000]}\r\n{_short(index + 1)}\n".encode("utf-8", "replace")


def _payload(index: int) -> str:
    return PAYLOADS[index % len(PAYLOADS)][1]


def _short(index: int) -> str:
    """A payload that leaves room for a name before it."""
    return _payload(index)[:60]
