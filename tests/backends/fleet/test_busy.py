"""For how long a process has been busy, look by look."""

from __future__ import annotations

from backends.fleet.busy import Busy
from backends.fleet.host import Process


def one(cpu_s: float, started: str = "1") -> tuple[Process, ...]:
    return (Process(pid=5, name="x", cpu_percent=1.0, cpu_s=cpu_s, started=started),)


def test_the_first_look_keeps_what_the_platform_says() -> None:
    assert Busy(90).seen(0, one(1000)) == one(1000)


def test_the_share_is_that_of_the_time_since_the_last_look() -> None:
    busy = Busy(90)
    busy.seen(0, one(1000))
    assert busy.seen(10, one(1005))[0].cpu_percent == 50.0


def test_looks_without_a_break_add_up() -> None:
    busy = Busy(90)
    assert [busy.seen(at, one(at))[0].busy_s for at in (0.0, 10.0, 20.0, 30.0)] == [None, 10.0, 20.0, 30.0]


def test_a_break_begins_anew() -> None:
    busy = Busy(90)
    assert [busy.seen(at, one(used))[0].busy_s for at, used in ((0, 0), (10, 10), (20, 11), (30, 21))] == [
        None,
        10.0,
        0.0,
        10.0,
    ]


def test_a_reused_pid_begins_anew() -> None:
    busy = Busy(90)
    busy.seen(0, one(0))
    busy.seen(10, one(10))
    assert busy.seen(20, one(20, started="2"))[0].busy_s is None


def test_a_look_at_the_same_moment_changes_nothing() -> None:
    busy = Busy(90)
    busy.seen(0, one(0))
    busy.seen(10, one(10))
    assert busy.seen(10, one(10))[0].busy_s == 10.0


def test_the_busiest_comes_first() -> None:
    calm, loud = (Process(pid=pid, name="x", cpu_percent=cpu) for pid, cpu in ((1, 2.0), (2, 70.0)))
    assert Busy(90).seen(0, (calm, loud)) == (loud, calm)


def test_what_left_the_top_for_long_is_forgotten() -> None:
    busy = Busy(90)
    busy.seen(0, one(0))
    for look in range(25):
        busy.seen(look + 1.0, ())
    assert busy.seen(30, one(30))[0].busy_s is None
