"""Asking a source once before it is written into the configuration."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from typing import Final

from backends import registry, secrets
from backends.api import Part, Reading, SourceError, SourceSettings, Spreads
from backends.config.paths import places
from backends.config.schema import Profile, SourceConfig
from backends.engine.clock import SystemClock
from backends.fleet.model import Client, ClientId

DEADLINE_S: Final = 20.0


async def try_source(profile: Profile, source: SourceConfig, clients: Mapping[ClientId, Client]) -> list[Reading]:
    """One poll of every part of `source`, without an engine. A part that cannot be read at all gives nothing; one that
    does not answer is a reading too. Raises `ConfigurationError`, `RegistryError` and, for a source that is one
    whole, `SourceError`."""
    adapter = registry.load(source.kind)(
        SourceSettings(
            name=source.name,
            kind=source.kind,
            options=source.options,
            clients=clients,
            every_s=source.every_s,
            secret=lambda: secrets.resolve(source.secret, source.name),
            timing=SystemClock(),
            state_dir=places(profile).state,
        )
    )
    try:
        if not isinstance(adapter, Spreads):
            async with asyncio.timeout(DEADLINE_S):
                return [await adapter.poll()]
        found = await asyncio.gather(*map(_polled, adapter.parts()))
        return [reading for reading in found if reading is not None]
    finally:
        await adapter.close()


async def _polled(part: Part) -> Reading | None:
    try:
        async with asyncio.timeout(DEADLINE_S):
            return await part.poll()
    except (SourceError, TimeoutError):
        return None
