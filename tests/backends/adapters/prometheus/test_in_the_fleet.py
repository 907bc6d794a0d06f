"""What becomes of readings in the fleet: nothing is green, over or merged that is not."""

from __future__ import annotations

from pathlib import Path

from backends.adapters.prometheus.source import PrometheusSource
from backends.api import SourceName
from backends.fleet.fleet import Fleet
from backends.fleet.freshness import aged
from backends.fleet.merge import fold
from backends.fleet.model import Freshness, Health
from backends.fleet.worth import counts_as
from tests.support.prometheus_site import QuickClock, Site, a_target, an_alert, open_prometheus, prom

DB = "db01@acme/main"
ACME = {"client": "acme"}


def counted(fleet: Fleet) -> dict[str, Health]:
    """As what each device is counted."""
    return {device.name: counts_as(device) for device in fleet.devices.values()}


async def heard(fleet: Fleet, source: PrometheusSource) -> Fleet:
    return fold(fleet, await source.poll())


async def passes(seconds: float, clock: QuickClock, site: Site) -> None:
    """Time, here and there."""
    await clock.sleep(seconds)
    site.date = clock.now()


async def test_a_device_without_an_alert_is_not_green_but_gone_where_nobody_asks_it(site: Site, tmp_path: Path) -> None:
    """F-69: and no empty answer leaves the source in doubt, since no alert is what everybody hopes for."""
    source = open_prometheus(tmp_path, alertmanagers=site.url)
    site.answers["/api/v2/alerts"] = [an_alert(labels=ACME)]
    fleet = await heard(Fleet(), source)
    assert counted(fleet) == {"Alertmanager prom": Health.UNKNOWN, "db01": Health.DEGRADED}
    site.answers["/api/v2/alerts"] = []
    fleet = await heard(fleet, source)
    await source.close()
    assert counted(fleet) == {"Alertmanager prom": Health.UNKNOWN}
    assert fleet.sources[SourceName("prom")].state is Freshness.FRESH
    assert not fleet.issues


async def test_while_prometheus_is_away_what_was_green_grows_old(site: Site, tmp_path: Path) -> None:
    clock = QuickClock()
    source = open_prometheus(tmp_path, clock, alertmanagers=site.url, url=site.url)
    site.answers["/api/v1/targets"] = prom(
        {"activeTargets": [a_target(labels=ACME), a_target("web01:9100", labels=ACME)]}
    )
    site.answers["/api/v2/alerts"] = [an_alert(labels={**ACME, "severity": "info"})]
    fleet = await heard(Fleet(), source)
    assert counted(fleet) == {"Alertmanager prom": Health.OK, "db01": Health.OK, "web01": Health.OK}
    rules, site.answers["/api/v1/rules"] = site.answers["/api/v1/rules"], (500, b"")
    for _ in range(3):
        await passes(30, clock, site)
        fleet = aged(await heard(fleet, source), clock.now())
    assert counted(fleet) == {"Alertmanager prom": Health.DEGRADED, "db01": Health.UNKNOWN, "web01": Health.UNKNOWN}
    assert {issue.title.split(":")[0] for issue in fleet.issues.values()} == {"Test", "Prometheus is away"}
    site.answers["/api/v1/rules"] = rules
    fresh = [a_target(name, lastScrape="2026-11-26T07:02:18Z", labels=ACME) for name in ("db01:9100", "web01:9100")]
    site.answers["/api/v1/targets"] = prom({"activeTargets": fresh})
    fleet = await heard(fleet, source)
    await source.close()
    assert counted(fleet) == {"Alertmanager prom": Health.OK, "db01": Health.OK, "web01": Health.OK}


async def test_an_alertmanager_that_forgot_its_alerts_ends_no_issue(site: Site, tmp_path: Path) -> None:
    clock = QuickClock()
    source = open_prometheus(tmp_path, clock, alertmanagers=site.url, watchdog="Watchdog", settle="60s")
    dog = an_alert("w", labels={"alertname": "Watchdog", "instance": ""})
    site.answers["/api/v2/alerts"] = [an_alert(labels=ACME), dog]
    site.answers["/api/v2/status"]["uptime"] = "2026-11-26T01:00:00Z"
    before = await heard(Fleet(), source)
    await passes(30, clock, site)
    site.answers["/api/v2/alerts"] = []
    site.answers["/api/v2/status"]["uptime"] = "2026-11-26T07:01:00Z"
    young = await heard(before, source)
    assert {issue.key for issue in young.issues.values()} == {"check/Test"}
    await passes(60, clock, site)
    site.answers["/api/v2/alerts"] = [dog]
    settled = await heard(young, source)
    await source.close()
    assert not settled.issues


async def test_what_two_sources_have_in_place_of_devices_is_never_one(site: Site, tmp_path: Path) -> None:
    site.answers["/api/v2/alerts"] = [an_alert()]
    fleet = Fleet()
    for name in ("one", "two"):
        source = open_prometheus(tmp_path, name=name, alertmanagers=site.url, client="acme")
        fleet = await heard(fleet, source)
        await source.close()
    assert sorted(counted(fleet)) == ["Alertmanager one", "Alertmanager two", "db01"]
