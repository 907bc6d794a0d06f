"""What is decided by commands is so in the real Zabbix, and what is decided there is so here."""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import datetime
from pathlib import Path

import pytest

from tests.support.deciding import Watch, complaint, told, watched
from tests.support.eventually import wait_for
from tests.support.office import Office
from tests.support.servers.zabbix import ADMIN
from tests.support.servers.zabbix_api import Api
from tests.support.servers.zabbix_asking import at_work, maintenances, problem_of
from tests.support.servers.zabbix_seed import TOKEN_USER, VIEWER, Seed

pytestmark = pytest.mark.real

DC01, DISK, SPOOLER = "dc 01 at acme", "disk//var", "service/spooler"
SOURCE = "zabbix-eu"


@pytest.fixture
def watch(office: Office, zabbix: Seed) -> Iterator[Watch]:
    at_work(office, zabbix)
    with watched(office) as watch:
        yield watch


def acknowledge(zabbix: Seed, trigger: str, action: int, text: str) -> None:
    """Somebody else does it in Zabbix itself."""
    other = Api(zabbix.server.url, zabbix.tokens["other01"])
    eventid = problem_of(zabbix, trigger)["eventid"]
    other("event.acknowledge", {"eventids": [eventid], "action": action | 4, "message": text})


def test_an_acknowledgement_goes_there_and_back(watch: Watch, office: Office, zabbix: Seed) -> None:
    issue = watch.issue(DC01, DISK)["id"]
    office.rounds("ack", issue, "cleaning", "up")
    there = problem_of(zabbix, "acme-dc01/disk.used")
    shown = watch.issue(DC01, DISK, lambda one: bool(one["handled"]))
    assert (there["acknowledged"], there["acknowledges"][0]["message"]) == ("1", "tech1 (rounds): cleaning up")
    assert (shown["state"], shown["acked_by"]) == ("acked", "tech1")
    assert [(one["source"], one["acked"], one["acked_by"]) for one in shown["handled"]] == [(SOURCE, True, TOKEN_USER)]
    office.rounds("ack", issue, "--undo")
    shown = watch.issue(DC01, DISK, lambda one: one["state"] == "open")
    assert problem_of(zabbix, "acme-dc01/disk.used")["acknowledged"] == "0"
    assert shown["acked_by"] is None
    assert told(office, issue) == [(SOURCE, "acknowledge", "done"), (SOURCE, "unacknowledge", "done")]


def test_what_somebody_acknowledges_there_is_shown_and_can_be_taken_back(
    watch: Watch, office: Office, zabbix: Seed
) -> None:
    issue = watch.issue(DC01, DISK)["id"]
    acknowledge(zabbix, "acme-dc01/disk.used", 2, "on my way")
    shown = watch.issue(DC01, DISK, lambda one: one["state"] == "acked")
    assert shown["acked_by"] == "other01"
    office.rounds("ack", issue, "--undo")
    assert problem_of(zabbix, "acme-dc01/disk.used")["acknowledged"] == "0"
    watch.issue(DC01, DISK, lambda one: one["state"] == "open")


def test_with_the_server_gone_it_counts_here_and_says_so(watch: Watch, office: Office, zabbix: Seed) -> None:
    issue = watch.issue(DC01, DISK)["id"]
    zabbix.server.stop("web")
    try:
        status, sentence = complaint(office, "ack", issue, "cleaning up")
        shown = watch.issue(DC01, DISK, lambda one: one["state"] == "acked")
    finally:
        zabbix.server.start_web()
    assert status == 1
    assert sentence.startswith(f"rounds: Acknowledged here; {SOURCE} did not take it: Nothing listens at http://127.")
    assert shown["acked_by"] == "tech1"
    assert problem_of(zabbix, "acme-dc01/disk.used")["acknowledged"] == "0"
    office.rounds("ack", issue, "--undo")
    watch.issue(DC01, DISK, lambda one: one["state"] == "open")
    assert told(office, issue) == [(SOURCE, "acknowledge", "not sent")]


def test_a_snooze_is_a_maintenance_and_waking_ends_it(watch: Watch, office: Office, zabbix: Seed) -> None:
    issue = watch.issue(DC01, DISK)["id"]
    result = office.rounds("snooze", issue, "2h", "disk", "is", "ordered")
    assert "A maintenance of the whole host dc 01 at acme in Zabbix, which quiets all its problems" in result.stderr
    shown = watch.issue(DC01, DISK, lambda one: one["state"] == "snoozed")
    until = datetime.fromisoformat(shown["snoozed_until"])
    (made,) = maintenances(zabbix)
    assert (made["description"], made["hosts"]) == (
        "tech1 (rounds): disk is ordered",
        [{"hostid": zabbix.hosts["acme-dc01"]}],
    )
    assert 0 <= int(made["active_till"]) - until.timestamp() < 61
    zabbix.server.stop("server")  # when it starts, it looks at once which maintenances there are
    zabbix.server.start_server()
    shown = watch.issue(DC01, DISK, lambda one: any(word["quiet"] for word in one["handled"]))
    assert (shown["snoozed_by"], shown["snooze_reason"]) == ("tech1", "disk is ordered")
    assert problem_of(zabbix, "acme-dc01/disk.used")["suppressed"] == "1"
    office.rounds("snooze", issue, "--wake")
    assert watch.issue(DC01, DISK)["state"] == "open"
    assert maintenances(zabbix) == []
    assert told(office, issue) == [(SOURCE, "snooze", "done"), (SOURCE, "wake", "done")]


def test_a_problem_is_closed_there_and_gone_here(watch: Watch, office: Office, zabbix: Seed) -> None:
    issue = watch.issue(DC01, SPOOLER)["id"]
    there = problem_of(zabbix, "acme-dc01/spooler")
    office.rounds("close", issue, "it prints")
    watch.gone(DC01, SPOOLER)
    (event,) = zabbix.api(
        "event.get", {"eventids": [there["eventid"]], "output": "extend", "select_acknowledges": "extend"}
    )
    assert event["acknowledges"][0]["message"] == "tech1 (rounds): it prints"
    zabbix.reopen("acme-dc01", "spooler", 0, 1)


def test_what_the_source_does_not_permit_is_refused_with_its_reason(watch: Watch, office: Office) -> None:
    issue = watch.issue(DC01, DISK)["id"]
    status, sentence = complaint(office, "close", issue, "it prints")
    assert status == 77
    assert sentence.startswith(f"rounds: Nothing was changed: {SOURCE} did not take it: The trigger of this problem")
    status, sentence = complaint(office, "recheck", issue)
    assert (status, sentence) == (
        77,
        f"rounds: No source of this issue can check now with its credentials ({SOURCE}).",
    )


def test_who_only_looks_decides_here_alone(office: Office, zabbix: Seed) -> None:
    at_work(office, zabbix, VIEWER)
    with watched(office) as watch:
        issue = watch.issue(DC01, DISK)["id"]
        office.rounds("ack", issue)
        shown = watch.issue(DC01, DISK, lambda one: one["state"] == "acked")
        assert shown["acked_by"] == "tech1"
        assert told(office, issue) == []
    assert problem_of(zabbix, "acme-dc01/disk.used")["acknowledged"] == "0"


def test_a_super_admin_has_it_checked_now(office: Office, zabbix: Seed) -> None:
    at_work(office, zabbix, *ADMIN)
    with watched(office) as watch:
        office.rounds("recheck", watch.issue("borg-fw01", "reachable")["id"])
        status, sentence = complaint(office, "recheck", watch.issue(DC01, DISK)["id"])
    assert "6" in zabbix.tasks(zabbix.items["borg-fw01/zabbix[host,agent,available]"])
    assert status == 77
    assert "sent to Zabbix by the device itself" in sentence


@pytest.fixture
def shop(zabbix: Seed) -> Iterator[tuple[str, Path]]:
    """A shop at Acme that does not run until a file is there, and the script of Zabbix that makes it."""
    open_ = zabbix.server.folder / "shop"
    key = f"vfs.file.exists[{open_}]"
    item = zabbix.item("acme-web01", key, "Web shop", kind=0)
    trigger = zabbix.trigger("acme-web01", key, "=0", "Service webshop", 4)
    script = {"name": "Open the shop", "command": f"echo opened >> {open_}; echo the shop is open", "type": 0}
    (made,) = zabbix.api("script.create", {**script, "execute_on": 0, "scope": 2})["scriptids"]
    wait_for(lambda: bool(zabbix.api("problem.get", {"objectids": [trigger]})), "the shop's problem")
    yield f"{SOURCE}/{made}", open_
    zabbix.api("script.delete", [made])
    zabbix.api("item.delete", [item])


def test_a_global_script_is_run_there_once_seen_to_help_and_on_record(
    shop: tuple[str, Path], watch: Watch, office: Office
) -> None:
    fix, open_ = shop
    issue = watch.issue("acme-web01", "service/webshop")["id"]
    plan = office.rounds("fix", "plan", fix, issue).stdout
    assert "Have zabbix-eu run “Open the shop” on acme-web01" in plan
    assert not open_.exists()
    result = office.rounds("fix", "run", fix, issue, "--yes", "--json")
    (run,) = json.loads(result.stdout)["items"]
    assert (run["state"], run["outcome"], run["exit"], run["issue"]) == ("succeeded", "fixed", 0, issue)
    assert run["output_bytes"] == len("the shop is open")
    assert open_.read_text() == "opened\n"
    assert office.recorded(run["id"]) == ["run-approved", "run-sent", "run-ended", "run-verified"]
    assert office.rounds("audit", "verify").returncode == 0
    watch.gone("acme-web01", "service/webshop")
