"""Which device a command goes to: never another one of the same name, never a second time (F-14, F-15, F-16, F-17)."""

from __future__ import annotations

import json
import random
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import msgspec
import pytest

from backends.desk.inprocess import InProcessDesk
from backends.desk.protocol import Approval, EngineLost
from backends.engine.clock import SystemClock
from backends.fleet.model import Identity
from backends.fleet.reading import Reading
from backends.testing import ScriptedAdapter, a_check, a_sighting, settle
from tests.support.cli import CommandLine


class Client(ScriptedAdapter):
    """One client's own source, with a server `dc01` on which nginx has stopped until a step reached it."""

    def __init__(self, client: str, native: str = "10.0.0.1") -> None:
        self.client, self.native = client, native
        self.machine = f"machine-of-{client}"
        super().__init__(f"{client}-hq", self._reading(SystemClock()))
        self._clock = SystemClock()

    def _reading(self, clock: SystemClock) -> Reading:
        now = clock.now()
        sighting = msgspec.structs.replace(
            a_sighting(f"{self.client}-hq", self.native, now, client=self.client),
            name="dc01",
            identity=Identity(machine=self.machine),
        )
        check = a_check(f"{self.client}-hq", self.native, now, ok=bool(getattr(self, "executed", ())))
        return Reading(source=sighting.source, at=now, sightings=(sighting,), checks=(check,))

    async def poll(self) -> Reading:
        self.script = [self._reading(self._clock)]
        return await super().poll()

    async def look(self, native: str) -> Reading:
        self.script = [self._reading(self._clock)]
        return await super().look(native)


@pytest.fixture
def clients() -> list[Client]:
    return [Client("acme"), Client("baker")]


@pytest.fixture
def line(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], tmp_path: Path, clients: list[Client]
) -> CommandLine:
    return CommandLine(monkeypatch, capsys, tmp_path, clients)


def counted(clients: list[Client]) -> list[int]:
    return [len(client.executed) for client in clients]


RUN = ("fix", "run", "restart-service", "--yes")


def test_a_name_that_two_clients_have_runs_nowhere_and_names_both(line: CommandLine, clients: list[Client]) -> None:
    """F-14."""
    said = line.say(*RUN, "dc01")

    assert said.status == 64
    assert "acme-hq:10.0.0.1 (Acme/HQ)" in said.err
    assert "baker-hq:10.0.0.1 (baker/HQ)" in said.err
    assert counted(clients) == [0, 0]


def test_one_bearer_of_the_name_can_be_named(line: CommandLine, clients: list[Client]) -> None:
    """F-14: the control."""
    line.sources = clients[:1]
    assert line.say(*RUN, "DC01").status == 0
    assert counted(clients) == [1, 0]


@pytest.mark.parametrize("chosen", [0, 1])
def test_an_id_or_an_issue_goes_to_its_own_client_alone(line: CommandLine, clients: list[Client], chosen: int) -> None:
    """F-14, F-15: the same native id at two sources, the same condition, two ids."""
    issues = json.loads(line.say("issues", "--json").out)["items"]
    assert len({issue["id"] for issue in issues}) == 2
    issue = next(issue for issue in issues if issue["client"] == clients[chosen].client)
    said = line.say(*RUN, issue["id"])

    assert said.status == 0
    assert said.err.splitlines()[1].strip().casefold().startswith(f"on  {clients[chosen].client} / hq / dc01")
    assert counted(clients) == [1 - chosen, chosen]


def test_random_picks_never_cross(line: CommandLine, clients: list[Client]) -> None:
    """F-14: on one engine, 200 picks of one of two devices of one name."""
    chance = random.Random(7)
    picks = [chance.randrange(2) for _ in range(200)]

    async def all_picks(desk: InProcessDesk) -> list[tuple[str, str]]:
        out = []
        for pick in picks:
            device = f"{clients[pick].name}:10.0.0.1"
            plan = await desk.plan("restart-service", [device], "tech1", None, {"service": "nginx"})  # type: ignore[list-item, arg-type]
            (run,) = await desk.approve(plan.id, Approval(confirmed=True, typed=plan.type_name))
            async for _ in desk.output(run.id):
                pass
            await settle()  # the device is let go of just after the end was told
            out.append((clients[pick].client, run.client))
        return out

    crossed = [pair for pair in line.on_desk(all_picks) if pair[0] != pair[1]]

    assert crossed == []
    assert counted(clients) == [picks.count(0), picks.count(1)]


def test_a_device_called_as_another_ones_id_does_not_take_its_place(line: CommandLine, clients: list[Client]) -> None:
    """F-14: an id wins over a name, which anybody can give himself."""

    class Impostor(Client):
        def _reading(self, clock: SystemClock) -> Reading:
            reading = super()._reading(clock)
            (sighting,) = reading.sightings
            return msgspec.structs.replace(
                reading, sightings=(msgspec.structs.replace(sighting, name="acme-hq:10.0.0.1"),)
            )

    impostor = Impostor("baker")
    line.sources = [clients[0], impostor]
    said = line.say(*RUN, "acme-hq:10.0.0.1", "--confirm", "dc01")

    assert said.status == 0
    assert counted([clients[0], impostor]) == [1, 0]


def test_another_machine_under_the_same_address_gets_nothing(line: CommandLine, clients: list[Client]) -> None:
    """F-16: its identity is read again just before anything is sent."""
    client = clients[0]
    client.identities[client.native] = (Identity(machine="somebody-else"), "boot-1")
    said = line.say(*RUN, "acme-hq:10.0.0.1")

    assert said.status == 1
    assert "Another machine answers there" in said.err
    assert counted(clients) == [0, 0]


def test_facts_that_have_grown_old_refuse_the_fix_and_tell_their_age(line: CommandLine, clients: list[Client]) -> None:
    """F-17: a source that is frozen in the past."""
    clients[0]._clock = Late()
    said = line.say(*RUN, "acme-hq:10.0.0.1")

    assert said.status == 77
    assert "was last seen 5 min ago" in said.err
    assert counted(clients) == [0, 0]


class Late(SystemClock):
    """A calendar that is behind."""

    def now(self) -> datetime:
        return super().now() - timedelta(minutes=5)


class Losing:
    """A desk whose engine goes away at one of its verbs."""

    def __init__(self, desk: InProcessDesk, at: str, *, done: bool) -> None:
        self._desk, self._at, self._done = desk, at, done

    def __getattr__(self, name: str) -> Any:
        if name != self._at:
            return getattr(self._desk, name)

        async def lost(*args: Any, **words: Any) -> Any:
            if self._done:
                await getattr(self._desk, name)(*args, **words)
            raise EngineLost

        return lost


@pytest.mark.parametrize(
    ("verb", "done", "outcome"),
    [
        ("plan", False, (69, "The engine has gone")),
        ("approve", False, (3, "it may have run")),
        ("approve", True, (3, "it may have run")),
        ("run", False, (3, "it may have run")),
    ],
)
def test_an_engine_that_is_lost_after_consent_leaves_an_unknown_run(
    line: CommandLine, clients: list[Client], verb: str, done: bool, outcome: tuple[int, str]
) -> None:
    """F-08, F-10: before the consent nothing was sent; after it nobody can know, and that is what is said."""
    line.spoil = lambda desk: Losing(desk, verb, done=done)
    said = line.say(*RUN, "acme-hq:10.0.0.1")

    assert (said.status, outcome[1] in said.err) == (outcome[0], True), said
    assert counted(clients)[0] <= 1
