"""What a configuration says, after reading: defaults filled in, durations in seconds, names checked."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

from msgspec import Struct

from backends.fleet.model import Client, ClientId, SourceName
from backends.fleet.run import Consent


class Technician(Struct, frozen=True, kw_only=True):
    name: str
    """Who acts; the login name where the configuration is silent."""
    zone: str = ""
    """IANA zone for absolute times; empty means the machine's own."""


class SecretRef(Struct, frozen=True, kw_only=True):
    """Where a secret is kept; never the secret itself."""

    kind: str
    """keyring, env, command."""
    value: str = ""
    """The variable's name or the command line."""


EVERY_S: Final = 30.0
"""How often a source is asked where nobody says how often."""


class SourceConfig(Struct, frozen=True, kw_only=True):
    name: SourceName
    kind: str
    every_s: float = EVERY_S
    secret: SecretRef
    options: Mapping[str, Any]
    """Everything else in its table, checked by its adapter."""
    line: int = 0
    """Where its table begins in the file."""


class Guard(Struct, frozen=True, kw_only=True):
    """One `[[guards]]` table; the first whose `match` fits decides on consent."""

    match: str
    """The filter language over target and fix: `client:acme kind:server risk>=disruptive`; `*` is all."""
    consent: Consent | None = None
    """`confirm = "none" | "confirm" | "type-name" | "refuse"`; None leaves the fix's own default."""
    hours: str = ""
    """`outside` or `inside` the client's business hours; empty is always."""
    max_targets: int | None = None
    reason: str = ""
    line: int = 0


class Config(Struct, frozen=True, kw_only=True):
    technician: Technician
    clients: Mapping[ClientId, Client]
    sources: tuple[SourceConfig, ...]
    guards: tuple[Guard, ...] = ()
    keys: Mapping[str, str] = {}
    """Command id to key."""
    views: Mapping[str, str] = {}
    """Named filters."""
    theme: str = ""
    path: str = ""
    """The file it was read from; empty when there is none."""


class DemoOptions(Struct, frozen=True, kw_only=True):
    """The imaginary fleet of `rounds demo` and `--demo`."""

    seed: int = 7
    clients: int = 12
    devices: int = 240
    speed: float = 1.0
    at: str = ""
    """ISO time at which the story stands still; empty means that it runs."""
    hostile: bool = False
    faults: bool = False
    """Play every fault of the design's section 7 as well."""
    here: bool = True
    """Show this machine as a site of its own beside the imaginary ones."""
    changes: float = 0.0
    """Extra value changes a second, for benchmarks."""


class Profile(Struct, frozen=True, kw_only=True):
    """Which configuration, state and engine a command means."""

    name: str = "default"
    config: str = ""
    """`--config FILE`; empty means the platform's place."""
    demo: DemoOptions | None = None
