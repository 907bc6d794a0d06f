"""What holds for every set of readings: folding is idempotent and does not care for the order of sources."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from itertools import pairwise, permutations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from backends.fleet.changes import apply, combine
from backends.fleet.differences import changes_between, picture_of
from backends.fleet.fleet import Fleet
from backends.fleet.freshness import aged
from backends.fleet.merge import fold
from backends.fleet.model import UNPLACED, CheckState, DeviceId, Health, HealthCounts, Issue
from backends.fleet.reading import Reading, joined
from backends.fleet.worth import counts_as
from tests.support.facts import at, check, folded, folded_in_slices, groups, reading, sighting, slices_of

SOURCES = ("ssh", "zabbix", "rmm")
MACHINES = 4

quick = settings(max_examples=40)
"""How long a machine takes is no property."""


@st.composite
def readings_of(draw: st.DrawFn) -> list[Reading]:
    """What several sources say of the same few machines. Each tells the truth, and each tells only some of it."""
    out = []
    for source in draw(st.lists(st.sampled_from(SOURCES), min_size=1, max_size=3, unique=True)):
        seen = []
        checks = []
        for machine in draw(st.sets(st.integers(1, MACHINES))):
            tells = draw(st.sets(st.sampled_from(["serial", "macs", "agent"])))
            seen.append(
                sighting(
                    f"{source}-{machine}",
                    source=source,
                    name=f"host{machine}",
                    client=f"Client {machine % 2}" if machine < MACHINES else UNPLACED,
                    site=f"Site {machine % 2}",
                    health=draw(st.sampled_from(Health)),
                    serial=f"SERIAL{machine}" if "serial" in tells else "",
                    macs=[f"00:1b:21:00:00:{machine:02x}"] if "macs" in tells else [],
                    agent=f"agent-{machine}" if "agent" in tells else "",
                    behind=f"{source}-{behind}" if (behind := draw(st.integers(0, MACHINES))) else "",
                )
            )
            checks += [
                check(f"{source}-{machine}", family, state, source=source)
                for family in draw(st.sets(st.sampled_from(["reachable", "disk", "load"])))
                for state in [draw(st.sampled_from(CheckState))]
            ]
        out.append(reading(seen, checks, source=source))
    return out


def told(fleet: Fleet) -> object:
    """All that people see, with devices named by what they are made of instead of by their first sighting."""
    name = {device.id: (device.sources, device.natives) for device in fleet.devices.values()}
    devices = {name[device.id]: (device.name, device.health, device.kind) for device in fleet.devices.values()}
    issues = {
        _plainly(issue, name): (issue.severity, issue.title, issue.since, issue.behind, issue.reason)
        for issue in fleet.issues.values()
    }
    causes = {
        _plainly(issue, name): _plainly(fleet.issues[issue.incident], name)
        for issue in fleet.issues.values()
        if issue.incident is not None
    }
    return groups(fleet), devices, issues, causes, fleet.sites, fleet.clients


def _plainly(issue: Issue, name: Mapping[DeviceId, object]) -> tuple[object, str]:
    return name[issue.device] if issue.device else issue.source, issue.key


@quick
@given(readings_of())
def test_folding_twice_is_folding_once(readings: list[Reading]) -> None:
    fleet = folded(*readings)

    for one in readings:
        assert fold(fleet, one) == fleet


@quick
@given(readings_of())
def test_the_order_of_sources_does_not_matter(readings: list[Reading]) -> None:
    expected = told(folded(*readings))

    for order in permutations(readings):
        assert told(folded(*order)) == expected


@quick
@given(readings_of())
def test_the_order_within_a_reading_does_not_matter(readings: list[Reading]) -> None:
    backwards = [reading(one.sightings[::-1], one.checks[::-1], source=one.source, when=one.at) for one in readings]

    assert told(folded(*backwards)) == told(folded(*readings))


@quick
@given(readings_of())
def test_the_parts_of_a_source_in_any_order_are_the_whole(readings: list[Reading]) -> None:
    whole = told(folded(*readings))

    for parts in ([*_parts(readings)], [*_parts(readings)][::-1]):
        assert told(folded(*parts)) == whole


def _parts(readings: Sequence[Reading]) -> list[Reading]:
    return [
        reading(
            [one],
            [check for check in whole.checks if check.native == one.native],
            source=whole.source,
            complete=False,
            covers=[one.native],
        )
        for whole in readings
        for one in whole.sightings
    ] + [reading(source=whole.source) for whole in readings if not whole.sightings]


@quick
@given(readings_of(), readings_of(), st.integers(1, MACHINES))
def test_a_reading_that_comes_in_slices_is_the_reading(first: list[Reading], then: list[Reading], devices: int) -> None:
    fleet = sliced = Fleet()
    for one in [*first, *then]:
        fleet, sliced = fold(fleet, one), folded_in_slices(sliced, slices_of(one, devices))

    assert sliced == fleet


@quick
@given(readings_of())
def test_the_order_of_slices_does_not_matter(readings: list[Reading]) -> None:
    fleet = Fleet()
    for one in readings:
        fleet = folded_in_slices(fleet, slices_of(one, 1)[::-1])

    assert told(fleet) == told(folded(*readings))


@quick
@given(readings_of(), st.integers(1, MACHINES))
def test_slices_joined_are_the_reading(readings: list[Reading], devices: int) -> None:
    for one in readings:
        assert joined(slices_of(one, devices)) == one


@quick
@given(readings_of(), readings_of())
def test_no_device_holds_two_sightings_of_one_source_or_two_clients(first: list[Reading], then: list[Reading]) -> None:
    fleet = folded(*first, *then)

    for device in fleet.devices.values():
        assert len(set(device.sources)) == len(device.sources)
        assert {one.client for one in fleet.sightings_of(device.id)} == {device.client}


@quick
@given(readings_of(), readings_of(), st.sampled_from([0, 20, 61, 9999]))
def test_counts_and_indexes_are_what_counting_anew_gives(
    first: list[Reading], then: list[Reading], seconds: float
) -> None:
    fleet = aged(folded(*first, *then), at(seconds))

    for site in fleet.sites.values():
        healths = [counts_as(device) for device in fleet.devices.values() if device.site == site.id]
        assert site.devices == HealthCounts(**{health.value: healths.count(health) for health in Health})
    assert set(fleet.index.sites) == {device.site for device in fleet.devices.values()}
    assert sorted(fleet.issues) == sorted(
        [name for names in fleet.index.issues.values() for name in names]
        + [issue.id for issue in fleet.issues.values() if issue.device is None]
    )
    assert all(issue.device in fleet.devices for issue in fleet.issues.values() if issue.device is not None)
    assert set(fleet.clients) == {site.client for site in fleet.sites.values()}
    for name, source in fleet.sources.items():
        words = fleet.told.get(name, {}).values()
        nobodys = [word for word in words if word.sighting.client == UNPLACED]
        assert (source.devices, source.unplaced) == (len(words), len(nobodys))
    assert fleet.hanging == {
        (word.sighting.source, word.sighting.native): word.sighting.behind
        for told in fleet.told.values()
        for word in told.values()
        if word.sighting.behind
    }


@quick
@given(readings_of(), readings_of())
def test_every_open_issue_is_one_line_or_behind_one(first: list[Reading], then: list[Reading]) -> None:
    issues = folded(*first, *then).issues

    for issue in issues.values():
        assert issue.incident is None or issues[issue.incident].incident is None
        assert issue.behind == sum(1 for other in issues.values() if other.incident == issue.id)


@quick
@given(st.lists(readings_of(), min_size=2, max_size=3), st.sampled_from([0, 61]))
def test_changes_add_up(rounds: list[list[Reading]], seconds: float) -> None:
    fleets = [Fleet()]
    for readings in rounds:
        fleets.append(folded(*readings, fleet=fleets[-1]))
    fleets.append(aged(fleets[-1], at(seconds)))
    picture = picture_of(fleets[0], 0, at())
    steps = [changes_between(old, new, seq + 1, at()) for seq, (old, new) in enumerate(pairwise(fleets))]

    whole = steps[0]
    for step in steps[1:]:
        assert apply(apply(picture, whole), step) == apply(picture, combine(whole, step))
        whole = combine(whole, step)

    assert apply(picture, whole) == picture_of(fleets[-1], len(steps), at())


def test_nothing_that_is_shared_is_looked_at() -> None:
    before = folded(reading([sighting("1"), sighting("2")]))
    after = fold(before, reading([sighting("2", seen=at(5))], when=at(5), complete=False, covers=["2"]))

    changes = changes_between(before, after, 2, at(5))

    assert [device.id for device in changes.devices.put] == ["zabbix:2"]
    assert not changes.issues
    assert not changes.sites


@quick
@given(readings_of(), st.integers(1, 3))
def test_the_length_of_a_step_changes_nothing(found: list[Reading], step: int) -> None:
    whole, stepped = Fleet(), Fleet()
    for heard in found:
        whole = fold(whole, heard)
        with pytest.MonkeyPatch.context() as patch:
            patch.setattr("backends.fleet.steps.STEP", step)
            stepped = fold(stepped, heard)
    assert (stepped.devices, stepped.issues, stepped.identity) == (whole.devices, whole.issues, whole.identity)
    assert (stepped.sites, stepped.clients) == (whole.sites, whole.clients)
