"""The options of a demo source, read from its table and checked."""

from __future__ import annotations

from datetime import UTC, datetime

import msgspec

from backends.adapters.demo.sources import FAULTS
from backends.api import ConfigurationError, SourceSettings


class DemoSettings(msgspec.Struct, frozen=True, kw_only=True):
    """`DemoOptions` of the configuration, and what a single source of the demo is told beside them."""

    seed: int = 7
    clients: int = 12
    devices: int = 240
    speed: float = 1.0
    at: datetime | None = None
    """The moment at which the story stands still."""
    epoch: datetime | None = None
    """When the story began; None means at the first poll, or where the last one left off."""
    hostile: bool = False
    changes: float = 0.0
    fault: str = ""
    only: str = ""
    """The name of the split source whose machines these are; empty means all machines."""

    @property
    def fleet(self) -> tuple[int, int, int]:
        """What decides who exists: seed, clients, devices."""
        return self.seed, self.clients, self.devices


_IGNORED = frozenset({"faults", "here", "every"})


def demo_settings(settings: SourceSettings) -> DemoSettings:
    """Raises `ConfigurationError` naming the key that is wrong."""
    table = {key: value for key, value in settings.options.items() if key not in _IGNORED}
    for key in table:
        if key not in DemoSettings.__struct_fields__:
            raise ConfigurationError(key, f"A demo source has no option `{key}`.")
    for key in ("at", "epoch"):
        table[key] = _moment(key, table.get(key))
    try:
        options = msgspec.convert(table, DemoSettings)
    except msgspec.ValidationError as error:
        key = str(error).rpartition("$.")[2].rstrip("`") or "seed"
        raise ConfigurationError(key, f"The demo's option `{key}` does not fit: {error}.") from error
    _check(options)
    return options


def _check(options: DemoSettings) -> None:
    if not 1 <= options.clients <= 10_000:
        raise ConfigurationError("clients", "The demo's `clients` must be from 1 to 10000.")
    if not 1 <= options.devices <= 200_000:
        raise ConfigurationError("devices", "The demo's `devices` must be from 1 to 200000.")
    if not 0 < options.speed <= 10_000:
        raise ConfigurationError("speed", "The demo's `speed` must be above 0 and at most 10000.")
    if not 0 <= options.changes <= 100_000:
        raise ConfigurationError("changes", "The demo's `changes` must be from 0 to 100000 a second.")
    if options.fault and options.fault not in FAULTS:
        raise ConfigurationError("fault", f"The demo plays no fault `{options.fault}`; it knows {', '.join(FAULTS)}.")


def _moment(key: str, value: object) -> datetime | None:
    if value is None or value == "":
        return None
    if isinstance(value, str):
        try:
            value = datetime.fromisoformat(value)
        except ValueError as error:
            raise ConfigurationError(key, f"The demo's `{key}` is no ISO time like 2026-01-05T12:00:00Z.") from error
    if not isinstance(value, datetime):
        raise ConfigurationError(key, f"The demo's `{key}` is no ISO time like 2026-01-05T12:00:00Z.")
    return value.replace(tzinfo=UTC) if value.tzinfo is None else value.astimezone(UTC)
