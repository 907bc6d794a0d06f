"""What is decided by commands is so in the real Icinga 2, and what is decided there is so here."""

from __future__ import annotations

import json
import time
from collections.abc import Iterator
from datetime import datetime, timedelta
from pathlib import Path

import pytest

from backends.fleet.model import IssueState
from tests.support.deciding import Watch, complaint, told, watched
from tests.support.elsewhere import LaterClock, elsewhere
from tests.support.eventually import wait_for
from tests.support.icinga2_source import configured, source_at
from tests.support.office import Office
from tests.support.servers.icinga2 import Icinga
from tests.support.servers.icinga2_config import NODE

pytestmark = pytest.mark.real

WEB01, DISK, SHOP = "acme-web01", "disk//var", "check/shop"
COMMAND = f"""
[[sources.ice.commands]]
name = "restart-shop"
title = "Start the shop"
service = "shop"
families = ["check"]
endpoint = "{NODE}"
"""


@pytest.fixture
def watch(office: Office, icinga: Icinga) -> Iterator[Watch]:
    office.configure(configured(icinga, every="5s", more=COMMAND))
    with watched(office) as watch:
        yield watch


def test_an_acknowledgement_goes_there_and_back(watch: Watch, office: Office, icinga: Icinga) -> None:
    issue = watch.issue(WEB01, DISK)["id"]
    office.rounds("ack", issue, "cleaning", "up")
    there = icinga.object(WEB01, "disk /var")
    (comment,) = [one["attrs"] for one in icinga.ask("objects/comments") if one["attrs"]["service_name"] == "disk /var"]
    assert (there["acknowledgement"], comment["author"], comment["text"]) == (1, "tech1", "cleaning up")
    shown = watch.issue(WEB01, DISK, lambda one: bool(one["handled"]))
    assert (shown["state"], shown["acked_by"]) == ("acked", "tech1")
    assert [(one["source"], one["acked_by"], one["text"]) for one in shown["handled"]] == [
        ("ice", "tech1", "cleaning up")
    ]
    office.rounds("ack", issue, "--undo")
    shown = watch.issue(WEB01, DISK, lambda one: one["state"] == "open")
    assert icinga.object(WEB01, "disk /var")["acknowledgement"] == 0
    assert (shown["acked_by"], shown["handled"]) == (None, [])
    assert told(office, issue) == [("ice", "acknowledge", "done"), ("ice", "unacknowledge", "done")]


def test_what_somebody_decides_there_is_shown_and_can_be_taken_back(
    watch: Watch, office: Office, icinga: Icinga
) -> None:
    issue = watch.issue(WEB01, DISK)["id"]
    target = {"type": "Service", "service": f"{WEB01}!disk /var"}
    icinga.do("acknowledge-problem", author="alice", comment="on my way", **target)
    assert watch.issue(WEB01, DISK, lambda one: one["state"] == "acked")["acked_by"] == "alice"
    office.rounds("ack", issue, "--undo")
    assert icinga.object(WEB01, "disk /var")["acknowledgement"] == 0
    now = time.time()
    icinga.do(
        "schedule-downtime", author="bob", comment="patch night", start_time=now - 1, end_time=now + 3600, **target
    )
    shown = watch.issue(WEB01, DISK, lambda one: one["state"] == "snoozed")
    assert (shown["snoozed_by"], shown["snooze_reason"]) == ("bob", "patch night")
    status, sentence = complaint(office, "snooze", issue, "--wake")
    assert status == 1
    assert sentence == "rounds: ice goes on to say that it is quiet: what others began there is ended there."
    icinga.do("remove-downtime", **target)
    watch.issue(WEB01, DISK, lambda one: one["state"] == "open")


def test_a_snooze_is_a_downtime_and_waking_ends_it(watch: Watch, office: Office, icinga: Icinga) -> None:
    issue = watch.issue(WEB01, DISK)["id"]
    result = office.rounds("snooze", issue, "2h", "disk", "is", "ordered")
    assert (
        f"ice: A downtime in Icinga for the service disk /var of {WEB01}, and for nothing else of it." in result.stderr
    )
    (made,) = downtimes(icinga)
    shown = watch.issue(WEB01, DISK, lambda one: any(word["quiet"] for word in one["handled"]))
    assert (shown["state"], shown["snoozed_by"], shown["snooze_reason"]) == ("snoozed", "tech1", "disk is ordered")
    assert (made["author"], made["comment"].startswith("disk is ordered")) == ("tech1", True)
    assert abs(made["end_time"] - datetime.fromisoformat(shown["snoozed_until"]).timestamp()) < 1
    office.rounds("snooze", issue, "--wake")
    shown = watch.issue(WEB01, DISK, lambda one: one["state"] == "open")
    assert (shown["handled"], downtimes(icinga)) == ([], [])
    assert told(office, issue) == [("ice", "snooze", "done"), ("ice", "wake", "done")]


def test_with_icinga_gone_it_counts_here_and_says_so(office: Office, mortal: Icinga) -> None:
    mortal.result(WEB01, output="PING OK")
    mortal.result(WEB01, "disk /var", exit_status=2, output="DISK CRITICAL")
    office.configure(configured(mortal, every="5s"))
    with watched(office) as watch:
        issue = watch.issue(WEB01, DISK)["id"]
        mortal.kill()
        status, sentence = complaint(office, "ack", issue, "cleaning up")
        shown = watch.issue(WEB01, DISK, lambda one: one["state"] == "acked")
        assert status == 1
        assert sentence.startswith("rounds: Acknowledged here; ice did not take it: ")
        assert shown["acked_by"] == "tech1"
        assert told(office, issue) == [("ice", "acknowledge", "not sent")]


def test_who_may_only_look_decides_here_alone(office: Office, icinga: Icinga) -> None:
    office.configure(configured(icinga, "viewer", every="5s"))
    with watched(office) as watch:
        issue = watch.issue(WEB01, DISK)["id"]
        office.rounds("ack", issue)
        office.rounds("snooze", issue, "2h", "later")
        shown = watch.issue(WEB01, DISK, lambda one: one["state"] == "snoozed")
        assert (shown["acked_by"], shown["snoozed_by"], shown["handled"]) == ("tech1", "tech1", [])
        assert told(office, issue) == []
    assert (icinga.object(WEB01, "disk /var")["acknowledgement"], downtimes(icinga)) == (0, [])


async def test_what_somebody_takes_back_there_is_over_here(icinga: Icinga, tmp_path: Path) -> None:
    clock = LaterClock()
    target = {"type": "Service", "service": f"{WEB01}!disk /var"}
    async with source_at(icinga, clock=clock) as adapter, elsewhere(adapter, "icinga2", clock, tmp_path) as here:
        issue = await here.issue(WEB01, DISK)
        await here.desk.acknowledge(issue, "tech1", "cleaning up")
        await here.desk.snooze(issue, "tech1", clock.now() + timedelta(hours=2), "disk is ordered")
        here.settle()
        both = await here.told(issue)
        icinga.do("remove-acknowledgement", author="alice", **target)
        icinga.do("remove-downtime", author="alice", **target)
        # Its stream may be some seconds behind its own answers.
        await here.until(issue, lambda one: one.state is IssueState.OPEN and not one.acked_by)
        neither = await here.told(issue)
    assert (both.state, both.acked_by, both.snoozed_by) == (IssueState.SNOOZED, "tech1", "tech1")
    assert (neither.state, neither.acked_by, neither.snoozed_by) == (IssueState.OPEN, "", "")


def downtimes(icinga: Icinga) -> list[dict[str, object]]:
    found = [one["attrs"] for one in icinga.ask("objects/downtimes")]
    return [one for one in found if (one["host_name"], one["service_name"]) == (WEB01, "disk /var")]


def test_what_icinga_cannot_do_is_said_and_nothing_is_changed(watch: Watch, office: Office, icinga: Icinga) -> None:
    issue = watch.issue(WEB01, DISK)["id"]
    status, sentence = complaint(office, "close", issue, "it", "is", "fine")
    assert (status, sentence) == (77, "rounds: No source of this issue can close problems with its credentials (ice).")
    status, sentence = complaint(office, "recheck", issue)
    assert status == 77
    assert "its results are handed in from outside" in sentence


def test_a_service_is_checked_now(watch: Watch, office: Office, icinga: Icinga) -> None:
    icinga.fixed.joinpath(WEB01).unlink(missing_ok=True)
    icinga.do("reschedule-check", type="Service", service=f"{WEB01}!shop", force=True)
    issue = watch.issue(WEB01, SHOP)["id"]
    before = icinga.object(WEB01, "shop")["last_check"]
    office.rounds("recheck", issue)
    wait_for(lambda: icinga.object(WEB01, "shop")["last_check"] > before, "another check of the shop")


def test_a_command_is_run_there_once_seen_to_help_and_on_record(watch: Watch, office: Office, icinga: Icinga) -> None:
    icinga.fixed.joinpath(WEB01).unlink(missing_ok=True)
    icinga.do("reschedule-check", type="Service", service=f"{WEB01}!shop", force=True)
    issue = watch.issue(WEB01, SHOP)["id"]
    plan = office.rounds("fix", "plan", "ice/restart-shop@shop", issue).stdout
    assert "Have ice run “Start the shop” on acme-web01" in plan
    assert not icinga.fixed.joinpath(WEB01).exists()
    result = office.rounds("fix", "run", "ice/restart-shop@shop", issue, "--yes", "--json")
    (run,) = json.loads(result.stdout)["items"]
    assert (run["state"], run["outcome"], run["exit"], run["issue"]) == ("succeeded", "fixed", 0, issue)
    assert run["output_bytes"] == len(f"started the shop of {WEB01}\n")
    assert icinga.object(WEB01, "shop")["state"] == 0
    assert office.recorded(run["id"]) == ["run-approved", "run-sent", "run-ended", "run-verified"]
    assert office.rounds("audit", "verify").returncode == 0
    watch.gone(WEB01, SHOP)
