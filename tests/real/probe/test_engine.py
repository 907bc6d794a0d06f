"""An engine that looks at a server which stops and comes back."""

from __future__ import annotations

from pathlib import Path

import pytest

from backends.adapters.probe.source import ProbeSource
from backends.bootstrap.assembly import desk_over
from backends.desk.protocol import Views
from backends.engine.clock import SystemClock
from backends.engine.polling import Polled
from backends.fleet.model import Freshness, Health, Source
from tests.support.bench import CONFIG, places_in
from tests.support.ports import free_port
from tests.support.probing import listening, pinging_or_skip, settings

pytestmark = pytest.mark.real


async def open_issues(desk: Views) -> list[str]:
    return [issue.key for issue in (await desk.picture()).issues.values() if issue.state == "open"]


async def test_a_port_that_stops_is_an_issue_and_over_when_it_is_back(tmp_path: Path) -> None:
    await pinging_or_skip()
    port = free_port()
    check = {"device": "fw", "tcp": f"127.0.0.2:{port}"}
    source = ProbeSource(settings(targets=["fw=127.0.0.2"], check=[check]))
    as_source = Source(name=source.name, kind="probe", state=Freshness.STALE)
    desk = await desk_over([(Polled(source, 300.0), as_source)], CONFIG, places_in(tmp_path), SystemClock())
    try:
        async with listening("127.0.0.2", port):
            await desk.first_round()
            assert await open_issues(desk) == []
            assert [one.health for one in await desk.devices()] == [Health.OK]
        await desk.refresh()
        assert await open_issues(desk) == [f"tcp/127.0.0.2:{port}"]
        assert [one.health for one in await desk.devices()] == [Health.DEGRADED]
        async with listening("127.0.0.2", port):
            await desk.refresh()
            assert await open_issues(desk) == []
    finally:
        await desk.close()
