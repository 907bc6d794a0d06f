"""What is decided by commands is so in the real Nagios, and what is decided there is so here. Nagios writes down every
two seconds how things are."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from backends.fleet.model import IssueState
from tests.support.deciding import Watch, complaint, told, watched
from tests.support.elsewhere import LaterClock, elsewhere
from tests.support.eventually import wait_for
from tests.support.nagios_source import configured, source_at
from tests.support.office import Office
from tests.support.servers.nagios import Nagios

pytestmark = pytest.mark.real

WEB01, DISK, SHOP = "acme-web01", "disk//var", "check/shop"


@pytest.fixture
def watch(office: Office, nagios: Nagios) -> Iterator[Watch]:
    office.configure(configured(nagios, every="5s"))
    with watched(office) as watch:
        yield watch


def acked(nagios: Nagios) -> bool:
    return bool(nagios.service(WEB01, "disk /var")["problem_has_been_acknowledged"])


def downtimes(nagios: Nagios) -> list[dict[str, Any]]:
    spot = (WEB01, "disk /var")
    return [one for one in nagios.downtimes() if (one["host_name"], one.get("service_description", "")) == spot]


def soon(holds: Callable[[], bool], what: str) -> None:
    wait_for(holds, what, within_s=15)


def quiet(issue: dict[str, Any]) -> bool:
    return any(word["quiet"] for word in issue["handled"])


def test_an_acknowledgement_and_a_snooze_go_there_and_back(watch: Watch, office: Office, nagios: Nagios) -> None:
    issue = watch.issue(WEB01, DISK)["id"]
    office.rounds("ack", issue, "cleaning", "up")
    result = office.rounds("snooze", issue, "2h", "disk", "is", "ordered")
    assert "nag: A downtime in Nagios" in result.stderr
    soon(lambda: acked(nagios) and bool(downtimes(nagios)), "the acknowledgement and the downtime")
    (made,) = downtimes(nagios)
    shown = watch.issue(WEB01, DISK, quiet)
    assert (shown["state"], shown["acked_by"], shown["snoozed_by"]) == ("snoozed", "tech1", "tech1")
    assert [(one["source"], one["acked_by"], one["quiet_by"]) for one in shown["handled"]] == [
        ("nag", "tech1", "tech1")
    ]
    assert (made["author"], made["comment"].startswith("disk is ordered")) == ("tech1", True)
    assert abs(made["end_time"] / 1000 - datetime.fromisoformat(shown["snoozed_until"]).timestamp()) <= 1
    office.rounds("snooze", issue, "--wake")
    office.rounds("ack", issue, "--undo")
    soon(lambda: not acked(nagios) and not downtimes(nagios), "that both are gone")
    shown = watch.issue(WEB01, DISK, lambda one: one["state"] == "open")
    assert (shown["acked_by"], shown["handled"]) == (None, [])
    assert told(office, issue) == [("nag", verb, "done") for verb in ("acknowledge", "snooze", "wake", "unacknowledge")]


def test_what_somebody_decides_there_is_shown(watch: Watch, office: Office, nagios: Nagios) -> None:
    issue = watch.issue(WEB01, DISK)["id"]
    begin = int(time.time())
    nagios.do("ACKNOWLEDGE_SVC_PROBLEM", WEB01, "disk /var", 1, 0, 0, "alice", "on my way")
    nagios.do("SCHEDULE_SVC_DOWNTIME", WEB01, "disk /var", begin - 5, begin + 600, 1, 0, 605, "bob", "patch night")
    shown = watch.issue(WEB01, DISK, lambda one: quiet(one) and one["acked_by"] is not None)
    assert (shown["state"], shown["acked_by"], shown["snoozed_by"]) == ("snoozed", "alice", "bob")
    nagios.do("DEL_SVC_DOWNTIME", downtimes(nagios)[0]["downtime_id"])
    office.rounds("ack", issue, "--undo")
    soon(lambda: not acked(nagios), "that it is gone")
    watch.issue(WEB01, DISK, lambda one: one["state"] == "open")


def test_with_nagios_gone_it_counts_here_and_says_so(watch: Watch, office: Office, nagios: Nagios) -> None:
    issue = watch.issue(WEB01, DISK)["id"]
    nagios.stop_apache()
    try:
        status, sentence = complaint(office, "ack", issue, "cleaning up")
        shown = watch.issue(WEB01, DISK, lambda one: one["state"] == "acked")
    finally:
        nagios.start_apache()
    assert status == 1
    assert sentence.startswith("rounds: Acknowledged here; nag did not take it: Nothing listens at ")
    assert shown["acked_by"] == "tech1"
    assert told(office, issue) == [("nag", "acknowledge", "not sent")]
    assert not acked(nagios)


def test_what_nagios_cannot_do_is_said_and_nothing_is_changed(watch: Watch, office: Office) -> None:
    issue = watch.issue(WEB01, DISK)["id"]
    said = complaint(office, "close", issue, "it is fine")
    assert said == (77, "rounds: No source of this issue can close problems with its credentials (nag).")
    status, sentence = complaint(office, "recheck", issue)
    assert status == 77
    assert "waits for results" in sentence


def test_a_service_is_checked_now(watch: Watch, office: Office, nagios: Nagios) -> None:
    issue = watch.issue(WEB01, SHOP)["id"]
    nagios.shop("ok", "SHOP OK - it sells")
    try:
        office.rounds("recheck", issue)
        soon(lambda: bool(nagios.service(WEB01, "shop")["status"] == "ok"), "the shop open")
    finally:
        nagios.shop("critical", "SHOP CRITICAL - nobody sells")
        nagios.do("SCHEDULE_FORCED_SVC_CHECK", WEB01, "shop", int(time.time()))
        soon(lambda: bool(nagios.service(WEB01, "shop")["status"] == "critical"), "the shop closed")


async def test_what_somebody_takes_back_there_is_over_here(nagios: Nagios, tmp_path: Path) -> None:
    clock = LaterClock()
    async with source_at(nagios, clock=clock) as adapter, elsewhere(adapter, "nagios", clock, tmp_path) as here:
        issue = await here.issue(WEB01, DISK)
        await here.desk.acknowledge(issue, "tech1", "cleaning up")
        await here.desk.snooze(issue, "tech1", clock.now() + timedelta(hours=2), "disk is ordered")
        await here.until(issue, lambda one: any(word.acked and word.quiet for _, word in one.handled))
        here.settle()
        both = await here.told(issue)
        nagios.do("REMOVE_SVC_ACKNOWLEDGEMENT", WEB01, "disk /var")
        nagios.do("DEL_SVC_DOWNTIME", downtimes(nagios)[0]["downtime_id"])
        await here.until(issue, lambda one: one.state is IssueState.OPEN)
    assert (both.state, both.acked_by, both.snoozed_by) == (IssueState.SNOOZED, "tech1", "tech1")
