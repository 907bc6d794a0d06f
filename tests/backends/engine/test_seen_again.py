"""What was only seen again is written once a minute, not with every poll; what is news is written at once."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from datetime import datetime
from pathlib import Path

from backends.engine.memory import AGES_S, BATCH_S, STANDS_S
from backends.store.store import Store
from backends.testing import FakeClock
from tests.support.bench import Kept, Steady, bench

EVERY_S = 10.0
SLACK_S = 2 * BATCH_S
LATE_S = 8 * BATCH_S


async def seen_in_store(folder: Path) -> set[datetime]:
    store = Store.open(folder)
    try:
        return {sighting.seen for sighting, _ in await store.load_facts()}
    finally:
        await store.close()


async def kept(folder: Path, clock: FakeClock, holds: Callable[[set[datetime]], bool]) -> set[datetime]:
    """What is in the store as soon as it `holds`, some batches later at most: the thread that writes has its own pace,
    and the next batch begins when it is done."""
    left = LATE_S
    async with asyncio.timeout(60):
        while not holds(seen := await seen_in_store(folder)):
            await clock.advance(min(BATCH_S / 2, left))
            left -= min(BATCH_S / 2, left)
            await asyncio.sleep(0.005)
    return seen


async def test_what_was_only_seen_again_waits_for_its_minute(tmp_path: Path) -> None:
    clock = FakeClock()
    async with bench(tmp_path, [Kept("probe", clock)], clock=clock, every_s=EVERY_S):
        await clock.advance(SLACK_S)
        first = await kept(tmp_path, clock, bool)
        await clock.advance(2 * EVERY_S)
        assert await seen_in_store(tmp_path) == first
        await clock.advance(AGES_S)
        assert await kept(tmp_path, clock, lambda seen: min(seen) > max(first))


async def test_what_is_news_is_written_at_once(tmp_path: Path) -> None:
    clock = FakeClock()
    source = Kept("probe", clock)
    async with bench(tmp_path, [source], clock=clock, every_s=EVERY_S):
        await clock.advance(SLACK_S)
        first = await kept(tmp_path, clock, bool)
        source.hurt = False
        await clock.advance(EVERY_S + SLACK_S)
        assert await kept(tmp_path, clock, lambda seen: max(seen) > max(first))


async def test_an_engine_that_ends_in_order_leaves_facts_no_older_than_they_are(tmp_path: Path) -> None:
    clock = FakeClock()
    async with bench(tmp_path, [Kept("probe", clock)], clock=clock, every_s=EVERY_S) as desk:
        await clock.advance(2.5 * EVERY_S)
        heard = max(source.seen for source in (await desk.picture()).sources.values() if source.seen)
    assert await seen_in_store(tmp_path) == {heard}


async def test_what_a_source_confirmed_is_written_more_rarely_still(tmp_path: Path) -> None:
    clock = FakeClock()
    async with bench(tmp_path, [Steady("probe", clock)], clock=clock, every_s=EVERY_S):
        await clock.advance(SLACK_S)
        first = await kept(tmp_path, clock, bool)
        await clock.advance(2 * AGES_S)
        assert await seen_in_store(tmp_path) == first
        await clock.advance(STANDS_S)
        assert await kept(tmp_path, clock, lambda seen: min(seen) > max(first))


async def test_an_engine_that_ends_in_order_leaves_what_was_confirmed(tmp_path: Path) -> None:
    clock = FakeClock()
    async with bench(tmp_path, [Steady("probe", clock)], clock=clock, every_s=EVERY_S) as desk:
        await clock.advance(2.5 * EVERY_S)
        heard = max(source.seen for source in (await desk.picture()).sources.values() if source.seen)
    assert await seen_in_store(tmp_path) == {heard}
