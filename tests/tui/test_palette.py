"""The palette: everything that applies here, by a few letters."""

from __future__ import annotations

import pytest
from msgspec.structs import replace
from textual.widgets import Button

from backends.fleet.model import issue_id
from tests.support import pictures
from tests.support.screen import Opened, opened
from tui.screens.palette import PaletteScreen
from widgets.dialogs.plan import PlanDialog

SQL = issue_id("baker:sql01", "service/mssql-server")


def offered(screen: Opened) -> tuple[str, ...]:
    assert isinstance(screen.app.screen, PaletteScreen)
    return screen.app.screen.found.order


async def test_it_names_what_it_acts_on_and_offers_what_applies_there_with_keys() -> None:
    async with opened() as screen:
        await screen.press("j", "ctrl+p")
        await screen.shows("What to do · on Baker Law/Main sql01", "acknowledge", "Acknowledge it, or take that back.")
        assert {"fix", "claim", "issues", "audit", "help"} <= set(offered(screen))
        assert not {"back", "down", "palette"} & set(offered(screen))


async def test_typing_narrows_and_enter_runs_the_best() -> None:
    async with opened() as screen:
        await screen.press("j", "ctrl+p", *"clm")
        assert offered(screen)[0] == "claim"
        await screen.press("enter")
        await screen.until(lambda: bool(screen.desk.calls))
        assert screen.desk.calls[0][:2] == ("claim", SQL)


@pytest.mark.parametrize("key", ["escape", "ctrl+c", "ctrl+p"])
async def test_it_can_be_left(key: str) -> None:
    async with opened() as screen:
        await screen.press("ctrl+p", *"ack", key)
        assert screen.app.screen is screen.app.fleet
        assert screen.desk.calls == []


async def test_arrows_choose() -> None:
    async with opened() as screen:
        await screen.press("ctrl+p", *"s", "down", "up", "down")
        assert isinstance(screen.app.screen, PaletteScreen)
        assert screen.app.screen.found.cursor_key == offered(screen)[1]


async def test_a_verb_whose_row_went_while_it_was_open_does_nothing_and_says_so() -> None:
    """F-02."""
    async with opened() as screen:
        await screen.press("j", "ctrl+p", *"claim")
        screen.desk.put(gone=[SQL])
        await screen.until(lambda: SQL not in screen.app.fleet.list.order)
        await screen.press("enter")
        assert screen.desk.calls == []
        await screen.shows("sql01 is gone from the list; nothing was done.")


async def test_a_verb_means_what_was_shown_when_it_was_opened() -> None:
    """F-01: acknowledged by somebody else meanwhile, it is not taken back."""
    async with opened() as screen:
        await screen.press("j", "ctrl+p", *"acknowledge")
        acked = replace(pictures.ISSUES[SQL], state="acked", acked_by="tech2", urgency=500.0)
        screen.desk.put(acked)
        await screen.until(lambda: screen.app.fleet.list.order[0] == SQL)
        await screen.press("enter")
        await screen.until(lambda: bool(screen.desk.calls))
        assert screen.desk.calls[0][0] == "acknowledge"


async def test_a_fix_opens_its_plan_with_the_focus_on_cancel() -> None:
    """F-04."""
    async with opened() as screen:
        await screen.press("j")
        await screen.shows("1 Restart service mssql-server")
        await screen.press("ctrl+p", *"plan of: Restart")
        await screen.shows("Open the plan of: Restart service mssql-server")
        await screen.press("enter")
        await screen.until(lambda: isinstance(screen.app.screen, PlanDialog))
        await screen.pilot.pause()
        assert screen.app.focused is screen.app.screen.query_one("#cancel", Button)
        assert screen.desk.approved == []


async def test_lists_and_views_are_gone_to() -> None:
    async with opened(views={"bad": "sev>=critical"}) as screen:
        await screen.press("ctrl+p", *"audit", "enter")
        await screen.shows("claimed")
        await screen.press("ctrl+p", *"view bad", "enter")
        await screen.shows("/sev>=critical")


async def test_where_one_may_only_look_it_offers_nothing_that_changes_anything() -> None:
    """F-23."""
    async with opened(views_only=True) as screen:
        await screen.press("j", "ctrl+p")
        changing = {
            "fix",
            "acknowledge",
            "claim",
            "snooze",
            "note",
            "shell",
            "refresh",
            "suspend",
            "save-view",
            "fix-1",
        }
        assert not changing & set(offered(screen))


async def test_another_key_opens_and_closes_it_when_it_was_remapped() -> None:
    async with opened(keys={"palette": "ctrl+k"}) as screen:
        await screen.press("ctrl+k")
        await screen.shows("What to do")
        await screen.press("ctrl+k")
        assert screen.app.screen is screen.app.fleet


DISK = issue_id("acme-hq:files01", "disk//srv")


async def test_on_marked_rows_a_verb_acts_on_all_of_them() -> None:
    async with opened() as screen:
        await screen.press("j", "space", "space", "ctrl+p")
        await screen.shows("What to do · on 2 marked")
        await screen.press(*"acknowledge", "enter")
        await screen.until(lambda: len(screen.desk.calls) == 2)
        assert {call[1] for call in screen.desk.calls} == {SQL, DISK}


async def test_when_one_of_the_marked_rows_has_gone_meanwhile_nothing_is_done_to_the_others() -> None:
    """F-02."""
    async with opened() as screen:
        await screen.press("j", "space", "space", "ctrl+p", *"acknowledge")
        screen.desk.put(gone=[DISK])
        await screen.until(lambda: DISK not in screen.app.fleet.list.order)
        await screen.press("enter")
        await screen.shows("files01 is gone from the list; nothing was done.")
        assert screen.desk.calls == []


async def test_what_needs_no_row_is_done_also_when_the_row_has_gone() -> None:
    async with opened() as screen:
        await screen.press("j", "ctrl+p", *"help")
        screen.desk.put(gone=[SQL])
        await screen.until(lambda: SQL not in screen.app.fleet.list.order)
        await screen.press("enter")
        await screen.shows("Choose a fix and see its plan")
