"""Checkmk 2.3's REST API, made up by what its clients say of it: there is none to be installed here."""

from __future__ import annotations

import json
import time
from collections.abc import Mapping
from typing import Any, Final

from tests.support.replayed import Asked, Replayed, Said

API: Final = "/acme/check_mk/api/1.0"
USER: Final = "automation"
NOW: Final = time.time()
ODD: Final = "odd \x1b[2J \u202e ‹svc›"


def a_host(name: str, **more: Any) -> dict[str, Any]:
    """One host that is up, and was checked half a minute ago."""
    usual = {
        "name": name,
        "alias": name,
        "address": "10.0.0.1",
        "state": 0,
        "has_been_checked": 1,
        "acknowledged": 0,
        "scheduled_downtime_depth": 0,
        "last_check": int(NOW - 30),
        "last_state_change": int(NOW - 7200),
        "plugin_output": "Packet received via smart PING",
        "staleness": 0.5,
        "parents": [],
        "groups": ["check_mk"],
        "filename": "/wato/clients/acme/hq/hosts.mk",
        "labels": {"cmk/os_family": "linux", "client": "Acme", "site": "HQ"},
        "tags": {"criticality": "prod"},
    }
    return an_object("host", name, usual | more)


def a_service(host: str, description: str, state: int = 0, **more: Any) -> dict[str, Any]:
    usual = {
        "host_name": host,
        "description": description,
        "state": state,
        "has_been_checked": 1,
        "acknowledged": 0,
        "scheduled_downtime_depth": 0,
        "last_check": int(NOW - 30),
        "last_state_change": int(NOW - 3600),
        "plugin_output": ("OK", "warn", "bad", "?")[state] + f" - {description}",
        "staleness": 0.5,
    }
    return an_object("service", f"{host}:{description}", usual | more)


def a_downtime(number: int, host: str, service: str = "", **more: Any) -> dict[str, Any]:
    usual = {
        "site_id": "acme",
        "host_name": host,
        "author": USER,
        "is_service": "yes" if service else "no",
        "start_time": "2026-11-26T08:00:00+00:00",
        "end_time": "2099-01-01T00:00:00+00:00",
        "recurring": "no",
        "comment": "tech1: parts are on their way [rounds]",
        **({"service_description": service} if service else {}),
    }
    return an_object("downtime", str(number), usual | more)


def an_object(kind: str, name: str, extensions: Mapping[str, Any]) -> dict[str, Any]:
    return {"domainType": kind, "id": name, "title": name, "links": [], "members": {}, "extensions": extensions}


HOSTS: Final = [
    a_host("web01", alias="Web server"),
    a_host("router", state=1, plugin_output="CRITICAL - 10.0.0.254 no answer", labels={"client": "Baker"}, filename=""),
    a_host("behind", state=2, parents=["router"], labels={"client": "Baker"}),
    a_host("new", has_been_checked=0, state=0, last_check=0, labels={}),
]
SERVICES: Final = [
    a_service("web01", "Filesystem /var", 2, acknowledged=1, perf_data="fs_used=97;80;90;0;100 trend=1;;;;"),
    a_service("web01", "CPU load", 1, scheduled_downtime_depth=1),
    a_service("web01", "Check_MK", staleness=4.0, last_check=int(NOW - 900)),
    a_service("web01", "Backup", 3),
    a_service("web01", "Pending", has_been_checked=0),
    a_service("web01", ODD, 2, plugin_output="\x1b[2J bad\nlong"),
]
DOWNTIMES: Final = [a_downtime(7, "web01", "CPU load"), a_downtime(8, "web01", "CPU load", author="bob", comment="x")]
VERSION: Final = {"site": "acme", "edition": "cre", "versions": {"checkmk": "2.3.0p10", "apache": []}}
TABLES: Final[Mapping[str, Any]] = {
    f"{API}/version": VERSION,
    f"{API}/domain-types/host/collections/all": {"value": HOSTS},
    f"{API}/domain-types/service/collections/all": {"value": SERVICES},
    f"{API}/domain-types/downtime/collections/all": {"value": DOWNTIMES},
}


def answer(asked: Asked) -> Said:
    found = TABLES.get(asked.path)
    if found is None:
        return Said(status=404, body=b'{"title":"Not Found","status":404,"detail":"no such thing"}')
    return Said(body=json.dumps(found).encode())


PLAYED: Final = Replayed(
    kind="checkmk",
    answer=answer,
    options=lambda url: {"url": f"{url}/acme", "user": USER},
    devices=len(HOSTS),
)
