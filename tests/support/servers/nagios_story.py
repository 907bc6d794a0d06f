"""What happens at the test Nagios: a dead router with hosts behind it, disks, decisions, and output that hurts."""

from __future__ import annotations

import time

from tests.support.eventually import wait_for
from tests.support.servers.nagios import Nagios
from tests.support.servers.nagios_config import ODD_HOST, ODD_SERVICE, PRICKLY_SERVICE

NEVER = {("globex-new", ""), ("acme-web01", "never ran"), ("globex-web01", "load")}
"""What stays unchecked; an empty service is the host."""


def tell(nagios: Nagios) -> None:
    """Tell the story, and return when Nagios has written all of it down."""
    for host in ("acme-router", "acme-web01", "acme-db01", ODD_HOST):
        nagios.result(host, "", "ok", "PING OK - rta 3 ms|rta=3ms;100;500;0")
    for host in ("globex-router", "globex-web01", "globex-db01"):
        nagios.result(host, "", "critical", "PING CRITICAL - 100% loss")
    nagios.result("acme-web01", "ping", "ok", "PING OK - très bien")
    nagios.result("acme-web01", "disk /var", "critical", "DISK CRITICAL - 97% <b>|/var=9700MB;8000;9000;0;10000")
    nagios.result("acme-web01", "disk C:\\ free", "warning", r'C:\ is "full"\n[second line')
    nagios.result("acme-web01", "load", "warning", "LOAD WARNING \x07\x0b\x1b[2J\x7f|load1=5.0;4;8;0; load5=1")
    nagios.result("acme-db01", "load", "ok", "LOAD OK|load1=0.5;4;8;0;")
    nagios.result("acme-db01", "backup", "critical", "BACKUP CRITICAL - 3 days old")
    nagios.result("acme-db01", PRICKLY_SERVICE, "critical", "broken \udce9\udcff bytes")
    nagios.result("globex-db01", "load", "unknown", "")
    nagios.result(ODD_HOST, ODD_SERVICE, "unknown", "?")
    now = int(time.time())
    nagios.do("ACKNOWLEDGE_SVC_PROBLEM", "acme-web01", "load", 2, 0, 1, "bob", "I am on it")
    nagios.do("SCHEDULE_SVC_DOWNTIME", "acme-db01", "backup", now - 5, now + 7200, 1, 0, 7205, "bob", "Patch window")
    nagios.do("SCHEDULE_FORCED_SVC_CHECK", "acme-web01", "shop", now)
    wait_for(lambda: _pending(nagios) == NEVER and _decided(nagios), "the story in Nagios's status")


def _pending(nagios: Nagios) -> set[tuple[str, str]]:
    hosts = nagios.ask("statusjson", "hostlist")["hostlist"]
    services = nagios.ask("statusjson", "servicelist")["servicelist"]
    found = {(host, "") for host, state in hosts.items() if state == "pending"}
    return found | {
        (host, name) for host, some in services.items() for name, state in some.items() if state == "pending"
    }


def _decided(nagios: Nagios) -> bool:
    acked = nagios.service("acme-web01", "load")["problem_has_been_acknowledged"]
    return bool(acked and nagios.service("acme-db01", "backup")["scheduled_downtime_depth"])
