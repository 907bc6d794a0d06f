"""What it says of itself, of our user, and of what there is to place devices by."""

from __future__ import annotations

import pytest

from backends.adapters.tactical_rmm.source import TacticalRmm
from backends.api import FaultKind, Introduces, SourceError
from tests.support import faulty
from tests.support.tactical import FakeRmm

SEEN = {
    "can_list_clients": "see clients and sites",
    "can_list_agents": "see agents",
    "can_list_alerts": "see alerts",
    "can_list_checks": "see checks",
    "can_list_agent_history": "see how scripts ended",
    "can_list_scripts": "see scripts",
}


async def test_it_says_what_it_is_and_what_is_there(source: TacticalRmm, rmm: FakeRmm) -> None:
    assert isinstance(source, Introduces)
    told = await source.introduce()
    assert told.product == "Tactical RMM 1.5.1"
    assert told.facts["client_name"] == ("Acme Dental", "Baker Law")
    assert told.facts["site_name"] == ("Depot", "HQ", "Main")
    rights = {right.what: right.granted for right in told.rights}
    assert {what: rights[what] for what in SEEN.values()} == dict.fromkeys(SEEN.values(), True)
    assert rights["see all of them (it sees 5 agents of 2 clients)"] is None
    assert rights["run scripts"] is None
    assert rmm.told == []


@pytest.mark.parametrize("right", SEEN)
async def test_a_right_that_is_missing_is_named_with_its_remedy(source: TacticalRmm, rmm: FakeRmm, right: str) -> None:
    rmm.lacking = {right}
    rights = {one.what: one for one in (await source.introduce()).rights}
    assert rights[SEEN[right]].granted is False
    assert right in rights[SEEN[right]].remedy
    assert all(rights[what].granted for flag, what in SEEN.items() if flag != right and what in rights)


async def test_a_role_of_some_clients_shows_in_the_numbers(source: TacticalRmm, rmm: FakeRmm) -> None:
    """What is left out of the lists cannot be missed there."""
    rmm.seen_clients = ("Acme Dental",)
    rights = {one.what: one for one in (await source.introduce()).rights}
    right = rights["see all of them (it sees 2 agents of 1 clients)"]
    assert right.granted is None
    assert "leaves out the rest without a word" in right.remedy


async def test_a_role_of_some_sites_is_found_out(source: TacticalRmm, rmm: FakeRmm) -> None:
    rmm.seen_sites = ("HQ", "Main")
    rights = {one.what: one for one in (await source.introduce()).rights}
    right = rights["see all of them (it sees 4 agents of 2 clients)"]
    assert right.granted is False
    assert right.remedy == "Its role shows 1 of the 2 agents of Acme Dental. Take its limits away."


async def test_a_user_without_a_role_is_found_out(source: TacticalRmm, rmm: FakeRmm) -> None:
    rmm.seen_clients = ()
    rights = {one.what: one for one in (await source.introduce()).rights}
    right = rights["see all of them (it sees 0 agents of 0 clients)"]
    assert right.granted is False
    assert "give its user a role" in right.remedy


async def test_a_key_that_is_wrong_is_said_to_be(source: TacticalRmm, server: faulty.Server) -> None:
    server.fault = faulty.status(401, b'{"detail": "Invalid token."}')
    with pytest.raises(SourceError) as caught:
        await source.introduce()
    assert caught.value.kind is FaultKind.CREDENTIALS
    assert "rounds login" in caught.value.sentence
