"""Lists by their keys: marks and what is done to all of them, order, whole rows, copies, times."""

from __future__ import annotations

import pytest
from msgspec.structs import replace
from textual import events

from backends.desk.protocol import DeskError, DeskErrorKind
from backends.fleet.model import IssueId, IssueState, issue_id, safe
from tests.support import pictures
from tests.support.screen import Opened, opened
from widgets.dialogs.dialog import Dialog
from widgets.live_table import LiveTable

FIREWALL = issue_id("acme-hq:fw-hq", "reachable")
SQL = issue_id("baker:sql01", "service/mssql-server")
DISK = issue_id("acme-hq:files01", "disk//srv")
WEB = issue_id("baker:web02", "certificate//etc/ssl/web.pem")


async def done(screen: Opened) -> None:
    await screen.until(lambda: not screen.app.fleet.busy)
    await screen.pilot.pause()


async def asked(screen: Opened) -> None:
    await screen.until(lambda: isinstance(screen.app.screen, Dialog))
    await screen.pilot.pause()


async def order_by(screen: Opened, key: str) -> None:
    await screen.press("s")
    await asked(screen)
    await screen.press(key)
    await done(screen)


def columns_of(screen: Opened, name: str) -> list[str]:
    """What stands under the name of a column of the list, row by row."""
    table = screen.app.fleet.list
    place = [column.name for column in table._painter.columns].index(safe(name))
    return [table._keyed.rows[key].cells[place].text for key in table.order]


# -- marks -----------------------------------------------------------------------------------------------------


async def test_a_verb_acts_on_all_marked_rows_and_on_no_other() -> None:
    async with opened() as screen:
        await screen.press("space", "j", "space")
        await screen.shows("2 marked")
        await screen.press("G", "a")
        await screen.shows("Acknowledged: 2 issues.")
        assert [call[:2] for call in screen.desk.calls] == [("acknowledge", FIREWALL), ("acknowledge", DISK)]


async def test_a_range_is_marked_with_v_and_escape_takes_all_marks_away() -> None:
    async with opened() as screen:
        await screen.press("space", "j", "j", "v")
        await screen.shows("4 marked")
        await screen.press("escape")
        await screen.until(lambda: "marked" not in screen.text)
        await screen.shows("Issues 5")


async def test_what_was_marked_and_is_gone_is_not_acted_upon() -> None:
    """F-02."""
    async with opened() as screen:
        await screen.press("space", "space", "space")
        screen.desk.put(gone=[SQL])
        await screen.until(lambda: SQL not in screen.app.fleet.list.order)
        await screen.press("c")
        await done(screen)
        assert {call[1] for call in screen.desk.calls} <= {FIREWALL, DISK}


async def test_marks_that_a_filter_hides_are_taken_away() -> None:
    async with opened() as screen:
        await screen.press("ctrl+a", "slash", *"client:acme", "enter", "c")
        await done(screen)
        assert {call[1] for call in screen.desk.calls} == {FIREWALL}  # the other one there is tech1's already


async def test_of_marked_issues_only_those_not_yet_acknowledged_are() -> None:
    async with opened() as screen:
        await screen.press("ctrl+a", "a")
        await done(screen)
        assert WEB not in [call[1] for call in screen.desk.calls]
        assert screen.desk.verbs() == ["acknowledge"] * 4


async def test_what_one_of_them_refuses_is_told_and_the_others_are_done() -> None:
    async with opened() as screen:
        screen.desk.refuse = DeskError(DeskErrorKind.REFUSED, "Claimed by tech2 since 11:40.")
        await screen.press("space", "space", "c")
        await screen.shows("Claimed: 1 issue of 2. Claimed by tech2 since 11:40.")
        assert len(screen.desk.calls) == 2


async def test_a_snooze_of_many_asks_once() -> None:
    async with opened() as screen:
        await screen.press("space", "space", "z")
        await asked(screen)
        await screen.shows("Snooze 2 issues", "Acme Dental fw-hq, Baker Law sql01")
        await screen.press("enter", *"night", "enter")
        await done(screen)
        assert [call[0] for call in screen.desk.calls] == ["snooze", "snooze"]


async def test_numbers_do_nothing_while_rows_are_marked() -> None:
    """F-05."""
    async with opened() as screen:
        await screen.press("j", "space", "k")
        await screen.shows("1 Restart service mssql-server")
        await screen.press("1")
        assert screen.desk.calls == []


async def test_a_fix_for_marked_rows_is_one_that_answers_all_and_its_plan_names_all() -> None:
    async with opened() as screen:
        await screen.press("colon", *"devices", "enter")
        await screen.shows("Devices 5")
        await screen.press("space", "space", "f")
        await screen.shows("Fixes for 2 marked rows", "Reboot")
        await screen.press("enter")
        await screen.until(lambda: bool(screen.desk.calls))
        order = screen.app.fleet.list.order
        assert screen.desk.calls == [("plan", "reboot", *order[:2])]


async def test_where_no_fix_answers_all_marked_rows_that_is_said() -> None:
    async with opened() as screen:
        await screen.press("j", "space", "space", "f")
        await screen.shows("No fix answers all of the marked rows.")


# -- order -----------------------------------------------------------------------------------------------------


async def test_s_sorts_by_any_column_and_the_same_again_turns_it_round() -> None:
    async with opened() as screen:
        held = screen.app.fleet.list.cursor_key
        await screen.press("s")
        await screen.shows("Sort by", "its own order")
        await screen.press("5")
        await screen.shows("Issues 5 · by Client/Site", "Client/Site↓")
        places = columns_of(screen, "Client/Site")
        assert places == sorted(places)
        assert screen.app.fleet.list.cursor_key == held
        await order_by(screen, "5")
        await screen.shows("Client/Site↑")
        assert columns_of(screen, "Client/Site") == places[::-1]
        await order_by(screen, "enter")
        await screen.shows("by urgency")


async def test_a_sorted_list_stays_sorted_when_facts_change() -> None:
    async with opened() as screen:
        await order_by(screen, "6")
        await screen.shows("by Device")
        screen.desk.put(replace(pictures.ISSUES[DISK], id=IssueId("newone"), device_name=safe("aaa01"), urgency=0.5))
        await screen.until(lambda: "newone" in screen.app.fleet.list.order)
        assert screen.app.fleet.list.order[0] == "newone"


async def test_a_click_on_the_name_of_a_column_sorts() -> None:
    async with opened() as screen:
        table = screen.app.fleet.list
        x = table.render_line(0).text.index("Device")
        await screen.pilot.click(table, offset=(x, 0))
        await screen.shows("by Device", "Device↓")


@pytest.mark.parametrize("noun", ["issues", "devices", "sources", "clients", "sites", "audit"])
async def test_every_column_of_every_list_can_be_sorted_by(noun: str) -> None:
    async with opened() as screen:
        await screen.press("colon", *noun, "enter")
        board = screen.app.fleet.board
        await screen.until(lambda: bool(screen.app.fleet.list.order))
        rows = set(screen.app.fleet.list.order)
        for column in board.columns:
            for _ in range(2):
                board.sort_by(column.name)
                assert set(screen.app.fleet.list.order) == rows


# -- reading and copying ---------------------------------------------------------------------------------------


async def test_x_shows_the_row_with_nothing_cut_off() -> None:
    async with opened((80, 24)) as screen:
        await screen.press("j", "j")
        assert "1.1 GiB left" not in screen.app.fleet.list.render_line(3).text
        await screen.press("x")
        await screen.shows("The whole row", "Disk /srv is 97.2 % full, 1.1 GiB left", "Free disk space on /srv")
        await screen.press("escape")
        assert screen.app.screen is screen.app.fleet


async def test_y_copies_the_row_as_text_with_whole_times() -> None:
    async with opened() as screen:
        await screen.press("j", "y")
        await screen.shows("Copied 1 row")
        assert "sql01\tService mssql-server is stopped" in screen.app.clipboard
        assert "2026-11-21 11:52:31" in screen.app.clipboard


async def test_a_copied_cell_that_a_spreadsheet_would_run_is_made_harmless() -> None:
    """F-42."""
    async with opened() as screen:
        screen.desk.put(replace(pictures.ISSUES[DISK], title=safe('=HYPERLINK("x")')))
        await screen.press("j", "j")
        await screen.shows("=HYPERLINK")
        await screen.press("y")
        assert "\t'=HYPERLINK" in screen.app.clipboard


async def test_a_copy_is_not_longer_than_a_terminal_takes() -> None:
    async with opened() as screen:
        for number in range(200):
            screen.desk.put(replace(pictures.ISSUES[DISK], id=IssueId(f"many{number}"), title=safe("x" * 250)))
        await screen.until(lambda: len(screen.app.fleet.list.order) > 200)
        await screen.press("ctrl+a", "y")
        await screen.shows("Copied", "of 205: that is as much as a terminal takes")
        assert len(screen.app.clipboard) <= 16 * 1024


# -- times -----------------------------------------------------------------------------------------------------


async def test_t_tells_times_in_the_technicians_zone_then_in_the_sites_then_ages_again() -> None:
    async with opened() as screen:
        await screen.press("t")
        await screen.shows("12:00:31")
        await screen.press("t")
        await screen.shows("06:00:31", "11:52:31")  # Acme is in Chicago; Baker has no zone of its own
        await screen.press("t")
        await screen.until(lambda: "12:00:31" not in screen.text and "06:00:31" not in screen.text)


async def test_the_minutes_that_the_sla_leaves_stand_in_the_list_and_at_the_client() -> None:
    async with opened() as screen:
        firewall, acme = screen.app.fleet.list.render_line(1).text, screen.app.fleet.clients.render_line(2).text
        assert "11m" in firewall
        assert "11m" in acme


async def test_a_deadline_that_has_passed_is_told_with_a_sign() -> None:
    async with opened() as screen:
        late = replace(pictures.ISSUES[FIREWALL], respond_by=pictures.ago(minutes=12), state=IssueState.OPEN)
        screen.desk.put(late)
        await screen.until(lambda: "-12m" in screen.app.fleet.list.render_line(1).text)


# -- the mouse -------------------------------------------------------------------------------------------------


async def click(screen: Opened, text: str) -> None:
    """On the first cell of `text` in the footer."""
    y = screen.app.size.height - 1
    await screen.pilot.click(offset=(screen.text.splitlines()[y].index(text), y))
    await screen.pilot.pause()


async def test_a_key_of_the_footer_can_be_clicked() -> None:
    async with opened() as screen:
        await screen.press("j")
        await click(screen, "claim")
        await done(screen)
        assert screen.desk.calls == [("claim", SQL, "tech1")]
        screen.clock.seconds += 60
        screen.app.fleet.tick()
        await screen.pilot.pause()
        await click(screen, "? keys")
        await screen.shows("Mark the row")


async def test_a_second_click_opens_the_row_and_the_wheel_moves_no_cursor() -> None:
    async with opened() as screen:
        table = screen.app.fleet.list
        await screen.pilot.click(table, offset=(5, 3))
        assert table.cursor_key == DISK
        await screen.pilot.click(table, offset=(5, 3), times=2)
        await screen.shows("files01 › Checks 5")
    async with opened((100, 20)) as screen:
        table = screen.app.fleet.list
        for number in range(50):
            screen.desk.put(replace(pictures.ISSUES[DISK], id=IssueId(f"many{number}")))
        await screen.until(lambda: len(table.order) > 50)
        held = table.cursor_key
        table._on_mouse_scroll_down(_wheel(table))
        await screen.pilot.pause()
        assert table.scroll_offset.y > 0
        assert table.cursor_key == held


def _wheel(table: LiveTable) -> events.MouseScrollDown:
    return events.MouseScrollDown(table, 5, 5, 0, 1, 0, shift=False, meta=False, ctrl=False)


async def test_a_click_with_ctrl_marks_the_row() -> None:
    async with opened() as screen:
        table = screen.app.fleet.list
        await screen.pilot.click(table, offset=(5, 2), control=True)
        assert table.marked == (SQL,)
