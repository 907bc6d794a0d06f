"""Another configuration for a running engine: read whole or not at all, and only what is different is touched."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Mapping
from typing import Final

from msgspec import Struct

from backends.api import Adapter
from backends.desk.fixing import Fixing
from backends.desk.protocol import DeskError, DeskErrorKind
from backends.engine.engine import Engine
from backends.engine.polling import Polled
from backends.fixes.guard import Policy
from backends.fleet.model import Client, ClientId, SafeText, Source, SourceName, safe

_NOTHING: Final = safe("Nothing in the configuration is different.")


class Recipe(Struct, frozen=True, kw_only=True):
    """A source as the configuration has it."""

    means: object
    """All that it is opened by: while this is equal, it need not be opened anew."""
    kind: str
    open: Callable[[], tuple[Polled, Source]]
    """Does no I/O, and raises nothing: what cannot be opened is a source with a fault."""


class Wanted(Struct, frozen=True, kw_only=True):
    """A configuration, as far as an engine goes by it."""

    clients: Mapping[ClientId, Client]
    sources: Mapping[SourceName, Recipe]
    policy: Policy
    policy_means: object
    """What the policy was made of."""
    me: str


Read = Callable[[], Awaitable[Wanted]]
"""Reads the configuration. Raises `DeskError(REFUSED)` with what is wrong with it."""


class Reloading:
    """Brings engine, adapters and guards to what the configuration says now."""

    def __init__(
        self,
        engine: Engine,
        adapters: Mapping[SourceName, Adapter],
        fixing: Fixing,
        now: Wanted | None,
        read: Read | None,
    ) -> None:
        """`adapters` is what everybody looks into, and is changed here."""
        self._engine = engine
        self._adapters = adapters
        self._fixing = fixing
        self._now = now
        self._read = read
        self._turn = asyncio.Lock()

    @property
    def me(self) -> str:
        """Who `me` is in a filter, by the configuration."""
        return self._now.me if self._now is not None else ""

    async def reload(self) -> SafeText:
        """What came of it, in a sentence. Raises `DeskError(REFUSED)`, and then nothing was changed."""
        if self._read is None or self._now is None:
            raise DeskError(DeskErrorKind.REFUSED, "This engine has no configuration that could be read again.")
        async with self._turn:
            wanted = await self._read()
            said = await self._become(self._now, wanted)
            self._now = wanted
            return said

    async def _become(self, before: Wanted, after: Wanted) -> SafeText:
        old, new = before.sources, after.sources
        other = [name for name in new if name in old and new[name].means != old[name].means]
        swapped = [name for name in other if new[name].kind != old[name].kind]
        gone = [name for name in old if name not in new]
        added = [name for name in new if name not in old]
        if (gone or other) and self._fixing.under_way:
            raise DeskError(
                DeskErrorKind.REFUSED,
                "A fix is under way, and no source may go meanwhile: `rounds reload` when it has ended.",
            )
        opened = [new[name].open() for name in (*added, *other)]
        self._swap(gone, opened)
        self._fixing.go_by(after.policy)
        await self._engine.reconfigured(after.clients, [*gone, *swapped], opened)
        counts = ((len(added), "new"), (len(other), "opened again"), (len(gone), "gone"))
        told = ", ".join(f"{_sources(count)} {what}" for count, what in counts if count)
        if told:
            return safe(f"The engine has taken the configuration in: {told}.")
        same = (before.clients, before.policy_means, before.me) == (after.clients, after.policy_means, after.me)
        return _NOTHING if same else safe("The engine has taken the configuration in.")

    def _swap(self, gone: list[SourceName], opened: list[tuple[Polled, Source]]) -> None:
        assert isinstance(self._adapters, dict)  # noqa: S101 - only this class may change it
        for name in gone:
            self._adapters.pop(name, None)
        self._adapters.update((source.name, polled.adapter) for polled, source in opened)


def _sources(count: int) -> str:
    return f"{count} source" if count == 1 else f"{count} sources"
