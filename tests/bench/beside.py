"""What somebody at the keys notices of a large source: time from key to paint while it is polled without a pause,
beside the same screen while it rests; and the longest turn that a poll takes in the loop of the engine."""

from __future__ import annotations

import asyncio
import contextlib
import time
from collections.abc import AsyncIterator, Callable
from datetime import datetime
from pathlib import Path

from msgspec import Struct

from tests.bench.programs import Programs, Say
from tests.support.meter import Keys, Spell, cpu_of
from tests.support.office import Office

TIMES = 12
UP_AND_DOWN = ["down"] * 4 + ["up"] * 4
BREATH_S = 0.15
"""Keys that come sooner after another kind of key count as pasted; the poll has begun by then."""
COLUMN = 40
"""Within the titles, where the cursor's background shows."""


class Sat(Struct, frozen=True, kw_only=True):
    """Some time at the screen."""

    keys: Keys
    spell: Spell
    """The keys left alone, of the screen with its engine."""
    engine_cpu_s: float
    """While the keys were pressed."""
    pressed_s: float
    """How long that took."""
    heard_s: float
    """By how much the source was heard later afterwards; 0 where no poll ended meanwhile."""


def sit(folder: Path, config: str, *, ask: bool) -> Sat:
    """Move the cursor up and down at 160x50, with a poll asked for by hand in between or none at all."""
    folder.mkdir(mode=0o700)
    office = Office(folder)
    office.configure(config)
    try:
        with Programs(office).rounds() as meter:
            meter.first_paint(r"Issues [1-9]")
            meter.watch(3.0)
            spell = meter.watch(5.0)
            (engine,) = office.engine_pids()
            heard, cpu_s, began = _heard(office), cpu_of(engine), time.monotonic()
            times: list[float] = []
            sent = len(meter.raw)
            for _ in range(TIMES):
                if ask:
                    meter.write(b"r")
                    meter.watch(BREATH_S)
                times += meter.keys(UP_AND_DOWN, COLUMN).times_ms
            keys = Keys(times_ms=tuple(times), bytes=len(meter.raw) - sent)
            pressed_s, cpu_s = time.monotonic() - began, cpu_of(engine) - cpu_s
            heard_s = (_heard(office) - heard).total_seconds()
            return Sat(keys=keys, spell=spell, engine_cpu_s=cpu_s, pressed_s=pressed_s, heard_s=heard_s)
    finally:
        office.close()


def _heard(office: Office) -> datetime:
    """When the one source answered last."""
    (source,) = office.items("sources")
    return datetime.fromisoformat(source["seen"])


def keys_beside(say: Say, what: str, folder: Path, config: Callable[[str], str]) -> tuple[Sat, Sat]:
    """Print the time from key to paint while the source of `config(every)` is polled, and while it rests. Both were
    painted for every key."""
    resting = sit(folder / "rests", config("1h"), ask=False)
    polled = sit(folder / "polled", config("5s"), ask=True)
    for name, sat in (("at rest", resting), ("polled", polled)):
        say(
            f"{what}, {name}: key p50 {sat.keys.p50:.1f} p95 {sat.keys.p95:.1f} max {max(sat.keys.times_ms):.0f} ms; "
            f"the engine took {sat.engine_cpu_s:.2f} s of processor time in {sat.pressed_s:.1f} s; "
            f"left alone {sat.spell.cpu_percent:.1f} % CPU, {sat.spell.bytes_per_s:.0f} B/s"
        )
    p50, p95 = polled.keys.p50 / resting.keys.p50, polled.keys.p95 / resting.keys.p95
    say(f"{what}: while it is polled a key takes {p50:.2f} times as long (p95 {p95:.2f})")
    for sat in (resting, polled):
        assert len(sat.keys.times_ms) == TIMES * len(UP_AND_DOWN)
    assert resting.heard_s == 0 < polled.heard_s
    return resting, polled


class Turns(Struct):
    """The longest time for which the loop did nothing else, in milliseconds."""

    wall_ms: float = 0.0
    cpu_ms: float = 0.0
    """Of this thread alone: other work on the machine is not in it."""


@contextlib.asynccontextmanager
async def longest_turn() -> AsyncIterator[Turns]:
    found = Turns()

    async def beat() -> None:
        wall, cpu = time.perf_counter(), time.thread_time()
        while True:
            await asyncio.sleep(0)
            now, spent = time.perf_counter(), time.thread_time()
            found.wall_ms = max(found.wall_ms, 1000 * (now - wall))
            found.cpu_ms = max(found.cpu_ms, 1000 * (spent - cpu))
            wall, cpu = now, spent

    task = asyncio.ensure_future(beat())
    await asyncio.sleep(0)
    try:
        yield found
        await asyncio.sleep(0)
    finally:
        task.cancel()
