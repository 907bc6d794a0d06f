"""What has happened at the two clients of the test's Icinga 2, told to it by its own API: problems of every kind, one
that is acknowledged, one in a downtime, a dead router with two hosts behind it, and things that were never checked."""

from __future__ import annotations

import time

from tests.support.eventually import wait_for
from tests.support.servers.icinga2 import Icinga
from tests.support.servers.icinga2_config import ODD_HOST, ODD_SERVICE

ODD_OUTPUT = "\x1b]0;owned\x07\u202eCRITICAL - 100 % | x=1\nrm -rf /"


def tell(icinga: Icinga) -> None:
    for host in ("acme-router", "acme-web01", "acme-db01", ODD_HOST):
        icinga.result(host, output="PING OK - 0.4 ms", performance_data=["rta=0.4ms;100;500;0", "pl=0%;20;60;0;100"])
    for client in ("acme", "globex"):
        for name in ("web01", "db01"):
            for service in ("ping4", "load", "shop-copy"):
                icinga.result(f"{client}-{name}", service, output=f"{service} OK - quiet", performance_data=["n=1"])
    disk = ["/var=9500MB;8000;9000;0;10000", "/=10MB;8000;9000;0;10000"]
    icinga.result("acme-web01", "disk /var", exit_status=2, output="DISK CRITICAL - /var 95 %", performance_data=disk)
    icinga.result("acme-db01", "disk /var", exit_status=1, output="DISK WARNING", performance_data=disk[1:])
    icinga.result(
        "acme-web01", "load", exit_status=1, output="LOAD WARNING - 6.0\nlong text", performance_data=["load1=6;5;10;0"]
    )
    icinga.result("acme-db01", "load", exit_status=3, output="")
    icinga.result("acme-web01", "flaky", exit_status=2, output="FLAKY CRITICAL")
    icinga.result("globex-router", exit_status=1, output="PING CRITICAL - 100 % lost")
    for name in ("web01", "db01"):
        icinga.result(f"globex-{name}", exit_status=1, output="PING CRITICAL - 100 % lost")
    icinga.result(ODD_HOST, ODD_SERVICE, exit_status=2, output=ODD_OUTPUT)
    icinga.do("reschedule-check", type="Service", service="acme-web01!shop", force=True)
    wait_for(lambda: icinga.object("acme-web01", "shop")["last_check_result"] is not None, "the shop's first check")
    acknowledge(icinga, "acme-web01!load")
    now = time.time()
    icinga.do(
        "schedule-downtime",
        type="Service",
        service="acme-db01!disk /var",
        author="bob",
        comment="Moving the archive",
        start_time=now - 60,
        end_time=now + 7200,
    )


def acknowledge(icinga: Icinga, service: str, by: str = "alice", text: str = "On it") -> None:
    icinga.do("acknowledge-problem", type="Service", service=service, author=by, comment=text)
