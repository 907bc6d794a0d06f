"""The loop of one source, in time that is told to pass."""

from __future__ import annotations

import asyncio
import itertools
import logging
import random
from collections.abc import AsyncIterator
from datetime import timedelta

import pytest

from backends.api import Fault, FaultKind, Reading, SourceError, SourceName
from backends.engine.poller import Poller, deadline_of
from backends.testing import HANG, Answer, FakeClock, ScriptedAdapter, settle

EVERY_S = 30.0


class Bench:
    """Pollers of scripted sources, and what they said."""

    def __init__(self) -> None:
        self.clock = FakeClock()
        self.readings: list[tuple[float, SourceName]] = []
        self.faults: list[Fault] = []
        self.tasks: list[asyncio.Task[None]] = []

    def reading(self, name: str = "a") -> Reading:
        return Reading(source=SourceName(name), at=self.clock.now())

    async def took(self, reading: Reading) -> None:
        self.readings.append((self.clock.boot_s(), reading.source))

    def start(self, *script: Answer, name: str = "a", every_s: float = EVERY_S) -> tuple[ScriptedAdapter, Poller]:
        adapter = ScriptedAdapter(name, *(script or (self.reading(name),)))
        poller = Poller(
            adapter.name,
            adapter.poll,
            every_s=every_s,
            deadline_s=deadline_of(every_s),
            clock=self.clock,
            took=self.took,
            failed=self.faults.append,
            chance=random.Random(7),
        )
        self.tasks.append(asyncio.create_task(poller.run()))
        return adapter, poller

    async def stop(self) -> None:
        for task in self.tasks:
            task.cancel()
        await asyncio.gather(*self.tasks, return_exceptions=True)


@pytest.fixture
async def bench() -> AsyncIterator[Bench]:
    bench = Bench()
    yield bench
    await bench.stop()


def down() -> SourceError:
    return SourceError(FaultKind.REFUSED, "Connection refused.")


async def test_the_first_poll_is_at_once(bench: Bench) -> None:
    adapter, _ = bench.start()
    await settle()
    assert adapter.polls == 1


async def test_the_next_poll_is_due_an_interval_after_this_one_ended(bench: Bench) -> None:
    adapter, _ = bench.start()
    await bench.clock.advance(EVERY_S * 10)
    assert 9 <= adapter.polls <= 13


async def test_intervals_differ_so_that_sources_drift_apart(bench: Bench) -> None:
    bench.start()
    await bench.clock.advance(EVERY_S * 10)
    times = [at for at, _ in bench.readings]
    gaps = {round(after - before, 3) for before, after in itertools.pairwise(times)}
    assert len(gaps) > 3
    assert all(EVERY_S * 0.75 <= gap <= EVERY_S * 1.25 for gap in gaps)


async def test_a_poll_that_hangs_ends_at_its_deadline_as_a_fault(bench: Bench) -> None:
    bench.start(HANG)
    await bench.clock.advance(deadline_of(EVERY_S) + 0.1)
    assert bench.faults[-1].kind is FaultKind.TIMEOUT
    assert bench.faults[-1].sentence == "No answer within 30 s."


async def test_a_poll_that_cannot_even_be_cancelled_is_never_overlapped(bench: Bench) -> None:
    polls = 0
    release = asyncio.Event()

    async def stubborn() -> Reading:
        nonlocal polls
        polls += 1
        while not release.is_set():
            try:
                await release.wait()
            except asyncio.CancelledError:
                continue
        return bench.reading()

    poller = Poller(
        SourceName("a"), stubborn, every_s=EVERY_S, deadline_s=15.0, clock=bench.clock,
        took=bench.took, failed=bench.faults.append, chance=random.Random(7),
    )  # fmt: skip
    task = asyncio.create_task(poller.run())
    await bench.clock.advance(3600)
    assert polls == 1
    assert [fault.kind for fault in bench.faults] == [FaultKind.TIMEOUT]
    release.set()
    task.cancel()
    await asyncio.gather(task, return_exceptions=True)


async def test_a_refresh_is_a_poll_at_once(bench: Bench) -> None:
    adapter, poller = bench.start()
    await settle()
    await poller.refreshed()
    assert adapter.polls == 2


async def test_a_refresh_waits_its_turn_behind_a_poll_under_way(bench: Bench) -> None:
    adapter, poller = bench.start(HANG, bench.reading())
    await settle()
    refresh = asyncio.create_task(poller.refreshed())
    await bench.clock.advance(1)
    assert (adapter.polls, adapter.under_way, refresh.done()) == (1, 1, False)
    await bench.clock.advance(deadline_of(EVERY_S))
    assert (adapter.polls, refresh.done()) == (2, True)


async def test_many_refreshes_in_one_rest_are_one_poll(bench: Bench) -> None:
    adapter, poller = bench.start()
    await settle()
    await asyncio.gather(*(poller.refreshed() for _ in range(50)))
    assert adapter.polls == 2


async def test_nobody_waits_for_a_loop_that_has_ended(bench: Bench) -> None:
    _, poller = bench.start(HANG)
    await settle()
    refresh = asyncio.create_task(poller.refreshed())
    await settle()
    await bench.stop()
    await refresh


async def test_no_two_polls_of_one_source_overlap(bench: Bench) -> None:
    adapter, poller = bench.start(HANG, bench.reading(), down(), HANG)
    for _ in range(40):
        task = asyncio.create_task(poller.refreshed())
        await bench.clock.advance(17)
        task.cancel()
    assert adapter.polls > 10
    assert adapter.most_under_way == 1


async def test_a_failure_is_told_with_its_sentence_since_and_next_try(bench: Bench) -> None:
    began = bench.clock.now()
    bench.start(down())
    await settle()
    fault = bench.faults[-1]
    assert (fault.kind, fault.sentence, fault.since) == (FaultKind.REFUSED, "Connection refused.", began)
    assert fault.retry_at is not None
    assert fault.retry_at > began


async def test_a_fault_keeps_the_time_it_began(bench: Bench) -> None:
    began = bench.clock.now()
    bench.start(down())
    await bench.clock.advance(600)
    assert len(bench.faults) > 2
    assert {fault.since for fault in bench.faults} == {began}


async def test_a_mistake_of_an_adapter_is_a_fault_of_its_source_without_its_words(
    bench: Bench, caplog: pytest.LogCaptureFixture
) -> None:
    bench.start(ZeroDivisionError("the secret is 1234"))
    await bench.clock.advance(600)
    assert bench.faults[-1].kind is FaultKind.INTERNAL
    assert "1234" not in bench.faults[-1].sentence
    assert sum(record.exc_info is not None for record in caplog.records) == 1


async def test_a_reading_for_another_source_is_refused(bench: Bench) -> None:
    bench.start(bench.reading("b"))
    await settle()
    assert (bench.readings, bench.faults[-1].kind) == ([], FaultKind.INTERNAL)


async def test_the_log_says_once_that_it_broke_and_once_that_it_heals(
    bench: Bench, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.INFO, "rounds.engine")
    bench.start(*[down()] * 5, bench.reading())
    await bench.clock.advance(3600)
    said = [record.getMessage() for record in caplog.records]
    assert said == ["source a: Connection refused.", "source a answers again"]


async def test_what_fails_for_an_hour_is_asked_ever_more_rarely(bench: Bench) -> None:
    """F-76."""
    adapter, _ = bench.start(SourceError(FaultKind.SERVER, "Internal server error."))
    await bench.clock.advance(3600)
    assert 8 <= adapter.polls <= 60


async def test_what_does_not_answer_at_all_is_asked_hardly_more_often_than_what_does(bench: Bench) -> None:
    """F-76."""
    adapter, _ = bench.start(down())
    await bench.clock.advance(3600)
    assert adapter.polls <= 3600 / min(EVERY_S, 25) * 1.3 + 10


async def test_who_flaps_every_other_poll_is_not_asked_more_often_than_who_answers(bench: Bench) -> None:
    """F-76."""
    adapter, _ = bench.start(*[bench.reading(), down()] * 200)
    await bench.clock.advance(3600)
    assert adapter.polls <= 3600 / EVERY_S * 2 + 10


@pytest.mark.parametrize("asked_s", [45.0, 120.0, 600.0])
async def test_what_a_source_asks_for_is_honoured(bench: Bench, asked_s: float) -> None:
    """F-77."""
    busy = SourceError(FaultKind.RATE_LIMITED, "Too many requests.", retry_after_s=asked_s)
    adapter, _ = bench.start(busy, bench.reading())
    await bench.clock.advance(asked_s - 0.5)
    assert adapter.polls == 1
    assert bench.faults[-1].retry_at is not None
    assert bench.faults[-1].retry_at - bench.faults[-1].since >= timedelta(seconds=asked_s)


async def test_no_refresh_by_hand_breaks_what_a_source_asked_for(bench: Bench) -> None:
    adapter, poller = bench.start(SourceError(FaultKind.RATE_LIMITED, "Too many requests.", retry_after_s=120.0))
    await settle()
    await poller.refreshed()
    assert adapter.polls == 1


async def test_a_source_that_needs_a_hand_is_asked_rarely_and_at_once_by_hand(bench: Bench) -> None:
    """F-27."""
    adapter, poller = bench.start(SourceError(FaultKind.CREDENTIALS, "The password is wrong."))
    await bench.clock.advance(1200)
    assert adapter.polls <= 5
    before = adapter.polls
    await poller.refreshed()
    assert adapter.polls == before + 1


async def test_one_of_twenty_that_hangs_for_ever_slows_nobody(bench: Bench) -> None:
    """F-78."""
    bench.start(HANG, name="hung")
    others = [bench.start(name=f"s{n}")[0] for n in range(19)]
    await bench.clock.advance(EVERY_S * 20)
    assert all(adapter.polls >= 17 for adapter in others)
    for adapter in others:
        times = [at for at, name in bench.readings if name == adapter.name]
        assert max(after - before for before, after in itertools.pairwise(times)) <= EVERY_S * 1.25
