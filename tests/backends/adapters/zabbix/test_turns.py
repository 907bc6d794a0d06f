"""A large Zabbix is told in turns with everything else that the engine's loop has to do."""

from __future__ import annotations

import msgspec

from backends.adapters.zabbix.gather import Snapshot
from backends.adapters.zabbix.reading import read
from backends.adapters.zabbix.records import Host, understanding, understood
from backends.api import in_turns
from backends.fleet.steps import finished
from backends.http.decode import AT_ONCE
from tests.support.replayed.zabbix import FakeZabbix
from tests.support.turns import turns_of_others
from tests.support.zabbix_source import reading_from

MANY = 5 * AT_ONCE


def hosts() -> dict[str, Host]:
    return {str(number): Host(hostid=str(number), host=f"host{number}") for number in range(1, MANY + 1)}


async def test_hosts_are_told_a_few_at_a_time_and_none_is_left_out() -> None:
    async with reading_from(FakeZabbix()) as source:
        snapshot = Snapshot(at=source._timing.now(), skew_s=0.0, hosts=hosts())
        found, turns = await turns_of_others(source._read(snapshot))
        assert found == read(snapshot, source.name, source._options.placement)
    assert turns >= MANY // AT_ONCE
    assert len(found.reading.sightings) == MANY


async def test_records_are_read_a_few_at_a_time_and_spoiled_ones_are_counted() -> None:
    raws = [msgspec.Raw(msgspec.json.encode(host)) for host in hosts().values()]
    raws[MANY // 2] = msgspec.Raw(b'{"hostid": 5}')
    (records, spoiled), turns = await turns_of_others(in_turns(understanding(raws, Host)))
    assert turns >= MANY // AT_ONCE
    assert (len(records), spoiled) == (MANY - 1, 1)
    assert (records, spoiled) == understood(raws, Host) == finished(understanding(raws, Host))
