"""Asking an agent that misbehaves: nothing false is believed, nothing is asked for ever, what can be told is told."""

from __future__ import annotations

from pathlib import Path

import pytest

from backends.adapters.snmp.messages import BULK
from backends.api import FaultKind, Part, Reading
from backends.fleet.model import CheckState, Health
from backends.testing import FakeClock
from tests.support.snmp_agent import COMMUNITY, Agent, agent, open_snmp, recorded

PORTS = [f"network/Gi0/{number}" for number in range(1, 9)]


def part_of(tmp_path: Path, switch: Agent, **options: object) -> Part:
    return open_snmp(tmp_path, [switch.port], **options).parts()[0]


def keys(reading: Reading, family: str = "network") -> list[str]:
    return [check.key for check in reading.checks if check.family == family]


def reachable(reading: Reading) -> tuple[CheckState, str]:
    return next((check.state, str(check.summary)) for check in reading.checks if check.key == "reachable")


async def test_what_hardly_changes_is_not_asked_for_again(switch: Agent, tmp_path: Path) -> None:
    part = part_of(tmp_path, switch)
    first = await part.poll()
    asked = len(switch.requests)
    again = await part.poll()
    assert keys(first) == keys(again) == PORTS
    assert len(switch.requests) - asked == 3
    assert asked >= 8


async def test_it_is_asked_for_again_after_half_an_hour(switch: Agent, tmp_path: Path) -> None:
    clock = FakeClock()
    part = part_of(tmp_path, switch, timing=clock)
    await part.poll()
    first = len(switch.requests)
    await clock.advance(1801)
    await part.poll()
    assert len(switch.requests) == 2 * first


@pytest.mark.parametrize("most", [20, 6, 1])
async def test_an_agent_that_says_too_big_is_asked_for_less(most: int, switch: Agent, tmp_path: Path) -> None:
    switch.too_big_over = most
    part = part_of(tmp_path, switch)
    assert keys(await part.poll()) == PORTS
    switch.requests.clear()
    assert keys(await part.poll()) == PORTS
    assert all(count * max(1, each) <= most for _, count, each in switch.requests)  # it is remembered


async def test_an_agent_that_loses_large_requests_is_asked_for_less(switch: Agent, tmp_path: Path) -> None:
    switch.loses_over = 12
    part = part_of(tmp_path, switch, deadline="3s")
    assert keys(await part.poll()) == PORTS
    switch.requests.clear()
    assert keys(await part.poll()) == PORTS
    assert all(count * max(1, each) <= 12 for _, count, each in switch.requests)


async def test_a_walk_that_goes_in_circles_ends(switch: Agent, tmp_path: Path) -> None:
    switch.circles = True
    part = part_of(tmp_path, switch)
    assert keys(await part.poll()) == PORTS
    assert len(switch.requests) < 40


async def test_a_table_is_read_to_its_bound_and_says_so(tmp_path: Path) -> None:
    rows = [row for row in recorded("switch") if not row[0].startswith("1.3.6.1.2.1.2.2.")]
    for port in range(1, 301):
        for column, kind, value in ((2, "OctetString", f"eth{port}"), (3, "Integer", "6"), (8, "Integer", "1")):
            rows.append((f"1.3.6.1.2.1.2.2.1.{column}.{port}", kind, value))
    with agent(rows) as large:
        source = open_snmp(tmp_path, [large.port], rows=50)
        reading = await source.poll()
        assert len(keys(reading)) == 50
        assert "truncated at 50 interfaces" in reading.note
        assert "truncated at 50 interfaces" in reachable(reading)[1]
        assert sum(count * each for kind, count, each in large.requests if kind == BULK) < 50 * 9 * 3 + 400


@pytest.mark.parametrize("how", ["number", "community", "cut"])
async def test_answers_that_are_not_ours_are_not_believed(how: str, switch: Agent, tmp_path: Path) -> None:
    """F-71: a wrong number, a wrong community, half a message: as if nothing had come."""
    switch.spoils = {how}
    part = part_of(tmp_path, switch, deadline="500ms")
    reading = await part.poll()
    assert part.fault is not None
    assert part.fault.kind is FaultKind.TIMEOUT
    assert reachable(reading)[0] is CheckState.CRITICAL


async def test_a_flood_of_foreign_datagrams_does_not_hide_the_answer(switch: Agent, tmp_path: Path) -> None:
    switch.before = [b"", b"\x30", b"\x30\x84\xff\xff\xff\xff", b"x" * 1400, b"\x30\x03\x02\x01\x01"]
    assert keys(await part_of(tmp_path, switch).poll()) == PORTS


async def test_a_table_that_is_refused_is_left_out_and_grows_old(switch: Agent, tmp_path: Path) -> None:
    part = part_of(tmp_path, switch)
    await part.poll()
    switch.refuses = {"1.3.6.1.2.1.2.2.1": 5}
    reading = await part.poll()
    assert keys(reading) == []
    assert reading.sightings[0].partial
    assert "interfaces left out" in reachable(reading)[1]


async def test_what_the_time_did_not_suffice_for_grows_old_and_the_device_stays_what_it_is(
    switch: Agent, tmp_path: Path
) -> None:
    """F-69: its ports are not gone, and it has not become another device."""
    part = part_of(tmp_path, switch, deadline="600ms")
    (before,) = (await part.poll()).sightings
    switch.mute_below = "1.3.6.1.2.1.2.2.1"
    reading = await part.poll()
    (after,) = reading.sightings
    assert part.fault is None
    assert after.partial
    assert (after.kind, after.identity) == ("switch", before.identity)
    assert "interfaces left out" in reachable(reading)[1]
    switch.mute_below = ""
    assert keys(await part.poll()) == PORTS


async def test_an_agent_that_answers_the_first_question_and_then_no_more_is_slow(switch: Agent, tmp_path: Path) -> None:
    switch.mute_below = "1.3.6.1.2.1.47"
    part = part_of(tmp_path, switch, deadline="600ms")
    await part.poll()
    assert part.fault is not None
    assert "too slowly" in part.fault.sentence


async def test_an_agent_that_shows_nothing_says_which_view_is_missing(tmp_path: Path) -> None:
    with agent([]) as bare:
        part = part_of(tmp_path, bare)
        reading = await part.poll()
        assert part.fault is not None
        assert part.fault.kind is FaultKind.FORBIDDEN
        assert "view of 1.3.6.1.2.1" in part.fault.sentence
        assert reading.sightings[0].health is Health.UNKNOWN


async def test_silence_tells_both_possibilities_until_it_has_answered_once(switch: Agent, tmp_path: Path) -> None:
    part = part_of(tmp_path, switch, deadline="500ms")
    switch.silent = True
    first = await part.poll()
    assert part.fault is not None
    assert "it is down or cut off" in part.fault.sentence
    assert "or the community is wrong" in part.fault.sentence
    assert first.sightings[0].health is Health.DOWN
    switch.silent = False
    seen = (await part.poll()).sightings[0]
    assert part.fault is None
    assert seen.health is Health.OK
    switch.silent = True
    late = await part.poll()
    assert part.fault is not None
    assert "community" not in part.fault.sentence
    assert late.sightings[0].name == "client01-sw1"
    assert late.sightings[0].partial


async def test_a_wrong_community_is_asked_for_again_and_then_right(switch: Agent, tmp_path: Path) -> None:
    """Whoever stores the right one does not have to start anything anew."""
    told = iter(["wrong", COMMUNITY])

    async def tell() -> str:
        return next(told)

    source = open_snmp(tmp_path, [switch.port], deadline="500ms")
    part = source.parts()[0]
    part._credentials._secret = tell  # type: ignore[attr-defined]
    await part.poll()
    assert part.fault is not None
    await part.poll()
    assert part.fault is None


async def test_a_port_where_nobody_listens_is_told_at_once(tmp_path: Path) -> None:
    with agent([]) as gone:
        port = gone.port
    part = open_snmp(tmp_path, [port]).parts()[0]
    await part.poll()
    assert part.fault is not None
    assert part.fault.kind is FaultKind.REFUSED
    assert "no SNMP agent listens" in part.fault.sentence


async def test_no_sentence_holds_the_secret(switch: Agent, tmp_path: Path) -> None:
    switch.silent = True
    part = part_of(tmp_path, switch, deadline="500ms")
    reading = await part.poll()
    assert COMMUNITY not in repr(reading)
    assert COMMUNITY not in repr(part.fault)


@pytest.mark.parametrize(
    ("secret", "private", "wrong"),
    [
        ("short", False, "8 characters"),
        ("long enough:short", True, "8 characters"),
        ("first line\nsecond line\nthird line", True, "more than two lines"),
        ("", True, "8 characters"),
    ],
)
async def test_passphrases_that_cannot_be_are_named(secret: str, private: bool, wrong: str, tmp_path: Path) -> None:
    part = open_snmp(
        tmp_path, ["127.0.0.1:9"], secret=secret, version="3", user="monitor", privacy="aes" if private else "none"
    ).parts()[0]
    reading = await part.poll()
    assert part.fault is not None
    assert part.fault.kind is FaultKind.SECRET
    assert wrong in part.fault.sentence
    assert reading.sightings[0].health is Health.UNKNOWN
