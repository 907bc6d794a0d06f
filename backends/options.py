"""The options of a source, read key by key: every mistake is a `ConfigurationError` that names the key and the remedy.

For adapters: make `Options` of the settings, take what there is to take, and call `finish`, which complains about what
nobody took. Nothing here does I/O.
"""

from __future__ import annotations

import difflib
import re
from collections.abc import Mapping, Sequence
from typing import Any, Final

from backends.api import ConfigurationError, SourceSettings
from backends.fleet.placement import Placement, PlacementError, placement
from backends.text import SafeText, safe

_AMOUNT: Final = re.compile(r"([0-9]+(?:\.[0-9]+)?)(ms|s|m|h|d|w)")
_UNIT_S: Final = {"ms": 0.001, "s": 1.0, "m": 60.0, "h": 3600.0, "d": 86400.0, "w": 604800.0}
_PLACING: Final = ("place", "client", "site")


class Options:
    """The table of one source. A getter takes its key; what is missing is the default."""

    def __init__(self, settings: SourceSettings, table: Mapping[str, Any] | None = None, at: str = "") -> None:
        self.settings = settings
        self._table = settings.options if table is None else table
        self._at = at
        self._known: list[str] = []

    def text(self, key: str, default: str | None = "") -> str:
        """A text; with a default of None it has to be there."""
        value = self._take(key)
        if value is None:
            if default is None:
                raise ConfigurationError(self._at + key, f"{key} is missing here.")
            return default
        if not isinstance(value, str) or "\0" in value or "\n" in value:
            raise ConfigurationError(self._at + key, "A text of one line in quotes is wanted here.")
        return value

    def texts(self, key: str) -> tuple[str, ...]:
        """A list of texts; one text alone is a list too."""
        value = self._take(key)
        found = [value] if isinstance(value, str) else value
        if found is None:
            return ()
        if not isinstance(found, list | tuple) or not all(isinstance(text, str) and text for text in found):
            raise ConfigurationError(self._at + key, 'A list of texts is wanted here, such as ["one", "two"].')
        return tuple(dict.fromkeys(found))

    def choice(self, key: str, choices: Sequence[str], default: str) -> str:
        value = self.text(key, default)
        if value not in choices:
            raise ConfigurationError(self._at + key, f"{_shown(value)} is not known here: say {' or '.join(choices)}.")
        return value

    def flag(self, key: str, *, default: bool) -> bool:
        value = self._take(key)
        if value is None:
            return default
        if not isinstance(value, bool):
            raise ConfigurationError(self._at + key, "true or false is wanted here.")
        return value

    def whole(self, key: str, default: int, low: int, high: int) -> int:
        value = self._take(key)
        if value is None:
            return default
        if isinstance(value, bool) or not isinstance(value, int) or not low <= value <= high:
            raise ConfigurationError(self._at + key, f"A whole number from {low} to {high} is wanted here.")
        return value

    def seconds(self, key: str, default: float, low: float, high: float) -> float:
        """A duration such as "30s", in seconds."""
        value = self._take(key)
        if value is None:
            return default
        found = _seconds(value) if isinstance(value, str) else None
        if found is None or not low <= found <= high:
            raise ConfigurationError(
                self._at + key, f'A duration from {low:g} s to {high:g} s is wanted here, such as "30s" or "15m".'
            )
        return found

    def table(self, key: str) -> Options:
        """The table at `key`; an empty one when it is not there. Has a `finish` of its own."""
        value = self._take(key)
        if value is not None and not isinstance(value, Mapping):
            raise ConfigurationError(self._at + key, "A table is wanted here.")
        return Options(self.settings, value or {}, f"{self._at}{key}.")

    def tables(self, key: str) -> tuple[Options, ...]:
        """The tables of a list of tables, in order."""
        value = self._take(key)
        if value is None:
            return ()
        if not isinstance(value, list | tuple) or not all(isinstance(one, Mapping) for one in value):
            raise ConfigurationError(self._at + key, f"Tables headed [[sources.NAME.{key}]] are wanted here.")
        return tuple(Options(self.settings, one, f"{self._at}{key}[{n}].") for n, one in enumerate(value))

    def mapping(self, key: str) -> dict[str, str]:
        """A table of texts with names of its own, such as HTTP headers."""
        value = self._take(key)
        if value is None:
            return {}
        if not isinstance(value, Mapping) or not all(isinstance(text, str) for text in value.values()):
            raise ConfigurationError(self._at + key, "A table of texts is wanted here.")
        return dict(value)

    def anything(self, key: str) -> Any:
        """The value as it stands, for what has a reader of its own, such as `thresholds`; None without."""
        return self._take(key)

    def placement(self, known: Sequence[str], usual: Sequence[Mapping[str, Any]] = ()) -> Placement:
        """How this source's devices are placed; see `backends.fleet.placement.placement`."""
        self._known += _PLACING
        try:
            return placement(self._table, self.settings.name, self.settings.clients, known, usual)
        except PlacementError as error:
            raise ConfigurationError(self._at + error.key, error.sentence) from None

    def finish(self) -> None:
        """Complain about the first key that nobody took, with the nearest that there is."""
        for key in self._table:
            if key not in self._known:
                near = difflib.get_close_matches(key, self._known, n=1, cutoff=0.5)
                hint = f"did you mean {near[0]}?" if near else f"there are {', '.join(sorted(set(self._known)))}."
                what = f"a {self.settings.kind} source"
                raise ConfigurationError(self._at + key, f"{_shown(key)} is no option of {what}: {hint}")

    def _take(self, key: str) -> Any:
        self._known.append(key)
        return self._table.get(key)


def _seconds(text: str) -> float | None:
    found = _AMOUNT.findall(text)
    if not found or "".join(amount + unit for amount, unit in found) != text:
        return None
    return sum(float(amount) * _UNIT_S[unit] for amount, unit in found)


def _shown(text: str) -> SafeText:
    return safe(f"“{safe(text, 60)}”")
