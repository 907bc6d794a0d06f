"""Asking a source once before it is written into the configuration."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from typing import Final

from backends import registry, secrets
from backends.api import Adapter, ConfigurationError, FaultKind, Part, Reading, SourceError, SourceSettings, Spreads
from backends.config.paths import places
from backends.config.schema import Profile, SourceConfig
from backends.engine.clock import SystemClock
from backends.fleet.model import Client, ClientId

log = logging.getLogger("rounds.engine")

DEADLINE_S: Final = 20.0


async def try_source(profile: Profile, source: SourceConfig, clients: Mapping[ClientId, Client]) -> list[Reading]:
    """One poll of every part of `source`, without an engine. A part that cannot be read at all gives nothing; one that
    does not answer is a reading too. Raises `ConfigurationError`, `RegistryError` and, for a source that is one
    whole, `SourceError`."""
    async with on_trial(profile, source, clients) as adapter:
        return await polled(adapter)


@asynccontextmanager
async def on_trial(
    profile: Profile, source: SourceConfig, clients: Mapping[ClientId, Client], secret: str | None = None
) -> AsyncIterator[Adapter]:
    """The adapter of `source`, let go in the end. With `secret` that is its secret, wherever the source says that it is
    kept. Raises `ConfigurationError`, `RegistryError` or, for a mistake in the adapter's code, `SourceError`."""

    async def found() -> str:
        if secret is None:
            return await secrets.resolve(source.secret, source.name)
        if not secret:
            raise secrets.trouble("It wants a secret, and none was given.")
        return secret

    adapter = _opened(
        SourceSettings(
            name=source.name,
            kind=source.kind,
            options=source.options,
            clients=clients,
            every_s=source.every_s,
            secret=found,
            timing=SystemClock(),
            state_dir=places(profile).state,
        )
    )
    try:
        yield adapter
    finally:
        await _let_go(adapter)


async def polled(adapter: Adapter, deadline_s: float = DEADLINE_S) -> list[Reading]:
    """As `try_source`."""
    if not isinstance(adapter, Spreads):
        async with asyncio.timeout(deadline_s):
            return [await adapter.poll()]
    found = await asyncio.gather(*(_polled(part, deadline_s) for part in adapter.parts()))
    return [reading for reading in found if reading is not None]


async def _polled(part: Part, deadline_s: float) -> Reading | None:
    try:
        async with asyncio.timeout(deadline_s):
            return await part.poll()
    except (SourceError, TimeoutError):
        return None


def _opened(settings: SourceSettings) -> Adapter:
    opener = registry.load(settings.kind)
    try:
        return opener(settings)
    except (ConfigurationError, SourceError):
        raise
    except Exception as error:
        raise mistake(settings.kind, error) from error


async def _let_go(adapter: Adapter) -> None:
    try:
        async with asyncio.timeout(DEADLINE_S):
            await adapter.close()
    except Exception:  # code of an adapter, and what it was asked is known
        log.exception("source %s met an error while it was closed", adapter.name)


def mistake(kind: str, error: Exception) -> SourceError:
    """What an adapter's code did wrong, in a sentence."""
    log.error("the %s adapter met an error of its own", kind, exc_info=error)
    return SourceError(FaultKind.INTERNAL, f"The {kind} adapter met an error of its own ({type(error).__name__}).")
