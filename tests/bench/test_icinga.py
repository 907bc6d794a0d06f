"""What a poll of Icinga costs: from its answers to rows that a filter lets through, and against a large real one.

The figures are printed; what is asserted holds on any machine. `ROUNDS_BENCH=long` starts a real Icinga 2 with a
thousand hosts of ten services, a thousand of them critical, and compares a poll with curl fetching the same answers.
"""

from __future__ import annotations

import asyncio
import contextlib
import json
import resource
import subprocess
import time
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import aclosing
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from backends.adapters.icinga2.calls import HOST_ATTRIBUTES, SERVICE_ATTRIBUTES, read
from backends.adapters.icinga2.reading import Teller, moment
from backends.adapters.icinga2.records import Found, Host, Service
from backends.adapters.icinga2.source import IcingaSource
from backends.adapters.icinga2.world import Answers, world_of
from backends.api import SourceName
from backends.engine.clock import SystemClock
from backends.engine.engine import Engine
from backends.fleet.fleet import Fleet
from backends.fleet.merge import fold
from backends.fleet.model import Freshness, Source
from backends.fleet.query import Context, parse
from backends.fleet.reading import Reading
from backends.fleet.start import begun
from backends.store.store import Store
from tests.backends.adapters.icinga2.recorded import SOURCE, raw, recorded_at, teller
from tests.bench.beside import keys_beside, longest_turn
from tests.bench.programs import LONG, Say
from tests.support.icinga2_source import configured, source_at
from tests.support.servers.icinga2 import Icinga, missing
from tests.support.servers.icinga2_config import NODE, USERS, host, service
from widgets.present.issues import in_order, issue_row

pytestmark = [pytest.mark.bench, pytest.mark.xdist_group("bench")]

TURNS = 9
MINUTE_S = 60.0
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
    sizes = _listen(source)
    await source.poll()
    return len(sizes), sum(sizes)


def _listen(source: IcingaSource) -> list[int]:
    """The bytes of each answer from now on, but for those of the stream."""
    sizes: list[int] = []
    asked: Callable[..., Any] = source.http.request

    async def counting(*words: Any, **more: Any) -> Any:
        answer = await asked(*words, **more)
        sizes.append(len(answer.body))
        return answer

    source.http.request = counting  # type: ignore[method-assign]
    return sizes


async def test_a_large_poll_lets_the_engine_do_other_things(large: Icinga, tmp_path: Path) -> None:
    clock, store = SystemClock(), Store.open(tmp_path)
    known = Source(name=SourceName("ice"), kind="icinga2", state=Freshness.STALE)
    engine = Engine(begun({}, [known], clock.now()), [], store, clock)
    turns = []
    async with source_at(large, deadline="60s") as source:
        for _ in range(5):
            async with longest_turn() as turn:
                await engine.took(await source.poll())
            turns.append(turn)
    await store.close()
    first, again = turns[0], min(turns[1:], key=lambda turn: turn.cpu_ms)
    print(
        f"the longest turn of the engine's loop while 11,000 checks are told and folded: first {first.cpu_ms:.0f} ms "
        f"of its processor time, again {again.cpu_ms:.0f} ms ({again.wall_ms:.0f} ms on this machine)"
    )
    assert len(engine.fleet.issues) == 1000


@pytest.mark.timeout(300)
def test_keys_are_painted_while_a_large_icinga_is_polled(large: Icinga, tmp_path: Path, say: Say) -> None:
    keys_beside(say, "1,000 hosts x 10 in Icinga", tmp_path, lambda every: configured(large, every=every))


@pytest.mark.timeout(300)
async def test_between_polls_a_large_icinga_tells_what_changes_and_nothing_else(large: Icinga) -> None:
    async with source_at(large, deadline="60s") as source:
        await source.poll()
        requests, lines = _listen(source), _lines(source)
        still = await _streamed(source, None, requests, lines)
        changing = await _streamed(source, large, requests, lines)
    for what, (checks, asked, size) in (("nothing changes", still), ("ten results come a second", changing)):
        print(
            f"a minute of the event stream in which {what}: {asked} requests, {size / 1024:.0f} KiB, "
            f"{checks} checks told anew"
        )
    assert still == (0, 0, 0)
    assert changing[0] > 100
    assert changing[1] == 0


def _lines(source: IcingaSource) -> list[int]:
    """The bytes of each line of the stream from now on."""
    sizes: list[int] = []
    told: Callable[..., AsyncIterator[bytes]] = source.http.lines

    async def counting(*words: Any, **more: Any) -> AsyncIterator[bytes]:
        async for line in told(*words, **more):
            sizes.append(len(line))
            yield line

    source.http.lines = counting  # type: ignore[method-assign, assignment]
    return sizes


async def _streamed(
    source: IcingaSource, changed: Icinga | None, requests: list[int], lines: list[int]
) -> tuple[int, int, int]:
    """What a minute of the event stream brought: checks, requests beside it, and bytes."""
    requests.clear()
    lines.clear()
    checks = 0
    busy = None if changed is None else asyncio.ensure_future(_change(changed))
    with contextlib.suppress(TimeoutError):
        async with asyncio.timeout(MINUTE_S), aclosing(source.events()) as readings:
            async for reading in readings:
                checks += len(reading.checks)
    if busy is not None:
        busy.cancel()
        await asyncio.gather(busy, return_exceptions=True)
    return checks, len(requests), sum(lines) + sum(requests)


async def _change(icinga: Icinga) -> None:
    """Hand in ten results a second."""
    for number in range(int(MINUTE_S)):
        wanted = f'service.name=="service 3" && match("acme-{number:03}*", host.name)'
        told = {"exit_status": 0, "plugin_output": f"TOLD - {number}"}
        await asyncio.to_thread(icinga.do, "process-check-result", type="Service", filter=wanted, **told)
        await asyncio.sleep(1.0)


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
