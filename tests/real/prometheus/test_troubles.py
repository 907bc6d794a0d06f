"""Hosts and servers that stop and come back: what is said of them, and that nothing is green meanwhile."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from backends.adapters.prometheus.source import PrometheusSource
from backends.api import Check, Reading, safe
from backends.engine.clock import SystemClock
from backends.fleet.model import CheckState, Health, Severity
from tests.real.prometheus.test_reads import configured
from tests.support.eventually import wait_for
from tests.support.office import Office
from tests.support.prometheus_site import open_prometheus
from tests.support.servers.prometheus import RULES, Prometheus, api, polled_until

pytestmark = pytest.mark.real

NAS = "nas01@cole/main"
WATCHDOG = "watchdog/Watchdog"


@pytest.fixture(autouse=True)
def _repaired(installation: Prometheus) -> Iterator[None]:
    yield
    installation.restore()


def check(reading: Reading, native: str, key: str) -> Check | None:
    return next((one for one in reading.checks if (one.native, one.key) == (native, key)), None)


def state(reading: Reading, native: str, key: str) -> CheckState | None:
    found = check(reading, native, key)
    return found.state if found is not None else None


async def test_a_host_whose_exporter_is_gone_is_down_and_comes_back(
    source: PrometheusSource, installation: Prometheus, tmp_path: Path
) -> None:
    before = await source.poll()
    installation.exporters["cole"].stop()
    down = await polled_until(
        source,
        lambda found: (lost := check(found, NAS, "reachable")) is not None and lost.summary == "nas01:9100 is down",
    )  # the words of the alert, which is the same condition as the target
    (lost,) = [one for one in down.checks if one.native == NAS and one.state is not CheckState.OK]
    assert (lost.key, lost.state, lost.severity) == ("reachable", CheckState.CRITICAL, Severity.CRITICAL)
    device = next(one for one in down.sightings if one.native == NAS)
    assert device.health is Health.DOWN
    assert before.at - timedelta(seconds=3) <= device.seen < down.at
    stranger = open_prometheus(
        tmp_path, SystemClock(), url=installation.url, alertmanagers=installation.alertmanagers[0]
    )
    late = next(one for one in (await stranger.poll()).sightings if one.native == NAS)
    await stranger.close()
    assert abs(late.seen - device.seen) <= timedelta(seconds=3)  # who has never seen it up is told by Prometheus
    installation.exporters["cole"].start()
    await polled_until(source, lambda found: state(found, NAS, "reachable") is CheckState.OK)


async def test_one_alertmanager_of_two_is_enough(source: PrometheusSource, installation: Prometheus) -> None:
    whole = await source.poll()
    wait_for(lambda: _silencers(installation.alertmanagers[1]) == [], "that both know of every silence that is over")
    installation.members[0].stop()
    half = await source.poll()
    assert half.complete
    assert {(one.native, one.key) for one in half.checks} == {(one.native, one.key) for one in whole.checks}
    assert "one Alertmanager is away: Nothing listens" in half.note
    native, key = "sql01@acme/hq", "disk//home"
    await source.snooze(native, key, "tech1", datetime.now(UTC) + timedelta(hours=1), safe("order"))
    wait_for(lambda: _silencers(installation.alertmanagers[1]) == ["tech1"], "the silence at the one that is left")
    await source.wake(native, key, "tech1")
    installation.members[0].start()
    installation.members[0].wait()
    await polled_until(source, lambda found: not found.note)


async def test_the_alert_that_always_fires_is_missed(source: PrometheusSource, installation: Prometheus) -> None:
    assert state(await source.poll(), "alertmanager", WATCHDOG) is CheckState.OK
    installation.write_rules({name: rule for name, rule in RULES.items() if name != "Watchdog"})
    installation.reload()
    dead = await polled_until(source, lambda found: state(found, "alertmanager", WATCHDOG) is CheckState.CRITICAL)
    missed = check(dead, "alertmanager", WATCHDOG)
    assert missed is not None
    assert (missed.severity, missed.summary) == (
        Severity.CRITICAL,
        "Alerting is dead: the alert Watchdog no longer arrives",
    )
    installation.write_rules(RULES)
    installation.reload()
    await polled_until(source, lambda found: state(found, "alertmanager", WATCHDOG) is CheckState.OK)


async def test_when_prometheus_dies_nothing_of_its_targets_is_green(
    source: PrometheusSource, installation: Prometheus
) -> None:
    await source.poll()
    installation.prometheus.stop()
    lost = await source.poll()
    assert not lost.complete
    assert state(lost, "alertmanager", "alerting/prometheus") is CheckState.CRITICAL
    assert Health.OK not in {one.health for one in lost.sightings if one.native != "alertmanager"}
    installation.prometheus.start()
    installation.prometheus.wait()
    back = await polled_until(
        source, lambda found: Health.OK in {one.health for one in found.sightings if one.native == NAS}
    )
    assert state(back, "alertmanager", "alerting/prometheus") is CheckState.OK


def test_everything_stopped_grows_old_and_comes_back_by_itself(office: Office, installation: Prometheus) -> None:
    configured(office, installation)
    with office.follow("sources") as sources, office.follow("devices") as devices:
        names = ("sql01", "web01", "nas01")

        def all_are(freshness: str) -> bool:
            return {devices.facts.get(name, {}).get("freshness") for name in names} == {freshness}

        def source_is(state: str) -> bool:
            return sources.facts.get("prom", {}).get("state") == state

        devices.until(lambda: all_are("fresh"), "fresh devices")
        sources.until(lambda: source_is("fresh"), "a fresh source")
        servers = [*installation.members, installation.prometheus]
        for server in servers:
            server.stop()
        sources.until(lambda: source_is("stale"), "a stale source")
        devices.until(lambda: all_are("silent"), "silent devices")
        sources.until(lambda: source_is("silent"), "a silent source")
        assert "Nothing listens" in sources.facts["prom"]["fault"]["sentence"]
        assert office.rounds("status", check=False).returncode != 0
        for server in servers:
            server.start()
        for server in servers:
            server.wait()
        sources.until(lambda: source_is("fresh"), "a fresh source")
        devices.until(lambda: all_are("fresh"), "fresh devices again")


def _silencers(alertmanager: str) -> list[str]:
    """Who made the silences that hold there; that one which was ended elsewhere is over, it is told a moment later."""
    return [one["createdBy"] for one in api(f"{alertmanager}/api/v2/silences") if one["status"]["state"] == "active"]
