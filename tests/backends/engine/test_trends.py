"""What is kept of how values went: bounded, what is in notice first, over a restart too."""

from __future__ import annotations

import asyncio
import functools
import sqlite3
import threading
from datetime import datetime, timedelta
from pathlib import Path

import msgspec
import pytest

from backends.api import Check, Reading, SourceName
from backends.bootstrap.assembly import desk_over
from backends.engine.memory import BATCH_S, TRENDS_S
from backends.engine.trends import NOTICE_S, PATIENCE_S, Trends
from backends.fleet.model import CheckState, device_id
from backends.fleet.trend import POINTS, Trend
from backends.testing import HANG, FakeClock, ScriptedAdapter, a_check, a_sighting, settle
from tests.support.bench import CONFIG, places_in, polled_by
from tests.support.eventually import until

PROBE = SourceName("probe")
NOW = FakeClock().now()
WEB01 = device_id(PROBE, "web01")


def number(
    native: str, at: datetime, value: float | None, *, subject: str = "/", bad: bool = False, unit: str = "%"
) -> Check:
    check = a_check("probe", native, at, family="disk", subject=subject, ok=True)
    state = CheckState.WARNING if bad else CheckState.OK
    return msgspec.structs.replace(check, value=value, unit=unit, state=state)


def reading(at: datetime, *checks: Check) -> Reading:
    natives = dict.fromkeys(check.native for check in checks)
    sightings = tuple(a_sighting("probe", native, at) for native in natives)
    return Reading(source=PROBE, at=at, sightings=sightings, checks=checks)


def after(**span: float) -> datetime:
    return NOW + timedelta(**span)


def told(trends: Trends, native: str, at: datetime, value: float | None, **more: bool) -> None:
    trends.heard(reading(at, number(native, at, value, **more)), 30.0)  # type: ignore[arg-type]


def values(trends: Trends, native: str = "web01") -> tuple[float | None, ...]:
    return next((trend.values for trend in trends.of([(PROBE, native)])), ())


def natives(trends: Trends) -> set[str]:
    return {native for _, native in trends.known()}


def test_values_are_kept_as_they_are_heard() -> None:
    trends = Trends()
    for minute in range(3):
        told(trends, "web01", after(minutes=minute), 90.0 + minute)
    assert values(trends) == (90.0, 91.0, 92.0)


def test_checks_without_a_number_have_no_trend() -> None:
    trends = Trends()
    told(trends, "web01", NOW, None, bad=True)
    assert (len(trends), natives(trends)) == (0, set())


def test_a_time_in_which_nothing_was_heard_is_a_gap() -> None:
    trends = Trends()
    told(trends, "web01", NOW, 1.0)
    told(trends, "web01", after(seconds=PATIENCE_S + 60), 2.0)
    assert values(trends) == (1.0, None, 2.0)


def test_a_source_that_is_asked_seldom_has_no_gaps_for_that() -> None:
    trends = Trends()
    for hour in range(3):
        trends.heard(reading(after(hours=hour), number("web01", after(hours=hour), float(hour))), 3600.0)
    assert values(trends) == (0.0, 1.0, 2.0)


def test_a_value_that_is_not_known_any_more_is_a_gap() -> None:
    trends = Trends()
    told(trends, "web01", NOW, 1.0)
    told(trends, "web01", after(minutes=1), None)
    assert values(trends) == (1.0, None)


def test_a_value_in_another_unit_begins_anew() -> None:
    trends = Trends()
    trends.heard(reading(NOW, number("web01", NOW, 380.0, unit="Mbit/s")), 30.0)
    trends.heard(reading(after(minutes=1), number("web01", after(minutes=1), 6.0)), 30.0)
    assert [(trend.unit, trend.values) for trend in trends.of([(PROBE, "web01")])] == [("%", (6.0,))]


def test_a_check_that_was_not_asked_again_does_not_go_on() -> None:
    trends = Trends()
    told(trends, "web01", NOW, 1.0)
    trends.heard(reading(after(minutes=1), number("web01", NOW, 1.0)), 30.0)
    (trend,) = trends.of([(PROBE, "web01")])
    assert trend.times == (int(NOW.timestamp()),)


def test_a_clock_that_is_ahead_is_not_believed() -> None:
    trends = Trends()
    trends.heard(reading(NOW, number("web01", after(days=1), 1.0)), 30.0)
    (trend,) = trends.of([(PROBE, "web01")])
    assert trend.times == (int(NOW.timestamp()),)


def test_words_in_another_sources_name_are_not_heard() -> None:
    trends = Trends()
    foreign = msgspec.structs.replace(number("web01", NOW, 1.0, bad=True), source=SourceName("other"))
    trends.heard(reading(NOW, foreign), 30.0)
    assert len(trends) == 0


def test_there_are_never_more_trends_than_there_is_room_for() -> None:
    trends = Trends(most=5)
    for count in range(40):
        told(trends, f"web{count:02}", after(seconds=count), 1.0, bad=count % 3 == 0)
        assert len(trends) <= 5


def test_a_trend_is_bounded_too() -> None:
    trends = Trends()
    for count in range(500):
        told(trends, "web01", after(seconds=20 * count), float(count % 7))
    assert len(values(trends)) <= POINTS


def test_when_it_is_full_the_first_stay() -> None:
    trends = Trends(most=2)
    for native in ("a", "b", "c"):
        told(trends, native, NOW, 1.0)
    assert natives(trends) == {"a", "b"}


def test_what_is_not_ok_takes_the_place_of_what_is() -> None:
    trends = Trends(most=2)
    for native in ("a", "b"):
        told(trends, native, NOW, 1.0)
    told(trends, "c", after(seconds=1), 99.0, bad=True)
    assert natives(trends) == {"b", "c"}


def test_where_nothing_is_ok_the_first_stay_and_go_on() -> None:
    trends = Trends(most=2)
    for minute in range(3):
        for native in ("a", "b", "c"):
            told(trends, native, after(minutes=minute), 99.0 + minute, bad=True)
    assert natives(trends) == {"a", "b"}
    assert values(trends, "a") == (99.0, 100.0, 101.0)


def test_what_has_been_well_again_for_long_makes_room() -> None:
    trends = Trends(most=1)
    told(trends, "a", NOW, 99.0, bad=True)
    told(trends, "b", after(seconds=60), 99.0, bad=True)
    assert natives(trends) == {"a"}
    told(trends, "b", after(seconds=NOTICE_S + 60), 99.0, bad=True)
    assert natives(trends) == {"b"}


def test_a_device_that_somebody_looks_at_takes_the_place_of_any_other() -> None:
    trends = Trends(most=1)
    told(trends, "a", NOW, 99.0, bad=True)
    trends.look([number("b", NOW, 1.0)], NOW)
    assert natives(trends) == {"b"}
    told(trends, "b", after(seconds=60), 2.0)
    assert values(trends, "b") == (1.0, 2.0)


def test_looking_at_a_device_without_numbers_costs_nothing() -> None:
    trends = Trends()
    trends.look([number("a", NOW, None)], NOW)
    assert natives(trends) == set()


def test_what_a_source_remembers_comes_before() -> None:
    trends = Trends()
    told(trends, "web01", NOW, 3.0)
    base = int(NOW.timestamp())
    trends.remember((PROBE, "web01"), "disk//", [(base - 120, 1.0), (base - 60, 2.0)])
    assert values(trends) == (1.0, 2.0, 3.0)


def test_only_what_has_grown_is_written() -> None:
    trends = Trends()
    told(trends, "a", NOW, 1.0)
    told(trends, "b", NOW, 1.0)
    assert {key[1] for key in trends.unsaved(100)} == {"a", "b"}
    told(trends, "a", after(minutes=1), 2.0)
    assert {key[1] for key in trends.unsaved(100)} == {"a"}
    assert trends.unsaved(100) == {}


def test_a_check_that_is_told_no_more_is_let_go_when_others_still_are() -> None:
    trends = Trends()
    trends.heard(reading(NOW, number("a", NOW, 1.0), number("a", NOW, 2.0, subject="/gone")), 30.0)
    told(trends, "a", after(seconds=NOTICE_S + 60), 3.0)
    ((trend,),) = trends.unsaved(100).values()
    assert (trend.key, len(trends)) == ("disk//", 1)


def test_a_device_that_is_heard_no_more_keeps_what_it_had() -> None:
    trends = Trends()
    told(trends, "a", NOW, 1.0)
    told(trends, "b", after(days=2), 1.0)
    assert {key[1] for key in trends.unsaved(100)} == {"a", "b"}


def test_no_more_is_written_at_once_than_was_asked_for() -> None:
    trends = Trends()
    for native in ("a", "b", "c"):
        told(trends, native, NOW, 1.0)
    assert [len(trends.unsaved(2)), len(trends.unsaved(2)), len(trends.unsaved(2))] == [2, 1, 0]


def test_the_last_words_have_also_what_only_moved_on() -> None:
    trends = Trends()
    for second in (0, 1, 2):
        told(trends, "a", after(seconds=second), 1.0)
    trends.unsaved(100)
    told(trends, "a", after(seconds=4), 1.0)
    assert trends.unsaved(100) == {}
    (found,) = trends.last_words().values()
    assert found[0].times[-1] == int(after(seconds=4).timestamp())


def test_what_could_not_be_written_is_written_the_next_time() -> None:
    trends = Trends()
    told(trends, "a", NOW, 1.0)
    put = trends.unsaved(100)
    trends.unsave(put)
    assert trends.unsaved(100) == put


def test_what_is_let_go_is_forgotten_by_the_store_too() -> None:
    trends = Trends(most=1)
    told(trends, "a", NOW, 1.0)
    told(trends, "b", NOW, 99.0, bad=True)
    gone = trends.gone()
    assert gone == {(PROBE, "a")}
    assert trends.gone() == set()
    trends.ungone(gone)
    assert trends.gone() == gone


def test_more_than_there_is_room_for_is_not_taken_from_the_store() -> None:
    stored = [Trend(source=PROBE, native=native, key="load", times=(1,), values=(1.0,)) for native in ("a", "b")]
    trends = Trends(stored, most=1)
    assert (natives(trends), trends.gone()) == ({"a"}, {(PROBE, "b")})


@pytest.mark.parametrize("times", [(5, 3, 4), (3, 3, 3)])
def test_a_stored_trend_out_of_order_is_put_in_order(times: tuple[int, ...]) -> None:
    stored = Trend(source=PROBE, native="a", key="load", times=times, values=(1.0, 2.0, 3.0))
    (trend,) = Trends([stored]).of([(PROBE, "a")])
    assert list(trend.times) == sorted(set(times))


class Counting(ScriptedAdapter):
    """Tells one number more with every poll."""

    def __init__(self, clock: FakeClock) -> None:
        super().__init__("probe", HANG)
        self._clock = clock

    async def poll(self) -> Reading:
        self.polls += 1
        now = self._clock.now()
        return reading(now, number("web01", now, float(self.polls)))


async def go_on(clock: FakeClock, seconds: int) -> None:
    """So much later, with all written that was to be written by then: whoever writes sleeps until the next batch."""
    for _ in range(int(seconds / BATCH_S)):
        await clock.advance(BATCH_S)
        await until(functools.partial(_sleeps_until, clock, clock.boot_s() + BATCH_S))


def _sleeps_until(clock: FakeClock, due_s: float) -> bool:
    return any(when == due_s for when, _, sleeper in clock._sleepers if not sleeper.done())


async def test_trends_outlive_the_engine(tmp_path: Path) -> None:
    clock = FakeClock()
    desk = await desk_over(polled_by([Counting(clock)], 30.0), CONFIG, places_in(tmp_path), clock)
    await clock.advance(100)
    before = (await desk.device(WEB01)).trends
    assert len(before[0].values) > 3
    await desk.close()
    desk = await desk_over(polled_by([ScriptedAdapter("probe", HANG)], 30.0), CONFIG, places_in(tmp_path), clock)
    assert (await desk.device(WEB01)).trends == before
    await desk.close()


async def test_trends_whose_writing_is_broken_off_by_the_engine_s_end_are_written_then(tmp_path: Path) -> None:
    clock = FakeClock()
    desk = await desk_over(polled_by([Counting(clock)], 45.0), CONFIG, places_in(tmp_path), clock)
    await go_on(clock, int(TRENDS_S) - 2)
    released = threading.Event()
    ahead = asyncio.create_task(desk._store._facts.write(lambda _: released.wait(60)))
    await clock.advance(10)  # it is time to write trends, which have to wait for what is ahead of them
    before = (await desk.device(WEB01)).trends
    closing = asyncio.create_task(desk.close())
    await settle()
    released.set()
    await asyncio.gather(ahead, closing)
    desk = await desk_over(polled_by([ScriptedAdapter("probe", HANG)], 30.0), CONFIG, places_in(tmp_path), clock)
    assert (await desk.device(WEB01)).trends == before
    await desk.close()


async def test_trends_are_written_while_the_engine_runs(tmp_path: Path) -> None:
    clock = FakeClock()
    desk = await desk_over(polled_by([Counting(clock)], 30.0), CONFIG, places_in(tmp_path), clock)
    await go_on(clock, int(TRENDS_S) + 20)
    with sqlite3.connect(tmp_path / "facts.db") as conn:
        assert conn.execute("SELECT count(*) FROM trend").fetchone() == (1,)
    conn.close()
    await desk.close()


async def test_a_device_that_is_gone_leaves_no_trend(tmp_path: Path) -> None:
    clock = FakeClock()
    source = Counting(clock)
    desk = await desk_over(polled_by([source], 30.0), CONFIG, places_in(tmp_path), clock)
    await clock.advance(100)
    await desk.close()
    other = ScriptedAdapter("other", HANG)
    desk = await desk_over(polled_by([other], 30.0), CONFIG, places_in(tmp_path), clock)
    await clock.advance(1)
    await desk.close()
    with sqlite3.connect(tmp_path / "facts.db") as conn:
        assert conn.execute("SELECT count(*) FROM trend").fetchone() == (0,)
    conn.close()
