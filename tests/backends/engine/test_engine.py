"""The engine over scripted sources: what ages, what is kept over a restart, what others notice of one that fails."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from pathlib import Path

import pytest

from backends.api import FaultKind, SourceError
from backends.bootstrap.assembly import desk_over
from backends.desk.inprocess import InProcessDesk
from backends.engine.clock import SystemClock
from backends.fleet.model import Freshness, SourceName, device_id
from backends.fleet.tally import counts_of
from backends.store.picture import last_glance, last_picture
from backends.testing import HANG, FakeClock, ScriptedAdapter, settle
from tests.support.bench import CONFIG, Kept, bench, places_in, polled_by

EVERY_S = 30.0


async def state_of(desk: InProcessDesk, name: str = "probe") -> Freshness:
    return (await desk.picture()).sources[SourceName(name)].state


async def test_facts_of_a_source_that_falls_silent_grow_old_by_themselves(tmp_path: Path) -> None:
    """F-69, F-80."""
    clock = FakeClock()
    source = Kept("probe", clock)
    async with bench(tmp_path, [source], clock=clock, every_s=EVERY_S) as desk:
        source.script = [HANG]
        await clock.advance(EVERY_S * 2 - 1)
        assert await state_of(desk) in (Freshness.FRESH, Freshness.STALE)
        await clock.advance(EVERY_S * 1.5)
        assert await state_of(desk) is Freshness.SILENT
        assert all(site.health != "ok" for site in (await desk.picture()).sites.values())


async def test_a_failure_keeps_the_last_facts_and_says_what_is_wrong(tmp_path: Path) -> None:
    clock = FakeClock()
    source = Kept("probe", clock)
    async with bench(tmp_path, [source], clock=clock, every_s=EVERY_S) as desk:
        source.script = [SourceError(FaultKind.REFUSED, "Connection refused.")]
        await clock.advance(EVERY_S * 1.2)
        picture = await desk.picture()
        found = picture.sources[SourceName("probe")]
        assert found.fault is not None
        assert (found.fault.sentence, found.state) == ("Connection refused.", Freshness.STALE)
        assert "nginx has stopped" in [issue.title for issue in picture.issues.values()]


async def test_one_source_that_hangs_leaves_nineteen_on_time(tmp_path: Path) -> None:
    """F-78."""
    clock = FakeClock()
    sources: list[ScriptedAdapter] = [Kept(f"s{number}", clock) for number in range(19)]
    hung = ScriptedAdapter("hung", HANG)
    desk = await desk_over(polled_by([*sources, hung], EVERY_S), CONFIG, places_in(tmp_path), clock)
    for _ in range(20):
        await clock.advance(EVERY_S / 3)
        fresh = [source.state for source in (await desk.picture()).sources.values() if source.name != "hung"]
        assert set(fresh) == {Freshness.FRESH}
    assert await state_of(desk, "hung") is Freshness.FAILED
    await desk.close()


async def test_a_restart_shows_what_was_known_at_once_and_as_old_as_it_is(tmp_path: Path) -> None:
    """F-79."""
    clock = FakeClock()
    async with bench(tmp_path, [Kept("probe", clock)], clock=clock) as desk:
        (issue,) = (await desk.picture()).issues.values()
        await desk.claim(issue.id, "tech1")
    later = FakeClock(clock.now())
    await later.advance(3600)
    desk = await desk_over(polled_by([ScriptedAdapter("probe", HANG)], EVERY_S), CONFIG, places_in(tmp_path), later)
    picture = await desk.picture()
    assert [(one.id, one.owner, one.since) for one in picture.issues.values()] == [(issue.id, "tech1", issue.since)]
    assert await state_of(desk) is not Freshness.FRESH
    assert [device.id for device in await desk.devices()] == [
        device_id(SourceName("probe"), "web01"),
        device_id(SourceName("probe"), "web02"),
    ]
    assert {device.freshness for device in await desk.devices()} != {Freshness.FRESH}
    await desk.close()


async def test_the_last_picture_can_be_had_without_an_engine(tmp_path: Path) -> None:
    async with bench(tmp_path, [Kept("probe", SystemClock())]) as desk:
        assert await state_of(desk) is Freshness.FRESH
    picture = await asyncio.to_thread(last_picture, tmp_path)
    assert picture is not None
    assert [issue.title for issue in picture.issues.values()] == ["nginx has stopped"]
    assert {source.state for source in picture.sources.values()} == {Freshness.STALE}
    glance = await asyncio.to_thread(last_glance, tmp_path)
    assert glance is not None
    assert [issue.title for issue in glance.issues] == ["nginx has stopped"]
    assert glance.counts == counts_of(picture)


async def test_a_source_that_is_configured_no_more_is_forgotten(tmp_path: Path) -> None:
    clock = SystemClock()
    async with bench(tmp_path, [Kept("probe", clock), Kept("other", clock)]):
        pass
    async with bench(tmp_path, [Kept("other", clock)]) as desk:
        assert {device.sources for device in await desk.devices()} == {(SourceName("other"),)}


async def test_what_was_shown_before_the_first_poll_is_no_poll(tmp_path: Path) -> None:
    clock = FakeClock()
    desk = await desk_over(polled_by([ScriptedAdapter("probe", HANG)], EVERY_S), CONFIG, places_in(tmp_path), clock)
    await settle()
    assert (await desk.picture()).sources[SourceName("probe")].polls == 0
    await desk.close()


async def test_every_adapter_is_closed_also_after_one_that_will_not(tmp_path: Path) -> None:
    clock = SystemClock()
    broken = Kept("broken", clock)

    async def refuse() -> None:
        raise OSError("it is stuck")

    broken.close = refuse  # type: ignore[method-assign]
    others: Sequence[Kept] = [Kept("a", clock), Kept("b", clock)]
    async with bench(tmp_path, [broken, *others]):
        pass
    assert [other.closed for other in others] == [1, 1]


@pytest.mark.parametrize("number", [1, 3])
async def test_each_source_is_polled_once_however_many_look(tmp_path: Path, number: int) -> None:
    source = Kept("probe", SystemClock())
    async with bench(tmp_path, [source]) as desk:
        streams = [aiter(desk.changes()) for _ in range(number)]
        for stream in streams:
            await anext(stream)
        assert source.polls == 1
