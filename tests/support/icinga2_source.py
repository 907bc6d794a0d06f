"""The source `icinga2` at a real server: as an adapter, and as a technician's configuration."""

from __future__ import annotations

import tempfile
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

from backends.adapters.icinga2 import open_source
from backends.adapters.icinga2.source import IcingaSource
from backends.api import Check, Reading, SourceName, SourceSettings
from backends.engine.clock import SystemClock
from tests.support.servers.icinga2 import Icinga
from tests.support.servers.icinga2_config import NODE, USERS


@asynccontextmanager
async def source_at(
    icinga: Icinga, user: str = "root", *, clock: SystemClock | None = None, **options: Any
) -> AsyncIterator[IcingaSource]:
    """The adapter as one of the server's users; options of None are left out."""

    async def password() -> str:
        return USERS.get(user, "")

    table = {"url": icinga.url, "ca_file": str(icinga.ca_file), "server_name": NODE, "user": user} | options
    source = open_source(
        SourceSettings(
            name=SourceName("ice"),
            kind="icinga2",
            options={key: value for key, value in table.items() if value is not None},
            clients={},
            every_s=30.0,
            secret=password,
            timing=clock or SystemClock(),
            state_dir=Path(tempfile.gettempdir()),
        )
    )
    assert isinstance(source, IcingaSource)
    try:
        yield source
    finally:
        await source.close()


def configured(icinga: Icinga, user: str = "root", every: str = "30s", more: str = "") -> str:
    """A whole configuration with this one source."""
    return f"""
[technician]
name = "tech1"

[clients.acme]
name = "Acme Dental"

[sources.ice]
kind = "icinga2"
url = "{icinga.url}"
user = "{user}"
secret = "command:printf {USERS[user]}"
ca_file = "{icinga.ca_file}"
server_name = "{NODE}"
every = "{every}"
{more}
"""


def check_in(reading: Reading, native: str, key: str) -> Check | None:
    """The check `key` of a host, where the reading tells it."""
    return next((check for check in reading.checks if (check.native, check.key) == (native, key)), None)
