"""A desk put together from its parts: store, record, fixes, adapters, engine."""

from __future__ import annotations

import asyncio
import contextlib
import functools
import shutil
import time
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Final

from backends.bootstrap.eyes import Eyes
from backends.bootstrap.ground import configuration, writable
from backends.bootstrap.sources import wanted_by
from backends.config.fields import ConfigError
from backends.config.paths import PathRefused, Places
from backends.config.schema import Config, Profile
from backends.desk.inprocess import InProcessDesk
from backends.desk.opinions import Prober
from backends.desk.protocol import DeskError, DeskErrorKind
from backends.desk.record import Record
from backends.desk.reloading import Read, Wanted
from backends.engine.clock import Clock, SystemClock
from backends.engine.engine import Engine
from backends.engine.memory import remembered
from backends.engine.polling import Polled
from backends.engine.trends import Trends
from backends.fixes.guard import policy_of
from backends.fixes.library import load_library
from backends.fleet.decisions import with_run
from backends.fleet.model import Source
from backends.fleet.run import FixCard
from backends.fleet.start import begun
from backends.store.audit import AuditLog
from backends.store.store import Store

RUNS_SHOWN: Final = 200
STORY_S: Final = 600.0
"""A demo that was left longer ago begins its story anew, and with nothing of the old one."""


async def assembled(
    profile: Profile, config: Config, where: Places, release: Callable[[], None], clock: Clock | None = None
) -> InProcessDesk:
    """The desk of `profile`, polling. The caller holds the profile's lock; closing the desk releases it."""
    clock = clock or SystemClock()
    folder = where.state
    if profile.demo is not None:
        await asyncio.to_thread(_forget_old_story, where)
        folder = where.state if writable(where.state) else where.runtime  # a story needs paper
    wanted = wanted_by(profile, config, clock, folder)
    sources = [recipe.open() for recipe in wanted.sources.values()]
    read = functools.partial(_read_again, profile, clock, folder)
    eyes = Eyes(imaginary=profile.demo is not None)
    return await desk_over(sources, config, where, clock, release, wanted, read, prober=eyes)


async def _read_again(profile: Profile, clock: Clock, folder: Path) -> Wanted:
    """What the configuration says now. Raises `DeskError(REFUSED)`."""
    try:
        config = await asyncio.to_thread(configuration, profile)
    except (ConfigError, PathRefused) as error:
        sentence = f"Nothing was changed, for the configuration has an error: {error}"
        raise DeskError(DeskErrorKind.REFUSED, sentence) from error
    return wanted_by(profile, config, clock, folder)


async def desk_over(  # noqa: PLR0917 - the parts
    sources: Sequence[tuple[Polled, Source]],
    config: Config,
    where: Places,
    clock: Clock,
    release: Callable[[], None] = lambda: None,
    wanted: Wanted | None = None,
    read: Read | None = None,
    *,
    prober: Prober | None = None,
) -> InProcessDesk:
    """A desk over these sources, with what was known in `where` when the last one ended. `prober` is who looks when a
    second opinion is asked for; our own eyes where none is given."""
    store = await asyncio.to_thread(Store.open, where.state)
    try:
        fixes = load_library()
        adapters = {polled.adapter.name: polled.adapter for polled, _ in sources}
        fleet = begun(
            config.clients,
            [source for _, source in sources],
            clock.now(),
            _best_first([fix.card for fix in fixes.values()]),
        )
        fleet = await remembered(store, fleet, clock.now())
        for run in await store.runs(RUNS_SHOWN):
            fleet = with_run(fleet, run)
        desk = InProcessDesk(
            engine=Engine(
                fleet, [polled for polled, _ in sources], store, clock, trends=Trends(await store.load_trends())
            ),
            store=store,
            record=Record(AuditLog(where.audit), clock),
            fixes=fixes,
            policy=policy_of(config.guards),
            adapters=adapters,
            prober=prober or Eyes(imaginary=False),
            me=config.technician.name,
            released=release,
            wanted=wanted,
            read=read,
        )
        await desk.start()
    except BaseException:
        await store.close()
        raise
    return desk


def remove_story(where: Places) -> None:
    """A demo that ended in order leaves nothing behind."""
    for folder in {where.state, where.runtime}:
        shutil.rmtree(folder, ignore_errors=True)


def _forget_old_story(where: Places) -> None:
    """Remove what an earlier demo left, unless it can go on where it was. Lock and log are in use already."""
    try:
        entries = [entry for entry in where.state.iterdir() if entry not in (where.lock, where.log)]
        latest = max((entry.stat().st_mtime for entry in entries), default=time.time())
    except OSError:
        return  # there is no folder to write to, or somebody removes it just now
    if time.time() - latest <= STORY_S:
        return
    for entry in entries:
        if entry.is_dir() and not entry.is_symlink():
            shutil.rmtree(entry, ignore_errors=True)
        else:
            with contextlib.suppress(OSError):
                entry.unlink()


def _best_first(cards: list[FixCard]) -> list[FixCard]:
    """Mildest first, as offers are."""
    return sorted(cards, key=lambda card: (card.risk.rank, card.id))
