"""A server that lives on a loop of its own, beside a test that waits for a terminal."""

from __future__ import annotations

import asyncio
import contextlib
import threading
from collections.abc import Callable, Iterator
from contextlib import AbstractAsyncContextManager
from typing import TypeVar

Served = TypeVar("Served")


@contextlib.contextmanager
def aside(serving: Callable[[], AbstractAsyncContextManager[Served]]) -> Iterator[Served]:
    """What `serving` gives, for as long as this is open."""
    loop = asyncio.new_event_loop()
    thread = threading.Thread(target=loop.run_forever, daemon=True)
    thread.start()
    manager = serving()
    try:
        yield asyncio.run_coroutine_threadsafe(manager.__aenter__(), loop).result(30)
    finally:
        asyncio.run_coroutine_threadsafe(manager.__aexit__(None, None, None), loop).result(30)
        loop.call_soon_threadsafe(loop.stop)
        thread.join()
        loop.close()
