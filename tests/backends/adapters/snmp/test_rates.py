"""What counters say between two looks: never a negative rate, never one that cannot be."""

from __future__ import annotations

import msgspec
import pytest

from backends.adapters.snmp.rates import Rate, began_anew, counted, rates
from backends.adapters.snmp.records import Port

TWO_32 = 2**32
BEFORE = Port(index=1, name="Gi0/1", speed=1e9, received=1000, sent=2000, wide=True, errors=5)


def between(seconds: float = 10, ticks: tuple[int | None, int | None] = (1000, 2000), **now: object) -> Rate | None:
    before = BEFORE if now.get("wide", True) else msgspec.structs.replace(BEFORE, wide=False)
    after = msgspec.structs.replace(before, **now)
    return rates(counted(100, ticks[0], [before]), counted(100 + seconds, ticks[1], [after])).get("Gi0/1")


def test_octets_become_bits_a_second() -> None:
    assert between(received=11_000, sent=2000, errors=15) == Rate(received=8000.0, sent=0.0, errors=1.0)


def test_a_counter_of_32_bits_that_wrapped_is_no_jump_back() -> None:
    port = msgspec.structs.replace(BEFORE, wide=False, speed=1e8, received=TWO_32 - 1000)
    after = msgspec.structs.replace(port, received=9000)
    rate = rates(counted(0, 1, [port]), counted(10, 1001, [after]))["Gi0/1"]
    assert rate.received == pytest.approx(8000.0)


@pytest.mark.parametrize(
    ("now", "why"),
    [
        ({"received": 999}, "64 bits do not wrap: it began anew"),
        ({"received": 1000 + 10**12}, "more than the interface can carry"),
        ({"received": None}, "not told"),
        ({"received": 999, "wide": False}, "32 bits at 1 Gbit/s over a minute may have wrapped twice"),
    ],
)
def test_a_rate_that_cannot_be_known_is_not_told(now: dict[str, object], why: str) -> None:
    rate = between(60, **now)
    assert rate is not None, why
    assert rate.received is None, why


def test_errors_that_go_back_are_no_rate() -> None:
    rate = between(errors=4)
    assert rate is not None
    assert rate.errors is None


@pytest.mark.parametrize(
    ("changes", "why"),
    [
        ({"ticks": (2000, 100)}, "the agent was restarted"),
        ({"ticks": (None, 100)}, "it does not tell its time"),
        ({"broken": 77}, "the counters were interrupted"),
        ({"index": 2}, "another interface has the name now"),
        ({"seconds": 0.5}, "too close together"),
    ],
)
def test_nothing_is_told_across_a_break(changes: dict[str, object], why: str) -> None:
    assert between(received=2000, **changes) is None, why  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("before", "now", "anew"),
    [(100, 200, False), (200, 100, True), (TWO_32 - 1000, 2000, False), (TWO_32 - 1000, 10**9, True), (5, 5, False)],
)
def test_the_agents_clock_that_is_full_after_497_days_is_no_restart(before: int, now: int, anew: bool) -> None:
    assert began_anew(before, now) is anew
