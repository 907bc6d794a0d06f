"""How the tests beside the real Zabbix ask it: by the adapter, and by a client of their own."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import AsyncIterator, Callable
from typing import Any

from backends.adapters.zabbix.source import ZabbixSource
from backends.api import Reading
from backends.engine.clock import SystemClock
from tests.support.office import Office
from tests.support.servers.zabbix_seed import PASSWORD, TOKEN_USER, Seed
from tests.support.zabbix_source import opened, settings_for


@contextlib.asynccontextmanager
async def by_token(
    zabbix: Seed, user: str = TOKEN_USER, *, clock: SystemClock | None = None, **options: Any
) -> AsyncIterator[ZabbixSource]:
    """A source that has polled nothing yet."""
    source = opened(settings_for(zabbix.server.url, secret=zabbix.tokens[user], clock=clock, **options))
    try:
        yield source
    finally:
        await source.close()


@contextlib.asynccontextmanager
async def by_password(zabbix: Seed, user: str = TOKEN_USER, password: str = PASSWORD) -> AsyncIterator[ZabbixSource]:
    source = opened(settings_for(zabbix.server.url, secret=password, user=user))
    try:
        yield source
    finally:
        await source.close()


async def read_until(source: ZabbixSource, holds: Callable[[Reading], bool]) -> Reading:
    """The first reading for which that holds."""
    async with asyncio.timeout(40):
        while True:
            reading = await source.poll()
            if holds(reading):
                return reading
            await asyncio.sleep(0.1)  # what is waited for happens in another process


def problem_of(zabbix: Seed, trigger: str) -> dict[str, Any]:
    """The open problem of a trigger, as the server tells it."""
    (found,) = zabbix.api(
        "problem.get",
        {
            "objectids": [zabbix.triggers[trigger]],
            "output": "extend",
            "selectAcknowledges": "extend",
            "selectSuppressionData": "extend",
        },
    )
    told: dict[str, Any] = found
    return told


def maintenances(zabbix: Seed) -> list[dict[str, str]]:
    """All but the one that is there from the beginning."""
    found = zabbix.api("maintenance.get", {"output": "extend", "selectHosts": ["hostid"]})
    return [one for one in found if one["name"] != "patch night"]


def at_work(office: Office, zabbix: Seed, user: str = TOKEN_USER, password: str = PASSWORD) -> None:
    """A technician whose only source it is."""
    office.environment = {**office.environment, "ZABBIX_PASSWORD": password}
    office.configure(
        '[technician]\nname = "tech1"\n[clients.acme]\nname = "Acme Dental"\n'
        f'[sources.zabbix-eu]\nkind = "zabbix"\nurl = "{zabbix.server.url}"\nuser = "{user}"\n'
        'secret = "env:ZABBIX_PASSWORD"\nevery = "5s"\nrequests_per_minute = 60000\n'
    )
