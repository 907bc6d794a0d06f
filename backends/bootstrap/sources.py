"""From the configuration to adapters and their intervals. A source that cannot be opened is a source with a fault."""

from __future__ import annotations

import functools
import logging
from collections.abc import Iterator
from pathlib import Path
from typing import Final

from msgspec.structs import replace

from backends import registry, secrets
from backends.api import (
    Acknowledges,
    Adapter,
    Closes,
    ConfigurationError,
    FaultKind,
    GivesHistory,
    OpensShell,
    Reading,
    Rechecks,
    RunsFixes,
    RunsOwnFixes,
    Snoozes,
    SourceError,
    SourceSettings,
    StreamsEvents,
    Timing,
)
from backends.config.schema import Config, Profile, SecretRef, SourceConfig
from backends.desk.reloading import Recipe, Wanted
from backends.engine.polling import Polled
from backends.fixes.guard import policy_of
from backends.fleet.model import Can, Freshness, Source, SourceName

log = logging.getLogger("rounds.engine")

LOCAL_EVERY_S: Final = 5.0
_NO_SECRET: Final = SecretRef(kind="keyring")
_CAPABILITIES: Final = (
    (RunsFixes, Can.RUN_FIXES),
    (RunsOwnFixes, Can.RUN_OWN),
    (OpensShell, Can.OPEN_SHELL),
    (Acknowledges, Can.ACKNOWLEDGE),
    (Snoozes, Can.SNOOZE),
    (Closes, Can.CLOSE),
    (Rechecks, Can.RECHECK),
    (GivesHistory, Can.HISTORY),
    (StreamsEvents, Can.STREAM),
)


class Unopened:
    """Stands for a source whose options are wrong or whose kind cannot be loaded: every poll says why."""

    def __init__(self, name: SourceName, sentence: str) -> None:
        self.name = name
        self._sentence = sentence

    async def poll(self) -> Reading:
        raise SourceError(FaultKind.CONFIGURATION, self._sentence)

    async def close(self) -> None:
        """There is nothing to let go of."""


def source_configs(profile: Profile, config: Config) -> Iterator[SourceConfig]:
    """What is to be polled: the demo's sources, or the configured ones; this machine alone where there are none."""
    if profile.demo is not None:
        from backends.adapters.demo.sources import demo_sources  # noqa: PLC0415 - for a demo only

        for name, kind, options in demo_sources(profile.demo):
            yield SourceConfig(name=SourceName(name), kind=kind, secret=_NO_SECRET, options=options)
        if profile.demo.here:
            yield _this_machine()
        return
    yield from config.sources or (_this_machine(),)


def wanted_by(profile: Profile, config: Config, timing: Timing, folder: Path) -> Wanted:
    """What an engine goes by; nothing is opened yet. A source is opened anew when its table or a client changed."""
    return Wanted(
        clients=config.clients,
        sources={
            source.name: Recipe(
                means=(replace(source, line=0), dict(config.clients)),
                kind=source.kind,
                open=functools.partial(opened, source, config, timing, folder),
            )
            for source in source_configs(profile, config)
        },
        policy=policy_of(config.guards),
        policy_means=tuple(replace(guard, line=0) for guard in config.guards),
        me=config.technician.name,
    )


def opened(source: SourceConfig, config: Config, timing: Timing, folder: Path) -> tuple[Polled, Source]:
    """The adapter of one source, and the source as the fleet begins with it."""
    adapter = _adapter(source, config, timing, folder)
    return Polled(adapter, source.every_s), Source(
        name=source.name,
        kind=source.kind,
        state=Freshness.STALE,
        every_s=source.every_s,
        capabilities=tuple(can for protocol, can in _CAPABILITIES if isinstance(adapter, protocol)),
    )


def _adapter(source: SourceConfig, config: Config, timing: Timing, folder: Path) -> Adapter:
    settings = SourceSettings(
        name=source.name,
        kind=source.kind,
        options=source.options,
        clients=config.clients,
        every_s=source.every_s,
        secret=functools.partial(secrets.resolve, source.secret, source.name),
        timing=timing,
        state_dir=folder,
    )
    where = f"{config.path}, line {source.line}, " if source.line else ""
    try:
        return registry.load(source.kind)(settings)
    except registry.RegistryError as error:
        return Unopened(source.name, error.sentence)
    except ConfigurationError as error:
        return Unopened(source.name, f"{where}sources.{source.name}.{error.key}: {error.sentence}")
    except (Exception, SystemExit) as error:  # the code of an adapter; the other sources are not to suffer
        log.exception("source %s could not be opened", source.name)
        return Unopened(source.name, f"{where}the {source.kind} adapter failed to open ({type(error).__name__}).")


def _this_machine() -> SourceConfig:
    return SourceConfig(name=SourceName("local"), kind="local", every_s=LOCAL_EVERY_S, secret=_NO_SECRET, options={})
