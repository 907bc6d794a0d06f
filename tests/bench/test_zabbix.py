"""What a poll of a real Zabbix with a thousand hosts and as many problems costs, against its answers fetched by curl.

Only with `ROUNDS_BENCH=long`, and where the packages are (see `tests/support/servers/zabbix.py`).
"""

from __future__ import annotations

import os
import shutil
import subprocess
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from backends.adapters.zabbix.source import ZabbixSource
from tests.bench.beside import keys_beside, longest_turn
from tests.bench.programs import LONG, Say
from tests.support.elsewhere import LaterClock
from tests.support.servers.zabbix import ADMIN, ZabbixServer, missing
from tests.support.servers.zabbix_many import plant_many
from tests.support.zabbix_source import opened, settings_for

HOSTS = 1_000
pytestmark = [
    pytest.mark.bench,
    pytest.mark.xdist_group("bench"),
    pytest.mark.skipif(not LONG, reason="only with ROUNDS_BENCH=long"),
    pytest.mark.skipif(bool(missing()), reason=missing() or "it is there"),
]


@pytest.fixture(scope="module")
def server() -> Iterator[ZabbixServer]:
    with ZabbixServer() as made:
        plant_many(made, HOSTS)
        yield made


async def test_a_poll_costs_little_more_than_the_answers_themselves(server: ZabbixServer, tmp_path: Path) -> None:
    clock = LaterClock()
    source = opened(settings_for(server.url, secret=ADMIN[1], user=ADMIN[0], clock=clock))
    try:
        sent = _listen(source)
        await source.poll()
        clock.later_s += 601.0  # the first one also asked who we are
        full = await _measured("everything", source, sent, server, tmp_path)
        again = await _measured("only what changes", source, sent, server, tmp_path)
        async with longest_turn() as turn:
            await source.poll()
    finally:
        await source.close()
    print(
        f"the longest turn of the loop in a poll: {turn.cpu_ms:.0f} ms of processor time ({turn.wall_ms:.0f} ms here)"
    )
    assert full == again == 4


@pytest.mark.timeout(300)
def test_keys_are_painted_while_a_large_zabbix_is_polled(server: ZabbixServer, tmp_path: Path, say: Say) -> None:
    keys_beside(say, "1,000 hosts in Zabbix", tmp_path, lambda every: _configured(server, every))


def _configured(server: ZabbixServer, every: str) -> str:
    return f"""
[technician]
name = "tech1"

[sources.zabbix-eu]
kind = "zabbix"
url = "{server.url}"
user = "{ADMIN[0]}"
secret = "command:printf {ADMIN[1]}"
requests_per_minute = 60000
every = "{every}"
"""


async def _measured(what: str, source: ZabbixSource, sent: list[bytes], server: ZabbixServer, folder: Path) -> int:
    """How many requests it took; prints the rest."""
    before = len(sent)
    cpu, began = time.process_time(), time.perf_counter()
    reading = await source.poll()
    took, cpu = time.perf_counter() - began, time.process_time() - cpu
    bodies = [body for body in sent[before:] if b'"script.get"' not in body]
    plain = _by_curl(bodies, server.url, folder)
    ratio = f", {took / plain:.2f} times curl's {plain:.2f} s" if plain else ""
    print(
        f"{what}: {len(reading.sightings):,} hosts, {len(reading.checks):,} checks in {took:.2f} s, "
        f"{cpu:.2f} s of them our processor's, {len(bodies)} requests{ratio}"
    )
    return len(bodies)


def _listen(source: ZabbixSource) -> list[bytes]:
    """The bodies of all requests from now on."""
    sent: list[bytes] = []
    http = source._session._http
    ask = http.request

    async def request(method: str, path: str, **more: Any) -> Any:
        sent.append(more["content"])
        return await ask(method, path, **more)

    http.request = request  # type: ignore[method-assign]
    return sent


def _by_curl(bodies: list[bytes], url: str, folder: Path) -> float:
    """Seconds for the same answers over one connection; 0 where there is no curl."""
    if shutil.which("curl") is None:
        return 0.0
    words = ["curl", "-sS"]
    for number, body in enumerate(bodies):
        file = folder / f"{number}.json"
        file.write_bytes(body)
        words += ["--next"] if number else []
        words += ["-H", "Content-Type: application/json-rpc", "-d", f"@{file}", "-o", os.devnull, url]
    began = time.perf_counter()
    subprocess.run(words, check=True)
    return time.perf_counter() - began
