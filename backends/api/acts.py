"""Capabilities by which the source is told what technicians decided about a condition."""

from __future__ import annotations

from datetime import datetime
from typing import Protocol, runtime_checkable

from backends.fleet.model import SafeText


@runtime_checkable
class Acknowledges(Protocol):
    """Who knows of a condition can be told to the source. `key` is the check's (`Check.key`). Each call raises
    `NotSent` with a sentence when the source refuses or was not reached, `OutcomeUnknown` when it may have been
    done, `DoneInPart` when it was done and something is left that keeps it from showing."""

    async def acknowledge(self, native: str, key: str, by: str, text: SafeText) -> None:
        """`by` has seen it. Where it is acknowledged already, nothing is done."""
        ...

    async def unacknowledge(self, native: str, key: str, by: str) -> None: ...


@runtime_checkable
class Snoozes(Protocol):
    """A condition can be put to rest in the source: by a downtime, a suppression, a silence. Raises as `Acknowledges`
    does."""

    def snooze_says(self, native: str, key: str) -> SafeText:
        """What `snooze` would do there, in a sentence, exact about how far it reaches: `A silence of
        alertname="DiskFull" instance="sql01" in Alertmanager`. Empty where the source has nothing that could be put to
        rest: then it is not asked to, and the condition rests here alone."""
        ...

    async def snooze(self, native: str, key: str, by: str, until: datetime, reason: SafeText) -> None: ...

    async def wake(self, native: str, key: str, by: str) -> None:
        """End what `snooze` began, and nothing that others began."""
        ...


@runtime_checkable
class Closes(Protocol):
    """A problem can be closed in the source by hand. Raises as `Acknowledges` does."""

    async def close_problem(self, native: str, key: str, by: str, text: SafeText) -> None: ...


@runtime_checkable
class Rechecks(Protocol):
    """The source can be asked to check again now, out of its turn. Raises as `Acknowledges` does."""

    async def recheck(self, native: str, key: str) -> None: ...
