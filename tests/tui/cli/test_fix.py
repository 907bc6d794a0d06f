"""`rounds fix`: plans are data, runs need consent, and the exit status says what came of it."""

from __future__ import annotations

import pytest

from backends.desk.protocol import DeskError, DeskErrorKind
from backends.fleet.model import issue_id
from backends.fleet.run import Consent, RunState, Verified
from tests.support.commands import Commands, documented
from tests.support.office import ROOT

SQL = issue_id("baker:sql01", "service/mssql-server")
RUN = ("fix", "run", "restart-service", SQL)
FIELDS = documented(ROOT / "docs" / "json.md", "item | fields")


def test_the_list_has_the_library(rounds: Commands) -> None:
    items = rounds("fix", "list", "--json").json["items"]
    assert {"restart-service", "free-disk", "reboot"} <= {item["id"] for item in items}
    assert set(items[0]) == set(FIELDS["fix"])


def test_show_prints_the_scripts_that_would_run(rounds: Commands) -> None:
    said = rounds("fix", "show", "restart-service")
    assert "--param service=" in said.out
    assert "Script for linux" in said.out
    assert "systemctl" in said.out
    assert "linux" in rounds("fix", "show", "restart-service", "--json").json["scripts"]


def test_an_unknown_fix_is_wrong_use(rounds: Commands) -> None:
    said = rounds("fix", "show", "nope")
    assert (said.status, said.err) == (64, "rounds: There is no fix 'nope'; `rounds fix list` lists them.\n")


@pytest.mark.parametrize("argv", [("fix", "plan", "restart-service", SQL), (*RUN, "--dry-run")])
def test_a_plan_is_data_and_runs_nothing(rounds: Commands, argv: tuple[str, ...]) -> None:
    said = rounds(*argv)
    assert "Baker Law / Main / sql01" in said.out
    assert said.status == 0
    assert rounds(*argv, "--json").json["targets"][0]["issue"] == SQL
    assert not rounds.desk.approved


def test_without_a_terminal_a_run_needs_yes(rounds: Commands) -> None:
    said = rounds(*RUN)
    assert said.status == 77
    assert said.err.endswith("rounds: Without a terminal a run needs --yes.\n")
    assert not rounds.desk.approved


def test_the_output_is_data_and_the_plan_is_talk(rounds: Commands) -> None:
    said = rounds(*RUN, "--yes")
    assert said.out == "Restarting …\ndone\n"
    assert "Baker Law / Main / sql01" in said.err


@pytest.mark.parametrize(
    ("state", "verified", "status"),
    [
        (RunState.SUCCEEDED, Verified.FIXED, 0),
        (RunState.SUCCEEDED, Verified.NOT_FIXED, 1),
        (RunState.SUCCEEDED, Verified.NOT_VERIFIED, 1),
        (RunState.FAILED, Verified.NOT_VERIFIED, 1),
        (RunState.UNKNOWN, Verified.NOT_VERIFIED, 3),
    ],
)
def test_the_exit_status_says_what_came_of_it(
    rounds: Commands, state: RunState, verified: Verified, status: int
) -> None:
    rounds.desk.ends = (state, verified)
    said = rounds(*RUN, "--yes", "--json")
    assert said.status == status
    assert said.json["items"][0]["state"] == state.value
    assert set(said.json["items"][0]) == set(FIELDS["run"])


def test_a_guard_that_refuses_is_told_with_its_reason(rounds: Commands) -> None:
    rounds.desk.consent = Consent.REFUSE
    said = rounds(*RUN, "--yes")
    assert (said.out, said.status) == ("", 77)
    assert said.err.endswith("rounds: No fixes on Sundays.\n")


def test_a_name_that_is_asked_for_is_not_replaced_by_yes(rounds: Commands) -> None:
    rounds.desk.consent, rounds.desk.type_name = Consent.TYPE_NAME, "sql01"
    said = rounds(*RUN, "--yes")
    assert said.status == 77
    assert "--confirm sql01" in said.err
    assert rounds(*RUN, "--confirm", "sql01").status == 0
    assert rounds.desk.calls[-1] == ("approve", "plan-2", "sql01")


def test_a_plan_that_was_overtaken_is_told_as_such(rounds: Commands) -> None:
    async def overtaken(*_: object) -> None:
        raise DeskError(DeskErrorKind.CHANGED, "sql01 has recovered since; plan again.")

    rounds.desk.approve = overtaken  # type: ignore[method-assign,assignment]
    said = rounds(*RUN, "--yes")
    assert (said.status, said.out) == (75, "")
    assert said.err.endswith("rounds: sql01 has recovered since; plan again.\n")


@pytest.mark.parametrize(
    ("argv", "sentence"),
    [
        (("restart-service",), "Missing argument 'TARGET...'"),
        (("restart-service", "nobody"), "No open issue or device has the id or name 'nobody'"),
        (("restart-service", SQL[:4]), "No open issue or device has the id or name"),
        (("restart-service", SQL, "sql01"), "An issue is planned alone"),
        (("restart-service", SQL, "--param", "service"), "--param takes NAME=VALUE"),
    ],
)
def test_wrong_use_is_told_and_plans_nothing(rounds: Commands, argv: tuple[str, ...], sentence: str) -> None:
    said = rounds("fix", "run", *argv, "--yes")
    assert (said.status, said.out) == (64, "")
    assert said.err.startswith(f"rounds: {sentence}")
    assert "plan" not in rounds.desk.verbs()


def test_a_run_that_may_have_run_can_be_checked(rounds: Commands) -> None:
    rounds.desk.ends = (RunState.UNKNOWN, Verified.NOT_VERIFIED)
    rounds(*RUN, "--yes")
    assert rounds("fix", "check", "run-plan-1").status == 1
    assert rounds.desk.calls[-1] == ("check_run", "run-plan-1")
