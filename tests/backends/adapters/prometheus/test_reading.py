"""From recorded answers to facts: what is told, and what is not made up."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from backends.adapters.prometheus.source import PrometheusSource
from backends.api import Adapter, Check, Reading, Sighting
from backends.fleet.model import UNPLACED, CheckState, Health, Severity
from backends.testing import AdapterContract
from backends.text import is_safe
from tests.support.prometheus_site import NOW, QuickClock, Site, a_target, an_alert, open_prometheus, prom, recorded


class TestContract(AdapterContract):
    @pytest.fixture(autouse=True)
    def _site(self, site: Site, tmp_path: Path) -> None:
        self.site, self.folder = site, tmp_path
        self.site.answers["/api/v1/query_range"] = prom(
            {
                "resultType": "matrix",
                "result": [
                    {"metric": alert["labels"], "values": [[NOW.timestamp() - n, str(n)] for n in (900, 600, 0)]}
                    for alert in recorded("am_alerts")
                ],
            }
        )

    def open_adapter(self) -> Adapter:
        return everything(self.site, self.folder)


def everything(site: Site, folder: Path, **options: Any) -> PrometheusSource:
    return open_prometheus(folder, **{"url": site.url, "alertmanagers": site.url, "watchdog": "Watchdog", **options})


async def read(source: PrometheusSource) -> Reading:
    try:
        return await source.poll()
    finally:
        await source.close()


def sighting(reading: Reading, native: str) -> Sighting:
    return next(one for one in reading.sightings if one.native == native)


def check(reading: Reading, native: str, key: str) -> Check:
    return next(one for one in reading.checks if (one.native, one.key) == (native, key))


def keys(reading: Reading, native: str) -> list[str]:
    return [one.key for one in reading.checks if one.native == native]


async def test_what_was_recorded_is_told(site: Site, tmp_path: Path) -> None:
    reading = await read(everything(site, tmp_path))
    assert reading.version == "Alertmanager 0.25.0, Prometheus 2.42.0+ds"
    assert (reading.complete, reading.quarantined, reading.note, reading.lacks) == (True, 0, "", ())
    assert [(one.native, one.client, one.health) for one in reading.sightings] == [
        ("alertmanager", UNPLACED, Health.OK),
        ("alertmanager@cole/main", "cole", Health.UNKNOWN),
        ("nas01@cole/main", "cole", Health.OK),
        ("sql01@acme/hq", "acme", Health.OK),
        ("web01@baker/hq", "baker", Health.OK),
    ]
    disk = check(reading, "sql01@acme/hq", "disk//var")
    assert (disk.state, disk.severity, disk.summary) == (CheckState.WARNING, Severity.WARNING, "Disk /var is 96 % full")
    assert (disk.value, disk.warn, disk.crit, disk.advice) == (96.0, 90.0, None, "urn:runbook:disk")
    assert disk.since is not None
    assert disk.since.isoformat() == "2026-11-26T07:00:47.208000+00:00"
    assert disk.seen == reading.at


async def test_a_poll_asks_for_four_things_and_who_it_is_only_once(site: Site, tmp_path: Path) -> None:
    source = everything(site, tmp_path)
    await source.poll()
    site.asked.clear()
    await read(source)
    assert sorted(site.paths()) == ["/api/v1/alertmanagers", "/api/v1/rules", "/api/v1/targets", "/api/v2/alerts"]


async def test_an_inhibited_alert_says_by_what(site: Site, tmp_path: Path) -> None:
    reading = await read(everything(site, tmp_path))
    late = next(one for one in reading.checks if one.label == "BackupLate")
    assert late.handling is not None
    assert (late.handling.quiet, late.handling.text) == (
        True,
        "inhibited by another alert: Backup of sql nightly failed",
    )


@pytest.mark.parametrize(
    ("status", "text"),
    [
        ({"state": "suppressed", "mutedBy": ["weekend", "n\x1bight"]}, "muted at this time by weekend, n␛ight"),
        ({"state": "suppressed", "silencedBy": ["gone"]}, "silenced in Alertmanager"),
        ({"state": "suppressed", "inhibitedBy": ["gone"]}, "inhibited by another alert"),
        ({"state": "suppressed"}, "suppressed in Alertmanager"),
        ({"state": "unprocessed"}, None),
    ],
)
async def test_whatever_keeps_an_alert_quiet_is_told(
    site: Site, tmp_path: Path, status: dict[str, Any], text: str | None
) -> None:
    """`mutedBy` came with 0.28; a silence may be over before it is asked for."""
    site.answers["/api/v2/alerts"] = [an_alert(status=status)]
    handling = (await read(open_prometheus(tmp_path, alertmanagers=site.url))).checks[0].handling
    assert (handling.text if handling is not None else None) == text


async def test_hostile_labels_are_shown_safely_and_kept_as_they_are(site: Site, tmp_path: Path) -> None:
    reading = await read(everything(site, tmp_path))
    tls = next(one for one in reading.checks if one.label == "SslHandshakes")
    assert "\x1b[2J\u202e" in tls.subject  # data: it names the condition
    assert all(is_safe(text) for text in (tls.label, tls.summary, tls.advice))


@pytest.mark.parametrize(
    ("label", "severity", "state"),
    [
        ("critical", Severity.CRITICAL, CheckState.CRITICAL),
        ("page", Severity.CRITICAL, CheckState.CRITICAL),
        ("High", Severity.HIGH, CheckState.CRITICAL),
        ("error", Severity.HIGH, CheckState.CRITICAL),
        ("warning", Severity.WARNING, CheckState.WARNING),
        ("none", Severity.INFO, CheckState.WARNING),
        ("", Severity.WARNING, CheckState.WARNING),
        ("purple", Severity.WARNING, CheckState.WARNING),
        ("Sev-Zero", Severity.CRITICAL, CheckState.CRITICAL),
    ],
)
async def test_severities_are_those_of_the_label(
    site: Site, tmp_path: Path, label: str, severity: Severity, state: CheckState
) -> None:
    site.answers["/api/v2/alerts"] = [an_alert(labels={"severity": label})]
    reading = await read(open_prometheus(tmp_path, alertmanagers=site.url, severity={"sev-zero": "critical"}))
    found = check(reading, "db01@unplaced/prom", "check/Test")
    assert (found.severity, found.state) == (severity, state)


@pytest.mark.parametrize(
    ("labels", "native", "kind"),
    [
        ({"instance": "10.0.0.5:9100", "job": "node"}, "10.0.0.5", "server"),
        ({"instance": "10.0.0.5", "job": "snmp"}, "10.0.0.5", "other"),
        ({"instance": "[fd00::7]:9100"}, "fd00::7", "other"),
        ({"instance": "fd00::7"}, "fd00::7", "other"),
        ({"instance": "https://shop.example:8443/health?x=1"}, "shop.example", "other"),
        ({"instance": "localhost:9100", "host": "sql01", "job": "windows"}, "sql01", "server"),
        ({"instance": "", "job": "backup", "cluster": "k8s"}, "job=backup", "other"),
        ({"instance": "", "cluster": "k8s", "service": "api"}, "cluster=k8s", "other"),
        ({"instance": "", "service": "api"}, "service=api", "other"),
    ],
)
async def test_the_device_is_named_by_its_labels(
    site: Site, tmp_path: Path, labels: dict[str, str], native: str, kind: str
) -> None:
    site.answers["/api/v2/alerts"] = [an_alert(labels=labels)]
    reading = await read(open_prometheus(tmp_path, alertmanagers=site.url, device_label=["host", "instance"]))
    assert sighting(reading, f"{native}@unplaced/prom").kind == kind


async def test_what_stands_for_no_device_is_called_so_that_no_device_is_taken_for_it(
    site: Site, tmp_path: Path
) -> None:
    site.answers["/api/v2/alerts"] = [
        an_alert("1", labels={"instance": "", "job": "mysql"}),
        an_alert("2", labels={"instance": "", "client": "acme"}),
    ]
    reading = await read(open_prometheus(tmp_path, alertmanagers=site.url))
    assert [one.name for one in reading.sightings] == ["Alertmanager prom", "alerting prom", "job mysql"]


async def test_an_alert_without_any_label_is_not_dropped(site: Site, tmp_path: Path) -> None:
    site.answers["/api/v2/alerts"] = [{**an_alert(), "labels": {}}]
    reading = await read(open_prometheus(tmp_path, alertmanagers=site.url))
    assert keys(reading, "alertmanager") == ["check/alert"]


async def test_the_same_host_of_two_clients_is_two_devices(site: Site, tmp_path: Path) -> None:
    site.answers["/api/v2/alerts"] = [
        an_alert("1", labels={"client": "Acme"}),
        an_alert("2", labels={"client": "Baker"}),
        an_alert("3"),
    ]
    reading = await read(open_prometheus(tmp_path, alertmanagers=site.url))
    assert [(one.native, one.client) for one in reading.sightings] == [
        ("alertmanager", UNPLACED),
        ("db01@acme/main", "acme"),
        ("db01@baker/main", "baker"),
        ("db01@unplaced/prom", UNPLACED),
    ]


async def test_a_receiver_can_place(site: Site, tmp_path: Path) -> None:
    site.answers["/api/v2/alerts"] = [an_alert(receivers=[{"name": "all"}, {"name": "team-acme"}])]
    place = {"receiver": "^team-(?P<client>.+)$"}
    reading = await read(open_prometheus(tmp_path, alertmanagers=site.url, place=place))
    assert sighting(reading, "db01@acme/main").client == "acme"


async def test_a_warning_and_a_critical_alert_about_the_same_are_one_condition(site: Site, tmp_path: Path) -> None:
    site.answers["/api/v2/alerts"] = [
        an_alert("1", labels={"severity": "warning"}, startsAt="2026-11-26T06:00:00Z"),
        an_alert("2", labels={"severity": "critical"}, annotations={"summary": "worse"}),
        an_alert("3", labels={"severity": "warning", "mountpoint": "/srv"}),
    ]
    reading = await read(open_prometheus(tmp_path, alertmanagers=site.url))
    found = check(reading, "db01@unplaced/prom", "check/Test")
    assert (found.severity, found.summary) == (Severity.CRITICAL, "worse")
    assert found.since is not None
    assert found.since.hour == 6
    assert keys(reading, "db01@unplaced/prom") == ["check/Test", "check/Test mountpoint=/srv"]


async def test_a_condition_keeps_its_name_whatever_else_fires(site: Site, tmp_path: Path) -> None:
    alone = an_alert("1", labels={"mountpoint": "/srv", "severity": "warning", "value": "12"})
    site.answers["/api/v2/alerts"] = [alone]
    before = keys(await read(open_prometheus(tmp_path, alertmanagers=site.url)), "db01@unplaced/prom")
    other = an_alert("0", labels={"mountpoint": "/a", "severity": "critical"})
    worse = {**alone, "labels": {**alone["labels"], "severity": "critical", "value": "13"}}
    site.answers["/api/v2/alerts"] = [other, worse]
    assert set(before) < set(keys(await read(open_prometheus(tmp_path, alertmanagers=site.url)), "db01@unplaced/prom"))


@pytest.mark.parametrize(
    ("labels", "key"),
    [
        ({"alertname": "DiskAlmostFull", "mountpoint": "/var"}, "disk//var"),
        ({"alertname": "NodeFilesystemAlmostOutOfSpace", "mountpoint": "/"}, "disk//"),
        ({"alertname": "NodeFilesystemAlmostOutOfFiles", "mountpoint": "/"}, "inode//"),
        ({"alertname": "DiskWillFillIn4Hours", "mountpoint": "/"}, "check/DiskWillFillIn4Hours mountpoint=/"),
        ({"alertname": "SystemdUnitFailed", "name": "nginx.service"}, "service/nginx"),
        ({"alertname": "DiskAlmostFull"}, "check/DiskAlmostFull"),
        ({"alertname": "HostDown"}, "reachable"),
    ],
)
async def test_what_other_sources_know_too_is_called_as_they_call_it(
    site: Site, tmp_path: Path, labels: dict[str, str], key: str
) -> None:
    site.answers["/api/v2/alerts"] = [an_alert(labels=labels)]
    assert keys(await read(open_prometheus(tmp_path, alertmanagers=site.url)), "db01@unplaced/prom") == [key]


async def test_times_are_by_our_clock(site: Site, tmp_path: Path) -> None:
    """F-80: a server whose clock is ten minutes ahead."""
    site.answers["/api/v2/alerts"] = [an_alert(startsAt="2026-11-26T07:10:00Z")]
    site.date = NOW.replace(minute=10)
    reading = await read(open_prometheus(tmp_path, alertmanagers=site.url))
    since = check(reading, "db01@unplaced/prom", "check/Test").since
    assert reading.skew_s == pytest.approx(600, abs=2)
    assert since is not None
    assert abs((since - NOW.replace(second=0)).total_seconds()) <= 2


async def test_spoiled_records_cost_the_others_nothing(site: Site, tmp_path: Path) -> None:
    """F-73."""
    good = an_alert("9")
    site.answers["/api/v2/alerts"] = [good, {"labels": 1}, "... 28 more", None, {**an_alert("3"), "startsAt": "soon"}]
    site.answers["/api/v1/targets"] = prom({"activeTargets": [a_target(), 7, {"labels": {}}]})
    rules = [{"name": "g", "rules": [{"name": 5}, {"type": "recording", "name": "r", "query": "1"}]}, 3]
    site.answers["/api/v1/rules"] = prom({"groups": rules})
    reading = await read(everything(site, tmp_path))
    assert "check/Test" in keys(reading, "db01@unplaced/prom")
    assert reading.quarantined == 4 + 2 + 2


async def test_lists_that_are_null_are_empty(site: Site, tmp_path: Path) -> None:
    site.answers["/api/v1/targets"] = prom({"activeTargets": None})
    site.answers["/api/v1/rules"] = prom({"groups": [{"name": "g", "rules": None}]})
    site.answers["/api/v2/alerts"] = [an_alert(annotations=None, receivers=None, status={"silencedBy": None})]
    assert (await read(everything(site, tmp_path))).quarantined == 0


async def test_without_alerts_there_still_is_the_alerting_itself(site: Site, tmp_path: Path) -> None:
    """No alert is a good answer, not the suspicious one that the engine keeps its old facts for."""
    site.answers["/api/v2/alerts"] = []
    reading = await read(open_prometheus(tmp_path, alertmanagers=site.url))
    assert [(one.native, one.health) for one in reading.sightings] == [("alertmanager", Health.UNKNOWN)]
    assert (reading.checks, reading.complete) == ((), True)


async def test_what_the_clock_says_next_is_what_is_seen(site: Site, tmp_path: Path) -> None:
    clock = QuickClock()
    source = open_prometheus(tmp_path, clock, alertmanagers=site.url, url=site.url)
    first = await source.poll()
    await clock.sleep(30)
    second = await read(source)
    assert (second.at - first.at).total_seconds() == 30
    assert {one.seen for one in second.checks if one.family == "disk"} == {second.at}
