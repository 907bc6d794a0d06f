"""What a poll of Icinga costs: from its answers to rows that a filter lets through, and against a large real one.

The figures are printed; what is asserted holds on any machine. `ROUNDS_BENCH=long` starts a real Icinga 2 with a
thousand hosts of ten services, a thousand of them critical, and compares a poll with curl fetching the same answers.
"""

from __future__ import annotations

import json
import os
import resource
import subprocess
import time
from collections.abc import Callable, Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from backends.adapters.icinga2.calls import HOST_ATTRIBUTES, SERVICE_ATTRIBUTES, read
from backends.adapters.icinga2.reading import Teller, moment
from backends.adapters.icinga2.records import Found, Host, Service
from backends.adapters.icinga2.source import IcingaSource
from backends.adapters.icinga2.world import Answers, world_of
from backends.fleet.fleet import Fleet
from backends.fleet.merge import fold
from backends.fleet.query import Context, parse
from backends.fleet.reading import Reading
from tests.backends.adapters.icinga2.recorded import SOURCE, raw, recorded_at, teller
from tests.support.icinga2_source import source_at
from tests.support.servers.icinga2 import Icinga, missing
from tests.support.servers.icinga2_config import NODE, USERS, host, service
from widgets.present.issues import in_order, issue_row

pytestmark = pytest.mark.bench

LONG = os.environ.get("ROUNDS_BENCH") == "long"
TURNS = 9
BUDGET_MS = 28.0
"""Of processor time for one poll with a thousand problems, from the answers to filtered rows."""


class Canned:
    """A hundred hosts that are up, with ten services each that are critical; every round says other numbers."""

    def __init__(self) -> None:
        self.round = 0
        self._host, self._service = (
            next(one for one in json.loads(raw(name))["results"] if one["name"] == wanted)
            for name, wanted in (("hosts", "acme-web01"), ("services", "acme-web01!disk /var"))
        )

    def bodies(self) -> tuple[bytes, bytes]:
        """The answers for hosts and services."""
        self.round += 1
        hosts, services = [], []
        for number in range(100):
            name = f"acme-{number:04}"
            hosts.append({**self._host, "name": name})
            services += [self._one(name, f"disk /srv/{part}") for part in range(10)]
        return _body(hosts), _body(services)

    def _one(self, host_name: str, name: str) -> dict[str, Any]:
        attrs = self._service["attrs"]
        result = {**attrs["last_check_result"], "output": f"DISK CRITICAL - {name} {90 + self.round % 9} %"}
        told = {**attrs, "host_name": host_name, "name": name, "display_name": name, "last_check_result": result}
        return {**self._service, "name": f"{host_name}!{name}", "attrs": told}


def _body(results: list[dict[str, Any]]) -> bytes:
    return json.dumps({"results": results}).encode()


def rows_after(fleet: Fleet, tell: Teller, bodies: tuple[bytes, bytes], number: int) -> tuple[Fleet, int]:
    """The fleet after a poll that brought these answers, and how many rows a filter lets through."""
    hosts, _ = read(bodies[0], Found[Host])
    services, _ = read(bodies[1], Found[Service])
    world = world_of(Answers(hosts=hosts, services=[found.attrs for found in services]))
    at = moment(recorded_at() + timedelta(seconds=10 * number))
    sightings, checks = tell.whole(world, at)
    fleet = fold(fleet, Reading(source=SOURCE, at=at.at, sightings=tuple(sightings), checks=tuple(checks)))
    query, context = parse("severity>=high client:acme"), Context(now=at.at)
    found = in_order(issue for issue in fleet.issues.values() if query.matches(issue, context))
    return fleet, len([issue_row(issue) for issue in found])


def test_a_poll_with_a_thousand_problems_is_rows_within_its_budget() -> None:
    canned, tell, fleet = Canned(), teller(), Fleet()
    changing, same = [], []
    for number in range(TURNS):
        bodies = canned.bodies()
        for costs in (changing, same):
            before = time.process_time()
            fleet, rows = rows_after(fleet, tell, bodies, 2 * number + (costs is same))
            costs.append(1000 * (time.process_time() - before))
            assert rows == 1000
    size = sum(map(len, bodies)) / 1024
    print(
        f"1,000 problems ({size:.0f} KiB), milliseconds of processor time: first {changing[0]:.1f}; the same answers "
        f"again {min(same):.1f}; with every text changed {min(changing[1:]):.1f}; budget {BUDGET_MS:.0f}"
    )


@pytest.fixture(scope="module")
def large() -> Iterator[Icinga]:
    why = missing()
    if not LONG or why:
        pytest.skip(why or "ROUNDS_BENCH=long starts a large server")
    began = time.monotonic()
    objects = ['object HostGroup "acme" { }', 'object HostGroup "linux-servers" { }']
    for number in range(1000):
        name = f"acme-{number:04}"
        objects.append(host(name, "acme", f"Site {number % 20}"))
        objects += [service(name, f"service {part}") for part in range(10)]
    made = Icinga("\n".join(objects))
    data = ["used=41%;80;90;0;100", "time=0.2s;;;0"]
    with made.client() as client:
        for kind, chosen, state in (
            ("Host", "true", 0),
            ("Service", "true", 0),
            ("Service", 'service.name=="service 0"', 2),
        ):
            body = {
                "type": kind,
                "filter": chosen,
                "exit_status": state,
                "plugin_output": "TOLD - all of it",
                "performance_data": data,
            }
            client.post("actions/process-check-result", json=body, timeout=120).raise_for_status()
    print(f"1,000 hosts x 10 services: ready and told in {time.monotonic() - began:.1f} s")
    yield made
    made.close()


async def test_a_poll_of_a_large_icinga_beside_curl(large: Icinga, tmp_path: Path) -> None:
    async with source_at(large, deadline="60s") as source:
        await source.poll()
        wall, cpu = [], []
        for _ in range(5):
            began, before = time.monotonic(), time.process_time()
            reading = await source.poll()
            wall.append(time.monotonic() - began)
            cpu.append(time.process_time() - before)
        requests, size = await _counted(source)
    assert (len(reading.sightings), len(reading.checks)) == (1000, 11_000)
    assert sum(1 for check in reading.checks if check.state == "critical") == 1000
    curl_s, curl_cpu_s = min(_curled(large, tmp_path) for _ in range(5))
    print(
        f"one poll of 1,000 hosts x 10: {min(wall):.2f} s, {min(cpu):.2f} s of processor time, {requests} requests, "
        f"{size / 1024 / 1024:.1f} MiB; curl of the same answers {curl_s:.2f} s, {curl_cpu_s:.2f} s of processor time; "
        f"{min(wall) / curl_s:.1f} times as long"
    )
    assert requests == 2


async def _counted(source: IcingaSource) -> tuple[int, int]:
    """Requests and bytes of one more poll."""
    sizes: list[int] = []
    asked: Callable[..., Any] = source.http.request

    async def counting(*words: Any, **more: Any) -> Any:
        answer = await asked(*words, **more)
        sizes.append(len(answer.body))
        return answer

    source.http.request = counting  # type: ignore[method-assign]
    await source.poll()
    return len(sizes), sum(sizes)


def _curled(icinga: Icinga, folder: Path) -> tuple[float, float]:
    """Seconds and seconds of processor time of curl for the two large answers."""
    port, words = icinga.port, []
    for path, attributes in (("hosts", HOST_ATTRIBUTES), ("services", SERVICE_ATTRIBUTES)):
        query = "&".join(f"attrs={attribute}" for attribute in attributes)
        words += ["-o", str(folder / path), f"https://{NODE}:{port}/v1/objects/{path}?{query}"]
    before, began = resource.getrusage(resource.RUSAGE_CHILDREN), time.monotonic()
    subprocess.run(
        ["curl", "-sS", "--cacert", str(icinga.ca_file), "--resolve", f"{NODE}:{port}:127.0.0.1",
         "-u", f"root:{USERS['root']}", *words],
        check=True,
    )  # fmt: skip
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    cpu_s = after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime
    return time.monotonic() - began, cpu_s
