"""The contract that every adapter keeps, and what it is given to work with."""

from __future__ import annotations

from collections.abc import AsyncGenerator, Callable, Mapping, Sequence
from datetime import datetime
from pathlib import Path
from typing import Any, Protocol, runtime_checkable

from msgspec import Struct

from backends.api.errors import SourceError
from backends.fleet.model import Client, ClientId, SourceName
from backends.fleet.reading import Reading


class Timing(Protocol):
    """The engine's clock, as far as an adapter needs it."""

    def now(self) -> datetime:
        """UTC; never runs backwards, and keeps counting while the machine sleeps."""
        ...

    def boot_s(self) -> float:
        """Seconds since boot, sleep included; for deadlines and ages."""
        ...

    async def sleep(self, seconds: float) -> None: ...


class SourceSettings(Struct, frozen=True, kw_only=True):
    """A source's part of the configuration, with what it needs from its surroundings."""

    name: SourceName
    kind: str
    options: Mapping[str, Any]
    """The source's table in the configuration as it stands, without `kind` and `secret`."""
    clients: Mapping[ClientId, Client]
    every_s: float
    secret: Callable[[], Any]
    """`await settings.secret()` gives the secret as a string; raises `SourceError(SECRET)`. Asked for at need, never
    kept longer than the connection."""
    timing: Timing
    state_dir: Path
    """The profile's own folder (0700), for things like known hosts."""


class Adapter(Protocol):
    """One connection to one system."""

    name: SourceName

    async def poll(self) -> Reading:
        """Ask once. Raises `SourceError`. Cancelled at its deadline."""
        ...

    async def close(self) -> None:
        """Let go of everything; called once, also after a failed poll."""
        ...


OpenSource = Callable[[SourceSettings], Adapter]
"""What an entry point of the group `rounds.adapter` names."""


class Part(Protocol):
    """One independent end of a source that spreads: one host. Polled on a loop of its own, with its own back-off."""

    native: str
    """Of the one device that it tells of. What the source said of any other is dropped when it is opened."""

    async def poll(self) -> Reading:
        """A reading that covers this part only. A host that does not answer is a reading too (`reachable` is
        critical), with `fault` telling why the next poll may wait."""
        ...

    @property
    def fault(self) -> SourceError | None:
        """Why the last poll did not get through; None when it did."""
        ...


@runtime_checkable
class Spreads(Protocol):
    """The source is many ends that fail one by one; the engine polls `parts()` instead of `poll()`."""

    def parts(self) -> Sequence[Part]: ...


@runtime_checkable
class GivesSlices(Protocol):
    """The source tells of more devices than should be held at a time; the engine asks for `slices()` instead of
    `poll()`."""

    def slices(self) -> AsyncGenerator[Reading, None]:
        """What `poll()` gives, in slices of some hundred devices (see `Reading`), each made when the one before was
        taken. A `SourceError` instead of the next one takes back all that came before: what is missing is not gone.
        Cancelled at the deadline of the whole."""
        ...
