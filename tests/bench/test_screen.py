"""What the screen costs, beside a bare Textual app and a stock DataTable on the same rows.

The figures are printed; what is asserted is what holds on any machine: bytes, counts, and ratios with wide margins.
`ROUNDS_BENCH=long` measures three sizes of fleet and of terminal, and longer.
"""

from __future__ import annotations

import statistics
import time
from collections.abc import Mapping
from pathlib import Path

import pytest

from backends.store.picture import last_picture
from tests.bench.demo_fleet import words
from tests.bench.parsing_source import installed
from tests.bench.programs import DEVICES, LONG, SIZES, Programs, Say
from tests.support.meter import Keys, Meter, Spell, Start, rss_of_tree
from tests.support.office import ROOT, Office

pytestmark = pytest.mark.bench

TURNS = 5 if LONG else 3
WATCHED_S = 5.0 if LONG else 3.0
PRESSES = 64 if LONG else 24
CHANGES = 50


@pytest.mark.parametrize("devices", DEVICES)
@pytest.mark.timeout(600)
def test_the_first_picture_is_not_far_behind_a_bare_app(
    programs: Programs, office: Office, say: Say, devices: int
) -> None:
    """Goals G1 to G3: what was seen last is on the screen while Textual alone would just have begun."""
    bare, ours = [], []
    with office.started("--demo", "engine", "--stay", *words(devices)):
        _wait_for_a_picture(office)
        for _ in range(TURNS):
            with programs.bare() as meter:
                bare.append(meter.first_paint())
            with programs.rounds("demo", *words(devices)) as meter:
                ours.append(meter.first_paint(r"\d+ sites"))
    say(f"start, {devices} devices: bare {_start(bare)}; rounds {_start(ours)}; x{_ratio(ours, bare):.2f} of its work")
    assert _ratio(ours, bare) < 2.0


def _wait_for_a_picture(office: Office) -> None:
    end = time.monotonic() + 300
    while time.monotonic() < end:
        folders = (office.home / "state" / "rounds").glob("*")
        if any((picture := last_picture(folder)) and picture.sites and picture.issues for folder in folders):
            return
        time.sleep(0.2)
    raise AssertionError("the engine never stored a picture")


def _start(starts: list[Start]) -> str:
    paint, cpu = (statistics.median(getattr(one, name) for one in starts) for name in ("paint_ms", "cpu_s"))
    return f"{paint:.0f} ms, {1000 * cpu:.0f} ms of processor"


def _ratio(ours: list[Start], bare: list[Start]) -> float:
    return statistics.median(one.cpu_s for one in ours) / statistics.median(one.cpu_s for one in bare)


@pytest.mark.parametrize("size", SIZES, ids=lambda size: f"{size[0]}x{size[1]}")
@pytest.mark.parametrize("devices", DEVICES)
@pytest.mark.timeout(300)
def test_changes_cost_a_small_part_of_what_they_cost_a_data_table(
    programs: Programs, pictures: Mapping[int, Path], say: Say, devices: int, size: tuple[int, int]
) -> None:
    """Goals G4 to G6 and G10 to G13, of the screen alone."""
    picture = pictures[devices]
    with programs.ours(picture, 0, size) as meter:
        meter.first_paint("Severity")
        meter.watch(1.5)
        idle, keys = meter.watch(WATCHED_S), _keys(meter, ours=True)
    with programs.ours(picture, CHANGES, size) as meter:
        meter.first_paint(r"\d %")
        meter.watch(1.5)
        busy, busy_keys = meter.watch(WATCHED_S), _keys(meter, ours=True)
    with programs.table(picture, CHANGES, size) as meter:
        meter.first_paint(r"\d %")
        table, table_keys = meter.watch(WATCHED_S), _keys(meter, ours=False)
    where = f"{devices} devices, {size[0]}x{size[1]}"
    say(f"{where}: still        {_spell(idle)}; {_pressed(keys)}")
    say(f"{where}: {CHANGES}/s         {_spell(busy)}, {_a_row(busy)}; {_pressed(busy_keys)}")
    say(f"{where}: {CHANGES}/s, table  {_spell(table)}, {_a_row(table)}; {_pressed(table_keys)}")
    assert idle.bytes_per_s < 300
    assert busy.bytes_per_s < 0.25 * table.bytes_per_s


def _keys(meter: Meter, *, ours: bool) -> tuple[Keys, Keys]:
    """The cursor up and down without scrolling, seen at its background; and pages."""
    column = 40 if ours and meter.columns >= 100 else 4
    return (
        meter.keys((["down"] * 4 + ["up"] * 4) * (PRESSES // 8), column),
        meter.keys(["pagedown", "pageup"] * (PRESSES // 4), column, 30, texts=True),
    )


def _spell(spell: Spell) -> str:
    return f"{spell.bytes_per_s:7.0f} B/s {spell.cpu_percent:5.2f} % CPU {spell.rss_kib / 1024:4.0f} MiB"


def _a_row(spell: Spell) -> str:
    return f"{spell.bytes_per_s / CHANGES:5.0f} B a changed row"


def _pressed(keys: tuple[Keys, Keys]) -> str:
    return "; ".join(
        f"{name} p50 {one.p50:.1f} p95 {one.p95:.1f} ms" for name, one in zip(("key", "page"), keys, strict=True)
    )


@pytest.mark.timeout(600)
def test_memory_does_not_grow_with_the_number_of_updates(
    programs: Programs, pictures: Mapping[int, Path], say: Say
) -> None:
    """Goal G15, over more than ten thousand updates."""
    rate, seconds = 2_000, 30.0 if LONG else 6.0
    with programs.ours(pictures[DEVICES[0]], rate, SIZES[0]) as meter:
        meter.first_paint(r"\d %")
        meter.watch(3.0)  # caches fill
        before = rss_of_tree(meter.pid)
        spell = meter.watch(seconds)
    grown = spell.rss_kib - before
    updates = rate * spell.seconds
    say(f"memory: {grown} KiB more after {updates:.0f} updates, {1024 * grown / updates:.1f} B each")
    assert grown < 4_096


@pytest.mark.parametrize("devices", DEVICES)
@pytest.mark.timeout(900)
def test_the_whole_program(programs: Programs, say: Say, devices: int) -> None:
    """Goals G7, G13 and G14, engine included."""
    with programs.rounds("demo", *words(devices, CHANGES)) as meter:
        meter.first_paint(r"[1-9]\d* sites(.*\n)*.*Issues [1-9]")
        meter.watch(4.0 if devices <= 10_000 else 20.0)
        spell, keys = meter.watch(WATCHED_S), _keys(meter, ours=True)
    say(f"whole, {devices} devices, {CHANGES}/s: {_spell(spell)}; {_pressed(keys)}")
    assert spell.bytes_per_s < 40_000


@pytest.mark.timeout(600)
def test_keys_answer_while_the_engine_parses_twenty_megabytes(
    programs: Programs, office: Office, tmp_path: Path, say: Say
) -> None:
    """Goal G7: what the engine is busy with is none of the screen's business."""
    office.configure(
        f'[technician]\nname = "tech1"\n'
        f'[sources.fleet]\nkind = "demo"\nevery = "5s"\ndevices = {DEVICES[0]}\nclients = 50\nchanges = {CHANGES}\n'
        + "".join(f'[sources.big-{number}]\nkind = "parsing"\nevery = "5s"\n' for number in range(5))
    )
    path = f"{ROOT}:{installed(tmp_path / 'site')}"
    with programs.rounds(PYTHONPATH=path) as meter:
        meter.first_paint(r"Issues [1-9]")
        meter.watch(4.0)
        spell, keys = meter.watch(WATCHED_S), _keys(meter, ours=True)
    say(f"20 MB parsed every second beside it: {_spell(spell)}; {_pressed(keys)}")
    assert keys[0].times_ms
