"""Silences at real Alertmanagers, read back by the test's own means."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from backends.adapters.prometheus.source import PrometheusSource
from backends.api import Handling, NotSent, safe
from tests.support.servers.prometheus import Prometheus, api, polled_until

pytestmark = pytest.mark.real

NATIVE = "web01@baker/hq"


def silences(address: str, *states: str) -> list[dict[str, Any]]:
    found = [one for one in api(f"{address}/api/v2/silences") if one["status"]["state"] in states]
    return sorted(found, key=lambda one: one["updatedAt"])


async def tls(source: PrometheusSource) -> tuple[str, Handling | None]:
    """The key of the condition whose alert has a hostile label, and what was decided about it there."""
    check = next(one for one in (await source.poll()).checks if one.label == "SslHandshakes")
    return check.key, check.handling


async def test_a_silence_is_made_as_it_was_shown_and_ended_again(
    source: PrometheusSource, installation: Prometheus
) -> None:
    key, before = await tls(source)
    assert before is None
    (alert,) = api(f"{installation.alertmanagers[0]}/api/v2/alerts?filter=alertname%3DSslHandshakes")
    until = datetime.now(UTC).replace(microsecond=0) + timedelta(hours=1)
    preview = source.snooze_says(NATIVE, key)
    assert preview.count("=") >= len(alert["labels"])
    await source.snooze(NATIVE, key, "tech1", until, safe("certificate is ordered"))
    (made,) = silences(installation.alertmanagers[0], "active")
    assert (made["createdBy"], made["comment"]) == ("tech1", "certificate is ordered")
    assert abs((datetime.fromisoformat(made["endsAt"]) - until).total_seconds()) <= 1
    assert {one["name"]: one["value"] for one in made["matchers"]} == alert["labels"]
    assert not any(one["isRegex"] for one in made["matchers"])
    await polled_until(source, lambda found: any(one.handling for one in found.checks if one.key == key))
    for address in installation.alertmanagers:  # the cluster passed it on
        assert [one["id"] for one in silences(address, "active")] == [made["id"]]
    _, handling = await tls(source)
    assert handling is not None
    assert (handling.quiet, handling.quiet_by, handling.text) == (True, "tech1", "certificate is ordered")
    await source.wake(NATIVE, key, "tech2")
    assert silences(installation.alertmanagers[0], "active", "pending") == []
    assert [one["id"] for one in silences(installation.alertmanagers[0], "expired")] == [made["id"]]


async def test_a_silence_can_be_made_longer_and_is_still_one(
    source: PrometheusSource, installation: Prometheus
) -> None:
    key, _ = await tls(source)
    for hours in (1, 2):
        until = datetime.now(UTC) + timedelta(hours=hours)
        await source.snooze(NATIVE, key, "tech1", until, safe("later"))
    (made,) = silences(installation.alertmanagers[0], "active", "pending")
    assert datetime.fromisoformat(made["endsAt"]) - datetime.now(UTC) > timedelta(minutes=90)
    await source.wake(NATIVE, key, "tech1")
    assert silences(installation.alertmanagers[0], "active", "pending") == []


async def test_the_silence_of_somebody_else_is_left_alone(source: PrometheusSource, installation: Prometheus) -> None:
    now = datetime.now(UTC)
    theirs = api(
        f"{installation.alertmanagers[0]}/api/v2/silences",
        "POST",
        {
            "matchers": [{"name": "alertname", "value": "Disk.*", "isRegex": True}],
            "startsAt": now.isoformat(),
            "endsAt": (now + timedelta(hours=1)).isoformat(),
            "createdBy": "alice",
            "comment": "patch night",
        },
    )["silenceID"]
    native, key = "sql01@acme/hq", "disk//var"
    await polled_until(source, lambda found: any(one.key == key and one.handling is not None for one in found.checks))
    with pytest.raises(NotSent, match=r"silenced in Alertmanager by alice until .* \(patch night\)"):
        await source.wake(native, key, "tech1")
    assert [one["id"] for one in silences(installation.alertmanagers[0], "active")] == [theirs]
    api(f"{installation.alertmanagers[0]}/api/v2/silence/{theirs}", "DELETE")
    await polled_until(source, lambda found: all(one.handling is None for one in found.checks if one.key == key))
