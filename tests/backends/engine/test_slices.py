"""A source that answers in slices, polled by an engine: all of it is there when it has ended well, or nothing is."""

from __future__ import annotations

import asyncio
import random
import weakref
from collections.abc import AsyncGenerator, AsyncIterator
from pathlib import Path

import msgspec
import pytest

from backends.api import Fault, FaultKind, Reading, SourceError, SourceName
from backends.engine.engine import AT_ONCE, Engine
from backends.engine.poller import DEADLINE_S
from backends.engine.polling import Polled
from backends.fleet.model import Freshness, Source
from backends.fleet.reading import joined
from backends.fleet.start import begun
from backends.store.store import Store
from backends.testing import HANG, FakeClock, Hang, a_check, a_sighting, settle

SOURCE = SourceName("big")
EVERY_S = 30.0
Step = tuple[str, ...] | Exception | Hang


class Sliced:
    """Answers each poll with the next list of slices, the last list for ever: natives, a fault, or silence."""

    def __init__(self, clock: FakeClock, *polls: list[Step]) -> None:
        self.name = SOURCE
        self.closed = 0
        """Answers that were ended, by themselves or by who asked."""
        self._clock = clock
        self._polls = list(polls)

    async def poll(self) -> Reading:
        return joined([piece async for piece in self.slices()])

    async def slices(self) -> AsyncGenerator[Reading, None]:
        steps = self._polls.pop(0) if len(self._polls) > 1 else self._polls[0]
        try:
            for step in steps:
                if isinstance(step, Exception):
                    raise step
                if isinstance(step, Hang):
                    await asyncio.Event().wait()
                assert isinstance(step, tuple)
                yield self._slice(step)
        finally:
            self.closed += 1

    async def close(self) -> None:
        """There is nothing to let go of."""

    def _slice(self, natives: tuple[str, ...]) -> Reading:
        now = self._clock.now()
        return Reading(
            source=SOURCE,
            at=now,
            sightings=tuple(a_sighting(SOURCE, native, now) for native in natives),
            checks=tuple(a_check(SOURCE, native, now, ok=True) for native in natives),
        )


@pytest.fixture
def clock() -> FakeClock:
    return FakeClock()


@pytest.fixture
async def store(tmp_path: Path) -> AsyncIterator[Store]:
    store = Store.open(tmp_path)
    yield store
    await store.close()


def engine_of(store: Store, clock: FakeClock, *polls: list[Step]) -> tuple[Engine, Sliced]:
    adapter = Sliced(clock, *polls)
    source = Source(name=SOURCE, kind="sliced", state=Freshness.STALE, every_s=EVERY_S)
    fleet = begun({}, [source], clock.now())
    return Engine(fleet, [Polled(adapter, EVERY_S)], store, clock, chance=random.Random(7)), adapter


async def polled(engine: Engine, clock: FakeClock, seconds: float) -> None:
    """Poll for so long."""
    task = asyncio.create_task(engine.polling.run())
    await clock.advance(seconds)
    await settle(200)
    task.cancel()
    await asyncio.gather(task, return_exceptions=True)


def natives(engine: Engine) -> set[str]:
    return set(engine.fleet.told.get(SOURCE, {}))


def fault(engine: Engine) -> Fault | None:
    return engine.fleet.sources[SOURCE].fault


async def test_all_slices_together_are_the_reading(store: Store, clock: FakeClock) -> None:
    engine, _ = engine_of(store, clock, [("a", "b"), ("c",)])
    await polled(engine, clock, 1)
    assert natives(engine) == {"a", "b", "c"}


async def test_many_devices_are_folded_in_turns_and_are_all_there(store: Store, clock: FakeClock) -> None:
    names = [f"m{number}" for number in range(2 * AT_ONCE)]
    engine, _ = engine_of(store, clock, [tuple(names[:AT_ONCE]), tuple(names[AT_ONCE:])])
    await polled(engine, clock, 1)
    assert natives(engine) == set(names)


async def test_a_reading_that_is_cut_off_changes_nothing_and_nobody_is_gone(store: Store, clock: FakeClock) -> None:
    cut = SourceError(FaultKind.SERVER, "The second page never came.")
    engine, _ = engine_of(store, clock, [("a", "b"), ("c",)], [("a", "new"), cut])
    await polled(engine, clock, EVERY_S * 1.5)
    assert natives(engine) == {"a", "b", "c"}
    found = fault(engine)
    assert found is not None
    assert found.sentence == cut.sentence


async def test_nothing_of_it_is_seen_while_slices_are_still_to_come(store: Store, clock: FakeClock) -> None:
    engine, _ = engine_of(store, clock, [("a",), HANG])
    await polled(engine, clock, DEADLINE_S[1] - 1)
    assert natives(engine) == set()
    assert fault(engine) is None


async def test_one_that_stops_half_way_ends_at_its_deadline_and_is_closed(store: Store, clock: FakeClock) -> None:
    engine, adapter = engine_of(store, clock, [("a",), HANG])
    await polled(engine, clock, DEADLINE_S[1] + 1)
    found = fault(engine)
    assert found is not None
    assert found.kind is FaultKind.TIMEOUT
    assert adapter.closed == 1


async def test_after_one_that_was_cut_off_the_next_counts(store: Store, clock: FakeClock) -> None:
    cut = SourceError(FaultKind.SERVER, "The second page never came.")
    engine, _ = engine_of(store, clock, [("a",), cut], [("a",), ("b",)])
    await polled(engine, clock, EVERY_S * 2)
    assert natives(engine) == {"a", "b"}
    assert fault(engine) is None


async def test_a_slice_is_let_go_before_the_next_is_made(store: Store, clock: FakeClock) -> None:
    held: list[weakref.ref[object]] = []
    alive: list[int] = []

    class Piece(Reading, frozen=True, kw_only=True, weakref=True):
        """A slice that can be watched."""

    class Watched(Sliced):
        def _slice(self, natives: tuple[str, ...]) -> Reading:
            alive.append(sum(one() is not None for one in held))
            piece = Piece(**msgspec.structs.asdict(super()._slice(natives)))
            held.append(weakref.ref(piece))
            return piece

    source = Source(name=SOURCE, kind="sliced", state=Freshness.STALE, every_s=EVERY_S)
    adapter = Watched(clock, [(f"m{number}",) for number in range(6)])
    engine = Engine(begun({}, [source], clock.now()), [Polled(adapter, EVERY_S)], store, clock)
    await polled(engine, clock, 1)
    assert natives(engine) == {f"m{number}" for number in range(6)}
    assert max(alive) <= 1
