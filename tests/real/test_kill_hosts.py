"""`kill -9` of the engine while it repairs a real host over SSH: the host counts how often its service was started."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator

import pytest

from backends import bootstrap
from backends.desk.protocol import DeskError
from backends.fleet.run import RunState
from tests.support.hosts import Host, Hosts
from tests.support.office import ssh_source
from tests.support.sabotage import Promises, Sabotaged, kept, sabotaged

pytestmark = pytest.mark.real

UNSENT = ["run 1 after", "run 2 written"]
"""The script cannot have left."""
DOUBTFUL = ["run 2 after", "packet 1 before", "packet 1 after", "packet 2 after", "packet 3 after", "run 3 written"]
"""From the record that it is sent until the record of how it ended; packets are what goes to the host meanwhile."""
DONE = ["run 3 after", "anchor 4 after"]


@pytest.fixture
def office() -> Iterator[Sabotaged]:
    yield from sabotaged()


@pytest.fixture
def host(hosts: Hosts, office: Sabotaged) -> Host:
    made = hosts.add()
    made.stop_service("webshop")
    office.trust(hosts)
    # Between two polls nothing but the run talks to the host.
    watched = ssh_source("hq", "acme", "HQ", hosts.key, [made.at], every=60, more='services = ["webshop"]\n')
    office.configure('[technician]\nname = "tech1"\n[clients.acme]\nname = "Acme Dental"\n' + watched)
    return made


async def repaired(office: Sabotaged) -> Promises:
    promises = Promises()
    with contextlib.suppress(DeskError):
        async with office.desk() as desk:
            await promises.repair(desk, await bootstrap.first_round(desk))
    return promises


async def test_an_undisturbed_run_takes_every_step_that_is_struck_below(office: Sabotaged, host: Host) -> None:
    promises = await repaired(office)
    assert promises.run is not None
    assert promises.run.state is RunState.SUCCEEDED
    assert {*UNSENT, *DOUBTFUL, *DONE} <= set(office.trace)


@pytest.mark.parametrize(
    ("at", "state"),
    [*((at, "failed") for at in UNSENT), *((at, "unknown") for at in DOUBTFUL), *((at, "succeeded") for at in DONE)],
)
async def test_a_service_is_started_at_most_once(office: Sabotaged, host: Host, at: str, state: str) -> None:
    starts = len(host.service_log)
    office.kill("engine", at)
    promises = await repaired(office)
    assert office.struck
    assert [run["state"] for run in office.items("runs")] == [state]
    await kept(office, promises)
    started = len(host.service_log) - starts
    assert started <= 1
    if state != "unknown":  # else the host may be starting it at this very moment
        assert started == (state == "succeeded")
        assert host.running("webshop") == bool(started)
