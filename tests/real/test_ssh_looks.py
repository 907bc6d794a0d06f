"""Looks at real hosts: faults that were made in them are found, and only these."""

from __future__ import annotations

import asyncio
import os
import shutil
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from backends.adapters.ssh.source import SshSource
from backends.api import FaultKind, Reading, RunId, Script
from backends.fleet.model import Health
from tests.support.hosts import Host, Hosts
from tests.support.ssh_source import check, polled, ssh_source, trouble, trust

pytestmark = pytest.mark.real

QUIET = {"load": {"warn": "off", "crit": "off"}, "memory": {"warn": "off", "crit": "off"}, "clock": {"warn": 30}}
"""What other work on this machine may disturb."""
_OF_THE_MACHINE = {"disk//", "inode//", "mount//", "swap", "kernel/oom", "kernel/disk", "reboot"}
"""What test hosts share with the machine below, which may have troubles of its own."""


async def test_five_hosts_show_the_faults_that_were_made_and_no_others(hosts: Hosts, tmp_path: Path) -> None:
    well, stopped, full, busy, expiring = hosts.add_many(5, services=("webshop", "mailer"))
    stopped.stop_service("webshop")
    full.fill("/var/tmp", 97)
    pid = busy.runaway()
    expiring.certificate("/srv/data/site.pem", days=5)
    for host in (well, stopped, full, busy):
        host.certificate("/srv/data/site.pem", days=300)
    trust(tmp_path, well, stopped, full, busy, expiring)
    async with ssh_source(
        hosts,
        [host.at for host in (well, stopped, full, busy, expiring)],
        tmp_path,
        services=["webshop", "mailer"],
        certificates=["/srv/data/site.pem"],
        thresholds={**QUIET, "process": {"cpu": 20, "warn_after": 1}},
    ) as source:
        readings = await _until_runaway(source, busy.native)
        own = {native: set(trouble(reading)) - _OF_THE_MACHINE for native, reading in readings.items()}
        assert own == {
            well.native: set(),
            stopped.native: {"service/webshop"},
            full.native: {"disk//var/tmp"},
            busy.native: {"process/report-gen"},
            expiring.native: {"certificate//srv/data/site.pem"},
        }
        runaway = check(readings[busy.native], "process/report-gen")
        assert runaway.target.split(":")[0] == str(pid)


async def _until_runaway(source: SshSource, native: str) -> dict[str, Reading]:
    """Looks until the busy process has used enough time to be told from one that works for a moment."""
    async with asyncio.timeout(60):
        while True:
            readings = {name: reading for name, (_, reading) in (await polled(source)).items()}
            if "process/report-gen" in trouble(readings[native]):
                return readings


async def test_a_host_is_known_by_what_it_is(hosts: Hosts, tmp_path: Path) -> None:
    host = hosts.add("files01")
    trust(tmp_path, host)
    async with ssh_source(hosts, [host.at], tmp_path) as source:
        ((_, reading),) = (await polled(source)).values()
        (sighting,) = reading.sightings
        assert (sighting.name, sighting.platform, sighting.health) == ("files01", "linux", Health.OK)
        assert (sighting.identity.machine, sighting.identity.host_key) == (host.machine_id, host.fingerprint)
        assert sighting.boot_id == host.boot_id
        assert (sighting.native, reading.covers, reading.complete) == (host.native, (host.native,), False)
        identity, boot_id = await source.identify(host.native)
        assert (identity.machine, identity.host_key) == (host.machine_id, host.fingerprint)
        assert boot_id == host.boot_id


async def test_one_connection_serves_all_looks(hosts: Hosts, tmp_path: Path) -> None:
    made = hosts.add_many(3)
    trust(tmp_path, *made)
    async with ssh_source(hosts, [host.at for host in made], tmp_path) as source:
        for _ in range(5):
            assert [part.fault for part, _ in (await polled(source)).values()] == [None] * 3
        await source.identify(made[0].native)
        await source.look(made[0].native)
    assert [host.logins for host in made] == [1, 1, 1]


async def test_a_connection_that_died_is_made_anew_in_the_same_look(hosts: Hosts, tmp_path: Path) -> None:
    host = hosts.add(wired=True)
    trust(tmp_path, host)
    async with ssh_source(hosts, [host.at], tmp_path) as source:
        await polled(source)
        host.cut()
        ((part, _),) = (await polled(source)).values()
        assert part.fault is None
    assert host.logins == 2


async def test_a_restarted_service_is_seen_at_the_next_look(hosts: Hosts, tmp_path: Path) -> None:
    host = hosts.add()
    host.stop_service("webshop")
    trust(tmp_path, host)
    async with ssh_source(hosts, [host.at], tmp_path, services=["webshop"]) as source:
        assert "service/webshop" in trouble(await source.look(host.native))
        host.start_service("webshop")
        assert "service/webshop" not in trouble(await source.look(host.native))


async def test_a_password_opens_a_host_where_no_key_is_given(hosts: Hosts, tmp_path: Path) -> None:
    host = hosts.add()
    trust(tmp_path, host)
    address = host.at.replace("root@", "tech@")
    async with ssh_source(hosts, [address], tmp_path, secret=hosts.password) as source:
        ((part, reading),) = (await polled(source)).values()
        assert part.fault is None
        assert reading.sightings[0].identity.machine == host.machine_id


async def test_a_key_with_a_passphrase_takes_it_from_the_secret(hosts: Hosts, tmp_path: Path) -> None:
    host = hosts.add()
    trust(tmp_path, host)
    locked = hosts.locked_key("open sesame")
    async with ssh_source(hosts, [host.at], tmp_path, secret="open sesame", key=str(locked)) as source:
        assert [part.fault for part, _ in (await polled(source)).values()] == [None]
    async with ssh_source(hosts, [host.at], tmp_path, secret="open barley", key=str(locked)) as source:
        ((part, _),) = (await polled(source)).values()
        assert "does not open the key" in str(part.fault)


async def test_keys_of_an_agent_are_offered_when_asked_for(
    hosts: Hosts, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    host = hosts.add()
    trust(tmp_path, host)
    with agent(tmp_path / "agent", monkeypatch):
        async with ssh_source(hosts, [host.at], tmp_path, secret="unused", agent=True) as source:
            ((part, _),) = (await polled(source)).values()
            assert "holds no key" in str(part.fault)
            await asyncio.to_thread(subprocess.run, ["ssh-add", "-q", str(hosts.key)], check=True)
            ((part, _),) = (await polled(source)).values()
            assert part.fault is None


@contextmanager
def agent(path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """A real ssh-agent for this test."""
    monkeypatch.setenv("SSH_AUTH_SOCK", str(path))
    with subprocess.Popen(["ssh-agent", "-D", "-a", str(path)], stdout=subprocess.DEVNULL) as process:
        try:
            end = time.monotonic() + 20
            while not path.exists() and time.monotonic() < end:
                os.sched_yield()
            yield
        finally:
            process.terminate()


async def test_an_ordinary_account_looks_as_root_through_sudo(hosts: Hosts, tmp_path: Path) -> None:
    if shutil.which("sudo") is None:
        pytest.skip("needs sudo (Debian package sudo)")
    host = hosts.add()
    trust(tmp_path, host)
    address = host.at.replace("root@", "tech@")
    async with ssh_source(hosts, [address], tmp_path, secret=hosts.password, sudo=True) as source:
        ((part, _),) = (await polled(source)).values()
        assert part.fault is not None
        assert part.fault.kind is FaultKind.FORBIDDEN
        assert "sudo without a password" in part.fault.sentence
        rule = "tech ALL=(root) NOPASSWD: /usr/bin/sh -s"
        host.run(f"echo '{rule}' >/etc/sudoers.d/tech && chmod 440 /etc/sudoers.d/tech")
        ((part, _),) = (await polled(source)).values()
        assert part.fault is None
        output: list[bytes] = []
        await source.execute(host.native, Script(code="id -un"), RunId("run-1"), output.append)
        assert output == [b"root\n"]


async def test_the_users_own_ssh_set_up_is_not_read(
    hosts: Hosts, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    host = hosts.add()
    home = tmp_path / "home"
    (home / ".ssh").mkdir(parents=True)
    marker = tmp_path / "MARKER"
    config = f'Host *\n  ProxyCommand touch {marker}\nMatch exec "touch {marker}"\n  User nobody\n'
    (home / ".ssh" / "config").write_text(config)
    (home / ".ssh" / "known_hosts").write_text(host.known_hosts_line + "\n")
    (home / ".ssh" / "id_ed25519").write_bytes(hosts.other_key.read_bytes())
    monkeypatch.setenv("HOME", str(home))
    monkeypatch.setenv("SSH_AUTH_SOCK", str(tmp_path / "no-agent"))
    async with ssh_source(hosts, [host.at], tmp_path) as source:
        ((part, _),) = (await polled(source)).values()
        assert "is not known yet" in str(part.fault)
        trust(tmp_path, host)
        ((part, _),) = (await polled(source)).values()
        assert part.fault is None
    assert not marker.exists()
    assert os.environ["HOME"] == str(home)


async def test_the_shell_command_opens_a_shell(hosts: Hosts, tmp_path: Path) -> None:
    host: Host = hosts.add("files01")
    trust(tmp_path, host)
    async with ssh_source(hosts, [host.at], tmp_path) as source:
        argv = source.shell(host.native)
        ssh = await asyncio.create_subprocess_exec(
            *argv,
            "hostname",
            stdin=asyncio.subprocess.DEVNULL,
            stdout=asyncio.subprocess.PIPE,
        )
        said, _ = await ssh.communicate()
        assert said == b"files01\n"
