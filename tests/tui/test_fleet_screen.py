"""The fleet screen, driven by its keys."""

from __future__ import annotations

import pytest
from msgspec.structs import replace

from backends.fleet.changes import Changes, Delta
from backends.fleet.model import Device, IssueId, IssueState, Severity, issue_id
from tests.support import pictures
from tests.support.desk import MemoryDesk
from tests.support.screen import Opened, opened
from tui.place import HOME, Noun
from tui.rounds import Rounds

SQL = issue_id("baker:sql01", "service/mssql-server")
DISK = issue_id("acme-hq:files01", "disk//srv")
FIREWALL = issue_id("acme-hq:fw-hq", "reachable")


def cursor(screen: Opened) -> str | None:
    return screen.app.fleet.list.cursor_key


async def test_the_first_picture_is_painted_before_the_desk_is_there_and_nothing_in_it_is_green() -> None:
    async with opened(live=False) as screen:
        await screen.shows("Looking for the engine", "Service mssql-server is stopped", "● 0", "0/3 sources")


async def test_the_verdict_comes_when_the_desk_does() -> None:
    async with opened() as screen:
        await screen.shows("Does not answer since 12:00", "2/3 sources", "zabbix-eu silent 3m")


async def test_j_and_k_move_the_cursor_and_the_card_follows() -> None:
    async with opened() as screen:
        await screen.press("j")
        assert cursor(screen) == SQL
        await screen.shows("1 Restart service mssql-server", "4th time in 30 days")
        await screen.press("k")
        assert cursor(screen) == FIREWALL


async def test_the_card_shows_checks_with_values_and_limits() -> None:
    async with opened() as screen:
        await screen.press("j", "j")
        await screen.shows("Disk /srv  97.2 %", "warn 85 % · crit 95 %", "acme-hq is fresh")


async def test_g_and_capital_g_go_to_the_ends() -> None:
    async with opened() as screen:
        await screen.press("G")
        assert cursor(screen) == screen.app.fleet.list.order[-1]
        await screen.press("g")
        assert cursor(screen) == FIREWALL


async def test_enter_goes_down_to_the_checks_of_the_device_and_escape_comes_back_to_the_same_issue() -> None:
    async with opened() as screen:
        await screen.press("j", "j", "enter")
        await screen.shows("files01 › Checks 5", "Swap is 63 % used")
        await screen.press("escape")
        assert cursor(screen) == DISK
        await screen.shows("Issues 5")


async def test_from_a_client_one_comes_to_its_sites_their_devices_and_their_checks() -> None:
    async with opened() as screen:
        await screen.press("tab", "j", "enter")
        await screen.shows("Acme Dental › Sites 2")
        await screen.press("enter")
        await screen.shows("Acme Dental › HQ › Devices 2", "fw-hq")
        await screen.press("j", "enter")
        await screen.shows("Checks 5", "Memory")
        await screen.press("escape", "escape", "escape")
        await screen.shows("Issues 5")


async def test_a_filter_narrows_the_list_and_escape_clears_it() -> None:
    async with opened() as screen:
        await screen.press("slash", *"client:acme", "enter")
        await screen.shows("Issues 2", "/client:acme")
        await screen.press("escape")
        await screen.shows("Issues 5")


async def test_a_filter_that_leaves_out_the_row_of_the_cursor_puts_it_on_the_first_one() -> None:
    async with opened() as screen:
        await screen.press("slash", *"sql01", "enter")
        assert cursor(screen) == SQL
        await screen.press("escape")
        assert cursor(screen) == SQL


async def test_a_wrong_filter_is_told_in_place_and_escape_leaves_the_list_as_it_was() -> None:
    async with opened() as screen:
        await screen.press("slash", *"colour:red", "enter")
        await screen.shows("There is no field 'colour'")
        await screen.press("escape")
        await screen.shows("Issues 5")


async def test_snoozed_issues_are_counted_and_only_listed_when_asked_for() -> None:
    async with opened() as screen:
        await screen.shows("(1 snoozed)")
        assert "Load 9.1" not in screen.text
        await screen.press("slash", *"snoozed", "enter")
        await screen.shows("Load 9.1")


@pytest.mark.parametrize(
    ("typed", "noun", "text"),
    [
        ("devices", Noun.DEVICES, "Devices 5"),
        ("sources", Noun.SOURCES, "did not answer within 15 s"),
        ("runs", Noun.RUNS, "No fix was run yet."),
        ("audit", Noun.AUDIT, "claimed"),
        ("clients", Noun.CLIENTS, "break-fix"),
        ("issues acme", Noun.ISSUES, "Issues 2"),
        ("so", Noun.SOURCES, "Sources 3"),
    ],
)
async def test_a_colon_and_a_noun_go_there(typed: str, noun: Noun, text: str) -> None:
    async with opened() as screen:
        await screen.press("colon", *typed, "enter")
        assert screen.app.fleet.board.place.noun is noun
        await screen.shows(text)


async def test_an_unknown_noun_is_told_in_place() -> None:
    async with opened() as screen:
        await screen.press("colon", *"isues", "enter")
        await screen.shows("Did you mean issues?")


async def test_t_shows_times_instead_of_ages() -> None:
    async with opened() as screen:
        await screen.press("t")
        await screen.shows("12:00:31")


async def test_a_number_without_a_fix_says_so() -> None:
    async with opened() as screen:
        await screen.press("9")
        await screen.shows("`9` does not apply here.")


async def test_help_lists_the_keys_and_says_which_do_not_work_here() -> None:
    async with opened() as screen:
        await screen.press("question_mark")
        await screen.shows("Choose a fix and see its plan", "Take all marks away.  (not here)")
        await screen.press("escape")
        assert screen.app.screen is screen.app.fleet


async def test_under_a_hundred_columns_the_clients_fold_away() -> None:
    async with opened((99, 30)) as screen:
        assert "All clients" not in screen.text
    async with opened((100, 30)) as screen:
        assert "All clients" in screen.text


@pytest.mark.parametrize("size", [(59, 30), (80, 14), (20, 5), (1, 1)])
async def test_a_terminal_that_is_too_small_gets_a_notice_and_no_crash(size: tuple[int, int]) -> None:
    """F-89."""
    async with opened(size) as screen:
        if size[0] >= 20:
            assert "rounds needs" in screen.text
        await screen.pilot.resize_terminal(160, 50)
        await screen.shows("Issues 5")


async def test_a_wall_has_no_key_that_changes_anything() -> None:
    """F-23."""
    async with opened(views_only=True) as screen:
        for key in ("f", "a", "c", "z", "n", "o", "r", *"123456789"):
            await screen.press(key)
        assert screen.desk.calls == []
        assert "ack" not in screen.text.splitlines()[-1]


@pytest.mark.parametrize(("wall", "times"), [(False, 1), (True, 0)])
async def test_ctrl_z_goes_back_to_the_shell_but_not_from_a_wall(
    wall: bool, times: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    stopped: list[bool] = []
    monkeypatch.setattr(Rounds, "action_suspend_process", lambda _: stopped.append(True))
    async with opened(views_only=wall) as screen:
        await screen.press("ctrl+z")
    assert len(stopped) == times


async def test_keys_can_be_remapped_and_the_footer_follows() -> None:
    async with opened(keys={"acknowledge": "e"}) as screen:
        assert "e ack" in screen.text.splitlines()[-1]
        await screen.press("e")
        await screen.until(lambda: "acknowledge" in screen.desk.verbs())


async def test_two_commands_on_one_key_are_told_at_the_start() -> None:
    async with opened(keys={"acknowledge": "x", "claim": "x"}) as screen:
        await screen.shows("x is given to both acknowledge and claim")


async def test_a_lost_engine_is_told_and_everything_is_old_until_it_is_back() -> None:
    """F-69."""
    async with opened() as screen:
        seen: list[str] = []
        say = screen.app.fleet.board.update

        def update(message: object) -> None:
            say(message)  # type: ignore[arg-type]
            seen.append(screen.app.fleet.bar("verdict").text + screen.app.fleet.bar("counts").text)

        screen.app.fleet.board.update = update  # type: ignore[method-assign]
        screen.desk.lose("The engine stopped answering.")
        lost = "Engine lost, reconnecting. The engine stopped answering."
        await screen.until(lambda: any(lost in one for one in seen))
        assert any("● 0" in one and "0/3 sources" in one for one in seen)
        await screen.shows("2/3 sources")


async def test_without_other_sources_than_this_machine_it_says_how_to_add_a_site() -> None:
    local = {"local": replace(next(iter(pictures.SOURCES.values())), name="local", kind="local")}
    alone = replace(pictures.PICTURE, sources=local)
    async with opened(live=False, first=alone) as screen:  # type: ignore[arg-type]
        await screen.shows("Only this machine so far", "rounds connect ssh")


class OneDevice(MemoryDesk):
    async def devices(self, query: str = "", limit: int = 0) -> list[Device]:
        return [one for one in await super().devices(query, limit) if one.name == "files01"]


async def test_somebody_with_this_machine_alone_sees_its_checks_at_once() -> None:
    local = {"local": replace(next(iter(pictures.SOURCES.values())), name="local", kind="local")}
    alone = replace(pictures.PICTURE, sources=local, issues={})  # type: ignore[arg-type]
    async with opened(desk=OneDevice(alone), first=None) as screen:
        await screen.shows("Checks", "Load", "rounds connect ssh")
        await screen.press("escape")
        await screen.shows("No open issues.")


async def test_what_an_incident_explains_is_folded_behind_it_and_b_shows_it() -> None:
    async with opened() as screen:
        screen.desk.put(replace(pictures.ISSUES[DISK], incident=FIREWALL))
        await screen.shows("Issues 4")
        await screen.press("b")
        await screen.shows("Behind fw-hq › Issues 1", "Disk /srv")


# -- the cursor holds on to its issue --------------------------------------------------------------------------


def worse(key: IssueId, urgency: float) -> Changes:
    return Changes(seq=9, at=pictures.NOW, issues=Delta((replace(pictures.ISSUES[key], urgency=urgency),)))


@pytest.mark.parametrize("place", [0, 2, 4])
async def test_the_cursor_stays_on_its_issue_through_sorting_insertion_and_removal_above(place: int) -> None:
    """F-01, F-02."""
    async with opened() as screen:
        await screen.press(*"j" * place)
        held = cursor(screen)
        order = screen.app.fleet.list.order
        others = [key for key in order if key != held]
        screen.desk.change(worse(IssueId(others[-1]), 1000))
        await screen.until(lambda: screen.app.fleet.list.order[0] == others[-1])
        assert cursor(screen) == held
        new = replace(pictures.ISSUES[DISK], id=IssueId("newone"), urgency=2000.0)
        screen.desk.put(new)
        await screen.until(lambda: screen.app.fleet.list.order[0] == "newone")
        assert cursor(screen) == held
        screen.desk.put(gone=[IssueId(others[-1])])
        await screen.until(lambda: others[-1] not in screen.app.fleet.list.order)
        assert cursor(screen) == held


async def test_when_its_issue_is_gone_nothing_is_selected_and_no_verb_acts() -> None:
    """F-02."""
    async with opened() as screen:
        await screen.press("j")
        screen.desk.put(gone=[SQL])
        await screen.until(lambda: SQL not in screen.app.fleet.list.order)
        assert cursor(screen) is None
        await screen.press("a", "c", "z", "f", "1")
        assert screen.desk.calls == []
        await screen.shows("Nothing is selected.")


async def test_an_issue_that_recovers_leaves_and_the_cursor_does_not_go_to_the_next() -> None:
    """F-02."""
    async with opened() as screen:
        screen.desk.put(replace(pictures.ISSUES[FIREWALL], state=IssueState.RECOVERED))
        await screen.until(lambda: FIREWALL not in screen.app.fleet.list.order)
        assert cursor(screen) is None


async def test_an_action_right_after_a_new_order_hits_what_was_highlighted() -> None:
    """F-01."""
    async with opened() as screen:
        await screen.press("j", "j")
        for round_ in range(20):
            calm = replace(pictures.ISSUES[FIREWALL], urgency=float(round_ % 2) * 500 - 1, severity=Severity.CRITICAL)
            screen.desk.put(calm)
            await screen.pilot.press("c")
            await screen.until(lambda: not screen.app.fleet.busy)
        claims = {call[1] for call in screen.desk.calls if call[0] == "claim"}
        assert claims == {DISK}


async def test_escape_leads_home_from_wherever_one_went_from_wherever() -> None:
    async with opened() as screen:
        for line in (":devices", ":runs", ":audit"):
            await screen.press(*[{":": "colon"}.get(key, key) for key in line], "enter")
        await screen.shows("Audit")
        await screen.press("escape", "escape")
        assert screen.app.fleet.board.place == HOME
