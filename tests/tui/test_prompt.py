"""The lines that are typed, on the screen."""

from __future__ import annotations

from pathlib import Path

import pytest
from msgspec.structs import replace
from textual import events
from textual.widgets import Input

from backends.desk.protocol import DeskError, DeskErrorKind
from backends.fleet.model import Device, issue_id
from tests.support import pictures
from tests.support.desk import MemoryDesk
from tests.support.screen import NO_PACE, Opened, opened
from tui.gate import FASTEST_S
from tui.place import Noun, Place

SQL = issue_id("baker:sql01", "service/mssql-server")
FIREWALL = issue_id("acme-hq:fw-hq", "reachable")


def typed(screen: Opened) -> str:
    return screen.app.fleet.prompt.line.value


def above(screen: Opened) -> str:
    """The line above the one that is typed into."""
    return screen.text.splitlines()[-3].strip()


def place(screen: Opened) -> Place:
    return screen.app.fleet.board.place


async def enter(screen: Opened, line: str) -> None:
    await screen.press("colon")
    screen.app.fleet.prompt.put(line)
    await screen.press("enter")


async def test_opening_the_line_moves_nothing_and_closing_it_leaves_the_same_screen() -> None:
    async with opened((80, 24)) as screen:
        before = screen.text.splitlines()
        await screen.press("colon")
        during = screen.text.splitlines()
        assert before[:-3] == during[:-3]
        assert "Esc leave" in during[-1]
        await screen.press("escape")
        assert screen.text.splitlines() == before


async def test_tab_goes_through_the_candidates_and_shift_tab_back() -> None:
    async with opened() as screen:
        await screen.press("colon", "c", "tab")
        assert typed(screen) == "clients "
        await screen.press("tab")
        second = typed(screen)
        assert second != "clients "
        await screen.press("shift+tab")
        assert typed(screen) == "clients "
        assert "›clients" in above(screen)


async def test_the_right_arrow_at_the_end_takes_the_first_candidate_and_goes_on_from_there() -> None:
    async with opened() as screen:
        await screen.press("slash", *"cl", "right")
        assert typed(screen) == "client:"
        await screen.press("right")
        assert typed(screen) == 'client:"Acme Dental" '
        await screen.shows("Issues 2")


async def test_the_right_arrow_within_the_line_only_moves() -> None:
    async with opened() as screen:
        await screen.press("slash", *"sev", "left", "right")
        assert typed(screen) == "sev"


async def test_the_history_is_walked_by_up_and_down_for_each_line_by_itself() -> None:
    async with opened() as screen:
        await screen.press("slash", *"acme", "enter", "escape")
        await enter(screen, "devices")
        await enter(screen, "issues")
        await screen.press("colon", "up", "up")
        assert typed(screen) == "devices"
        await screen.press("down", "down", "escape", "slash", "up")
        assert typed(screen) == "acme"


async def test_a_wrong_term_is_underlined_and_told_above_the_line() -> None:
    async with opened() as screen:
        await screen.press("slash", *"acme colour:red")
        assert above(screen).startswith("There is no field 'colour'")
        line = screen.app.fleet.prompt.line
        marked = "".join(
            segment.text for segment in line.render_line(0) if segment.style is not None and segment.style.underline
        )
        assert marked == "colour"


async def test_a_filter_that_is_not_finished_shows_what_it_may_become_and_entered_what_is_wrong() -> None:
    async with opened() as screen:
        await screen.press("slash", *"sev>=")
        assert "sev>=critical" in above(screen)
        await screen.press("enter")
        assert "needs a value" in above(screen)


async def test_keys_that_are_typed_reach_no_binding() -> None:
    """F-06."""
    async with opened() as screen:
        await screen.press("colon", *"facznor123q")
        assert (screen.desk.calls, typed(screen)) == ([], "facznor123q")


async def test_a_paste_of_many_lines_is_its_first_one_made_safe_and_enters_nothing() -> None:
    """F-06, F-28."""
    async with opened() as screen:
        await screen.press("colon")
        screen.app.post_message(events.Paste("\nack\x1b[2Jnow\nquit\n" + "x" * 9000))
        await screen.until(lambda: typed(screen) != "")
        assert typed(screen) == "ack␛[2Jnow"
        screen.app.post_message(events.Paste("y" * 9000))
        await screen.until(lambda: len(typed(screen)) == 500)
        assert screen.app.fleet.prompt.is_open


async def test_an_enter_within_a_paste_without_brackets_enters_nothing() -> None:
    """F-06."""
    async with opened(pace=replace(NO_PACE, fastest_s=FASTEST_S)) as screen:
        screen.app.post_message(events.Key("colon", ":"))
        await screen.until(lambda: isinstance(screen.app.focused, Input))
        for char in "acknowledge":
            screen.app.post_message(events.Key(char, char))
        screen.app.post_message(events.Key("enter", "\r"))
        await screen.shows("Keys came too fast")
        assert (screen.desk.calls, typed(screen)) == ([], "acknowledge")


async def test_a_command_by_its_name_acts_on_the_row_under_the_cursor() -> None:
    async with opened() as screen:
        await screen.press("j")
        await enter(screen, "acknowledge")
        await screen.until(lambda: screen.desk.calls == [("acknowledge", SQL, "")] or bool(screen.desk.calls))
        assert screen.desk.calls[0][1] == SQL


async def test_a_command_whose_row_has_gone_while_it_was_typed_does_nothing_and_says_so() -> None:
    """F-02."""
    async with opened() as screen:
        await screen.press("j", "colon", *"acknowledge")
        screen.desk.put(gone=[SQL])
        await screen.until(lambda: SQL not in screen.app.fleet.list.order)
        await screen.press("enter")
        await screen.shows("sql01 is gone from the list; nothing was done.")
        assert screen.desk.calls == []


@pytest.mark.parametrize("seed", range(3))
async def test_a_command_hits_its_row_however_the_list_is_ordered_meanwhile(seed: int) -> None:
    """F-01."""
    async with opened() as screen:
        await screen.press("j", "colon", *"claim")
        others = [key for key in screen.app.fleet.list.order if key != SQL]
        up = pictures.ISSUES[others[seed % len(others)]]  # type: ignore[index]
        screen.desk.put(replace(up, urgency=1000.0 + seed))
        await screen.until(lambda: screen.app.fleet.list.order[0] == up.id)
        await screen.press("enter")
        await screen.until(lambda: bool(screen.desk.calls))
        assert screen.desk.calls[0][:2] == ("claim", SQL)


async def test_a_command_that_does_not_apply_is_told_in_place() -> None:
    async with opened() as screen:
        await enter(screen, "back")
        assert above(screen) == "`back` does not apply here."


async def test_verbs_are_refused_where_one_may_only_look() -> None:
    """F-23."""
    async with opened(views_only=True, views={"mine": "owner:me"}) as screen:
        for line in ("acknowledge", "fix", "refresh", "suspend", "save x"):
            await enter(screen, line)
            await screen.press("escape")
        assert screen.desk.calls == []
        assert "x" not in screen.app.views


async def test_a_clients_name_goes_to_its_sites_and_escape_comes_back() -> None:
    async with opened() as screen:
        await enter(screen, "acme")
        await screen.shows("Acme Dental › Sites 2")
        await screen.press("escape")
        await screen.shows("Issues 5")


class Many(MemoryDesk):
    """Knows a device that nothing is wrong with, and so the picture does not name."""

    def __init__(self) -> None:
        super().__init__()
        self.queries: list[str] = []

    async def devices(self, query: str = "", limit: int = 0) -> list[Device]:
        self.queries.append(query)
        healthy = replace(pictures.DEVICES["acme-hq:files01"], id="acme-hq:print09", name="print09")  # type: ignore[index, arg-type]
        return [healthy]


async def test_a_device_without_an_issue_is_found_at_the_engine() -> None:
    desk = Many()
    async with opened(desk=desk) as screen:
        await screen.press("colon", *"device pri")
        await screen.until(lambda: "print09" in above(screen))
        await screen.press("right", "enter")
        await screen.until(lambda: place(screen).device == "acme-hq:print09")
        assert 'name:"pri"' in desk.queries


async def test_a_name_is_looked_for_also_when_the_engine_does_not_answer() -> None:
    class Silent(MemoryDesk):
        async def devices(self, query: str = "", limit: int = 0) -> list[Device]:
            raise DeskError(DeskErrorKind.UNAVAILABLE, "It does not answer.")

    async with opened(desk=Silent()) as screen:
        await enter(screen, "print09")
        await screen.shows("One can go to")


async def test_a_click_into_the_list_closes_the_line_and_keeps_the_filter() -> None:
    async with opened() as screen:
        await screen.press("slash", *"acme")
        await screen.shows("Issues 2")
        await screen.pilot.click("#list", offset=(10, 1))
        await screen.until(lambda: not screen.app.fleet.prompt.is_open)
        assert place(screen).query == "acme"


async def test_the_clients_have_the_keys_again_when_the_line_was_opened_from_there() -> None:
    async with opened() as screen:
        await screen.press("tab", "colon", "escape")
        assert screen.app.focused is screen.app.fleet.clients


# -- views -----------------------------------------------------------------------------------------------------


async def test_a_view_shows_the_issues_that_it_picks() -> None:
    async with opened(views={"bad": "sev>=critical"}) as screen:
        await enter(screen, "runs")
        await enter(screen, "view bad")
        await screen.shows("Issues 2", "/sev>=critical")
        assert place(screen).noun is Noun.ISSUES


async def test_a_view_that_is_no_filter_is_told_in_place() -> None:
    async with opened(views={"bad": "colour:red"}) as screen:
        await enter(screen, "view bad")
        assert above(screen).startswith("There is no field 'colour'")


async def test_views_are_listed_and_chosen() -> None:
    async with opened(views={"bad": "sev>=critical", "mine": "owner:me"}) as screen:
        await enter(screen, "views")
        await screen.shows("Choose a view", "view bad", "sev>=critical", "view mine")
        await screen.press(*"mi", "enter")
        await screen.shows("/owner:me")


async def test_a_filter_is_saved_for_the_session_where_there_is_no_configuration() -> None:
    async with opened() as screen:
        await screen.press("slash", *"acme", "enter")
        await enter(screen, "save dental")
        await screen.shows("View dental is kept for this session")
        assert screen.app.views == {"dental": "acme"}


@pytest.fixture
def file(tmp_path: Path) -> Path:
    """A configuration with a view in it."""
    tmp_path.chmod(0o700)
    file = tmp_path / "config.toml"
    file.touch(mode=0o600)
    file.write_text('# mine\n[views]\nold = "disk"  # by hand\n')
    return file


def contents(file: Path) -> str:
    return file.read_text()


async def test_a_filter_is_saved_into_the_configuration(file: Path) -> None:
    async with opened(path=str(file), views={"old": "disk"}) as screen:
        await screen.press("slash", *"acme", "enter")
        await enter(screen, "save dental")
        await screen.shows("`:view dental` shows it")
    assert contents(file) == '# mine\n[views]\nold = "disk"  # by hand\ndental = "acme"\n'


async def test_a_configuration_that_cannot_be_changed_is_told_and_the_session_has_the_view(tmp_path: Path) -> None:
    async with opened(path=str(tmp_path)) as screen:
        await screen.press("slash", *"acme", "enter")
        await enter(screen, "save dental")
        await screen.shows("View dental is kept for this session only.")
        assert screen.app.views == {"dental": "acme"}


@pytest.mark.parametrize(
    ("line", "says"),
    [("save two words", "a name of letters"), ("save bad", "`:save! bad` replaces it"), ("save", "a name of letters")],
)
async def test_what_cannot_be_a_view_is_told_in_place(line: str, says: str) -> None:
    async with opened(views={"bad": "sev>=critical"}) as screen:
        await screen.press("slash", *"acme", "enter")
        await enter(screen, line)
        assert says in above(screen)


async def test_without_a_filter_there_is_nothing_to_save() -> None:
    async with opened() as screen:
        await enter(screen, "save x")
        assert above(screen).startswith("There is no filter to save")


async def test_a_theme_is_put_on_by_its_name_and_completed() -> None:
    async with opened() as screen:
        await screen.press("colon", *"theme lig")
        await screen.shows("theme light")
        await screen.press("tab", "enter")
        await screen.shows("Theme light.")
        assert screen.app.theme == "light"
