"""The wall: what it shows, and which way its pages turn."""

from __future__ import annotations

import os
from pathlib import Path

import pytest
from msgspec.structs import replace

from backends.fleet.changes import Changes, Delta, Picture
from backends.fleet.model import Freshness, Health, Severity, issue_id, safe
from tests.support import pictures
from tests.support.desk import MemoryDesk
from tests.support.wall import opened_wall
from tests.widgets.present.test_tiles import many
from tui.screens.wall import HOLD_S, PAGE_S

FRAMES = Path(__file__).parents[1] / "golden" / "wall"

SIZES = [(80, 24), (200, 60), (400, 100)]


# -- what it shows ------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("scene", ["tiles", "no-signal", "all-clear"])
@pytest.mark.parametrize("size", SIZES, ids=[f"{width}x{height}" for width, height in SIZES])
async def test_the_frame_is_as_it_was_agreed(scene: str, size: tuple[int, int]) -> None:
    """After a meant change run it with ROUNDS_GOLDEN=write, and read the diff."""
    desk = MemoryDesk(fine()) if scene == "all-clear" else MemoryDesk()
    async with opened_wall(size, desk=desk, first=None) as wall:
        if scene == "no-signal":
            await wall.lose()
        text = wall.text + "\n"
    path = FRAMES / f"{scene}-{size[0]}x{size[1]}.txt"
    if os.environ.get("ROUNDS_GOLDEN") == "write":
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")
    assert text == path.read_text(encoding="utf-8")


def fine() -> Picture:
    """Nothing is wrong, and everybody says so."""
    sites = {key: replace(site, health=Health.OK, devices=replace(site.devices, ok=9, degraded=0, down=0, unknown=0))
             for key, site in pictures.SITES.items()}  # fmt: skip
    sources = {key: replace(source, state=Freshness.FRESH) for key, source in pictures.SOURCES.items()}
    return replace(pictures.PICTURE, issues={}, sites=sites, sources=sources)


async def test_the_clock_ticks_every_second() -> None:
    async with opened_wall((80, 24)) as wall:
        assert "12:04:31" in wall.text.splitlines()[0]
        await wall.pass_by(2)
        assert "12:04:33" in wall.text.splitlines()[0]


async def test_ages_grow_while_nothing_comes_in() -> None:
    async with opened_wall((80, 24)) as wall:
        assert "Acme Dental                                                      4m" in wall.text
        await wall.pass_by(61)
        assert "Acme Dental                                                      5m" in wall.text


async def test_a_second_without_news_paints_nothing_but_the_clock() -> None:
    async with opened_wall((300, 80)) as wall:
        await wall.pass_by(1)
        painted: list[object] = []
        tiles = wall.app.wall.tiles
        tiles.refresh = lambda *regions, **_: painted.append(regions)  # type: ignore[method-assign,assignment]
        await wall.pass_by(3)
        assert painted == []


async def test_one_changed_issue_paints_its_own_lines_only() -> None:
    async with opened_wall((300, 80)) as wall:
        tiles, painted = wall.app.wall.tiles, []
        refresh = tiles.refresh
        tiles.refresh = lambda *regions, **_: painted.extend(regions) or refresh(*regions)  # type: ignore[method-assign,assignment,func-returns-value]
        changed = replace(pictures.ISSUES[issue_id("zabbix-eu:nas-2", "raid")], title=safe("RAID md0 has failed"))
        wall.desk.put(changed)
        await wall.shows("RAID md0 has failed")
        assert len(painted) == 1
        assert painted[0].height == 1


async def test_a_facts_change_that_shows_nowhere_paints_nothing() -> None:
    async with opened_wall((300, 80)) as wall:
        tiles, painted = wall.app.wall.tiles, []
        tiles.refresh = lambda *regions, **_: painted.extend(regions)  # type: ignore[method-assign,assignment]
        sql = pictures.ISSUES[issue_id("baker:sql01", "service/mssql-server")]
        wall.desk.put(replace(sql, seen=pictures.NOW))
        seq = wall.desk.picture_now.seq
        await wall.until(lambda: wall.app.wall._picture.seq == seq)
        assert painted == []


@pytest.mark.parametrize("size", SIZES)
async def test_a_filter_narrows_verdict_counts_and_tiles(size: tuple[int, int]) -> None:
    desk = MemoryDesk(replace(pictures.PICTURE, devices=pictures.DEVICES))
    async with opened_wall(size, desk=desk, query="client:baker") as wall:
        await wall.shows("Baker Law", "1 site ")
        assert "Acme Dental" not in wall.text
        assert "only client:baker" in wall.text


async def test_a_filter_that_means_nothing_that_is_known_is_not_called_clear() -> None:
    """F-69."""
    desk = MemoryDesk(replace(fine(), devices=pictures.DEVICES))
    async with opened_wall(desk=desk, query="client:nobody") as wall:
        assert "█" not in wall.text
        assert "no source has told of a device that is meant here" in wall.text


async def test_too_small_a_screen_says_so() -> None:
    """F-89."""
    async with opened_wall((30, 8)) as wall:
        assert "rounds wall needs 40×10" in wall.text


# -- no signal ----------------------------------------------------------------------------------------------------


async def test_before_anybody_was_heard_nothing_looks_live() -> None:
    """F-69."""
    async with opened_wall(live=False) as wall:
        assert "NO SIGNAL since 12:04 · looking for the engine." in wall.text
        assert "● 0 " in wall.text


async def test_a_lost_engine_covers_the_wall_and_takes_the_green_away() -> None:
    """F-69."""
    async with opened_wall() as wall:
        assert "● 1 " in wall.text
        await wall.lose()
        assert "NO SIGNAL since 12:04 · The engine has gone. Connecting again." in wall.text
        assert "● 0 " in wall.text


async def test_what_is_old_has_no_colour_of_its_own() -> None:
    async with opened_wall() as wall:
        tiles = wall.app.wall.tiles
        before = {segment.style.color for segment in tiles.render_line(0) if segment.text.strip() and segment.style}
        await wall.lose()
        after = {segment.style.color for segment in tiles.render_line(0) if segment.text.strip() and segment.style}
        assert len(after) == 1
        assert before.isdisjoint(after)


async def test_it_comes_back_by_itself() -> None:
    async with opened_wall() as wall:
        await wall.lose()
        wall.door.set()
        await wall.until(lambda: "NO SIGNAL" not in wall.text)
        assert "● 1 " in wall.text


async def test_every_source_silent_is_no_signal_too() -> None:
    """F-69."""
    async with opened_wall() as wall:
        silent = tuple(replace(source, state=Freshness.SILENT) for source in pictures.SOURCES.values())
        wall.desk.change(Changes(seq=8, at=pictures.NOW, sources=Delta(silent)))
        await wall.shows("NO SIGNAL since 12:04 · no source is heard")


# -- pages --------------------------------------------------------------------------------------------------------


def paged() -> MemoryDesk:
    return MemoryDesk(many(18))


async def test_pages_turn_by_themselves_and_the_worst_stays_longest() -> None:
    async with opened_wall((80, 24), desk=paged(), first=None) as wall:
        await wall.pass_by(2 * PAGE_S - 1)
        assert "page 1/5" in wall.text
        await wall.pass_by(1)
        assert "page 2/5" in wall.text
        await wall.pass_by(PAGE_S)
        assert "page 3/5" in wall.text


async def test_after_the_last_page_comes_the_first() -> None:
    async with opened_wall((80, 24), desk=paged(), first=None) as wall:
        await wall.pilot.press("left")
        assert "page 5/5" in wall.text
        await wall.pass_by(PAGE_S)
        assert "page 1/5" in wall.text


async def test_a_page_can_be_held_and_goes_on_by_itself_after_a_while() -> None:
    async with opened_wall((80, 24), desk=paged(), first=None) as wall:
        await wall.pilot.press("right", "space")
        await wall.pass_by(HOLD_S - 1)
        assert "page 2/5 · held" in wall.text
        await wall.pass_by(1 + PAGE_S)
        assert "page 3/5" in wall.text


async def test_something_that_becomes_critical_brings_the_first_page_back() -> None:
    async with opened_wall((80, 24), desk=paged(), first=None) as wall:
        await wall.pilot.press("right")
        newest = replace(pictures.ISSUES[issue_id("zabbix-eu:nas-2", "raid")], severity=Severity.CRITICAL)
        wall.desk.put(newest)
        await wall.shows("page 1/")


async def test_fewer_pages_than_before_leave_no_empty_one() -> None:
    desk = paged()
    async with opened_wall((80, 24), desk=desk, first=None) as wall:
        await wall.pilot.press("left")
        desk.change(Changes(seq=99, at=pictures.NOW, issues=Delta(gone=tuple(list(desk.picture_now.issues)[2:]))))
        await wall.shows("page 1/1", "Client 0")
