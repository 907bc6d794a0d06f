"""Who is in the demo's world."""

from __future__ import annotations

import tracemalloc
from collections import Counter

import pytest

from backends.adapters.demo.sources import SPLIT
from backends.adapters.demo.world import world_of
from backends.fleet.model import Contract

WORLD = world_of(7, 12, 240)


def test_the_default_fleet_has_every_kind_of_device() -> None:
    assert {machine.kind for machine in WORLD.machines} == {
        "server",
        "workstation",
        "firewall",
        "switch",
        "access-point",
        "printer",
        "ups",
        "nas",
        "vm",
        "cloud",
    }


def test_some_clients_are_break_fix_and_most_are_managed() -> None:
    contracts = Counter(company.client.contract for company in WORLD.companies)
    assert contracts[Contract.MANAGED] > contracts[Contract.BREAK_FIX] > 0


def test_some_names_are_not_ascii() -> None:
    assert any(not company.client.name.isascii() for company in WORLD.companies)


def test_a_client_has_no_two_machines_of_one_name() -> None:
    names = Counter((machine.company, machine.name) for machine in WORLD.machines)
    assert max(names.values()) == 1


def test_a_source_has_no_two_machines_of_one_native_id() -> None:
    world = world_of(7, 40, 3000)
    natives = Counter(pair for machine in world.machines for pair in zip(machine.sources, machine.natives, strict=True))
    assert max(natives.values()) == 1


def test_ids_of_clients_and_sites_are_unique() -> None:
    world = world_of(7, 200, 3000)
    assert len({company.client.id for company in world.companies}) == 200
    assert len({branch.id for branch in world.branches}) == len(world.branches)


def test_more_machines_leave_the_others_as_they_are() -> None:
    assert world_of(7, 12, 500).machines[:240] == WORLD.machines[:]


def test_another_seed_gives_another_fleet() -> None:
    assert world_of(8, 12, 240).machines[:] != WORLD.machines[:]


@pytest.mark.parametrize(("clients", "devices"), [(1, 1), (3, 2), (1, 300), (50, 49)])
def test_odd_sizes_are_built_as_asked(clients: int, devices: int) -> None:
    world = world_of(3, clients, devices)
    assert (len(world.companies), len(world.machines)) == (clients, devices)


def test_addresses_are_private() -> None:
    assert all(machine.address.startswith("10.") for machine in WORLD.machines if machine.kind != "cloud")


def test_every_site_but_the_cloud_has_its_firewall_first() -> None:
    world = world_of(7, 12, 1000)
    firsts = {world.machines[branch.machines[0]].kind for branch in world.branches if branch.uplink}
    assert firsts == {"firewall"}


def test_a_machine_takes_next_to_no_memory_before_somebody_looks_at_it() -> None:
    world_of(5, 200, 100)  # what is loaded once
    tracemalloc.start()
    world = world_of(5, 200, 20_100)
    taken, _ = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    machines = len(world.machines)
    assert taken / machines < 120
    assert sum(1 for machine in world.machines if machine.name) == machines


def test_a_machine_is_the_same_at_every_look() -> None:
    world = world_of(7, 200, 5000)
    first = list(world.machines)
    assert first == [world.machines[index] for index in range(5000)] == list(world.machines[:])


def test_a_source_knows_the_machines_that_name_it() -> None:
    for source in SPLIT:
        named = [machine.index for machine in WORLD.machines if source in machine.sources]
        assert list(WORLD.machines.known_to(source)) == named
