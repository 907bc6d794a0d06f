"""A source of kind `zabbix` over a server that is played, and a clock that can be set forward."""

from __future__ import annotations

import contextlib
from collections.abc import AsyncIterator, Mapping
from pathlib import Path
from typing import Any

from backends.adapters.zabbix import open_source
from backends.adapters.zabbix.source import ZabbixSource
from backends.api import SourceName, SourceSettings
from backends.engine.clock import SystemClock
from backends.fleet.model import Client
from tests.support import faulty
from tests.support.replayed import Replayed
from tests.support.replayed.zabbix import TOKEN, FakeZabbix


def settings_for(
    url: str, *clients: Client, secret: str = TOKEN, clock: SystemClock | None = None, **options: Any
) -> SourceSettings:
    async def resolve() -> str:
        return secret

    table: Mapping[str, Any] = {"url": url, "requests_per_minute": 60_000, **options}
    return SourceSettings(
        name=SourceName("zabbix-eu"),
        kind="zabbix",
        options=table,
        clients={client.id: client for client in clients},
        every_s=30.0,
        secret=resolve,
        timing=clock or SystemClock(),
        state_dir=Path(),
    )


def opened(settings: SourceSettings) -> ZabbixSource:
    source = open_source(settings)
    assert isinstance(source, ZabbixSource)
    return source


@contextlib.asynccontextmanager
async def reading_from(
    fake: FakeZabbix, *, secret: str = TOKEN, clock: SystemClock | None = None, **options: Any
) -> AsyncIterator[ZabbixSource]:
    """A source that asks `fake`."""
    played = Replayed(kind="zabbix", answer=fake.answer, options=lambda url: {"url": url}, devices=0)
    async with faulty.serving(played) as server:
        source = opened(settings_for(server.url, secret=secret, clock=clock, **options))
        try:
            yield source
        finally:
            await source.close()
