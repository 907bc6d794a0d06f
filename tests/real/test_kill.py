"""`kill -9` of engine, screen or both at every durable step of a run: nothing that was acknowledged is lost, no run is
carried out twice (the devices count), and the next start needs no hand."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator

import pytest

from backends import bootstrap
from backends.desk.protocol import Approval, DeskError, DeskErrorKind
from backends.fleet.run import RunState, Verified
from tests.support.sabotage import (
    DEMO,
    RESTART,
    STAGES,
    Promises,
    Sabotaged,
    kept,
    repair_by_keys,
    sabotaged,
    step,
    stopped,
    work,
)

pytestmark = pytest.mark.real

Point = tuple[str, str, str]
"""Stage of the run, what is written, and when the blow falls: before, `half` way, `written` but not yet safe, after."""

ALL: list[Point] = [
    ("approved", "journal", "before"),
    *(
        (stage, what, when)
        for stage in STAGES
        for what, when in (
            ("journal", "written"),
            ("journal", "after"),
            ("audit", "half"),
            ("audit", "after"),
            ("anchor", "after"),
        )
    ),
    *(("sent", "act", when) for when in ("before", "half", "after")),
]
WITH_A_SCREEN: list[Point] = [
    ("approved", "journal", "written"),
    ("approved", "journal", "after"),
    ("sent", "journal", "written"),
    ("sent", "audit", "half"),
    ("sent", "act", "before"),
    ("sent", "act", "after"),
    ("ended", "journal", "after"),
    ("verified", "anchor", "after"),
]
SHOWN = {"failed": "failed", "unknown": "may have run", "succeeded": "fixed|not verified"}
"""The words of the screen."""


@pytest.fixture
def office() -> Iterator[Sabotaged]:
    for made in sabotaged():
        made.configure(DEMO)
        yield made


def named(point: Point) -> str:
    return "-".join(point)


def truth(stage: str, what: str, when: str) -> tuple[list[str], int]:
    """What has to be said of a run whose engine was killed there, and how often it was really carried out."""
    on_record = STAGES[stage] - (what == "journal" and when in ("before", "written"))
    acted = (stage, what, when) == ("sent", "act", "after") or STAGES[stage] > STAGES["sent"]
    state = ["", "failed", "unknown", "succeeded", "succeeded"][on_record]
    return [state] if state else [], int(acted)


async def test_an_undisturbed_run_takes_every_step_that_is_struck_below(office: Sabotaged) -> None:
    promises = Promises()
    await work(office, promises)
    assert promises.run is not None
    assert promises.run.state is RunState.SUCCEEDED
    trace = office.trace
    begun, ended = trace.index("run 1 before"), trace.index(step(("verified", "anchor", "after")))
    durable = {one for one in trace[begun : ended + 1] if not one.startswith("reply")}
    struck = {step(point) for point in ALL}
    assert struck <= durable
    # Of each thing that is written at least one instant is struck; what is left out has nothing written in between.
    assert {one.rpartition(" ")[0] for one in durable} == {one.rpartition(" ")[0] for one in struck}


@pytest.mark.parametrize("point", ALL, ids=named)
async def test_the_engine_is_killed(office: Sabotaged, point: Point) -> None:
    office.kill("engine", step(point))
    promises = Promises()
    await work(office, promises)
    assert office.struck
    states, count = truth(*point)
    assert [run["state"] for run in office.items("runs")] == states
    await kept(office, promises)
    assert list(office.executions.values()) == [1] * count


@pytest.mark.parametrize("point", WITH_A_SCREEN, ids=named)
async def test_the_screen_is_killed_and_the_run_goes_on_to_its_end(office: Sabotaged, point: Point) -> None:
    office.kill("screen", step(point, acks=0))
    with office.screen() as screen:
        repair_by_keys(screen)
        assert screen.until_ended() == 137
    async with office.desk() as desk:
        (run,) = await desk.runs()
        async for _ in desk.output(run.id):
            pass
        run = await desk.run(run.id)
        assert (run.state, run.verified) == (RunState.SUCCEEDED, Verified.FIXED)
    assert list(office.executions.values()) == [1]


@pytest.mark.parametrize("point", WITH_A_SCREEN, ids=named)
async def test_screen_and_engine_are_killed_and_the_next_screen_tells(office: Sabotaged, point: Point) -> None:
    office.kill("both", step(point, acks=0))
    with office.screen() as screen:
        repair_by_keys(screen)
        assert screen.until_ended() == 137
    states, count = truth(*point)
    with office.screen() as screen:
        screen.until(r"1/1 source")
        screen.type(":")
        screen.until(r"^ :")
        screen.type("runs")
        screen.until(r"^ : *runs")
        screen.type("enter")
        screen.until(rf"({SHOWN[states[0]]}) .* Restart service" if states else "Runs 0")
    await kept(office, Promises())
    assert list(office.executions.values()) == [1] * count


@pytest.mark.parametrize("point", [("sent", "act", "after"), ("ended", "audit", "half")], ids=named)
async def test_the_engine_is_killed_under_a_screen_which_finds_the_next_one(office: Sabotaged, point: Point) -> None:
    office.kill("engine", step(point, acks=0))
    states, count = truth(*point)
    with office.screen() as screen:
        repair_by_keys(screen)
        screen.until(rf"Outcome +. ({SHOWN[states[0]]})")
        screen.type("escape")
        screen.until(r"1/1 source")
    assert list(office.executions.values()) == [1] * count


def test_a_command_says_that_it_may_have_run_and_does_not_run_it_again(office: Sabotaged) -> None:
    office.kill("engine", "act 1 after")
    (device,) = [
        item["device"]
        for item in office.items("--demo", "issues", "service")
        if item["condition"] == "service/mssql-server" and item["severity"] == "critical"
    ]
    repair = ("--demo", "fix", "run", "restart-service", device, "--param", "service=mssql-server", "--yes")
    lost = office.rounds(*repair, check=False)
    assert (lost.returncode, "may have run" in lost.stderr) == (3, True)
    (run,) = office.items("--demo", "runs")
    assert run["state"] == "unknown"
    refused = office.rounds(*repair, check=False)
    assert (refused.returncode, run["id"] in refused.stderr) == (77, True)
    office.rounds("--demo", "fix", "check", run["id"], check=False)
    (folder,) = office.state.parent.glob("demo-*")
    assert len((folder / "demo-devices.jsonl").read_text().splitlines()) == 1


async def test_of_two_who_agree_to_the_same_at_once_one_starts_it(office: Sabotaged) -> None:
    async with office.desk() as one, office.desk() as other:
        issue = stopped(await bootstrap.first_round(one))
        assert issue.device is not None
        shared = await one.plan(RESTART, [issue.device], "tech1", issue.id)
        own = await other.plan(RESTART, [issue.device], "tech2", issue.id)
        agreed = Approval(confirmed=True)
        answers = await asyncio.gather(
            one.approve(shared.id, agreed),
            other.approve(shared.id, agreed),
            other.approve(own.id, agreed),
            return_exceptions=True,
        )
        started = [answer for answer in answers if isinstance(answer, list)]
        refused = [answer.kind for answer in answers if isinstance(answer, DeskError)]
        assert len(started) == 1
        assert {*refused} <= {DeskErrorKind.CHANGED, DeskErrorKind.REFUSED}
        assert len(refused) == 2
        async for _ in one.output(started[0][0].id):
            pass
    assert list(office.executions.values()) == [1]
