"""An office whose engines can be killed at any step of their work, and what to look at afterwards."""

from __future__ import annotations

import contextlib
import json
import os
import shutil
import tempfile
from collections import Counter
from collections.abc import AsyncIterator, Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from backends import bootstrap
from backends.config.schema import Profile
from backends.desk.protocol import Approval, Desk, DeskError
from backends.fleet.changes import Picture
from backends.fleet.model import FixId, Issue, IssueId
from backends.fleet.run import Consent, Run, RunState, Verified
from backends.wire import launch
from tests.support import saboteur
from tests.support.office import ROOT, Office
from tests.support.terminal import Terminal

ACKS = 4
"""Audit records of the decisions that are made before the run."""
STAGES = {"approved": 1, "sent": 2, "ended": 3, "verified": 4}
"""What a run goes through, as its commits to the journal are counted."""
DEMO = """
[technician]
name = "tech1"
[sources.fleet]
kind = "demo"
every = "5s"
clients = 3
devices = 30
speed = 20
"""


def step(point: tuple[str, str, str], acks: int = ACKS) -> str:
    """The saboteur's name for a durable step: `("sent", "journal", "written")`; `acks` records of the audit before."""
    stage, what, when = point
    number = {"act": 1, "journal": STAGES[stage]}.get(what, acks + STAGES[stage])
    return f"{'run' if what == 'journal' else what} {number} {when}"


class Sabotaged(Office):
    """Commands and screens are as ever; the first engine that comes to the step that was named is struck."""

    def __init__(self, home: Path) -> None:
        super().__init__(home)
        self.folder = home / "sabotage"
        self.folder.mkdir()
        shutil.copy(saboteur.__file__, self.folder / "sitecustomize.py")
        search = os.pathsep.join((str(self.folder), str(ROOT)))
        self.environment = {**self.environment, "PYTHONPATH": search, "SABOTAGE_FOLDER": str(self.folder)}

    def kill(self, victim: str, at: str) -> None:
        """From the next engine on."""
        self.environment = {**self.environment, "SABOTAGE_OF": victim, "SABOTAGE_AT": at}

    @property
    def struck(self) -> bool:
        return (self.folder / "struck").exists()

    @property
    def trace(self) -> list[str]:
        """The steps that engines took."""
        path = self.folder / "trace"
        return path.read_text().splitlines() if path.exists() else []

    def forget_trace(self) -> None:
        (self.folder / "trace").unlink(missing_ok=True)

    @property
    def executions(self) -> Counter[str]:
        """How often each run was really carried out, as the devices counted it."""
        path = self.state / "demo-devices.jsonl"
        lines = path.read_bytes().splitlines() if path.exists() else []
        runs = []
        for line in lines:
            with contextlib.suppress(ValueError):  # torn by the kill: nothing had happened yet
                runs.append(json.loads(line)["run"])
        return Counter(runs)

    @contextlib.asynccontextmanager
    async def desk(self) -> AsyncIterator[Desk]:
        """A front end that is this process; it starts the engine when none runs."""
        with pytest.MonkeyPatch.context() as patch:
            for name, value in self.environment.items():
                patch.setenv(name, value)
            desk = await bootstrap.attach(Profile())
        try:
            yield desk
        finally:
            await desk.close()

    def close(self) -> None:
        super().close()
        for child in launch._children:
            child.kill()
            child.wait()
            if child.stdout is not None:
                child.stdout.close()
        launch._children.clear()


def sabotaged() -> Iterator[Sabotaged]:
    """For a fixture. The path is short enough for a socket, so that front ends with and without TMPDIR meet there."""
    with tempfile.TemporaryDirectory(prefix="home-", ignore_cleanup_errors=True) as home:
        office = Sabotaged(Path(home))
        try:
            yield office
        finally:
            office.close()


class Promises:
    """What a technician was told, and must find again whatever dies."""

    def __init__(self) -> None:
        self.events: list[str] = []
        """Decisions that were answered, as the audit calls them."""
        self.issues: dict[str, IssueId] = {}
        self.run: Run | None = None
        """The run as it was answered last."""

    async def decide(self, desk: Desk, picture: Picture) -> None:
        """A note, a claim, an acknowledgement and a snooze, each on an issue of its own."""
        # The oldest ones: those the demo's story does not end by itself meanwhile.
        lasting = [issue for issue in picture.issues.values() if issue.next_fix != RESTART]
        noted, claimed, acked, snoozed = sorted(lasting, key=lambda issue: issue.since)[:4]
        until = datetime.now(UTC) + timedelta(days=3)
        for event, issue, deed in (
            ("noted", noted, desk.note(noted.id, "tech1", "looked at it")),
            ("claimed", claimed, desk.claim(claimed.id, "tech1")),
            ("acknowledged", acked, desk.acknowledge(acked.id, "tech1")),
            ("snoozed", snoozed, desk.snooze(snoozed.id, "tech1", until, "waits for the part")),
        ):
            await deed
            self.events.append(event)
            self.issues[event] = issue.id

    async def repair(self, desk: Desk, picture: Picture) -> None:
        """One restart of the service that has stopped, followed to its end."""
        issue = stopped(picture)
        assert issue.device is not None
        plan = await desk.plan(RESTART, [issue.device], "tech1", issue.id)
        (self.run,) = await desk.approve(plan.id, Approval(confirmed=True))
        async for _ in desk.output(self.run.id):
            pass
        self.run = await desk.run(self.run.id)


RESTART = FixId("restart-service")


def stopped(picture: Picture) -> Issue:
    """The issue that the run is for."""
    return next(issue for issue in picture.issues.values() if issue.next_fix == RESTART)


async def work(office: Sabotaged, promises: Promises) -> None:
    """A technician's work, as far as the engine lives."""
    with contextlib.suppress(DeskError):
        async with office.desk() as desk:
            picture = await bootstrap.first_round(desk)
            await promises.decide(desk, picture)
            await promises.repair(desk, picture)


async def kept(office: Sabotaged, promises: Promises) -> None:
    """Fails unless everything that was promised is there, and whatever is doubtful is told and held."""
    async with office.desk() as desk:
        picture = await bootstrap.first_round(desk)
        await _decisions_kept(desk, picture, promises)
        runs = await desk.runs()
        assert all(run.state.ended for run in runs)
        if promises.run is not None:
            now = await desk.run(promises.run.id)
            assert not promises.run.state.ended or now.state is promises.run.state
        report = await desk.audit_verify()
        assert report.ok, report.sentence
        for run in runs:
            await _held_while_doubtful(desk, run)


async def _decisions_kept(desk: Desk, picture: Picture, promises: Promises) -> None:
    recorded = Counter(record.event for record in await desk.audit())
    assert all(recorded[event] for event in promises.events)
    marks = {event: picture.issues[issue] for event, issue in promises.issues.items()}
    if "noted" in marks:
        assert [note.text for note in await desk.notes(marks["noted"].id)] == ["looked at it"]
    if "claimed" in marks:
        assert marks["claimed"].owner == "tech1"
    if "acknowledged" in marks:
        assert marks["acknowledged"].acked_by == "tech1"
    if "snoozed" in marks:
        assert marks["snoozed"].snooze_reason == "waits for the part"
    if promises.run is not None:
        assert recorded["run-approved"] == 1


async def _held_while_doubtful(desk: Desk, run: Run) -> None:
    """A run that may have run keeps others off its device until somebody has looked; one that was not sent does not."""
    words = {"service": run.parameters["service"]}
    plan = await desk.plan(RESTART, [run.device], "tech1", None, words)
    if run.state is not RunState.UNKNOWN:
        assert run.id not in plan.reason
        return
    assert plan.consent is Consent.REFUSE
    assert run.id in plan.reason
    checked = await desk.check_run(run.id)
    assert checked.verified in (Verified.FIXED, Verified.NOT_FIXED)
    assert run.id not in (await desk.plan(RESTART, [run.device], "tech1", None, words)).reason


def repair_by_keys(screen: Terminal) -> None:
    """Open the plan for the first issue and agree to it; Enter counts only some time after the first frame."""
    screen.until(r"Fixes +1 Restart service")
    screen.type("1")
    screen.until("Run it")
    plain = screen.look_of("Run it")
    screen.type("tab")
    screen.until_true(lambda: screen.look_of("Run it") != plain, "the focus on the accept button")
    for _ in range(20):
        screen.type("enter")
        with contextlib.suppress(AssertionError):
            screen.until("Outcome", 0.5)
            return
        if screen.status is not None:  # it was killed
            return
    raise AssertionError(screen.text)
