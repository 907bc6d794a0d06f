"""A source of kind `local` for tests, on this machine or on an imagined one."""

from __future__ import annotations

import tempfile
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from backends.adapters.local import LocalAdapter
from backends.adapters.local.options import read_options
from backends.adapters.local.vitals import PsutilVitals, Vitals
from backends.api import SourceName, SourceSettings
from backends.fleet.model import Client
from backends.testing import FakeClock


async def _no_secret() -> str:
    raise AssertionError("the local source has no secret")


def settings_for(options: Mapping[str, Any] | None = None, *clients: Client) -> SourceSettings:
    return SourceSettings(
        name=SourceName("local"),
        kind="local",
        options=options or {},
        clients={client.id: client for client in clients},
        every_s=5.0,
        secret=_no_secret,
        timing=FakeClock(),
        state_dir=Path(tempfile.gettempdir()),
    )


def here(options: Mapping[str, Any] | None = None, *clients: Client, vitals: Vitals | None = None) -> LocalAdapter:
    settings = settings_for(options, *clients)
    return LocalAdapter(settings, read_options(settings.options), vitals or PsutilVitals())
