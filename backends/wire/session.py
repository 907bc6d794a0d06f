"""One connected front end: its requests, its streams, its share of the wire."""

from __future__ import annotations

import asyncio
import contextlib
import logging
from collections.abc import AsyncIterator, Callable, Coroutine, Mapping
from datetime import datetime
from typing import Any, Final

from backends.desk.protocol import DeskError, DeskErrorKind, Views
from backends.wire.codec import (
    BEAT_S,
    CREDIT,
    REQUEST_BYTES,
    Beat,
    Cancel,
    End,
    Failure,
    FromServer,
    Item,
    More,
    Reply,
    Request,
    WireError,
    client_message,
    framed,
    packed,
    read_frame,
)
from backends.wire.verbs import VIEWS, Verb

log = logging.getLogger("rounds.wire")

REQUESTS: Final = 64
"""Requests and streams of one front end that may be under way."""
UNREAD_BYTES: Final = 256 * 1024
"""Bytes that may wait for a front end before the next frame has to wait too."""
STALLED_S: Final = 180.0
"""A front end that takes no byte for so long is let go; a terminal that is only held up comes back before."""
SETTLE_S: Final = 5.0
"""An act that waits for a device any longer does not keep the engine from ending; what it has written stays."""
_MAY_BE_LEFT: Final = frozenset({*VIEWS, "refresh", "second_opinion", "snooze_says"})
"""Requests that are broken off when whoever asked is gone."""


class Acts:
    """Requests that change something and are under way, in whatever session they were asked for."""

    def __init__(self) -> None:
        self._tasks: set[asyncio.Task[object]] = set()

    async def shielded(self, act: Coroutine[Any, Any, object]) -> object:
        """The act's answer; cancelling who waits for it does not cancel the act."""
        task = asyncio.get_running_loop().create_task(act)
        self._tasks.add(task)
        task.add_done_callback(self._over)
        return await asyncio.shield(task)

    async def settled(self) -> None:
        """Wait until none is under way, or for as long as an ending engine may wait."""
        if self._tasks:
            await asyncio.wait(self._tasks, timeout=SETTLE_S)

    def _over(self, task: asyncio.Task[object]) -> None:
        self._tasks.discard(task)
        if not task.cancelled():
            task.exception()  # it was told to whoever still waited


class _Stream:
    """The credit of one stream."""

    def __init__(self) -> None:
        self._credit = asyncio.Semaphore(CREDIT)
        self._granted = CREDIT

    async def spend(self) -> None:
        await self._credit.acquire()
        self._granted -= 1

    def grant(self) -> None:
        """More than was ever lent is not given: who grants without end gains nothing."""
        if self._granted < CREDIT:
            self._granted += 1
            self._credit.release()


class Session:
    """Reads requests until the front end hangs up, each answered in a task of its own."""

    def __init__(
        self,
        *,
        desk: Views,
        verbs: Mapping[str, Verb],
        reader: asyncio.StreamReader,
        writer: asyncio.StreamWriter,
        now: Callable[[], datetime],
        acts: Acts,
    ) -> None:
        self._acts = acts
        self._desk = desk
        self._verbs = verbs
        self._reader = reader
        self._writer = writer
        self._now = now
        self._turn = asyncio.Lock()
        self._under_way: dict[int, asyncio.Task[None]] = {}
        self._streams: dict[int, _Stream] = {}
        writer.transport.set_write_buffer_limits(high=UNREAD_BYTES)

    async def run(self) -> None:
        """Until the front end hangs up. Raises `WireError` when it talks nonsense, `OSError` when it is cut off."""
        beats = asyncio.get_running_loop().create_task(self._beats())
        try:
            while (body := await read_frame(self._reader, REQUEST_BYTES)) is not None:
                self._heard(client_message(body))
        finally:
            tasks = [beats, *self._under_way.values()]
            for task in tasks:
                task.cancel()
            await asyncio.gather(*tasks, return_exceptions=True)

    def _heard(self, message: object) -> None:
        match message:
            case Request() if message.id in self._under_way:
                raise WireError("a request id was used twice")
            case Request() if len(self._under_way) >= REQUESTS:
                raise WireError(f"more than {REQUESTS} requests at one time")
            case Request():
                self._begin(message)
            case More(id=stream) if stream in self._streams:
                self._streams[stream].grant()
            case Cancel(id=request) if request in self._under_way:
                self._under_way[request].cancel()
            case More() | Cancel():
                pass  # it crossed the stream's end on the way
            case _:
                raise WireError("it introduced itself twice")

    def _begin(self, request: Request) -> None:
        task = asyncio.get_running_loop().create_task(self._answered(request))
        self._under_way[request.id] = task

        def over(_: asyncio.Task[None]) -> None:
            self._under_way.pop(request.id, None)
            self._streams.pop(request.id, None)

        task.add_done_callback(over)

    async def _answered(self, request: Request) -> None:
        """Carry out one request; whatever goes wrong is said to this front end and to nobody else."""
        try:
            await self._carry_out(request)
        except DeskError as error:
            await self._send(Failure(id=request.id, kind=error.kind, sentence=error.sentence))
        except OSError:
            self._writer.transport.abort()
        except Exception:  # a mistake in one verb must not take the engine with it
            log.exception("%s failed", request.verb[:40])
            sentence = "The engine met an error of its own; its log says more."
            await self._send(Failure(id=request.id, kind=DeskErrorKind.UNAVAILABLE, sentence=sentence))

    async def _carry_out(self, request: Request) -> None:
        verb = self._verbs.get(request.verb)
        if verb is None:
            raise DeskError(DeskErrorKind.REFUSED, "This connection only looks: it knows no such verb.")
        method: Callable[..., Any] = getattr(self._desk, verb.name)
        arguments = verb.arguments(request.args)
        if verb.streams:
            await self._stream(request.id, method(**arguments))
            return
        answer: Coroutine[Any, Any, object] = method(**arguments)
        if verb.name not in _MAY_BE_LEFT:
            # An act goes to its end, whoever hangs up: half an approval is worse than none.
            answer = self._acts.shielded(answer)
        await self._send(Reply(id=request.id, value=packed(await answer)))

    async def _stream(self, request: int, items: AsyncIterator[object]) -> None:
        credit = self._streams[request] = _Stream()
        async with contextlib.aclosing(_closable(items)) as source:
            # Credit first: what is not asked of the source yet, the source can still combine.
            await credit.spend()
            async for item in source:
                await self._send(Item(id=request, value=packed(item)))
                await credit.spend()
        await self._send(End(id=request))

    async def _send(self, message: FromServer) -> None:
        """Write one frame as soon as the front end has taken enough of those before."""
        frame = _frame(message)
        async with self._turn:
            await self._writer.drain()
            self._writer.write(frame)

    async def _beats(self) -> None:
        """Say that the engine lives; let go of a front end that takes nothing."""
        loop = asyncio.get_running_loop()
        unread, moved = 0, loop.time()
        while True:
            await asyncio.sleep(BEAT_S)
            waiting = self._writer.transport.get_write_buffer_size()
            if waiting == 0:
                self._writer.write(_frame(Beat(at=self._now())))
            if waiting == 0 or waiting != unread:
                unread, moved = waiting, loop.time()
            elif loop.time() - moved > STALLED_S:
                log.warning("a front end took nothing for %d s and was let go", STALLED_S)
                self._writer.transport.abort()
                return


async def _closable(items: AsyncIterator[object]) -> Any:
    """`items` as a generator that can be closed, and closes what it reads from."""
    try:
        async for item in items:
            yield item
    finally:
        if (close := getattr(items, "aclose", None)) is not None:
            await close()


def _frame(message: FromServer) -> bytes:
    try:
        return framed(message)
    except WireError as error:
        if isinstance(message, Reply | Item):
            raise DeskError(DeskErrorKind.UNAVAILABLE, "The answer is too long to be sent; ask for less.") from error
        raise
