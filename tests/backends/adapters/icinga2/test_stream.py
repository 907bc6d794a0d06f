"""Events in batches: whatever ends the lines ends the batches, and lets the connection go."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator

import pytest

from backends.adapters.icinga2.stream import batches
from backends.api import FaultKind, SourceError
from backends.testing import FakeClock


@pytest.mark.parametrize("error", [SourceError(FaultKind.UNREACHABLE, "Gone."), OSError("damaged"), ValueError("odd")])
async def test_any_error_of_the_lines_ends_the_stream(error: Exception) -> None:
    """One that nobody told of would leave a stream that is open for ever and says nothing."""

    async def lines() -> AsyncGenerator[bytes, None]:
        yield b""
        raise error

    with pytest.raises(type(error)):
        async with asyncio.timeout(30.0):
            assert [batch async for batch in batches(lines(), FakeClock())] == []


async def test_the_connection_is_let_go_when_nobody_listens_any_more() -> None:
    gone: list[bool] = []

    async def lines() -> AsyncGenerator[bytes, None]:
        try:
            while True:
                yield b""
        finally:
            gone.append(True)

    found = batches(lines(), FakeClock())
    assert await anext(found) == []
    await found.aclose()
    assert gone == [True]
