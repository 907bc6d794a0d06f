"""All that the author of an adapter needs: `Adapter`, its capabilities, `Reading`, `SourceError`.

An adapter answers `poll()` with a `Reading` or raises `SourceError`; where the source says what it said last, that is
`unchanged(name, at)`, and costs next to nothing. It never retries, sleeps between polls, logs secrets or knows who
looks. Everything else is a capability of its own: implement the protocols that the product offers *with the
credentials at hand*, and the screen shows the keys that work. All text goes through `safe` before it enters a reading.
The entry point (group `rounds.adapter`) names a function `open_source(settings: SourceSettings) -> Adapter` that
imports what it needs, validates its own options (`ConfigurationError`) and does no I/O.
"""

from __future__ import annotations

from collections.abc import AsyncGenerator, Callable, Mapping, Sequence
from datetime import datetime
from pathlib import Path
from typing import Any, Protocol, runtime_checkable

from msgspec import Struct

from backends.fleet.model import (
    Check,
    Client,
    ClientId,
    Fault,
    FaultKind,
    Identity,
    RunId,
    SafeText,
    Sighting,
    SiteId,
    SourceName,
    safe,
    slug,
)
from backends.fleet.reading import Reading, joined, unchanged

__all__ = [
    "Adapter",
    "Check",
    "Client",
    "ClientId",
    "ConfigurationError",
    "Emit",
    "Executed",
    "Fault",
    "FaultKind",
    "GivesHistory",
    "GivesSlices",
    "Identity",
    "NotSent",
    "OpenSource",
    "OpensShell",
    "OutcomeUnknown",
    "Part",
    "Past",
    "Reading",
    "RunId",
    "RunsFixes",
    "SafeText",
    "Script",
    "Sighting",
    "SiteId",
    "SourceError",
    "SourceName",
    "SourceSettings",
    "Spreads",
    "Timing",
    "joined",
    "safe",
    "slug",
    "unchanged",
]


class SourceError(Exception):
    """A source, or one host of it, could not be read. The sentence is shown to the technician as it is."""

    def __init__(self, kind: FaultKind, sentence: str, *, retry_after_s: float | None = None) -> None:
        super().__init__(sentence)
        self.kind = kind
        self.sentence = safe(sentence, 512)
        self.retry_after_s = retry_after_s
        """Wait that the server asked for."""

    @property
    def needs_hand(self) -> bool:
        """Whether trying again cannot help until somebody changes something."""
        return self.kind in (
            FaultKind.HOST_KEY_CHANGED,
            FaultKind.HOST_KEY_UNKNOWN,
            FaultKind.CREDENTIALS,
            FaultKind.CONFIGURATION,
            FaultKind.SECRET,
        )


class ConfigurationError(Exception):
    """An option of a source is wrong. Names the key so that file and line can be found."""

    def __init__(self, key: str, sentence: str) -> None:
        super().__init__(sentence)
        self.key = key
        self.sentence = sentence


class NotSent(Exception):  # noqa: N818 - an outcome, not a mistake
    """Nothing reached the device: the run failed, and may be planned again."""


class OutcomeUnknown(Exception):  # noqa: N818 - an outcome, not a mistake
    """Something was sent and no answer came: it may have run, and is never repeated by us."""


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


class Script(Struct, frozen=True, kw_only=True):
    """One step of a fix, ready to run: fixed code, and parameters as arguments."""

    code: str
    """POSIX sh. Contains no data."""
    arguments: tuple[str, ...] = ()
    """`$1` and on; quoted by the adapter."""
    deadline_s: float = 60.0
    disconnects: bool = False
    """The step is expected to end the connection (reboot): a connection lost after it was sent is then success."""
    action: str = ""
    """The fix's name, for adapters that do not run scripts (demo)."""


class Executed(Struct, frozen=True, kw_only=True):
    """A step that came to its end."""

    exit: int


Emit = Callable[[bytes], None]
"""Takes raw output as it comes; bounded by the caller."""


@runtime_checkable
class RunsFixes(Protocol):
    """Fixes run on the source's devices."""

    async def identify(self, native: str) -> tuple[Identity, str]:
        """Who answers there right now, and its boot id; asked just before anything is sent. Raises `NotSent`."""
        ...

    async def execute(self, native: str, script: Script, run: RunId, emit: Emit) -> Executed:
        """Run one step. Raises `NotSent` or `OutcomeUnknown`; never retries."""
        ...

    async def look(self, native: str) -> Reading:
        """Read this one device again now, for verification. Raises `SourceError`."""
        ...


@runtime_checkable
class OpensShell(Protocol):
    """The technician's terminal can be put on a device."""

    def shell(self, native: str) -> tuple[str, ...]:
        """The program and its arguments; no secret in them. Raises `NotSent` with a sentence when it cannot be."""
        ...


Past = tuple[datetime, float | None]
"""A time and the value that held from then on; None where from then on nothing is known."""


@runtime_checkable
class GivesHistory(Protocol):
    """The source remembers how values went, and tells when it is asked."""

    async def history(self, native: str, key: str, since: datetime, points: int) -> Sequence[Past]:
        """What the check `key` (`disk//var`) of one device was from `since` until now: at most `points` of its real
        values, oldest first, in the unit in which the check is told now. A value that held before `since` is the first
        one, at `since`. Empty for a device or check that is not known, or has no number. Raises `SourceError`.
        Cancelled at its deadline; asked once for each check of a device that somebody looks at, one after the other."""
        ...
