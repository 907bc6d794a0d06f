"""How much is painted for how much change, counted on the real screen without a terminal."""

from __future__ import annotations

from collections import Counter
from collections.abc import AsyncIterator, Iterator
from contextlib import contextmanager

import pytest
from msgspec.structs import replace
from textual.strip import Strip

from backends.fleet.changes import Changes
from backends.fleet.model import issue_id, safe
from tests.support import pictures
from tests.support.screen import Opened, opened
from widgets.line_bar import LineBar
from widgets.live_table import LiveTable

pytestmark = [pytest.mark.bench, pytest.mark.xdist_group("bench")]

RAID = pictures.ISSUES[issue_id("zabbix-eu:nas-2", "raid")]
SQL = pictures.ISSUES[issue_id("baker:sql01", "service/mssql-server")]


@pytest.fixture
async def screen() -> AsyncIterator[Opened]:
    async with opened((160, 50)) as made:
        await made.shows(RAID.title, SQL.title)
        yield made


@contextmanager
def painted(monkeypatch: pytest.MonkeyPatch) -> Iterator[Counter[str]]:
    """Lines that are asked of lists and bars, by their ids."""
    counts: Counter[str] = Counter()
    with monkeypatch.context() as patch:
        for kind in (LiveTable, LineBar):
            original = kind.render_line

            def counted(self: LiveTable | LineBar, y: int, original: object = original) -> Strip:
                counts[self.id or ""] += 1
                return original(self, y)  # type: ignore[operator, no-any-return]

            patch.setattr(kind, "render_line", counted)
        yield counts


async def test_one_changed_row_is_one_painted_strip(screen: Opened, monkeypatch: pytest.MonkeyPatch) -> None:
    with painted(monkeypatch) as counts:
        screen.desk.put(replace(RAID, title=safe("RAID md1 is degraded")))
        await screen.shows("RAID md1 is degraded")
    assert counts["list"] == 1
    assert counts["clients"] == 0


async def test_two_changed_rows_are_two_painted_strips(screen: Opened, monkeypatch: pytest.MonkeyPatch) -> None:
    with painted(monkeypatch) as counts:
        screen.desk.put(replace(RAID, title=safe("RAID md1 is degraded")), replace(SQL, title=safe("SQL has stopped")))
        await screen.shows("RAID md1 is degraded", "SQL has stopped")
    assert counts["list"] == 2
    assert counts["clients"] == 0


async def test_changes_that_show_nowhere_paint_nothing(screen: Opened, monkeypatch: pytest.MonkeyPatch) -> None:
    with painted(monkeypatch) as counts:
        now = screen.desk.picture_now
        screen.desk.change(Changes(seq=now.seq + 1, at=now.at))
        screen.desk.put(replace(RAID, notes=RAID.notes + 1))
        await screen.until(lambda: screen.app.fleet.board.picture.issues[RAID.id].notes == RAID.notes + 1)
        for _ in range(5):
            await screen.pilot.pause()
    assert counts["list"] + counts["clients"] == 0


async def test_a_second_that_goes_by_paints_the_clock_alone(screen: Opened, monkeypatch: pytest.MonkeyPatch) -> None:
    screen.clock.seconds += 2.0  # away from where the minutes of an SLA turn
    screen.app.fleet.tick()
    for _ in range(5):
        await screen.pilot.pause()
    with painted(monkeypatch) as counts:
        screen.clock.seconds += 1.0
        screen.app.fleet.tick()
        for _ in range(5):
            await screen.pilot.pause()
    assert counts == {"clock": 1}


async def test_the_cursor_going_down_paints_two_strips(screen: Opened, monkeypatch: pytest.MonkeyPatch) -> None:
    with painted(monkeypatch) as counts:
        await screen.press("j")
    assert counts["list"] == 2
    assert counts["clients"] == 0
