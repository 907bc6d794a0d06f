"""What the commands say of a real Prometheus and its two Alertmanagers is what those say themselves."""

from __future__ import annotations

from datetime import datetime, timedelta

import pytest

from backends.adapters.prometheus.source import PrometheusSource
from backends.text import is_safe
from tests.support.office import Office
from tests.support.servers.prometheus import CLIENTS, HOSTILE, RULES, Prometheus, api

pytestmark = pytest.mark.real

SEVERITIES = {"critical": "critical", "page": "critical", "error": "high", "warning": "warning", "info": "info"}


def configured(office: Office, installation: Prometheus, more: str = "") -> None:
    listed = ", ".join(f'"{address}"' for address in installation.alertmanagers)
    office.configure(
        f"""
[technician]
name = "tech1"
[clients.acme]
name = "Acme Dental"
[sources.prom]
kind = "prometheus"
every = "5s"
url = "{installation.url}"
alertmanagers = [{listed}]
watchdog = "Watchdog"
settle = "3s"
{more}
"""
    )


def told(installation: Prometheus) -> list[tuple[str, str, str, datetime]]:
    """The alerts of both Alertmanagers by their own API: client, device, severity, and since when."""
    found = {}
    for address in installation.alertmanagers:
        for alert in api(f"{address}/api/v2/alerts"):
            labels = alert["labels"]
            if labels["alertname"] != "Watchdog":
                device = labels.get("instance", "alerting prom").removesuffix(":9100")
                since = datetime.fromisoformat(alert["startsAt"]).replace(microsecond=0)
                found[alert["fingerprint"]] = (labels["client"], device, SEVERITIES[labels["severity"]], since)
    return sorted(found.values())


def test_issues_and_devices_are_those_of_the_servers(office: Office, installation: Prometheus) -> None:
    configured(office, installation)
    issues = office.items("issues")
    shown = [(one["client"], one["device_name"], one["severity"], one["since"]) for one in issues]
    assert sorted((*rest, datetime.fromisoformat(since)) for *rest, since in shown) == told(installation)
    devices = {(one["client"], one["name"]): one for one in office.items("devices")}
    for target in api(f"{installation.url}/api/v1/targets")["data"]["activeTargets"]:
        labels = target["labels"]
        device = devices.pop((labels["client"], labels["instance"].removesuffix(":9100")))
        assert target["health"] == "up"
        assert device["freshness"] == "fresh"
        assert device["health"] == ("ok" if labels["client"] == "cole" else "degraded")
    assert {(client, name): one["health"] for (client, name), one in devices.items()} == {
        ("unplaced", "Alertmanager prom"): "ok",
        ("cole", "alerting prom"): "unknown",
    }
    (source,) = office.items("sources")
    assert (source["state"], source["quarantined"]) == ("fresh", 0)


def test_nothing_of_a_hostile_label_gets_to_the_terminal(office: Office, installation: Prometheus) -> None:
    configured(office, installation)
    said = office.rounds("issues", check=False).stdout + office.rounds("devices", check=False).stdout
    assert "SslHandshakes" in said
    assert all(is_safe(line) for line in said.splitlines())


async def test_values_and_how_they_went_are_those_of_prometheus(
    source: PrometheusSource, installation: Prometheus
) -> None:
    reading = await source.poll()
    disk = next(one for one in reading.checks if one.key == "disk//var")
    assert (disk.native, disk.value, disk.warn) == ("sql01@acme/hq", 96.0, 90.0)
    since = reading.at - timedelta(minutes=5)
    past = await source.history(disk.native, disk.key, since, 300)
    answer = api(
        f"{installation.url}/api/v1/query_range?query=tb_disk_used_percent%7Bmountpoint%3D%22%2Fvar%22%7D&step=1"
        f"&start={past[0][0].timestamp():.3f}&end={past[-1][0].timestamp():.3f}"
    )
    (series,) = answer["data"]["result"]
    assert [value for _, value in past] == [float(value) for _, value in series["values"]]
    assert {value for _, value in past} == {96.0}
    answered = await source.history(disk.native, "reachable", since, 300)
    assert answered[-1][1] == 1.0
    hostile = next(one for one in reading.checks if one.label == "SslHandshakes")
    assert HOSTILE in hostile.subject
    assert {value for _, value in await source.history(hostile.native, hostile.key, since, 300)} == {1.0}


async def test_the_introduction_names_what_is_there(source: PrometheusSource) -> None:
    told = await source.introduce()
    assert told.product.startswith("Alertmanager 0.")
    assert "Prometheus 2." in told.product
    assert told.facts["label.client"] == tuple(CLIENTS)
    assert set(told.facts["label.alertname"]) == set(RULES) - {"InstanceDown"}


async def test_each_version_and_clock_is_told(source: PrometheusSource) -> None:
    reading = await source.poll()
    assert (reading.skew_s, reading.note, reading.complete) == (0.0, "", True)
    assert reading.version.startswith("Alertmanager 0.")
