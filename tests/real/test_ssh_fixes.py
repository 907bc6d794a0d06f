"""Steps of fixes on real hosts: their end is known, or it is said that it is not."""

from __future__ import annotations

import asyncio
from pathlib import Path

import psutil
import pytest

from backends.api import NotSent, OutcomeUnknown, RunId, Script
from tests.support.hosts import Hosts
from tests.support.ssh_source import ssh_source, trouble, trust

pytestmark = pytest.mark.real

RUN = RunId("run-1")


async def test_a_step_runs_with_its_parameters_and_tells_its_exit(hosts: Hosts, tmp_path: Path) -> None:
    host = hosts.add()
    trust(tmp_path, host)
    output: list[bytes] = []
    async with ssh_source(hosts, [host.at], tmp_path) as source:
        script = Script(code='printf "<%s>" "$@"; echo oops >&2; exit 7', arguments=("it's", "$(id)\n", ""))
        assert (await source.execute(host.native, script, RUN, output.append)).exit == 7
    assert b"".join(output).startswith(b"<it's><$(id)\n><>")


async def test_errors_of_a_step_are_part_of_its_output(hosts: Hosts, tmp_path: Path) -> None:
    host = hosts.add()
    trust(tmp_path, host)
    output: list[bytes] = []
    async with ssh_source(hosts, [host.at], tmp_path) as source:
        await source.execute(host.native, Script(code="echo oops >&2"), RUN, output.append)
    assert b"".join(output) == b"oops\n"


async def test_a_stopped_service_is_started_and_seen_running(hosts: Hosts, tmp_path: Path) -> None:
    host = hosts.add()
    host.stop_service("webshop")
    trust(tmp_path, host)
    async with ssh_source(hosts, [host.at], tmp_path, services=["webshop"]) as source:
        script = Script(code='service "$1" restart', arguments=("webshop",))
        assert (await source.execute(host.native, script, RUN, lambda _: None)).exit == 0
        assert "service/webshop" not in trouble(await source.look(host.native))


async def test_a_connection_cut_in_the_middle_leaves_the_outcome_unknown(hosts: Hosts, tmp_path: Path) -> None:
    """F-08."""
    host = hosts.add(wired=True)
    trust(tmp_path, host)
    async with ssh_source(hosts, [host.at], tmp_path) as source:
        script = Script(code="echo x >>/run/host/ran; sleep 60; echo y >>/run/host/ran")
        running = asyncio.ensure_future(source.execute(host.native, script, RUN, lambda _: None))
        await asyncio.to_thread(host.wait_for, "/run/host/ran")
        host.cut()
        with pytest.raises(OutcomeUnknown, match="it may have run"):
            await running
    assert (host.state / "ran").read_text() == "x\n"


async def test_a_connection_that_was_cut_before_leaves_nothing_sent(hosts: Hosts, tmp_path: Path) -> None:
    host = hosts.add(wired=True)
    trust(tmp_path, host)
    async with ssh_source(hosts, [host.at], tmp_path) as source:
        await source.look(host.native)
        host.power_off()
        with pytest.raises(NotSent):
            await source.execute(host.native, Script(code="touch /run/host/ran"), RUN, lambda _: None)
    assert not (host.state / "ran").exists()


async def test_a_step_that_does_not_end_is_unknown_at_its_deadline(hosts: Hosts, tmp_path: Path) -> None:
    """F-09."""
    host = hosts.add()
    trust(tmp_path, host)
    async with ssh_source(hosts, [host.at], tmp_path) as source:
        with pytest.raises(OutcomeUnknown, match="may still run"):
            await source.execute(host.native, Script(code="sleep 60", deadline_s=1.0), RUN, lambda _: None)
        assert trouble(await source.look(host.native)).get("reachable") is None


async def test_a_reboot_ends_the_connection_and_is_seen_by_its_boot_id(hosts: Hosts, tmp_path: Path) -> None:
    host = hosts.add()
    trust(tmp_path, host)
    async with ssh_source(hosts, [host.at], tmp_path) as source:
        _, before = await source.identify(host.native)
        done = await source.execute(host.native, Script(code="reboot; sleep 60", disconnects=True), RUN, lambda _: None)
        assert done.exit == 0
        await asyncio.to_thread(host.wait_ready, before)
        _, after = await source.identify(host.native)
        assert after != before


async def test_an_unknown_host_is_not_sent_to(hosts: Hosts, tmp_path: Path) -> None:
    """F-51."""
    host = hosts.add()
    async with ssh_source(hosts, [host.at], tmp_path) as source:
        with pytest.raises(NotSent, match="has no host"):
            await source.identify("10.9.9.9")
        with pytest.raises(NotSent, match="not known yet"):
            await source.execute(host.native, Script(code="true"), RUN, lambda _: None)


async def test_a_flood_is_taken_in_pieces_and_lets_others_work(hosts: Hosts, tmp_path: Path) -> None:
    """F-41."""
    flooding, calm = hosts.add_many(2)
    trust(tmp_path, flooding, calm)
    taken = 0

    def emit(piece: bytes) -> None:
        nonlocal taken
        taken += len(piece)

    async with ssh_source(hosts, [flooding.at, calm.at], tmp_path, deadline=30) as source:
        await source.look(calm.native)
        before = psutil.Process().memory_info().rss
        flood = asyncio.ensure_future(
            source.execute(flooding.native, Script(code="cat /dev/zero", deadline_s=3.0), RUN, emit)
        )
        for _ in range(3):
            assert trouble(await source.look(calm.native)).get("reachable") is None
        with pytest.raises(OutcomeUnknown):
            await flood
    assert taken > 1024 * 1024
    assert psutil.Process().memory_info().rss - before < 64 * 1024 * 1024


async def test_no_parameter_is_in_the_process_list_of_the_host(hosts: Hosts, tmp_path: Path) -> None:
    """F-45, F-55."""
    host = hosts.add()
    trust(tmp_path, host)
    output: list[bytes] = []
    async with ssh_source(hosts, [host.at], tmp_path) as source:
        script = Script(code="ps -eo args", arguments=("canary-5d41402a",))
        await source.execute(host.native, script, RUN, output.append)
    assert b"sh -s" in b"".join(output)
    assert b"canary" not in b"".join(output)
