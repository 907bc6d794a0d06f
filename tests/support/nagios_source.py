"""The source `nagios` at a real server: as an adapter, and as a technician's configuration."""

from __future__ import annotations

import tempfile
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

from backends.adapters.nagios import open_source
from backends.adapters.nagios.source import NagiosSource
from backends.api import Check, Reading, SourceName, SourceSettings
from backends.engine.clock import SystemClock
from tests.support.servers.nagios import Nagios
from tests.support.servers.nagios_config import USERS


@asynccontextmanager
async def source_at(
    nagios: Nagios, user: str = "nagiosadmin", *, clock: SystemClock | None = None, **options: Any
) -> AsyncIterator[NagiosSource]:
    """The adapter as one of the server's users."""

    async def password() -> str:
        return USERS.get(user, "")

    source = open_source(
        SourceSettings(
            name=SourceName("nag"),
            kind="nagios",
            options={"url": nagios.url, "user": user, **options},
            clients={},
            every_s=30.0,
            secret=password,
            timing=clock or SystemClock(),
            state_dir=Path(tempfile.gettempdir()),
        )
    )
    assert isinstance(source, NagiosSource)
    try:
        yield source
    finally:
        await source.close()


def configured(nagios: Nagios, user: str = "nagiosadmin", every: str = "30s", more: str = "") -> str:
    """A whole configuration with this one source."""
    return f"""
[technician]
name = "tech1"

[clients.acme]
name = "Acme Dental"

[sources.nag]
kind = "nagios"
url = "{nagios.url}"
user = "{user}"
secret = "command:printf {USERS[user]}"
every = "{every}"
{more}
"""


def check_in(reading: Reading, native: str, key: str) -> Check | None:
    """The check `key` of a host, where the reading tells it."""
    return next((check for check in reading.checks if (check.native, check.key) == (native, key)), None)
