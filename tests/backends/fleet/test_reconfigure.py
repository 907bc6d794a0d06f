"""Another configuration: sources come and go with what they said, and clients are what it now says."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import msgspec
import pytest

from backends.fleet.fleet import Fleet
from backends.fleet.merge import fold
from backends.fleet.model import Client, ClientId, Contract, Freshness, Severity, SlaTarget, Source, SourceName, safe
from backends.fleet.reading import Reading
from backends.fleet.reconfigure import reconfigured
from backends.fleet.start import begun
from backends.testing import a_check, a_sighting

T0 = datetime(2026, 1, 5, 9, tzinfo=UTC)
ACME = Client(id=ClientId("acme"), name=safe("Acme"))


def at(seconds: float) -> datetime:
    return T0 + timedelta(seconds=seconds)


def a_source(name: str) -> Source:
    return Source(name=SourceName(name), kind="scripted", state=Freshness.STALE, every_s=30.0)


def a_reading(name: str, when: datetime, *, native: str = "web01", client: str = "Acme") -> Reading:
    return Reading(
        source=SourceName(name),
        at=when,
        sightings=(a_sighting(name, native, when, client=client),),
        checks=(a_check(name, native, when),),
    )


@pytest.fixture
def fleet() -> Fleet:
    """`one` and `two` have a device each; both belong to Acme."""
    fleet = begun({ACME.id: ACME}, [a_source("one"), a_source("two")], T0)
    return fold(fold(fleet, a_reading("one", at(1))), a_reading("two", at(1), native="db01"))


def test_a_source_that_is_gone_takes_along_what_it_said(fleet: Fleet) -> None:
    after = reconfigured(fleet, {ACME.id: ACME}, [SourceName("one")], [], at(2))
    assert set(after.sources) == {"two"}
    assert [device.name for device in after.devices.values()] == ["db01"]
    assert [issue.sources for issue in after.issues.values()] == [("two",)]


def test_a_new_source_is_there_and_unheard(fleet: Fleet) -> None:
    after = reconfigured(fleet, {ACME.id: ACME}, [], [a_source("three")], at(2))
    assert after.sources[SourceName("three")].state is Freshness.STALE
    assert after.devices == fleet.devices


def test_what_a_changed_source_said_stays_as_stale_until_it_is_heard(fleet: Fleet) -> None:
    after = reconfigured(fleet, {ACME.id: ACME}, [], [a_source("one")], at(2))
    by_name = {device.name: device.freshness for device in after.devices.values()}
    assert by_name == {"web01": Freshness.STALE, "db01": Freshness.FRESH}
    assert after.sources[SourceName("one")].devices == 1
    heard = fold(after, a_reading("one", at(3)))
    assert {device.freshness for device in heard.devices.values()} == {Freshness.FRESH}
    assert set(heard.issues) == set(fleet.issues)


def test_a_clients_new_name_contract_and_deadlines_reach_its_issues(fleet: Fleet) -> None:
    target = SlaTarget(severity=Severity.CRITICAL, respond_s=60.0)
    targets = tuple(msgspec.structs.replace(target, severity=severity) for severity in Severity)
    other = msgspec.structs.replace(ACME, name=safe("Acme Ltd"), contract=Contract.BREAK_FIX, sla=targets)
    after = reconfigured(fleet, {ACME.id: other}, [], [], at(2))
    for issue in after.issues.values():
        assert (issue.client_name, issue.contract) == ("Acme Ltd", Contract.BREAK_FIX)
        assert issue.respond_by is not None
    assert {site.client_name for site in after.sites.values()} == {"Acme Ltd"}


def test_a_client_that_is_configured_no_more_is_what_its_devices_say(fleet: Fleet) -> None:
    target = SlaTarget(severity=Severity.CRITICAL, respond_s=60.0)
    targets = tuple(msgspec.structs.replace(target, severity=severity) for severity in Severity)
    with_sla = reconfigured(fleet, {ACME.id: msgspec.structs.replace(ACME, sla=targets)}, [], [], at(2))
    after = reconfigured(with_sla, {}, [], [], at(3))
    assert after.clients[ACME.id] == ACME
    assert all(issue.respond_by is None for issue in after.issues.values())


def test_a_client_without_a_device_is_there_as_long_as_it_is_configured(fleet: Fleet) -> None:
    baker = Client(id=ClientId("baker"), name=safe("Baker"))
    after = reconfigured(fleet, {ACME.id: ACME, baker.id: baker}, [], [], at(2))
    assert after.clients[baker.id] == baker
    assert baker.id not in reconfigured(after, {ACME.id: ACME}, [], [], at(3)).clients
