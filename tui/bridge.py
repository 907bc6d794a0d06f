"""The only place where desk and Textual meet: follows `desk.changes()`, posts the picture a few times a second at most.

While the engine cannot be reached it says so, keeps the last picture as old facts, and tries again.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from enum import Enum, auto
from typing import Final, Generic, TypeVar

from textual.message import Message

from backends.desk.protocol import NO_DEVICES, DeskError, Interest, Views
from backends.fleet.changes import Changes, Picture, apply, combine
from backends.fleet.model import SafeText
from tui.now import Now
from widgets.present.old import as_old
from widgets.present.row import EMPTY

Seen = TypeVar("Seen", bound=Views)
"""What is followed: a desk, or only its views."""

BATCH_S: Final = 0.25
"""At most one message in this time, unless the link is slow."""

RETRY_S: Final = (0.5, 1.0, 2.0, 5.0)
"""Pauses before the engine is looked for again; the last one repeats."""


class Link(Enum):
    """Whether somebody vouches for the picture."""

    CONNECTING = auto()
    LIVE = auto()
    LOST = auto()


class Updated(Message):
    """There is another picture to show."""

    def __init__(self, picture: Picture, link: Link, sentence: SafeText = EMPTY) -> None:
        super().__init__()
        self.picture, self.link, self.sentence = picture, link, sentence


class Bridge(Generic[Seen]):
    """`run` goes on until it is cancelled."""

    def __init__(
        self,
        open_desk: Callable[[], Awaitable[Seen]],
        post: Callable[[Updated], object],
        now: Now,
        first: Picture | None,
        *,
        sleep: Callable[[float], Awaitable[object]] = asyncio.sleep,
        batch_s: Callable[[], float] = lambda: BATCH_S,
        interest: Interest = NO_DEVICES,
    ) -> None:
        self._open_desk, self._post, self._now, self._sleep = open_desk, post, now, sleep
        self._batch_s, self._interest = batch_s, interest
        self._picture = first or Picture(seq=0, at=now())
        self._pending: Changes | None = None
        self._flush: asyncio.Task[None] | None = None
        self._last_post = float("-inf")
        self.desk: Seen | None = None

    def first(self) -> Updated:
        """What can be shown before anybody was asked."""
        return Updated(as_old(self._picture), Link.CONNECTING)

    async def run(self) -> None:
        tries = 0
        while True:
            sentence = SafeText("The engine has ended.")
            try:
                desk = await self._open_desk()
                try:
                    await self._follow(desk)
                finally:
                    tries = 0 if self.desk is not None else tries
                    self.desk = None
                    await self._stop_flushing()
                    await _closed(desk)
            except DeskError as error:
                sentence = error.sentence
            self._post(Updated(as_old(self._picture), Link.LOST, sentence))
            await self._sleep(RETRY_S[min(tries, len(RETRY_S) - 1)])
            tries += 1

    async def close(self) -> None:
        """Let go of the desk."""
        await self._stop_flushing()
        if self.desk is not None:
            await _closed(self.desk)

    async def _follow(self, desk: Seen) -> None:
        """Take in changes until they end."""
        async for changes in desk.changes(self._interest):
            self._now.hear(changes.at)
            if self.desk is None:
                # The first one is the whole picture: what it does not name is gone.
                self.desk = desk
                self._picture, self._pending = Picture(seq=changes.seq, at=changes.at), None
            self._pending = combine(self._pending, changes) if self._pending else changes
            self._flush_soon()

    def _flush_soon(self) -> None:
        if self._flush is None or self._flush.done():
            self._flush = asyncio.create_task(self._flush_when_due())

    async def _flush_when_due(self) -> None:
        wait = self._left_s()
        while wait > 0:
            step = min(wait, BATCH_S)
            await self._sleep(step)
            wait = min(wait - step, self._left_s())  # the link may have become quick meanwhile
        pending, self._pending = self._pending, None
        if pending is not None:
            self._picture = apply(self._picture, pending)
            self._last_post = self._now.boot_s()
            self._post(Updated(self._picture, Link.LIVE))

    def _left_s(self) -> float:
        return self._last_post + self._batch_s() - self._now.boot_s()

    async def _stop_flushing(self) -> None:
        if self._flush is not None:
            self._flush.cancel()
            await asyncio.gather(self._flush, return_exceptions=True)
            self._flush = None
        if self._pending is not None:
            self._picture, self._pending = apply(self._picture, self._pending), None


async def _closed(desk: Views) -> None:
    try:
        await desk.close()
    except DeskError:
        return  # it was lost already
