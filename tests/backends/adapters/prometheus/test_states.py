"""What is up, down, old or not known: targets, watchdogs, and servers that have just been started or do not answer."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from backends.adapters.prometheus.server import LOOK_BACK
from backends.api import Can, FaultKind, Reading, SourceError
from backends.fleet.model import CheckState, Health, Severity
from tests.backends.adapters.prometheus.test_reading import check, everything, keys, read, sighting
from tests.support.prometheus_site import NOW, QuickClock, Site, a_target, an_alert, open_prometheus, prom

DB = "db01@unplaced/prom"
UP_RULE = "http://prom.example/graph?g0.expr=up+%3D%3D+0&g0.tab=1"


def targets(site: Site, *found: dict[str, Any]) -> None:
    site.answers["/api/v1/targets"] = prom({"activeTargets": list(found)})
    site.answers["/api/v2/alerts"] = [an_alert("w", labels={"alertname": "Watchdog", "instance": ""})]


def last_up(site: Site, *found: tuple[dict[str, str], float]) -> None:
    series = [{"metric": labels, "value": [NOW.timestamp(), str(value)]} for labels, value in found]
    site.answers["/api/v1/query"] = prom({"resultType": "vector", "result": series})


async def test_a_host_is_down_when_none_of_its_targets_answers(site: Site, tmp_path: Path) -> None:
    targets(site, a_target(health="down"), a_target("db01:9104", "down", "mysql"))
    last_up(site, ({"instance": "db01:9100", "job": "node"}, NOW.timestamp() - 100))
    reading = await read(everything(site, tmp_path))
    found = check(reading, DB, "reachable")
    assert (found.state, found.severity) == (CheckState.CRITICAL, Severity.CRITICAL)
    assert found.summary == "db01 does not answer Prometheus: dial tcp: connection refused"
    assert (NOW - sighting(reading, DB).seen).total_seconds() == 100
    assert found.since == sighting(reading, DB).seen
    assert keys(reading, DB) == ["reachable"]


@pytest.mark.parametrize(
    "answer",
    [
        prom({"resultType": "vector", "result": []}),
        (422, {"status": "error", "errorType": "execution", "error": "query processing would load too many samples"}),
        (500, b""),
    ],
)
async def test_a_host_that_did_not_answer_for_as_long_as_is_looked_back_has_no_beginning(
    site: Site, tmp_path: Path, answer: Any
) -> None:
    targets(site, a_target(health="down"))
    site.answers["/api/v1/query"] = answer
    reading = await read(everything(site, tmp_path))
    assert reading.complete
    assert (check(reading, DB, "reachable").since, sighting(reading, DB).seen) == (None, NOW - LOOK_BACK)


async def test_one_exporter_of_several_down_is_not_the_host_down(site: Site, tmp_path: Path) -> None:
    targets(site, a_target(), a_target("db01:9104", "down", "mysql"))
    last_up(site)
    reading = await read(everything(site, tmp_path))
    assert sighting(reading, DB).health is Health.OK
    assert check(reading, DB, "reachable").state is CheckState.OK
    down = check(reading, DB, "exporter/mysql 9104")
    assert (down.state, down.severity, down.value) == (CheckState.CRITICAL, Severity.HIGH, None)
    assert check(reading, DB, "exporter/node 9100").value == 0.01


async def test_who_was_seen_up_before_is_not_asked_for(site: Site, tmp_path: Path) -> None:
    targets(site, a_target())
    source = everything(site, tmp_path)
    await source.poll()
    targets(site, a_target(health="down"))
    reading = await read(source)
    assert sighting(reading, DB).seen.isoformat() == "2026-11-26T07:00:48+00:00"
    assert "/api/v1/query" not in site.paths()


async def test_a_target_that_was_not_scraped_yet_is_neither_up_nor_down(site: Site, tmp_path: Path) -> None:
    targets(site, a_target(health="unknown", lastScrape="0001-01-01T00:00:00Z"))
    reading = await read(everything(site, tmp_path))
    found = check(reading, DB, "reachable")
    assert (found.state, found.severity, sighting(reading, DB).health) == (
        CheckState.UNKNOWN,
        Severity.INFO,
        Health.UNKNOWN,
    )


async def test_a_scrape_that_is_overdue_makes_nothing_green(site: Site, tmp_path: Path) -> None:
    """F-17: Prometheus answers, and has stopped to scrape."""
    targets(site, a_target(lastScrape="2026-11-26T06:59:00Z"))
    reading = await read(everything(site, tmp_path))
    assert (sighting(reading, DB).health, sighting(reading, DB).seen.minute) == (Health.UNKNOWN, 59)
    assert "reachable" not in keys(reading, DB)


async def test_an_alert_of_up_and_the_target_are_one_condition(site: Site, tmp_path: Path) -> None:
    targets(site, a_target(health="down"))
    last_up(site)
    firing = an_alert(
        labels={"alertname": "InstanceDown", "job": "node", "severity": "page"},
        annotations={"summary": "db01 is gone"},
        generatorURL=UP_RULE,
    )
    site.answers["/api/v2/alerts"].append(firing)
    reading = await read(everything(site, tmp_path))
    assert keys(reading, DB) == ["reachable"]
    assert check(reading, DB, "reachable").summary == "db01 is gone"
    assert sighting(reading, DB).health is Health.DOWN


async def test_an_alert_of_up_of_one_exporter_is_of_that(site: Site, tmp_path: Path) -> None:
    targets(site, a_target(), a_target("db01:9104", "down", "mysql"))
    last_up(site)
    labels = {"alertname": "InstanceDown", "job": "mysql", "instance": "db01:9104"}
    site.answers["/api/v2/alerts"].append(an_alert(labels=labels, generatorURL=UP_RULE))
    reading = await read(everything(site, tmp_path))
    assert sighting(reading, DB).health is Health.OK
    assert check(reading, DB, "exporter/mysql 9104").label == "InstanceDown"


async def test_without_prometheus_nothing_is_ever_well(site: Site, tmp_path: Path) -> None:
    """F-69: no alert is no proof of health."""
    site.answers["/api/v2/alerts"] = [an_alert(labels={"severity": "info"})]
    reading = await read(open_prometheus(tmp_path, alertmanagers=site.url))
    assert {one.health for one in reading.sightings} == {Health.UNKNOWN}
    assert not [one for one in reading.checks if one.state is CheckState.OK]
    assert reading.lacks == (Can.HISTORY,)


async def test_an_alert_that_is_gone_takes_its_device_along(site: Site, tmp_path: Path) -> None:
    source = open_prometheus(tmp_path, alertmanagers=site.url)
    site.answers["/api/v2/alerts"] = [an_alert()]
    assert DB in {one.native for one in (await source.poll()).sightings}
    site.answers["/api/v2/alerts"] = []
    reading = await read(source)
    assert reading.complete
    assert DB not in {one.native for one in reading.sightings}


async def test_the_watchdog_is_no_issue_and_its_absence_is_one(site: Site, tmp_path: Path) -> None:
    source = open_prometheus(tmp_path, alertmanagers=site.url, watchdog="Watchdog")
    reading = await source.poll()
    assert check(reading, "alertmanager", "watchdog/Watchdog").state is CheckState.OK
    assert not [one for one in reading.checks if one.label == "Watchdog"]
    assert sighting(reading, "alertmanager").health is Health.OK
    site.answers["/api/v2/alerts"] = []
    lost = await read(source)
    dead = check(lost, "alertmanager", "watchdog/Watchdog")
    assert (dead.state, dead.severity) == (CheckState.CRITICAL, Severity.CRITICAL)
    assert dead.summary == "Alerting is dead: the alert Watchdog no longer arrives"


async def test_each_client_may_have_a_watchdog_of_its_own(site: Site, tmp_path: Path) -> None:
    dogs = ['{alertname="Watchdog", client="acme"}', '{alertname="Watchdog", client="baker"}']
    site.answers["/api/v2/alerts"] = [an_alert(labels={"alertname": "Watchdog", "client": "acme", "instance": ""})]
    reading = await read(open_prometheus(tmp_path, alertmanagers=site.url, watchdog=dogs))
    assert [(one.native, one.client, one.health) for one in reading.sightings] == [
        ("alertmanager", "unplaced", Health.UNKNOWN),
        ("alertmanager@acme/main", "acme", Health.OK),
        ("alertmanager@baker/main", "baker", Health.UNKNOWN),
    ]
    assert check(reading, "alertmanager@baker/main", f"watchdog/{dogs[1]}").state is CheckState.CRITICAL


async def test_a_silenced_watchdog_is_there(site: Site, tmp_path: Path) -> None:
    quiet = {"state": "suppressed", "silencedBy": ["x"]}
    site.answers["/api/v2/alerts"] = [an_alert(labels={"alertname": "Watchdog"}, status=quiet)]
    reading = await read(open_prometheus(tmp_path, alertmanagers=site.url, watchdog="Watchdog"))
    assert check(reading, "alertmanager", "watchdog/Watchdog").state is CheckState.OK


async def restarted(site: Site, tmp_path: Path, **options: Any) -> Reading:
    """After Alertmanager was started 30 s ago and has lost all alerts."""
    clock = QuickClock()
    source = open_prometheus(
        tmp_path, clock, alertmanagers=site.url, url=site.url, watchdog="Watchdog", settle="60s", **options
    )
    site.answers["/api/v2/status"]["uptime"] = "2026-11-26T06:00:00Z"
    first = await source.poll()
    assert first.complete
    await clock.sleep(30)
    site.date = clock.now()
    site.answers["/api/v2/alerts"] = []
    site.answers["/api/v2/status"]["uptime"] = "2026-11-26T07:01:00Z"
    return await read(source)


async def test_an_alertmanager_that_was_just_started_has_not_heard_everything(site: Site, tmp_path: Path) -> None:
    reading = await restarted(site, tmp_path)
    assert not reading.complete
    assert all(one.partial for one in reading.sightings)
    assert "watchdog/Watchdog" not in keys(reading, "alertmanager")
    assert "just been started" in reading.note


async def test_when_neither_server_knows_anything_the_source_has_failed(site: Site, tmp_path: Path) -> None:
    site.answers["/api/v1/targets"] = (503, b"")
    with pytest.raises(SourceError) as raised:
        await read(open_prometheus(tmp_path, alertmanagers=site.url, url=site.url, settle="60s"))
    assert raised.value.kind is FaultKind.SERVER


async def test_when_prometheus_is_away_alerts_are_told_and_nothing_is_green(site: Site, tmp_path: Path) -> None:
    clock = QuickClock()
    source = open_prometheus(tmp_path, clock, alertmanagers=site.url, url=site.url, watchdog="Watchdog")
    waiting = a_target("new01:9100", "unknown")
    targets(site, a_target(), a_target("web01:9100"), a_target("nas01:9100", "down"), waiting)
    last_up(site)
    site.answers["/api/v2/alerts"] += [
        an_alert(labels={"severity": "info"}),
        an_alert("2", labels={"instance": "nas01"}),
        an_alert("3", labels={"instance": "new01"}),
    ]
    before = await source.poll()
    assert sighting(before, DB).health is Health.OK
    await clock.sleep(30)
    site.answers["/api/v1/rules"] = (500, b"")
    reading = await read(source)
    assert not reading.complete
    assert {one.value for one in reading.checks} == {None}
    assert [(one.native, one.health) for one in reading.sightings] == [
        ("alertmanager", Health.OK),  # the watchdog still arrives
        (DB, Health.UNKNOWN),
        ("nas01@unplaced/prom", Health.DOWN),
        ("new01@unplaced/prom", Health.UNKNOWN),
    ]
    assert keys(reading, "new01@unplaced/prom") == ["check/Test"]
    assert keys(reading, DB) == ["check/Test"]
    assert check(reading, "nas01@unplaced/prom", "reachable").seen == before.at
    lost = check(reading, "alertmanager", "alerting/prometheus")
    assert (lost.state, lost.severity) == (CheckState.CRITICAL, Severity.CRITICAL)
    assert "Prometheus is away" in reading.note


async def test_prometheus_that_sends_to_nobody_is_an_issue(site: Site, tmp_path: Path) -> None:
    site.answers["/api/v1/alertmanagers"] = prom({"activeAlertmanagers": []})
    reading = await read(everything(site, tmp_path))
    assert check(reading, "alertmanager", "alerting/delivery").state is CheckState.CRITICAL


async def test_a_rule_that_cannot_be_evaluated_is_an_issue(site: Site, tmp_path: Path) -> None:
    rule = {"name": "DiskFull", "query": "x", "health": "err", "lastError": "many-to-many\x1b[2J", "type": "alerting"}
    site.answers["/api/v1/rules"] = prom({"groups": [{"name": "g", "rules": [rule]}]})
    found = check(await read(everything(site, tmp_path)), "alertmanager", "rule/DiskFull")
    assert found.severity is Severity.HIGH
    assert "many-to-many␛[2J" in found.summary


async def test_a_relative_without_targets_is_read_as_far_as_it_goes(site: Site, tmp_path: Path) -> None:
    for path in ("targets", "alertmanagers", "status/config", "status/buildinfo"):
        del site.answers[f"/api/v1/{path}"]
    reading = await read(everything(site, tmp_path))
    assert reading.version == "Alertmanager 0.25.0, Prometheus"
    assert check(reading, "sql01@acme/hq", "disk//var").value == 96.0
    assert sighting(reading, "sql01@acme/hq").health is Health.UNKNOWN


async def test_an_error_inside_a_good_answer_is_an_error(site: Site, tmp_path: Path) -> None:
    site.answers["/api/v1/rules"] = {"status": "error", "errorType": "internal", "error": "no tenant\x1b"}
    reading = await read(everything(site, tmp_path))
    assert not reading.complete
    assert "refuses rules: no tenant␛" in reading.note


async def test_labels_that_prometheus_adds_when_it_sends_place_its_targets(site: Site, tmp_path: Path) -> None:
    config = 'global:\n  scrape_interval: 15s\n  external_labels:\n    client: acme\n    site: "HQ"\nrule_files:\n- x\n'
    site.answers["/api/v1/status/config"] = prom({"yaml": config})
    targets(site, a_target())
    site.answers["/api/v2/alerts"] = [an_alert(labels={"client": "acme", "site": "HQ"})]
    reading = await read(everything(site, tmp_path))
    assert keys(reading, "db01@acme/hq") == ["reachable", "exporter/node 9100", "check/Test"]


async def test_an_alert_that_lost_its_client_is_where_its_target_is(site: Site, tmp_path: Path) -> None:
    targets(site, a_target(labels={"client": "acme"}))
    labels = {"alertname": "Test", "instance": "db01:9100"}
    rule = {"name": "Test", "query": "max by (instance) (x) > 3", "type": "alerting"}
    rule["alerts"] = [{"labels": labels, "state": "firing", "value": "4e+00"}]
    site.answers["/api/v1/rules"] = prom({"groups": [{"name": "g", "rules": [rule]}]})
    site.answers["/api/v2/alerts"] = [an_alert(), an_alert("2", labels={"alertname": "Foreign"})]
    reading = await read(everything(site, tmp_path))
    assert check(reading, "db01@acme/main", "check/Test").value == 4.0
    assert keys(reading, DB) == ["check/Foreign"]  # of another Prometheus: never guessed
