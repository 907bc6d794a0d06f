"""Three real servers that watch the same ten hosts: ten devices and ten issues, each with three witnesses."""

from __future__ import annotations

import os
import re
import tempfile
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from tests.support.deciding import Item, Watch, told, watched
from tests.support.office import Office
from tests.support.servers import icinga2, prometheus, zabbix
from tests.support.servers.icinga2 import Icinga
from tests.support.servers.prometheus import api
from tests.support.servers.same_hosts import (
    ALL,
    USED,
    Alerting,
    icinga_configured,
    objects,
    plant,
    tell,
    zabbix_configured,
)
from tests.support.servers.zabbix import ZabbixServer

pytestmark = [pytest.mark.real, pytest.mark.xdist_group("witnesses")]

DISK = "disk//var"
THREE = ("ice", "prom", "zbx")


class Servers:
    """All three at work."""

    def __init__(self, alerting: Alerting, server: ZabbixServer, icinga: Icinga) -> None:
        self.alerting = alerting
        self.zabbix = server
        self.icinga = icinga

    def decided(self) -> tuple[list[str], list[str], list[tuple[str, str]], list[str], list[str]]:
        """Hosts: in a downtime and acknowledged in Icinga, silenced, in a maintenance and acknowledged in Zabbix."""
        services = [one["attrs"] for one in self.icinga.ask("objects/services")]
        silences = api(f"{self.alerting.alertmanager}/api/v2/silences")
        labels = [
            {one["name"]: one["value"] for one in silence["matchers"]}
            for silence in silences
            if silence["status"]["state"] != "expired"
        ]
        zabbix = self.zabbix.admin
        resting = zabbix("maintenance.get", {"selectHosts": ["host"]})
        acked = zabbix("event.get", {"acknowledged": True, "selectHosts": ["host"], "value": 1})
        return (
            [one["host_name"] for one in services if one["downtime_depth"]],
            [one["host_name"] for one in services if one["acknowledgement"]],
            [(one["client"], one["instance"]) for one in labels],
            [host["host"] for one in resting for host in one["hosts"]],
            [host["host"] for one in acked for host in one["hosts"]],
        )


@pytest.fixture(scope="module")
def servers() -> Iterator[Servers]:
    why = zabbix.missing() or prometheus.missing() or icinga2.missing()
    if why and os.environ.get("CI") == "true":
        pytest.fail(why)
    if why:
        pytest.skip(why)
    with tempfile.TemporaryDirectory(prefix="witnesses-", ignore_cleanup_errors=True) as folder:
        alerting = Alerting(Path(folder))
        icinga = Icinga(objects())
        try:
            tell(icinga)
            with ZabbixServer() as server:
                plant(server)
                alerting.start()
                yield Servers(alerting, server, icinga)
        finally:
            icinga.close()
            alerting.stop()


@pytest.fixture
def watch(office: Office, servers: Servers) -> Iterator[Watch]:
    office.configure(
        '[technician]\nname = "tech1"\n[clients.acme]\nname = "Acme Dental"\n[clients.borg]\nname = "Borg"\n'
        + servers.alerting.configured()
        + zabbix_configured(servers.zabbix)
        + icinga_configured(servers.icinga)
    )
    with watched(office) as watch:
        yield watch


def seen_by(*sources: str) -> Callable[[list[Item]], bool]:
    """Whether every full disk is told by exactly these."""
    return lambda items: [one["sources"] for one in items if one["condition"] == DISK] == [list(sources)] * len(ALL)


def test_ten_hosts_are_ten_devices_and_what_is_wrong_ten_issues(watch: Watch, office: Office, servers: Servers) -> None:
    issues = watch.all(seen_by(*THREE), "every disk seen by all three")
    assert sorted((one["client"], one["device_name"], one["condition"]) for one in issues) == sorted(
        (client, host, DISK) for client, host in ALL
    )
    devices = [one for one in office.items("devices") if one["client"] != "unplaced"]
    assert sorted((one["client"], one["name"]) for one in devices) == sorted(ALL)
    assert all((one["sources"], one["look_alike"]) == (list(THREE), False) for one in devices)
    assert {one["device"] for one in issues} == {one["id"] for one in devices}
    assert len(servers.zabbix.admin("problem.get")) == len(servers.icinga.ask("objects/hosts")) == len(ALL)
    assert len(api(f"{servers.alerting.alertmanager}/api/v2/alerts")) == len(ALL)


def test_the_card_says_who_says_what(watch: Watch, office: Office) -> None:
    watch.all(seen_by(*THREE), "every disk seen by all three")
    card = office.rounds("snapshot", "client:borg name:dc01").stdout
    assert re.search(r"Evidence +ice: DISK CRITICAL - /var 96.5 %, critical, seen ", card)
    assert re.search(r"prom: Disk /var is 96.5 % full, critical, seen ", card)
    assert re.search(r"zbx: Disk space on /var, critical, seen ", card)


def test_a_decision_reaches_all_that_can_be_told_and_the_other_clients_namesake_not(
    watch: Watch, office: Office, servers: Servers
) -> None:
    issues = watch.all(seen_by(*THREE), "every disk seen by all three")
    ours, theirs = (
        next(one["id"] for one in issues if (one["client"], one["device_name"]) == (client, "dc01"))
        for client in ("acme", "borg")
    )
    office.rounds("ack", ours, "cleaning up")
    office.rounds("snooze", ours, "2h", "disk is ordered")
    assert told(office, ours) == [
        ("ice", "acknowledge", "done"),
        ("zbx", "acknowledge", "done"),
        *((source, "snooze", "done") for source in THREE),
    ]
    assert told(office, theirs) == []
    quiet = watch.all(lambda items: any(_quiet_in(one) >= {"ice", "prom"} for one in items), "it is quiet there")
    assert {one["id"] for one in quiet if one["state"] != "open"} == {ours}
    assert servers.decided() == (["acme-dc01"], ["acme-dc01"], [("acme", "dc01:9100")], ["acme-dc01"], ["acme-dc01"])
    office.rounds("snooze", ours, "--wake")
    office.rounds("ack", ours, "--undo")
    watch.all(lambda items: all(one["state"] == "open" for one in items), "all of them open")
    assert servers.decided() == ([], [], [], [], [])


def test_one_that_sees_it_no_more_is_a_witness_less(watch: Watch, servers: Servers) -> None:
    watch.all(seen_by(*THREE), "every disk seen by all three")
    servers.alerting.tell(40.0)
    try:
        issues = watch.all(seen_by("ice", "zbx"), "every disk seen by two")
    finally:
        servers.alerting.tell(USED)
    assert {(one["client"], one["device_name"]) for one in issues} == {*ALL}


def _quiet_in(issue: Item) -> set[str]:
    return {word["source"] for word in issue["handled"] if word["quiet"]}
