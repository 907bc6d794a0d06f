"""A source that says `the same as before`: freshness moves, and nothing is built anew."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import msgspec
import pytest

from backends.api import Reading, SourceName, unchanged
from backends.fleet.confirmed import SHOWN_EVERY
from backends.fleet.confirming import showing_devices, shown
from backends.fleet.fleet import Fleet
from backends.fleet.freshness import aged, with_source
from backends.fleet.merge import fold
from backends.fleet.model import CheckState, Device, Fault, FaultKind, Freshness, Health
from backends.fleet.steps import finished
from backends.testing import a_check, a_sighting

NOW = datetime(2026, 1, 5, 9, 0, tzinfo=UTC)
SOURCE = SourceName("probe")


def after(seconds: float) -> datetime:
    return NOW + timedelta(seconds=seconds)


def reading(at: datetime = NOW, **more: object) -> Reading:
    """`web01` has an issue, `web02` is well."""
    whole = Reading(
        source=SOURCE,
        at=at,
        sightings=(a_sighting(SOURCE, "web01", at), a_sighting(SOURCE, "web02", at)),
        checks=(a_check(SOURCE, "web01", at), a_check(SOURCE, "web02", at, ok=True)),
    )
    return msgspec.structs.replace(whole, **more)


def device(fleet: Fleet, native: str) -> Device:
    found = fleet.device_of(SOURCE, native)
    assert found is not None
    return found


def confirmed(fleet: Fleet, *seconds: float) -> Fleet:
    for moment in seconds:
        fleet = fold(fleet, unchanged(SOURCE, after(moment)))
    return fleet


def freshness(fleet: Fleet) -> set[Freshness]:
    """Of devices and their issues."""
    issues = [issue for issue in fleet.issues.values() if issue.device is not None]
    return {one.freshness for one in (*fleet.devices.values(), *issues)}


def test_what_is_confirmed_stays_fresh() -> None:
    fleet = confirmed(fold(Fleet(), reading()), 50, 100, 150)
    assert freshness(aged(fleet, after(200))) == {Freshness.FRESH}


def test_what_is_confirmed_no_more_grows_old() -> None:
    """F-69: a source that stops answering is not green for having once confirmed what it said."""
    fleet = aged(confirmed(fold(Fleet(), reading()), 50, 100), after(161))
    assert Freshness.FRESH not in freshness(fleet)


def test_a_confirmation_touches_no_device() -> None:
    before = fold(Fleet(), reading())
    fleet = confirmed(before, 10)
    assert fleet.devices is before.devices
    assert fleet.told is before.told
    assert fleet.issues is before.issues


def test_what_was_confirmed_is_told_as_seen_then() -> None:
    fleet = confirmed(fold(Fleet(), reading()), 10)
    for known in fleet.devices.values():
        assert {one.seen for one in fleet.sightings_of(known.id)} == {after(10)}
        assert {one.seen for one in fleet.checks_of(known.id)} == {after(10)}


def test_it_is_as_if_everything_had_been_told_anew() -> None:
    told, lean = fold(Fleet(), reading()), fold(Fleet(), reading())
    for moment in (25, 50, 75):
        told = fold(told, reading(after(moment)))
        lean = confirmed(lean, moment)
    told, lean = aged(told, after(75)), aged(finished(showing_devices(lean)), after(75))
    assert lean.devices == told.devices
    assert lean.issues == told.issues
    assert lean.sources == told.sources


def test_issues_show_it_before_anybody_could_call_them_old() -> None:
    fleet = fold(Fleet(), reading())
    for moment in range(5, 120, 5):
        fleet = confirmed(fleet, moment)
        assert all(issue.seen and after(moment) - issue.seen < SHOWN_EVERY for issue in fleet.issues.values())


def test_a_device_is_shown_as_it_was_seen_last() -> None:
    fleet = confirmed(fold(Fleet(), reading()), 10)
    assert shown(fleet, device(fleet, "web02")).seen == after(10)


def test_what_the_source_had_from_elsewhere_does_not_grow_younger() -> None:
    """F-69: a monitoring server that says every minute that it saw a device an hour ago has not seen it since."""
    old = msgspec.structs.replace(a_sighting(SOURCE, "web02", NOW), seen=after(-40))
    silent = reading(
        sightings=(a_sighting(SOURCE, "web01", NOW), old),
        checks=(a_check(SOURCE, "web01", NOW), a_check(SOURCE, "web02", after(-40), ok=True)),
    )
    fleet = aged(confirmed(fold(Fleet(), silent), 15, 30), after(31))
    assert shown(fleet, device(fleet, "web02")).seen == after(-40)
    assert device(fleet, "web02").freshness is not Freshness.FRESH
    assert device(fleet, "web01").freshness is Freshness.FRESH


def test_a_device_that_does_not_answer_was_not_seen_again() -> None:
    down = msgspec.structs.replace(a_sighting(SOURCE, "web02", NOW), seen=after(-30), health=Health.DOWN, partial=True)
    lost = msgspec.structs.replace(
        a_check(SOURCE, "web02", NOW), family="reachable", subject="", state=CheckState.CRITICAL
    )
    fleet = fold(fold(Fleet(), reading(after(-60))), reading(sightings=(down,), checks=(lost,), complete=False))
    fleet = aged(confirmed(fleet, 50), after(100))
    assert shown(fleet, device(fleet, "web02")).seen == after(-60)
    assert device(fleet, "web02").freshness is Freshness.FRESH


def test_a_change_among_what_stands_is_told_and_the_rest_confirmed() -> None:
    fleet = fold(Fleet(), reading())
    well = a_check(SOURCE, "web01", after(55), ok=True)
    news = Reading(
        source=SOURCE,
        at=after(55),
        sightings=(a_sighting(SOURCE, "web01", after(55)),),
        checks=(well,),
        complete=False,
        covers=("web01",),
        confirms=True,
    )
    fleet = aged(fold(fleet, news), after(100))
    assert not fleet.issues
    assert freshness(fleet) == {Freshness.FRESH}


def test_a_source_that_said_nothing_yet_confirms_nothing() -> None:
    assert confirmed(fold(Fleet(), reading(source=SourceName("other"))), 5).confirmed == {}


def test_an_empty_answer_that_was_not_believed_does_not_confirm_what_was_before() -> None:
    """F-69: the same empty list as a minute ago is no word on the devices that were there before it."""
    fleet = fold(fold(Fleet(), reading()), Reading(source=SOURCE, at=after(10)))
    fault = Fault(kind=FaultKind.TIMEOUT, sentence=fleet.sources[SOURCE].note, since=after(20))
    source = msgspec.structs.replace(fleet.sources[SOURCE], fault=fault)
    fleet = aged(confirmed(with_source(fleet, source, after(20)), 40), after(61))
    assert Freshness.FRESH not in {one.freshness for one in fleet.devices.values()}
    assert fleet.sources[SOURCE].fault is not None


def test_a_whole_answer_ends_the_doubt() -> None:
    fleet = fold(fold(Fleet(), reading()), Reading(source=SOURCE, at=after(10)))
    fleet = aged(confirmed(fold(fleet, reading(after(20))), 70), after(100))
    assert freshness(fleet) == {Freshness.FRESH}


def test_an_older_confirmation_takes_nothing_back() -> None:
    assert confirmed(fold(Fleet(), reading()), 30, 20).confirmed[SOURCE].at == after(30)


def test_a_complete_reading_has_nothing_to_confirm() -> None:
    with pytest.raises(ValueError, match="not complete"):
        Reading(source=SOURCE, at=NOW, confirms=True)
