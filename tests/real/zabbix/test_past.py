"""How values went, as the real server remembers it."""

from __future__ import annotations

from datetime import timedelta

import pytest

from tests.support.servers.zabbix_asking import by_token
from tests.support.servers.zabbix_seed import Seed

pytestmark = pytest.mark.real


async def test_single_values_come_from_its_history(zabbix: Seed) -> None:
    item = zabbix.items["acme-dc01/disk.used"]
    theirs = zabbix.api("history.get", {"history": 0, "itemids": [item], "output": "extend", "sortfield": "clock"})
    async with by_token(zabbix) as source:
        reading = await source.poll()
        past = await source.history(zabbix.hosts["acme-dc01"], "disk//var", reading.at - timedelta(hours=1), 100)
    assert [value for _, value in past] == [float(one["value"]) for one in theirs]
    assert abs(past[-1][0].timestamp() - int(theirs[-1]["clock"])) <= 1


async def test_hours_come_from_its_trends(zabbix: Seed) -> None:
    item = zabbix.items["acme-dc01/disk.used"]
    hour = zabbix.trend(item, days_ago=5, average=61.5)
    async with by_token(zabbix) as source:
        reading = await source.poll()
        past = await source.history(zabbix.hosts["acme-dc01"], "disk//var", reading.at - timedelta(days=7), 100)
    assert past[0][1] == 61.5
    assert abs(past[0][0].timestamp() - hour) <= 1
    assert past[-1][1] == 97.5
