"""Hosts that cannot be looked at: each says why on its own row, within its deadline, and holds up nobody else."""

from __future__ import annotations

import asyncio
from pathlib import Path

import pytest

from backends.adapters.ssh import accept_host_key, fetch_host_key, known_host_keys
from backends.api import FaultKind, NotSent, Part, Reading, SourceError
from backends.fleet.model import Health
from tests.support.hosts import Hosts
from tests.support.ssh_source import DEADLINE_S, check, polled, ssh_source, trust

pytestmark = pytest.mark.real

GRACE_S = 10.0
"""Beyond a deadline, for a machine that does other work too."""


async def test_every_failure_has_its_own_sentence_and_good_hosts_stay_fresh(hosts: Hosts, tmp_path: Path) -> None:
    good = hosts.add_many(3)
    changed, unknown = hosts.add_many(2)
    trust(tmp_path, *good, changed)
    changed.change_host_key()
    silent, banner, slow, other, refused = (
        hosts.silent(),
        hosts.banner_only(),
        hosts.dripping(),
        hosts.not_ssh(),
        hosts.refused(),
    )
    expected = {
        changed.native: (FaultKind.HOST_KEY_CHANGED, "STOP: the host key"),
        unknown.native: (FaultKind.HOST_KEY_UNKNOWN, "is not known yet"),
        silent.at: (FaultKind.TIMEOUT, "accepts connections and says nothing"),
        banner.at: (FaultKind.TIMEOUT, "greets as an SSH server and then says nothing"),
        slow.at: (FaultKind.TIMEOUT, "answers too slowly"),
        other.at: (FaultKind.PROTOCOL, "is no SSH server"),
        refused.at: (FaultKind.REFUSED, "refuses connections"),
        "no-such-host.invalid": (FaultKind.NAME, "could not be resolved"),
    }
    addresses = [*expected, *(host.at for host in good)]
    loop = asyncio.get_running_loop()
    ended: dict[str, float] = {}
    async with ssh_source(hosts, addresses, tmp_path) as source:
        began = loop.time()

        async def timed(part: Part) -> tuple[Part, Reading]:
            reading = await part.poll()
            ended[part.native] = loop.time() - began
            return part, reading

        seen = {part.native: (part, reading) for part, reading in await asyncio.gather(*map(timed, source.parts()))}
    for native, (kind, words) in expected.items():
        part, reading = seen[native]
        assert part.fault is not None
        assert (part.fault.kind, words in part.fault.sentence) == (kind, True), part.fault.sentence
        assert check(reading, "reachable").summary == part.fault.sentence
        assert reading.sightings[0].partial
        assert ended[native] < DEADLINE_S + GRACE_S
    assert len({seen[native][0].fault.sentence for native in expected}) == len(expected)
    for host in good:
        part, reading = seen[host.native]
        assert part.fault is None
        assert ended[host.native] < ended[silent.at], "a good host waited for a bad one"


async def test_a_changed_key_is_a_hard_stop_that_shows_both(hosts: Hosts, tmp_path: Path) -> None:
    """F-51."""
    host = hosts.add()
    old = host.fingerprint
    trust(tmp_path, host)
    async with ssh_source(hosts, [host.at], tmp_path) as source:
        assert [part.fault for part, _ in (await polled(source)).values()] == [None]
        host.change_host_key()
        ((part, reading),) = (await polled(source)).values()
        assert part.fault is not None
        assert part.fault.kind is FaultKind.HOST_KEY_CHANGED
        assert part.fault.needs_hand
        assert old in part.fault.sentence
        assert host.fingerprint in part.fault.sentence
        assert reading.sightings[0].health is Health.UNKNOWN
        logins = host.logins
        with pytest.raises(NotSent, match="STOP"):
            await source.identify(host.native)
    assert host.logins == logins


async def test_a_key_that_was_fetched_and_accepted_lets_us_in(hosts: Hosts, tmp_path: Path) -> None:
    host = hosts.add()
    key = await fetch_host_key(host.address, host.port, 20)
    assert (key.type, key.fingerprint) == ("ssh-ed25519", host.fingerprint)
    assert host.logins == 0
    accept_host_key(tmp_path / "known_hosts", host.address, host.port, key)
    assert known_host_keys(tmp_path / "known_hosts", host.address, host.port) == (key,)
    async with ssh_source(hosts, [host.at], tmp_path) as source:
        assert [part.fault for part, _ in (await polled(source)).values()] == [None]


async def test_fetching_a_key_from_what_is_no_server_says_why(hosts: Hosts) -> None:
    nobody = hosts.refused()
    with pytest.raises(SourceError, match="refuses connections"):
        await fetch_host_key(nobody.address, nobody.port, 5)
    mute = hosts.banner_only()
    with pytest.raises(SourceError, match="greets as an SSH server"):
        await fetch_host_key(mute.address, mute.port, 1)


async def test_a_wrong_key_is_said_to_be_wrong(hosts: Hosts, tmp_path: Path) -> None:
    host = hosts.add()
    trust(tmp_path, host)
    async with ssh_source(hosts, [host.at], tmp_path, key=str(hosts.other_key)) as source:
        ((part, reading),) = (await polled(source)).values()
        assert part.fault is not None
        assert part.fault.kind is FaultKind.CREDENTIALS
        assert "refuses the log-in of root by the key" in part.fault.sentence
        assert reading.sightings[0].health is Health.UNKNOWN


async def test_a_wrong_password_is_tried_once(hosts: Hosts, tmp_path: Path) -> None:
    """F-27."""
    host = hosts.add()
    trust(tmp_path, host)
    address = host.at.replace("root@", "tech@")
    async with ssh_source(hosts, [address], tmp_path, secret="wrong") as source:
        ((part, _),) = (await polled(source)).values()
        assert part.fault is not None
        assert part.fault.kind is FaultKind.CREDENTIALS
    assert host.log.count("Failed password for tech") == 1


async def test_a_host_that_falls_silent_keeps_its_last_good_look(hosts: Hosts, tmp_path: Path) -> None:
    host = hosts.add("files01", wired=True)
    trust(tmp_path, host)
    async with ssh_source(hosts, [host.at], tmp_path, deadline=2) as source:
        ((_, before),) = (await polled(source)).values()
        assert host.wire is not None
        host.wire.hold()
        ((part, after),) = (await polled(source)).values()
        assert part.fault is not None
        assert part.fault.kind is FaultKind.TIMEOUT
        assert after.sightings[0].seen == before.sightings[0].seen
        assert (after.sightings[0].name, after.sightings[0].health) == ("files01", Health.DOWN)
        assert [entry.family for entry in after.checks] == ["reachable"]
        host.wire.release()
        ((part, _),) = (await polled(source)).values()
        assert part.fault is None


async def test_bad_hosts_never_keep_good_ones_waiting(hosts: Hosts, tmp_path: Path) -> None:
    """F-78."""
    good = hosts.add_many(4)
    trust(tmp_path, *good)
    bad = [hosts.banner_only() for _ in range(30)]
    addresses = [*(entry.at for entry in bad), *(host.at for host in good)]
    async with ssh_source(hosts, addresses, tmp_path, deadline=60) as source:
        hanging = [asyncio.ensure_future(part.poll()) for part in source.parts()[:30]]
        readings = await asyncio.gather(*(part.poll() for part in source.parts()[30:]))
        assert [check(reading, "reachable").state for reading in readings] == ["ok"] * 4
        assert not any(task.done() for task in hanging)
        for task in hanging:
            task.cancel()
        await asyncio.wait(hanging)
