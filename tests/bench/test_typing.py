"""Keys that ask for much: a filter over a long list, and keys held down. Beside a stock DataTable on the same rows.

The lists are those of a fleet on its worst day, with as many open issues as devices.
"""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

import pytest

from tests.bench.programs import DEVICES, LONG, SIZES, Programs, Say
from tests.support.meter import Held, Meter

pytestmark = [pytest.mark.bench, pytest.mark.xdist_group("bench")]

WORD = "sql0"
TURNS = 3 if LONG else 1
RATE = 30
HELD = {"down": 120 if LONG else 45, "pagedown": 60 if LONG else 20}


@pytest.mark.parametrize("devices", DEVICES)
@pytest.mark.timeout(600)
def test_a_letter_of_a_filter_shows_its_rows(
    programs: Programs, crowds: Mapping[int, Path], say: Say, devices: int
) -> None:
    """Goal G8. The same word is found in the same rows, whoever looks for it."""
    ours: list[float] = []
    table: list[float] = []
    turns = TURNS if devices <= 10_000 else 1  # the table takes its time
    for _ in range(turns):
        with programs.ours(crowds[devices], 0, (160, 50)) as meter:
            _until_listed(meter)
            meter.type("/")
            meter.until(r"^ /")
            meter.until_quiet()
            ours.extend(_typed(meter, r"Issues \d+\+? · by urgency · /{}$"))
        with programs.table(crowds[devices], 0, (160, 50)) as meter:
            _until_listed(meter)
            table.extend(_typed(meter, r"^/{}$"))
    say(f"filter, {devices} issues: {_each(ours)}; table {_each(table)}")
    assert len(ours) == len(table) == turns * len(WORD)


def _typed(meter: Meter, pattern: str) -> list[float]:
    """Milliseconds that each letter took."""
    times = []
    for length in range(1, len(WORD) + 1):
        times.append(meter.answer(WORD[length - 1], pattern.format(WORD[:length])))
        meter.until_quiet()
    return times


def _each(times: list[float]) -> str:
    """The best of the turns for each letter: noise only ever adds."""
    best = (min(times[place :: len(WORD)]) for place in range(len(WORD)))
    return " ".join(f"{WORD[: place + 1]} {time:.0f}" for place, time in enumerate(best)) + " ms"


@pytest.mark.parametrize("size", SIZES, ids=lambda size: f"{size[0]}x{size[1]}")
@pytest.mark.timeout(300)
def test_a_key_held_down_is_painted_as_it_repeats(
    programs: Programs, crowds: Mapping[int, Path], say: Say, size: tuple[int, int]
) -> None:
    """Goal G9."""
    devices = DEVICES[min(1, len(DEVICES) - 1)]
    column = size[0] * 35 // 100  # right of the ages, which change by themselves
    for key, times in HELD.items():
        with programs.ours(crowds[devices], 0, size) as meter:
            _until_scrolling(meter)
            ours = meter.hold(key, times, RATE, column, 30, part=0.5)
        with programs.table(crowds[devices], 0, size) as meter:
            _until_scrolling(meter)
            table = meter.hold(key, times, RATE, 4, 30)
        say(f"{key} held, {devices} issues, {size[0]}x{size[1]}: {_held(ours)}; table {_held(table)}")
        assert ours.paints > times / 10


def _until_listed(meter: Meter) -> None:
    meter.first_paint(r"[Cc]ertificate")
    meter.until_quiet()


def _until_scrolling(meter: Meter) -> None:
    """The cursor is on the last line: every further one scrolls."""
    _until_listed(meter)
    meter.type("pagedown")
    meter.rest(1.0)  # another key that follows at once would be a paste


def _held(held: Held) -> str:
    return f"{held.paints} of {held.keys} painted, gap {held.gap_ms:.0f} ms, drained in {held.drain_ms:.0f} ms"
