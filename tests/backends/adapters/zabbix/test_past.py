"""How a value went: single values of the last day, hours of what is older."""

from __future__ import annotations

from datetime import datetime, timedelta

import pytest

from backends.adapters.zabbix.past import thinned
from tests.support.replayed.zabbix import FakeZabbix
from tests.support.zabbix_source import reading_from

DC, DISK = "1", "disk//var"
NOON = datetime.fromisoformat("2026-01-05T12:00:00+00:00")


def remembering() -> FakeZabbix:
    """One value a minute, and one average an hour."""
    fake = FakeZabbix("7.0.19")
    fake.special["history.get"] = lambda params: [
        {"clock": str(clock), "value": str(clock % 100)}
        for clock in range(params["time_till"], params["time_from"], -60)
    ][: params["limit"]]
    fake.special["trend.get"] = lambda params: [
        {"clock": str(clock), "value_avg": "50.5"}
        for clock in range(params["time_from"] // 3600 * 3600, params["time_till"], 3600)
    ]
    return fake


async def test_the_last_hours_are_single_values() -> None:
    fake = remembering()
    async with reading_from(fake) as source:
        reading = await source.poll()
        since = reading.at - timedelta(hours=3)
        past = await source.history(DC, DISK, since, 1_000)
    assert fake.asked("trend.get") == []
    (asked,) = fake.asked("history.get")
    assert (asked["history"], asked["itemids"]) == (0, ["7"])
    assert past[0][0] == since
    assert len(past) > 150


async def test_the_last_weeks_are_hours_and_then_single_values() -> None:
    fake = remembering()
    async with reading_from(fake) as source:
        reading = await source.poll()
        past = await source.history(DC, DISK, reading.at - timedelta(days=14), 100_000)
    before = [value for when, value in past if when < reading.at - timedelta(hours=25)]
    assert set(before) == {50.5}
    assert len(before) > 300
    assert len(past) - len(before) > 1_000


async def test_values_that_are_too_many_are_hours_before_they_begin() -> None:
    fake = remembering()
    fake.special["history.get"] = lambda params: [
        {"clock": str(params["time_till"] - n), "value": "97"} for n in range(params["limit"])
    ]
    async with reading_from(fake) as source:
        reading = await source.poll()
        past = await source.history(DC, DISK, reading.at - timedelta(hours=20), 100_000)
    assert [value for when, value in past if when < reading.at - timedelta(hours=2)] == [50.5] * 19


async def test_a_condition_that_is_over_keeps_its_past() -> None:
    fake = remembering()
    async with reading_from(fake) as source:
        reading = await source.poll()
        fake.tables["problem.get"] = [one for one in fake.tables["problem.get"] if one["objectid"] != "1"]
        await source.poll()
        assert await source.history(DC, DISK, reading.at - timedelta(hours=1), 10)


@pytest.mark.parametrize("key", ["reachable", "no/such"])
async def test_what_is_no_number_has_no_past(key: str) -> None:
    async with reading_from(remembering()) as source:
        reading = await source.poll()
        assert await source.history(DC, key, reading.at - timedelta(hours=1), 10) == ()


def minutes(*found: int) -> list[tuple[datetime, float]]:
    return [(NOON + timedelta(minutes=minute), float(minute)) for minute in found]


@pytest.mark.parametrize(
    ("found", "points", "told"),
    [
        ((-5, 5, 15), 10, [(0, -5.0), (5, 5.0), (15, 15.0)]),
        ((0, 5), 10, [(0, 0.0), (5, 5.0)]),
        ((5, 0, 5), 10, [(0, 0.0), (5, 5.0)]),
        ((0, 1, 2, 3, 4), 3, [(0, 0.0), (2, 2.0), (4, 4.0)]),
        ((0, 1, 2), 1, [(2, 2.0)]),
        ((0, 90), 10, [(0, 0.0)]),
        ((), 10, []),
        ((1, 2), 0, []),
    ],
)
def test_as_many_real_values_are_told_as_were_asked_for(
    found: tuple[int, ...], points: int, told: list[tuple[int, float]]
) -> None:
    past = thinned(minutes(*found), NOON, NOON + timedelta(minutes=60), points)
    assert [(int((when - NOON).total_seconds() // 60), value) for when, value in past] == told
