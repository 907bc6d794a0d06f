"""The main job on real machines: three clients, five hosts, four faults; found, repaired, verified, on record."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from tests.support.acting import agree
from tests.support.hosts import Host, Hosts
from tests.support.office import Office, quiet, ssh_source

pytestmark = pytest.mark.real


class Fleet:
    """Five hosts of three clients, every one with its own part in the story."""

    def __init__(self, hosts: Hosts, office: Office) -> None:
        self.office = office
        self.web, self.db, self.files, self.app, self.quiet = hosts.add_many(5)
        office.trust(hosts)
        office.configure(
            '[technician]\nname = "tech1"\n'
            '[clients.acme]\nname = "Acme Dental"\n'
            '[clients.baker]\nname = "Baker Law"\n'
            '[clients.cole]\nname = "Cole & Sons"\ncontract = "break-fix"\n'
            + self._source("acme-hq", "acme", "HQ", [self.web, self.db], hosts.key)
            + self._source("baker-main", "baker", "Main", [self.files, self.app], hosts.key)
            + self._source("cole-depot", "cole", "Depot", [self.quiet], hosts.key)
        )

    def break_things(self) -> None:
        self.web.stop_service("webshop")
        self.files.fill("/var/tmp", 97)
        self.app.runaway("report-gen")
        self.db.certificate("/srv/data/site.pem", days=5)

    @staticmethod
    def _source(name: str, client: str, site: str, members: list[Host], key: Path) -> str:
        more = 'services = ["webshop"]\ncertificates = ["/srv/data/site.pem"]\n' if name == "acme-hq" else ""
        more = more or 'services = ["webshop"]\n'
        return ssh_source(name, client, site, key, [host.at for host in members], more=more) + quiet(name)


@pytest.fixture
def fleet(hosts: Hosts, office: Office) -> Fleet:
    made = Fleet(hosts, office)
    # The other host of the site watches the same path: give it a certificate that is far from its end.
    made.web.certificate("/srv/data/site.pem", days=300)
    made.db.certificate("/srv/data/site.pem", days=300)
    return made


def conditions(office: Office) -> dict[str, str]:
    """Host name and condition of every open issue, by id."""
    return {item["id"]: f"{item['device_name']} {item['condition']}" for item in office.items("issues")}


def test_issues_lists_exactly_the_faults_that_were_made(fleet: Fleet) -> None:
    assert conditions(fleet.office) == {}
    fleet.break_things()
    # A runaway is one by the processor time that it has used: ask until it has.
    found = conditions(fleet.office)
    for _ in range(30):
        if f"{fleet.app.name} process/report-gen" in found.values():
            break
        found = conditions(fleet.office)
    assert sorted(found.values()) == sorted(
        [
            f"{fleet.web.name} service/webshop",
            f"{fleet.files.name} disk//var/tmp",
            f"{fleet.app.name} process/report-gen",
            f"{fleet.db.name} certificate//srv/data/site.pem",
        ]
    )


def test_a_restart_from_the_command_line_is_verified_and_the_issue_goes(fleet: Fleet) -> None:
    fleet.break_things()
    starts = len(fleet.web.service_log)
    result = fleet.office.rounds("fix", "run", "restart-service", fleet.web.name, "--yes", "--json")
    (run,) = json.loads(result.stdout)["items"]
    assert (run["state"], run["outcome"]) == ("succeeded", "fixed")
    assert fleet.web.running("webshop")
    assert len(fleet.web.service_log) == starts + 1
    assert f"{fleet.web.name} service/webshop" not in conditions(fleet.office).values()
    assert fleet.office.rounds("audit", "verify").returncode == 0


def test_a_restart_by_keys_on_the_screen_is_verified_and_the_issue_goes(fleet: Fleet) -> None:
    fleet.web.stop_service("webshop")
    starts = len(fleet.web.service_log)
    with fleet.office.screen() as screen:
        screen.until(r"Fixes +1 Restart service")
        screen.type("1")
        screen.until("Run it")
        agree(screen)
        screen.until(r"Outcome +● fixed")
        screen.type("escape")
        screen.until(r"Everything is fine")
    assert fleet.web.running("webshop")
    assert len(fleet.web.service_log) == starts + 1
