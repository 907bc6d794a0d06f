"""What goes wrong with devices, agents and credentials: each has its own words, and nothing is green meanwhile."""

from __future__ import annotations

import asyncio
from pathlib import Path

import pytest

from backends.adapters.snmp import ber
from backends.adapters.snmp.messages import REPORT
from backends.adapters.snmp.usm import _parts
from backends.api import FaultKind, Part, Reading
from backends.engine.clock import SystemClock
from backends.fleet.model import CheckState, Health
from backends.testing import FakeClock
from tests.real.snmp.conftest import Agents
from tests.real.snmp.test_reads import configured
from tests.support.office import Office
from tests.support.servers.snmp import AUTH, COMMUNITY, PRIVACY, USER, Proxy
from tests.support.snmp_agent import changed, open_snmp, recorded
from tests.support.snmp_users import SIGNED, message

pytestmark = pytest.mark.real

WRONG = "not the right one at all"


def part_of(tmp_path: Path, at: str, timing: FakeClock | SystemClock | None = None, **options: object) -> Part:
    secret = {"secret": COMMUNITY, **options}
    return open_snmp(tmp_path, [at], timing or FakeClock(), **secret).parts()[0]  # type: ignore[arg-type]


def version_3(tmp_path: Path, at: str, **options: object) -> Part:
    wanted = {"secret": f"{AUTH}:{PRIVACY}", "version": "3", "user": USER, **options}
    return part_of(tmp_path, at, SystemClock(), **wanted)


def wrong(reading: Reading) -> dict[str, CheckState]:
    return {check.key: check.state for check in reading.checks if check.state is not CheckState.OK}


def sentence(part: Part) -> tuple[FaultKind, str]:
    assert part.fault is not None
    return part.fault.kind, part.fault.sentence


async def test_an_interface_goes_down_and_comes_up(agents: Agents, tmp_path: Path) -> None:
    part = part_of(tmp_path, agents.switch.at, thresholds={"network": {"up": ["Gi0/1"]}})
    assert wrong(await part.poll()) == {}
    agents.switch.serve(changed(recorded("switch"), {"1.3.6.1.2.1.2.2.1.8.1": "2", "1.3.6.1.2.1.2.2.1.8.2": "2"}))
    assert agents.switch.asked(".1.3.6.1.2.1.2.2.1.8.1") == "2"
    assert wrong(await part.poll()) == {"network/Gi0/1": CheckState.CRITICAL, "network/Gi0/2": CheckState.WARNING}
    agents.restore()
    assert wrong(await part.poll()) == {}


async def test_a_disk_that_is_full_is_told(agents: Agents, tmp_path: Path) -> None:
    limits = {"disk": {"warn": 1, "crit": 2, "warn_left": "off", "crit_left": "off"}}
    reading = await part_of(tmp_path, agents.here.at, thresholds=limits).poll()
    assert wrong(reading)["disk//"] is CheckState.CRITICAL


async def test_the_rate_of_this_machines_interface_is_what_passed_between_two_looks(
    agents: Agents, tmp_path: Path
) -> None:
    """Through a restart of the agent, after which for once no rate is told, and none is ever negative."""
    clock = FakeClock()
    part = part_of(tmp_path, agents.here.at, clock)
    await part.poll()
    rates: list[list[float]] = []
    for restart in (False, True, False):
        if restart:
            agents.here.stop()
            agents.here.start()
            agents.here.wait()
        await clock.advance(30)
        reading = await part.poll()
        assert part.fault is None
        rates.append([check.value for check in reading.checks if check.family == "traffic" and check.value is not None])
    before, across, after = rates
    assert len(before) == len(after)
    assert across == []
    assert min([*before, *after], default=0.0) >= 0.0


async def test_a_wrong_community_says_what_it_may_be(agents: Agents, tmp_path: Path) -> None:
    part = part_of(tmp_path, agents.switch.at, secret=WRONG, deadline="600ms")
    reading = await part.poll()
    kind, words = sentence(part)
    assert kind is FaultKind.TIMEOUT
    assert "down or cut off" in words
    assert "the community is wrong" in words
    assert wrong(reading) == {"reachable": CheckState.CRITICAL}


async def test_a_silent_host_says_the_same(mute: str, tmp_path: Path) -> None:
    part = part_of(tmp_path, mute, deadline="600ms")
    reading = await part.poll()
    assert sentence(part)[0] is FaultKind.TIMEOUT
    assert reading.sightings[0].health is Health.DOWN


@pytest.mark.parametrize(
    ("options", "words"),
    [
        ({"secret": f"{WRONG}:{PRIVACY}"}, "refuses the authentication passphrase of monitor"),
        ({"auth": "sha"}, "refuses the authentication passphrase of monitor"),
        ({"secret": f"{AUTH}:{WRONG}", "deadline": "600ms"}, "the privacy passphrase is wrong"),
        ({"user": "nobody"}, "knows no user nobody"),
        ({"user": "open", "auth": "sha384"}, "does not let open in at this level of security"),
    ],
)
async def test_what_is_wrong_with_a_user_is_told_apart(
    options: dict[str, str], words: str, agents: Agents, tmp_path: Path
) -> None:
    part = version_3(tmp_path, agents.switch.at, **options)
    reading = await part.poll()
    kind, told = sentence(part)
    assert kind is FaultKind.CREDENTIALS
    assert words in told
    assert wrong(reading) == {"reachable": CheckState.UNKNOWN}
    assert reading.sightings[0].health is Health.UNKNOWN
    assert WRONG not in repr(reading)
    assert AUTH not in told


@pytest.mark.parametrize(
    ("user", "auth", "privacy"),
    [
        ("old", "md5", "aes"),
        ("sha1", "sha", "aes"),
        ("short", "sha", "aes256"),
        ("long", "sha224", "aes192"),
        ("strong", "sha512", "aes256"),
        ("open", "sha384", "none"),
    ],
)
async def test_users_of_every_kind_are_let_in(
    user: str, auth: str, privacy: str, agents: Agents, tmp_path: Path
) -> None:
    secret = AUTH if privacy == "none" else f"{AUTH}:{PRIVACY}"
    part = version_3(tmp_path, agents.switch.at, secret=secret, user=user, auth=auth, privacy=privacy)
    reading = await part.poll()
    assert part.fault is None
    assert len(reading.checks) == 10


async def test_an_agent_that_says_no_time_when_it_is_greeted_is_asked_by_that_of_its_complaint(
    agents: Agents, proxy: Proxy, tmp_path: Path
) -> None:
    """As RFC 3414 §4 has it: id first, then boots and time, and those signed."""

    def timeless(answer: bytes) -> list[bytes]:
        parts = _parts(answer)
        if parts.flags & SIGNED:
            return [answer]
        hello = ber.encoded(REPORT, ber.integer(0) * 3 + ber.sequence())
        return [message(parts.number, hello, flags=0, engine=parts.engine, boots=0, time=0, user=b"")]

    proxy.change = timeless
    part = version_3(tmp_path, f"127.0.0.1:{proxy.port}")
    assert wrong(await part.poll()) == {}
    assert part.fault is None


@pytest.mark.parametrize("forgets", [False, True])
async def test_an_agent_that_was_restarted_is_asked_by_its_new_clock(
    forgets: bool, agents: Agents, tmp_path: Path
) -> None:
    """As the engine that it was, with one boot more; or as another one, as a device that was replaced is."""
    part = version_3(tmp_path, agents.ups.at)
    assert "battery" in wrong(await part.poll())
    agents.ups.stop()
    if forgets:
        agents.ups.forget()
    agents.ups.start()
    agents.ups.wait()
    assert "battery" in wrong(await part.poll())
    assert part.fault is None


async def test_an_answer_that_was_changed_on_the_way_is_not_believed(
    agents: Agents, proxy: Proxy, tmp_path: Path
) -> None:
    """F-71: one bit, wherever, in what is encrypted and what is not."""
    part = version_3(tmp_path, f"127.0.0.1:{proxy.port}", deadline="600ms")
    assert wrong(await part.poll()) == {}
    proxy.change = lambda answer: [_flipped(answer, place) for place in range(0, len(answer), 11)]
    reading = await part.poll()
    assert part.fault is not None
    assert "reachable" in wrong(reading)


async def test_an_answer_of_before_is_not_believed(agents: Agents, proxy: Proxy, tmp_path: Path) -> None:
    part = version_3(tmp_path, f"127.0.0.1:{proxy.port}", deadline="600ms")
    await part.poll()
    old = [*proxy.answers]
    proxy.change = lambda _: old
    await part.poll()
    assert part.fault is not None
    proxy.change = lambda answer: [*old, answer]  # and hides no new one
    assert wrong(await part.poll()) == {}
    assert part.fault is None


async def test_answers_twice_late_and_out_of_order_are_one_answer(agents: Agents, proxy: Proxy, tmp_path: Path) -> None:
    late: list[bytes] = []

    def twice(answer: bytes) -> list[bytes]:
        sent = [*late, answer, answer]
        late[:] = [answer]
        return sent

    proxy.change = twice
    part = part_of(tmp_path, f"127.0.0.1:{proxy.port}")
    reading = await part.poll()
    assert part.fault is None
    assert len(reading.checks) == 10


async def test_many_hosts_at_once_wait_for_none_that_is_silent(agents: Agents, mute: str, tmp_path: Path) -> None:
    source = open_snmp(
        tmp_path, [agents.switch.at, mute, agents.printer.at], SystemClock(), secret=COMMUNITY, deadline="20s"
    )
    parts = source.parts()
    silent = asyncio.ensure_future(parts[1].poll())
    for part in (parts[0], parts[2]):
        await part.poll()
        assert part.fault is None
    assert not silent.done()
    silent.cancel()
    await asyncio.gather(silent, return_exceptions=True)


def test_an_agent_that_is_stopped_is_down_and_comes_back_by_itself(office: Office, agents: Agents) -> None:
    configured(office, {"sw1": agents.switch.at}, every="5s")
    with office.follow("devices") as devices:
        devices.until(lambda: devices.facts.get("sw1", {}).get("health") == "ok", "the switch up")
        agents.switch.stop()
        try:
            devices.until(lambda: devices.facts.get("sw1", {}).get("health") == "down", "the switch down")
            (issue,) = office.items("issues")
            assert "no SNMP agent listens" in issue["title"]
        finally:
            agents.switch.start()
            agents.switch.wait()
        devices.until(lambda: devices.facts.get("sw1", {}).get("health") == "ok", "the switch up again")


def _flipped(answer: bytes, place: int) -> bytes:
    other = bytearray(answer)
    other[place] ^= 1
    return bytes(other)
