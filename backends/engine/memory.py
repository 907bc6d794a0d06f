"""What the engine knows, on its way to the store and back: batches of what differs, written off the loop.

Nothing here is the record of a deed (runs, marks and notes are written where they are made, before they count): it is
what the next start begins with. A disk that is full costs freshness at the next start, and nothing now.
"""

from __future__ import annotations

import asyncio
import contextlib
import logging
from collections.abc import Callable, Iterator
from datetime import datetime, timedelta
from typing import Final

import msgspec

from backends.engine.clock import Clock
from backends.engine.trends import Trends
from backends.fleet.changes import Changes
from backends.fleet.confirmed import as_confirmed
from backends.fleet.differences import changes_between, picture_of
from backends.fleet.fleet import Fleet, Index
from backends.fleet.glance import Summaries
from backends.fleet.identity import Key
from backends.fleet.model import DeviceId, Episode, IssueId, SourceName
from backends.fleet.start import restored
from backends.fleet.steps import parted
from backends.fleet.told import Told, only_seen_again
from backends.store.store import Store, StoreError

log = logging.getLogger("rounds.engine")

BATCH_S: Final = 5.0
"""Between two batches."""
TRENDS_S: Final = 300.0
"""Between two times that trends are written: after a crash so much, or some more of many, is missing from them."""
TRENDS_AT_ONCE: Final = 1000
"""Most devices whose trends are written at a time, but for the last."""
AGAIN_S: Final = 15.0
"""After a batch that could not be written."""
AGES_S: Final = 60.0
"""So often is written what was only seen again: after a crash facts are at most that much older than they were."""
STANDS_S: Final = 1800.0
"""The same for what a source confirmed as a whole, which costs as much to write and nothing to hear."""
AT_A_TIME: Final = 1_000
"""Devices that are compared before others get their turn."""
REMEMBERED: Final = timedelta(days=30)
"""How far back episodes count."""
_NO_ISSUE: Final = IssueId("")
_TABLES: Final = ("clients", "sites", "sources", "told", "identity", "issues", "marks", "episodes", "runs")


class Memory:
    """Follows the engine's fleet into the store. Holds on to the fleet as it was last written, and so needs no list of
    what is still to be written, however long the disk is full."""

    def __init__(self, store: Store, clock: Clock, fleet: Callable[[], Fleet], trends: Trends) -> None:
        self._store = store
        self._trends = trends
        self._trends_due_s = clock.boot_s() + TRENDS_S
        self._clock = clock
        self._fleet = fleet
        self._written = Fleet()
        self._summaries = Summaries()
        self._whole = True
        """Nothing was written yet: what an earlier engine left of the picture goes."""
        self._broken = False
        self._seen_again: set[SourceName] = set()
        """Sources of which some facts were seen again since they were written, and are no others."""
        self._ages_due_s = clock.boot_s() + AGES_S
        self._confirmed: set[SourceName] = set()
        """Sources that confirmed their facts since these were written."""
        self._stands_due_s = clock.boot_s() + STANDS_S

    async def run(self) -> None:
        """Until cancelled."""
        while True:
            await self._clock.sleep(BATCH_S)
            if not await self.flush():
                await self._clock.sleep(AGAIN_S)
            elif self._clock.boot_s() >= self._trends_due_s:
                await self.keep_trends()

    @property
    def trouble(self) -> str:
        """What is wrong with the store, in sentences: it cannot be written, or records of it are lost for good. Empty
        when all is well."""
        if self._broken or not self._store.writable:
            return f"{self._store.trouble} Until then nothing is kept for the next start, and no fix may run."
        return self._store.lost

    def begin(self, fleet: Fleet) -> None:
        """The store holds this much already."""
        self._written = _to_write(fleet)

    async def flush(self, *, ages: bool = False) -> bool:
        """Write what differs from what was last written, with `ages` also what was only seen again. False when it could
        not be."""
        if ages:
            self._ages_due_s = self._stands_due_s = self._clock.boot_s()
        before, after = self._written, _to_write(self._fleet())
        older = ages and (self._seen_again or self._confirmed)
        if _same(before, after) and not self._whole and not older and self._store.writable:
            return True
        try:
            if not self._store.writable:
                await self._store.delete_mark(_NO_ISSUE)  # a write that succeeds is how the store finds out
            await self._write(before, after)
        except StoreError as error:
            if not self._broken:
                log.warning("what was seen last cannot be kept for the next start: %s", error)
            self._broken = True
            return False
        if self._broken:
            log.info("what was seen last can be kept again")
        self._written, self._whole, self._broken = after, False, False
        return True

    async def keep_trends(self, *, whole: bool = False) -> None:
        """Write the trends that have grown, a good many at a time; with `whole` all, to the last sample. What cannot
        be written, or is broken off, waits for the next time."""
        self._trends_due_s = self._clock.boot_s() + TRENDS_S
        put = self._trends.last_words() if whole else self._trends.unsaved(TRENDS_AT_ONCE)
        gone = self._trends.gone()
        if not put and not gone:
            return
        with contextlib.suppress(StoreError):
            try:
                await self._store.save_trends(put, gone)
            except BaseException:  # broken off as well, as at the engine's end: nobody knows what came of it
                self._trends.unsave(put)
                self._trends.ungone(gone)
                raise

    async def _write(self, before: Fleet, after: Fleet) -> None:
        now_s = self._clock.boot_s()  # of `after`; writing takes as long as the disk does
        put = await self._news(before, after)
        older = self._older(before, after, now_s)
        put += [
            as_confirmed(told, after.confirmed.get(source))
            for source in older
            for told in after.told.get(source, {}).values()
        ]
        gone = list(_no_longer_told(before, after))
        for some in parted(put, 2):  # each laid open only while it is written
            await self._store.save_facts([(told.sighting, told.checks) for told in some])
        if gone:
            await self._store.save_facts((), gone)
            self._trends.forget(gone)
        for names in parted(_new_identities(before, after), 10):
            await self._store.put_identities(dict(names))
        if forgotten := list(_forgotten(before, after)):
            await self._store.delete_identities(forgotten)
        if episodes := list(_new_episodes(before, after)):
            await self._store.put_episodes(episodes)
        for issue, mark in after.marks.items():
            if before.marks.get(issue) is not mark:
                await self._store.put_mark(mark)
        for issue in before.marks:
            if issue not in after.marks:
                await self._store.delete_mark(issue)
        await self._save_picture(before, after)
        self._seen_again -= older
        self._confirmed -= older
        if now_s >= self._ages_due_s:
            self._ages_due_s = now_s + AGES_S
        if now_s >= self._stands_due_s:
            self._stands_due_s = now_s + STANDS_S

    def _older(self, before: Fleet, after: Fleet, now_s: float) -> set[SourceName]:
        """Sources whose facts in the store are older than they have to be, where it is time for that."""
        self._confirmed |= {name for name, until in after.confirmed.items() if before.confirmed.get(name) != until}
        older = set(self._seen_again) if now_s >= self._ages_due_s else set()
        return older | self._confirmed if now_s >= self._stands_due_s else older

    async def _news(self, before: Fleet, after: Fleet) -> list[Told]:
        """Facts that are others than they were. Those that were only seen again are noted: a large fleet would else be
        written anew with every poll, for a few seconds that nobody misses."""
        news = []
        for number, (known, told) in enumerate(_told_anew(before, after)):
            if number % AT_A_TIME == AT_A_TIME - 1:
                await asyncio.sleep(0)
            if known is not None and only_seen_again(known, told):
                source = told.standing.source
                (self._confirmed if source in after.confirmed else self._seen_again).add(source)
            else:
                news.append(told)
        return news

    async def _save_picture(self, before: Fleet, after: Fleet) -> None:
        base = Fleet() if self._whole else before
        changes: Changes = changes_between(base, after, 0, self._clock.now(), devices=False)
        if changes or self._whole:
            summary = self._summaries.of(picture_of(after, 0, changes.at, devices=False))
            await self._store.save_picture(changes, summary, whole=self._whole)


async def remembered(store: Store, fleet: Fleet, now: datetime) -> Fleet:
    """`fleet` with everything that the store kept: facts as old as they are, names of devices, decisions, episodes."""
    with contextlib.suppress(StoreError):
        await store.prune_episodes(now - REMEMBERED)
    episodes: dict[IssueId, tuple[Episode, ...]] = {}
    for episode in await store.episodes(now - REMEMBERED):
        episodes[episode.issue] = (*episodes.get(episode.issue, ()), episode)
    marks = {mark.issue: mark for mark in await store.marks()}
    return restored(fleet, await store.load_facts(), await store.identities(), marks, episodes, now)


def _to_write(fleet: Fleet) -> Fleet:
    """The fleet without what is made anew from the rest at the next start: while a batch is written and until the next
    one, nothing of that is held on to."""
    return msgspec.structs.replace(fleet, devices={}, index=Index())


def _same(before: Fleet, after: Fleet) -> bool:
    """Whether all tables that are written are the same ones."""
    return all(getattr(before, table) is getattr(after, table) for table in _TABLES)


def _told_anew(before: Fleet, after: Fleet) -> Iterator[tuple[Told | None, Told]]:
    """What sources tell now, each behind what they told before."""
    for source, told in after.told.items():
        known = before.told.get(source, {})
        if told is not known:
            yield from ((known.get(native), word) for native, word in told.items() if known.get(native) is not word)


def _no_longer_told(before: Fleet, after: Fleet) -> Iterator[Key]:
    for source, told in before.told.items():
        left = after.told.get(source, {})
        if told is not left:
            yield from ((source, native) for native in told if native not in left)


def _new_identities(before: Fleet, after: Fleet) -> Iterator[tuple[Key, DeviceId]]:
    if before.identity is not after.identity:
        yield from ((key, device) for key, device in after.identity.items() if before.identity.get(key) != device)


def _forgotten(before: Fleet, after: Fleet) -> Iterator[Key]:
    if before.identity is not after.identity:
        yield from (key for key in before.identity if key not in after.identity)


def _new_episodes(before: Fleet, after: Fleet) -> Iterator[Episode]:
    if before.episodes is after.episodes:
        return
    for issue, episodes in after.episodes.items():
        known = before.episodes.get(issue, ())
        if episodes is not known:
            yield from (episode for episode in episodes if episode not in known)
