"""Which sightings become one device. Wrong merges are worse than none."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from backends.fleet.fleet import Fleet
from backends.fleet.identity import minted
from backends.fleet.merge import fold
from backends.fleet.model import Sighting, SourceName
from backends.fleet.start import restored
from tests.support.facts import at, folded, groups, only_device, reading, sighting

MAC = "00:1b:21:3c:4d:5e"


def both(one: Sighting, other: Sighting) -> Fleet:
    """A fleet in which two sources gave one sighting each."""
    return folded(reading([one], source=one.source), reading([other], source=other.source))


def ours(**facts: object) -> Sighting:
    return sighting("1", source="ssh", **{"name": "web-a", **facts})  # type: ignore[arg-type]


def theirs(**facts: object) -> Sighting:
    return sighting("77", source="zabbix", **{"name": "web-b", **facts})  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("one", "other"),
    [
        (ours(serial="CZC1234XYZ"), theirs(serial=" czc-1234-xyz ")),
        (ours(macs=[MAC]), theirs(macs=["001B213C4D5E", "00:1b:21:00:00:01"])),
        (ours(agent="7f3c2a9e"), theirs(agent="7F3C2A9E")),
        (ours(name="web", machine="1f2e3d4c5b6a"), theirs(name="WEB", machine="1f2e3d4c5b6a")),
        (ours(name="Web01"), theirs(name="web01")),
        (ours(name="web01", kind="vm"), theirs(name="web01", kind="server")),
        (ours(name="web01", kind="other"), theirs(name="web01", kind="printer")),
        (ours(serial="CZC1234XYZ", macs=[MAC]), theirs(serial="CZC1234XYZ", macs=["00:1b:21:00:00:01"])),
    ],
    ids=["serial", "mac", "agent", "machine and name", "name", "kinds of computers", "kind unknown", "other card"],
)
def test_evidence_joins_sightings_of_two_sources(one: Sighting, other: Sighting) -> None:
    assert len(both(one, other).devices) == 1


@pytest.mark.parametrize(
    ("one", "other"),
    [
        (ours(), theirs()),
        (ours(serial="To be filled by O.E.M."), theirs(serial="To Be Filled By O.E.M.")),
        (ours(serial="0"), theirs(serial="0")),
        (ours(serial="None"), theirs(serial="None")),
        (ours(serial="Default string"), theirs(serial="Default string")),
        (ours(serial="00000000"), theirs(serial="00000000")),
        (ours(serial="123456789"), theirs(serial="123456789")),
        (ours(macs=["00:00:00:00:00:00"]), theirs(macs=["00:00:00:00:00:00"])),
        (ours(macs=["ff:ff:ff:ff:ff:ff"]), theirs(macs=["ff:ff:ff:ff:ff:ff"])),
        (ours(macs=["02:42:ac:11:00:02"]), theirs(macs=["02:42:ac:11:00:02"])),
        (ours(macs=["00:00:5e:00:01:0a"]), theirs(macs=["00:00:5e:00:01:0a"])),
        (ours(machine="1f2e3d4c5b6a"), theirs(machine="1f2e3d4c5b6a")),
        (ours(serial="AAAA1", macs=[MAC]), theirs(serial="BBBB2", macs=[MAC])),
        (ours(name="web01", serial="AAAA1"), theirs(name="web01", serial="BBBB2")),
        (ours(name="web01", macs=[MAC]), theirs(name="web01", macs=["00:1b:21:00:00:01"])),
        (ours(name="hq", kind="firewall"), theirs(name="hq", kind="server")),
        (ours(name="localhost"), theirs(name="localhost")),
        (ours(name="web01"), theirs(name="web01.acme.example")),
    ],
    ids=[
        *("nothing shared", "placeholder", "zero", "none", "default", "all one digit", "counted up", "no mac"),
        *("every mac", "container bridge", "router group", "cloned image", "docking station", "serials differ"),
        *("cards differ", "kinds differ", "no name given", "not the exact name"),
    ],
)
def test_weak_or_contradicting_evidence_joins_nothing(one: Sighting, other: Sighting) -> None:
    assert len(both(one, other).devices) == 2


@pytest.mark.parametrize("facts", [{"serial": "CZC1234XYZ"}, {"macs": [MAC]}, {"agent": "7f3c2a9e"}, {"name": "dc01"}])
def test_nothing_joins_devices_of_two_clients(facts: dict[str, object]) -> None:
    """F-14."""
    assert len(both(ours(client="Acme", **facts), theirs(client="Baker", **facts)).devices) == 2


def test_two_sightings_of_one_source_are_never_one_device() -> None:
    fleet = folded(reading([sighting("1", name="web", serial="SAME1"), sighting("2", name="web", serial="SAME1")]))

    assert len(fleet.devices) == 2


def test_evidence_that_one_source_gives_twice_joins_nothing() -> None:
    twins = reading([sighting("1", serial="SAME1"), sighting("2", serial="SAME1")])
    other = reading([sighting("9", source="ssh", name="x", serial="SAME1")], source="ssh")

    assert groups(folded(twins, other)) == {
        frozenset({("zabbix", "1")}),
        frozenset({("zabbix", "2")}),
        frozenset({("ssh", "9")}),
    }


def test_a_merged_device_keeps_the_id_that_it_had_first() -> None:
    fleet = both(ours(serial="CZC1234XYZ"), theirs(serial="CZC1234XYZ"))

    assert only_device(fleet).id == "ssh:1"
    assert (only_device(fleet).sources, only_device(fleet).natives) == (("ssh", "zabbix"), ("1", "77"))


def test_a_rename_keeps_device_and_id_together() -> None:
    fleet = both(ours(name="web01"), theirs(name="web01"))

    fleet = fold(fleet, reading([theirs(name="web02", seen=at(30))], when=at(30)))

    assert only_device(fleet).id == "ssh:1"


def test_a_rename_alone_never_joins_two_known_devices() -> None:
    fleet = both(ours(name="web01"), theirs(name="web02"))

    fleet = fold(fleet, reading([theirs(name="web01", seen=at(30))], when=at(30)))

    assert len(fleet.devices) == 2


def test_strong_evidence_that_comes_later_joins_two_known_devices() -> None:
    fleet = both(ours(serial="CZC1234XYZ"), theirs())

    fleet = fold(fleet, reading([theirs(serial="CZC1234XYZ", seen=at(30))], when=at(30)))

    assert only_device(fleet).id == "ssh:1"


def test_a_sighting_that_moves_to_another_client_leaves_its_device() -> None:
    fleet = both(ours(name="web01"), theirs(name="web01"))

    fleet = fold(fleet, reading([theirs(name="web01", client="Baker", seen=at(30))], when=at(30)))

    assert {(device.id, device.client) for device in fleet.devices.values()} == {
        ("ssh:1", "acme"),
        ("zabbix:77", "baker"),
    }


def test_a_sighting_whose_serial_now_differs_leaves_its_device() -> None:
    fleet = both(ours(name="web01", serial="AAAA1"), theirs(name="web01", serial="AAAA1"))

    fleet = fold(fleet, reading([theirs(name="web01", serial="BBBB2", seen=at(30))], when=at(30)))

    assert set(fleet.devices) == {"ssh:1", "zabbix:77"}


def test_a_device_lives_on_under_its_id_when_the_source_that_named_it_is_silent_about_it() -> None:
    fleet = both(ours(name="web01"), theirs(name="web01"))

    fleet = fold(fleet, reading([sighting("2", source="ssh", seen=at(30))], source="ssh", when=at(30)))

    assert fleet.devices["ssh:1"].sources == ("zabbix",)


def test_a_sighting_that_returns_is_the_device_that_it_was() -> None:
    fleet = both(ours(name="web01"), theirs(name="web01"))
    fleet = fold(fleet, reading([sighting("2", source="ssh", seen=at(30))], source="ssh", when=at(30)))

    fleet = fold(fleet, reading([ours(name="web09", seen=at(60))], source="ssh", when=at(60)))

    assert fleet.devices["ssh:1"].sources == ("ssh", "zabbix")


def test_ids_survive_a_restart_whatever_answers_first() -> None:
    before = both(ours(name="web01"), theirs(name="web01"))

    empty = folded(reading([], source="zabbix"), reading([], source="ssh"))
    fleet = restored(empty, [], before.identity, {}, {}, at(5))
    fleet = fold(fleet, reading([theirs(name="web01", seen=at(9))], when=at(9)))

    assert only_device(fleet).id == "ssh:1"


@pytest.mark.parametrize(
    ("one", "other"),
    [
        (("zabbix", "a\u200bb"), ("zabbix", "a‹U+200B›b")),
        (("zabbix", "x" * 300), ("zabbix", "x" * 301)),
        (("a:b", "c"), ("a", "b:c")),
    ],
    ids=["invisible", "long", "colon"],
)
def test_no_two_native_ids_give_one_device_id(one: tuple[str, str], other: tuple[str, str]) -> None:
    """F-15."""
    assert minted((SourceName(one[0]), one[1])) != minted((SourceName(other[0]), other[1]))


@given(st.lists(st.tuples(st.text(), st.text()), unique=True, max_size=30))
def test_ids_of_different_sources_or_natives_never_collide(keys: list[tuple[str, str]]) -> None:
    """F-15."""
    assert len({minted((SourceName(source), native)) for source, native in keys}) == len(keys)


def test_names_that_look_alike_are_flagged_across_clients() -> None:
    """F-37."""
    fleet = folded(
        reading([
            sighting("1", name="srv-db", client="Acme"),
            sighting("2", name="\u0455rv-db", client="Baker"),
            sighting("3", name="srv-web", client="Baker"),
        ])
    )  # fmt: skip

    assert {device.natives[0]: device.look_alike for device in fleet.devices.values()} == {
        "1": True,
        "2": True,
        "3": False,
    }


def test_a_name_with_an_invisible_character_looks_like_the_one_without() -> None:
    """F-37."""
    fleet = folded(reading([sighting("1", name="dc01"), sighting("2", name="dc\u200b01")]))

    assert all(device.look_alike for device in fleet.devices.values())


def test_the_same_name_at_two_clients_is_no_disguise() -> None:
    fleet = folded(reading([sighting("1", name="dc01", client="Acme"), sighting("2", name="DC01", client="Baker")]))

    assert not any(device.look_alike for device in fleet.devices.values())


def test_a_flag_goes_with_the_name_that_caused_it() -> None:
    fleet = folded(
        reading([sighting("1", name="web0"), sighting("2", name="webO")]),
        reading([sighting("1", name="web0", seen=at(9)), sighting("2", name="mail", seen=at(9))], when=at(9)),
    )

    assert not any(device.look_alike for device in fleet.devices.values())
