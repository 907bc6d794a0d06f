"""A scripted source that also tells what changes, as it changes."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from enum import Enum
from typing import Final

from backends.api import Reading
from backends.testing.scripted import Answer, ScriptedAdapter


class _End(Enum):
    OF_STREAM = "end of the stream"


END: Final = _End.OF_STREAM


class StreamingAdapter(ScriptedAdapter):
    """`tell` says something on the stream that is open, `hang_up` ends it. Each one is counted."""

    def __init__(self, name: str, *script: Answer) -> None:
        super().__init__(name, *script)
        self.opened = 0
        """Streams that were opened."""
        self.left = 0
        """Streams that were closed, by whichever side."""
        self.listens = True
        """Whether a stream that is opened says that it listens."""
        self._events: asyncio.Queue[Reading | Exception | _End] = asyncio.Queue()

    def tell(self, event: Reading | Exception) -> None:
        """A reading of what changed, or the error with which the stream ends."""
        self._events.put_nowait(event)

    def hang_up(self) -> None:
        self._events.put_nowait(END)

    async def events(self) -> AsyncIterator[Reading]:
        self.opened += 1
        try:
            if self.listens:
                yield Reading(source=self.name, at=self.last_at(), complete=False)
            while (event := await self._events.get()) is not END:
                if isinstance(event, Exception):
                    raise event
                assert isinstance(event, Reading)  # noqa: S101 - the only other thing that is put there
                yield event
        finally:
            self.left += 1
