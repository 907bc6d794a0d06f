"""What `look.sh` printed, cut into its sections, and the few ways in which numbers and times are written there."""

from __future__ import annotations

import contextlib
import math
import re
from collections.abc import Callable, Iterator, Mapping
from typing import Final, TypeVar

END: Final = "end"
_LARGEST: Final = 2**50
"""More than any machine has of anything, even in KiB; what is made of it still fits 64 bits."""
COUNTER: Final = 2**62
"""The end of counters that run for years."""
_ELAPSED: Final = re.compile(r"(?:(?:(?P<days>\d+)-)?(?P<hours>\d+):)?(?P<minutes>\d+):(?P<seconds>\d+(?:\.\d+)?)")

_Found = TypeVar("_Found")
_Default = TypeVar("_Default")


class Sections:
    """The sections of one look by name; remembers which could not be understood."""

    def __init__(self, output: bytes, mark: str) -> None:
        self._lines = _cut(output, mark)
        self._unread: list[str] = []

    def __contains__(self, name: str) -> bool:
        return name in self._lines

    def lines(self, name: str) -> list[str]:
        """The lines of a section that are not empty; none when it is not there."""
        return [line for line in self._lines.get(name, ()) if line.strip()]

    def raw(self, name: str) -> list[str]:
        """All lines of a section, empty ones too."""
        return list(self._lines.get(name, ()))

    def first(self, name: str) -> str:
        """The first line of a section, trimmed; empty when there is none."""
        lines = self.lines(name)
        return lines[0].strip() if lines else ""

    def settings(self, name: str) -> dict[str, str]:
        """`key: value`, `key = value` and `key=value`, as the sysctls of the BSDs write them."""
        found: dict[str, str] = {}
        for line in self.lines(name):
            key, value = (*re.split(r"\s*[:=]\s*", line.strip(), maxsplit=1), "")[:2]
            found[key] = value
        return found

    def read(self, name: str, reader: Callable[[], _Found], default: _Default) -> _Found | _Default:
        """What `reader` finds; `default`, and a note that `name` is unread, when its text makes no sense."""
        try:
            return reader()
        except (ValueError, LookupError, ArithmeticError):
            self.fail(name)
            return default

    @contextlib.contextmanager
    def own(self, name: str) -> Iterator[None]:
        """For one row of `name`: when it makes no sense that is noted, and the other rows stay."""
        try:
            yield
        except (ValueError, LookupError, ArithmeticError):
            self.fail(name)

    def fail(self, name: str) -> None:
        """Note that a section, or a line of it, could not be understood."""
        if name not in self._unread:
            self._unread.append(name)

    @property
    def unread(self) -> tuple[str, ...]:
        return tuple(self._unread)


def whole(text: str, largest: int = _LARGEST) -> int:
    """A count or an amount; ValueError for what no machine has."""
    value = int(text)
    if not 0 <= value < largest:
        raise ValueError(text[:20])
    return value


def above_zero(text: str) -> int:
    """An amount that some systems let fall below zero: a disk with more used than users may."""
    return 0 if text.startswith("-") else whole(text)


def real(text: str) -> float:
    value = float(text)
    if not math.isfinite(value):
        raise ValueError(text[:20])
    return value


def maybe(text: str, reader: Callable[[str], _Found]) -> _Found | None:
    """None for an optional number that is not there or makes no sense."""
    try:
        return reader(text)
    except ValueError:
        return None


def elapsed_s(text: str) -> float:
    """Seconds of `[[days-]hours:]minutes:seconds`, as ps writes times."""
    match = _ELAPSED.fullmatch(text)
    if match is None:
        raise ValueError(text[:20])
    days, hours, minutes = (whole(match[part] or "0") for part in ("days", "hours", "minutes"))
    return float(((days * 24) + hours) * 60 + minutes) * 60 + real(match["seconds"])


def _cut(output: bytes, mark: str) -> Mapping[str, list[str]]:
    text = "\n" + output.decode("utf-8", "replace")
    found: dict[str, list[str]] = {}
    for piece in text.split("\n" + mark)[1:]:
        # Not splitlines: a name may hold other characters that count as line ends there.
        name, *lines = piece.split("\n")
        found.setdefault(name, lines)
    return found
