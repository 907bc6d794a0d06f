"""A server that answers as Icinga does, for each test that asks for one."""

from __future__ import annotations

from collections.abc import AsyncIterator

import pytest_asyncio

from tests.backends.adapters.icinga2.fake import Fake, faking


@pytest_asyncio.fixture
async def fake() -> AsyncIterator[Fake]:
    async with faking() as server:
        yield server
