"""A real Zabbix with as many hosts as a bench wants."""

from __future__ import annotations

import time

from tests.support.servers.zabbix import ZabbixServer


def plant_many(server: ZabbixServer, number: int, *, batch: int = 100) -> None:
    """`number` hosts of one template with eight items and as many triggers, in forty clients; one problem each."""
    api = server.admin
    group = api("hostgroup.create", {"name": "Bench templates"})["groupids"][0]
    template = api("template.create", {"host": "bench", "groups": [{"groupid": group}]})["templateids"][0]
    items = [
        {"hostid": template, "key_": f"bench.{n}", "name": f"Value {n}", "type": 2, "value_type": 0, "units": "%"}
        for n in range(8)
    ]
    api("item.create", items)
    api(
        "trigger.create",
        [
            {"description": f"Value {n} is high", "expression": f"last(/bench/bench.{n})>90", "priority": n % 6}
            for n in range(8)
        ],
    )
    clients = [api("hostgroup.create", {"name": f"Clients/bench{n:02}/HQ"})["groupids"][0] for n in range(40)]
    for names in _batches(number, batch):
        api(
            "host.create",
            [
                {
                    "host": f"bench{n:05}",
                    "groups": [{"groupid": clients[n % 40]}],
                    "templates": [{"templateid": template}],
                    "interfaces": [],
                }
                for n in names
            ],
        )
        server.analyze()
    server.sent([(f"bench{number - 1:05}", "bench.0", 1)])
    for names in _batches(number, 250):
        server.send([(f"bench{n:05}", f"bench.{n % 8}", 95) for n in names])
    end = time.monotonic() + 60
    while int(api("problem.get", {"countOutput": True})) < number:
        assert time.monotonic() < end, "the problems do not come"
        time.sleep(0.2)
    server.analyze()


def _batches(number: int, batch: int) -> list[range]:
    return [range(start, min(start + batch, number)) for start in range(0, number, batch)]
