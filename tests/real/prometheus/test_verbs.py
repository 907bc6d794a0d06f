"""What is decided by commands is so at the real Alertmanagers, and what is decided there is so here."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from backends.fleet.model import IssueState
from tests.support.deciding import Watch, complaint, told, watched
from tests.support.elsewhere import LaterClock, elsewhere
from tests.support.office import Office
from tests.support.prometheus_site import open_prometheus
from tests.support.servers.prometheus import Prometheus, api

pytestmark = pytest.mark.real

DISK, TLS = ("sql01", "disk//var"), "check/SslHandshakes"


@pytest.fixture
def watch(office: Office, installation: Prometheus) -> Iterator[Watch]:
    listed = ", ".join(f'"{address}"' for address in installation.alertmanagers)
    office.configure(
        f"""
[technician]
name = "tech1"
[sources.prom]
kind = "prometheus"
every = "5s"
url = "{installation.url}"
alertmanagers = [{listed}]
watchdog = "Watchdog"
settle = "3s"
"""
    )
    with watched(office) as watch:
        yield watch


def silences(installation: Prometheus) -> list[dict[str, Any]]:
    found = api(f"{installation.alertmanagers[0]}/api/v2/silences")
    return [one for one in found if one["status"]["state"] != "expired"]


def silence(installation: Prometheus, by: str, comment: str) -> str:
    """Somebody else makes one, in Alertmanager itself."""
    now = datetime.now(UTC)
    matchers = [{"name": "mountpoint", "value": "/var", "isRegex": False}]
    body = {"matchers": matchers, "createdBy": by, "comment": comment, "startsAt": now.isoformat()}
    ends = (now + timedelta(hours=1)).isoformat()
    made: str = api(f"{installation.alertmanagers[0]}/api/v2/silences", "POST", {**body, "endsAt": ends})["silenceID"]
    return made


def quiet(issue: dict[str, Any]) -> bool:
    return any(word["quiet"] for word in issue["handled"])


def test_a_snooze_is_a_silence_and_waking_ends_it(watch: Watch, office: Office, installation: Prometheus) -> None:
    issue = watch.issue(*DISK)["id"]
    result = office.rounds("snooze", issue, "2h", "disk", "is", "ordered")
    assert 'prom: A silence of alertname="DiskAlmostFull"' in result.stderr
    (made,) = silences(installation)
    assert all(f'{one["name"]}="{one["value"]}"' in result.stderr for one in made["matchers"])
    shown = watch.issue(*DISK, quiet)
    assert (shown["state"], shown["snoozed_by"], shown["snooze_reason"]) == ("snoozed", "tech1", "disk is ordered")
    assert (made["createdBy"], made["comment"]) == ("tech1", "disk is ordered")
    until = datetime.fromisoformat(shown["snoozed_until"])
    assert abs(datetime.fromisoformat(made["endsAt"]) - until) <= timedelta(seconds=1)
    other = watch.issue("sql01", "disk//home")
    assert (other["state"], other["handled"]) == ("open", [])
    office.rounds("snooze", issue, "--wake")
    shown = watch.issue(*DISK, lambda one: one["state"] == "open")
    assert (shown["state"], silences(installation)) == ("open", [])
    assert told(office, issue) == [("prom", "snooze", "done"), ("prom", "wake", "done")]


def test_what_somebody_silences_there_is_shown_and_is_ended_there(
    watch: Watch, office: Office, installation: Prometheus
) -> None:
    issue = watch.issue(*DISK)["id"]
    theirs = silence(installation, "alice", "patch night")
    shown = watch.issue(*DISK, lambda one: one["state"] == "snoozed")
    assert (shown["snoozed_by"], shown["snooze_reason"]) == ("alice", "patch night")
    status, sentence = complaint(office, "snooze", issue, "--wake")
    assert status == 77
    assert "It was silenced in Alertmanager by alice until" in sentence
    assert [one["id"] for one in silences(installation)] == [theirs]
    api(f"{installation.alertmanagers[0]}/api/v2/silence/{theirs}", "DELETE")
    watch.issue(*DISK, lambda one: one["state"] == "open")


def test_what_alertmanager_does_not_know_is_kept_here_or_refused(watch: Watch, office: Office) -> None:
    issue = watch.issue(*DISK)["id"]
    office.rounds("ack", issue, "cleaning up")
    shown = watch.issue(*DISK, lambda one: one["state"] == "acked")
    assert (shown["acked_by"], shown["handled"]) == ("tech1", [])
    office.rounds("ack", issue, "--undo")
    watch.issue(*DISK, lambda one: one["state"] == "open")
    assert told(office, issue) == []
    for words, what in ((("close", issue, "done"), "close problems"), (("recheck", issue), "check now")):
        sentence = f"rounds: No source of this issue can {what} with its credentials (prom)."
        assert complaint(office, *words) == (77, sentence)


def test_with_all_alertmanagers_gone_it_counts_here_and_says_so(
    watch: Watch, office: Office, installation: Prometheus
) -> None:
    issue = watch.issue(*DISK)["id"]
    for member in installation.members:
        member.stop()
    try:
        status, sentence = complaint(office, "snooze", issue, "2h", "disk", "is", "ordered")
        shown = watch.issue(*DISK, lambda one: one["state"] == "snoozed")
    finally:
        installation.restore()
    assert status == 1
    assert sentence.splitlines()[-1].startswith("rounds: Snoozed here; prom did not take it: Nothing listens at ")
    assert (shown["snoozed_by"], shown["handled"]) == ("tech1", [])
    assert told(office, issue) == [("prom", "snooze", "not sent")]


async def test_a_silence_that_somebody_ends_there_is_over_here(installation: Prometheus, tmp_path: Path) -> None:
    clock = LaterClock()
    adapter = open_prometheus(
        tmp_path, clock, url=installation.url, alertmanagers=list(installation.alertmanagers), watchdog="Watchdog"
    )
    async with elsewhere(adapter, "prometheus", clock, tmp_path) as here:
        issue = await here.issue(*DISK)
        await here.desk.snooze(issue, "tech1", clock.now() + timedelta(hours=2), "disk is ordered")
        await here.until(issue, lambda one: any(word.quiet for _, word in one.handled))  # both members know it
        here.settle()
        snoozed = await here.told(issue)
        (made,) = silences(installation)
        api(f"{installation.alertmanagers[0]}/api/v2/silence/{made['id']}", "DELETE")
        awake = await here.told(issue)
    assert (snoozed.state, snoozed.snoozed_by) == (IssueState.SNOOZED, "tech1")
    assert awake.state is IssueState.OPEN
