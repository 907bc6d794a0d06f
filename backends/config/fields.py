"""Reading a table of the configuration key by key, and collecting everything that is wrong with it.

No reader raises: a value that does not fit becomes a `Problem` and its default, so that one run shows all mistakes.
"""

from __future__ import annotations

import difflib
import re
from collections.abc import Collection, Mapping
from typing import Any, Final

from msgspec import Struct

from backends.config.locate import Step, line_of
from backends.text import SafeText, safe

_DURATION: Final = re.compile(r"(?:[0-9]+(?:\.[0-9]+)?(?:ms|s|m|h|d|w))+")
_AMOUNT: Final = re.compile(r"([0-9]+(?:\.[0-9]+)?)(ms|s|m|h|d|w)")
_UNIT_S: Final = {"ms": 0.001, "s": 1.0, "m": 60.0, "h": 3600.0, "d": 86400.0, "w": 604800.0}


class Problem(Struct, frozen=True, kw_only=True):
    """One thing that is wrong with a configuration."""

    file: str
    line: int
    """From 1; 0 when it is about the file as a whole."""
    key: str
    """The dotted key; empty when it is about the file as a whole."""
    sentence: SafeText

    def __str__(self) -> str:
        place = f"{self.file}:{self.line}" if self.line else self.file
        return f"{place}: {self.key}: {self.sentence}" if self.key else f"{place}: {self.sentence}"


class ConfigError(Exception):
    """The configuration cannot be used. Everything that is wrong with it, in the order of the file."""

    def __init__(self, problems: Collection[Problem]) -> None:
        self.problems = tuple(sorted(problems, key=lambda problem: problem.line))
        super().__init__("\n".join(map(str, self.problems)))

    @property
    def first(self) -> Problem:
        return self.problems[0]


class Document:
    """One configuration file under reading."""

    def __init__(self, file: str, text: str) -> None:
        self.file = file
        self.text = text
        self.problems: list[Problem] = []

    def problem(self, path: tuple[Step, ...], sentence: str) -> None:
        self.problems.append(
            Problem(file=self.file, line=line_of(self.text, path), key=dotted(path), sentence=safe(sentence, 512))
        )


class Table:
    """One table of the document. Every getter takes its key; `finish` complains about what nobody took."""

    def __init__(self, document: Document, path: tuple[Step, ...], data: Mapping[str, Any]) -> None:
        self.document = document
        self.path = path
        self.data = data
        self._known: list[str] = []

    @property
    def line(self) -> int:
        return line_of(self.document.text, self.path)

    def problem(self, key: str, sentence: str) -> None:
        self.document.problem((*self.path, key), sentence)

    def text(self, key: str, default: str = "", *, required: bool = False) -> str:
        value = self._take(key)
        if value is None:
            if required:
                self.document.problem(self.path, f"{key} is missing here.")
            return default
        if not isinstance(value, str):
            self.problem(key, f"A text in quotes is wanted here, not {_kind(value)}.")
            return default
        return value

    def choice(self, key: str, choices: Collection[str], default: str = "") -> str:
        value = self.text(key, default)
        if value != default and value not in choices:
            self.problem(key, f"{_quoted(value)} is not known here{nearest(value, choices)}.")
            return default
        return value

    def whole(self, key: str, default: int | None, low: int, high: int) -> int | None:
        value = self._take(key)
        if value is None:
            return default
        if isinstance(value, bool) or not isinstance(value, int) or not low <= value <= high:
            self.problem(key, f"A whole number from {low} to {high} is wanted here.")
            return default
        return value

    def seconds(self, key: str, default: float | None, low: float = 0.0, high: float = 10 * 365 * 86400.0) -> Any:
        """A duration such as "30s" in seconds; its type is that of `default`, or float."""
        value = self._take(key)
        if value is None:
            return default
        found = seconds(value) if isinstance(value, str) else None
        if found is None:
            self.problem(key, 'A duration in quotes is wanted here, such as "30s", "15m", "4h" or "2d".')
            return default
        if not low <= found <= high:
            self.problem(key, f"From {_spoken(low)} to {_spoken(high)} is possible here.")
            return default
        return found

    def table(self, key: str) -> Table:
        """The table at `key`; an empty one when it is not there."""
        value = self._take(key)
        if value is not None and not isinstance(value, dict):
            self.problem(key, f"A table is wanted here, not {_kind(value)}.")
        return Table(self.document, (*self.path, key), value if isinstance(value, dict) else {})

    def tables(self, key: str) -> list[Table]:
        """The tables of the array at `key`: `[[guards]]`."""
        value = self._take(key)
        if value is None:
            return []
        if not isinstance(value, list) or not all(isinstance(item, dict) for item in value):
            self.problem(key, f"Tables headed [[{key}]] are wanted here.")
            return []
        return [Table(self.document, (*self.path, key, number), item) for number, item in enumerate(value)]

    def each(self) -> list[Table]:
        """Every key of this table as a table of its own: `[clients.acme]`."""
        return [self.table(key) for key in self.data]

    def texts(self) -> dict[str, str]:
        """This table as pairs of texts: `[views]`."""
        return {key: value for key in self.data if (value := self.text(key))}

    def rest(self) -> dict[str, Any]:
        """What nobody took so far, as it stands."""
        return {key: value for key, value in self.data.items() if key not in self._known}

    def finish(self) -> None:
        """Everything that nobody took is a mistake; the nearest key that would have been taken is named."""
        for key in self.rest():
            self.problem(key, f"There is no key {_quoted(key)} here{nearest(key, self._known)}.")

    def _take(self, key: str) -> Any:
        self._known.append(key)
        return self.data.get(key)


def seconds(text: str) -> float | None:
    """`30s`, `1h30m` in seconds; None when it is no duration."""
    if len(text) > 32 or not _DURATION.fullmatch(text):
        return None
    return sum(float(amount) * _UNIT_S[unit] for amount, unit in _AMOUNT.findall(text))


def nearest(word: str, known: Collection[str]) -> str:
    """The end of a sentence that names the key that was probably meant, or all that are possible."""
    close = difflib.get_close_matches(word.casefold(), [*known], n=1, cutoff=0.6)
    if close:
        return f"; did you mean {_quoted(close[0])}?"[:-1]
    return f"; possible are {', '.join(sorted(set(known)))}" if known else ""


def dotted(path: tuple[Step, ...]) -> str:
    """The path as it is written in TOML; tables of an array are counted from 1."""
    out = ""
    for step in path:
        if isinstance(step, int):
            out += f"[{step + 1}]"
        else:
            bare = re.fullmatch(r"[A-Za-z0-9_-]+", step)
            out += ("." if out else "") + (step if bare else _quoted(step))
    return str(safe(out))


def _quoted(text: str) -> str:
    return f'"{safe(text, 64)}"'


def _kind(value: object) -> str:
    names = {bool: "true or false", int: "a number", float: "a number", dict: "a table", list: "a list", str: "a text"}
    return names.get(type(value), "a date")


def _spoken(amount: float) -> str:
    for unit, size in reversed(_UNIT_S.items()):
        if amount >= size and amount % size == 0:
            return f"{amount / size:.0f}{unit}"
    return f"{amount:g}s"
