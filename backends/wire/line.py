"""The asking side of one connection: requests with their answers, streams with their credit, and the engine's pulse."""

from __future__ import annotations

import asyncio
import itertools
from collections.abc import AsyncIterator
from datetime import datetime
from typing import Final, TypeVar

import msgspec

from backends.desk.protocol import DeskError, DeskErrorKind, EngineLost
from backends.wire.codec import (
    ANSWER_BYTES,
    BEAT_S,
    Beat,
    Cancel,
    End,
    Failure,
    FromClient,
    Item,
    More,
    Reply,
    Request,
    WireError,
    framed,
    packed,
    read_frame,
    server_message,
)

Answer = TypeVar("Answer")

PULSE_S: Final = 15.0
"""An engine that is silent for so long, and owes a sign of life every two seconds, is lost."""


def lost() -> DeskError:
    return EngineLost()


class _Call:
    """What a request waits on. A plain one is put its answer; a stream its items, then its end."""

    def __init__(self) -> None:
        self.inbox: asyncio.Queue[Reply | Item | End | Failure | None] = asyncio.Queue()

    async def next(self) -> Reply | Item | End:
        """Raises `DeskError`, also when the engine is lost."""
        message = await self.inbox.get()
        if message is None:
            raise lost()
        if isinstance(message, Failure):
            raise DeskError(message.kind, message.sentence)
        return message


class Line:
    """One connection to an engine, after the greeting."""

    def __init__(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter, at: datetime) -> None:
        self._reader = reader
        self._writer = writer
        self._loop = asyncio.get_running_loop()
        self._at = at
        self._heard_at = self._loop.time()
        self._calls: dict[int, _Call] = {}
        self._ids = itertools.count(1)
        self._gone = False
        self._tasks = [self._loop.create_task(self._read()), self._loop.create_task(self._feel_pulse())]

    @property
    def heard(self) -> tuple[datetime, float]:
        """The engine's time as it last said it, and the seconds since."""
        return self._at, self._loop.time() - self._heard_at

    async def ask(self, verb: str, kind: type[Answer], **args: object) -> Answer:
        """The answer to one request. Raises `DeskError`."""
        request, call = self._begin(verb, args)
        try:
            message = await call.next()
        except asyncio.CancelledError:
            self._tell(Cancel(id=request))
            raise
        finally:
            self._calls.pop(request, None)
        if not isinstance(message, Reply):
            raise lost()
        return _decoded(message.value, kind)

    async def do(self, verb: str, **args: object) -> None:
        """As `ask`, where nothing comes back."""
        await self.ask(verb, type(None), **args)

    async def stream(self, verb: str, kind: type[Answer], **args: object) -> AsyncIterator[Answer]:
        """The items of one stream, each asked for when the one before was used up. Raises `DeskError`."""
        request, call = self._begin(verb, args)
        ended = False
        try:
            while isinstance(message := await call.next(), Item):
                yield _decoded(message.value, kind)
                self._tell(More(id=request))
            ended = True
        except DeskError:
            ended = True
            raise
        finally:
            self._calls.pop(request, None)
            if not ended:
                self._tell(Cancel(id=request))

    async def close(self) -> None:
        """Hang up."""
        self._lose()
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)

    def _begin(self, verb: str, args: dict[str, object]) -> tuple[int, _Call]:
        if self._gone:
            raise lost()
        request, call = next(self._ids), _Call()
        self._calls[request] = call
        self._tell(Request(id=request, verb=verb, args=packed(args)))
        return request, call

    def _tell(self, message: FromClient) -> None:
        # Never waits: a request is small, and the engine reads whatever else it does.
        if not self._gone:
            self._writer.write(framed(message))

    async def _read(self) -> None:
        try:
            while (body := await read_frame(self._reader, ANSWER_BYTES)) is not None:
                self._heard(server_message(body))
        except (OSError, WireError):
            pass  # said to everybody who waits, as a loss
        finally:
            self._lose()

    def _heard(self, message: object) -> None:
        self._heard_at = self._loop.time()
        match message:
            case Beat(at=at):
                self._at = at
            case Reply(id=request) | Item(id=request) | End(id=request) | Failure(id=request):
                if (call := self._calls.get(request)) is not None:
                    call.inbox.put_nowait(message)
            case _:
                raise WireError("a greeting in the middle")

    async def _feel_pulse(self) -> None:
        """Lose an engine that hangs. A pause of our own (a frozen terminal, a sleeping laptop) is not held against it:
        only time in which this loop was awake counts."""
        silent = 0.0
        heard = self._heard_at
        while silent < PULSE_S:
            await asyncio.sleep(BEAT_S)
            silent = silent + BEAT_S if self._heard_at == heard else 0.0
            heard = self._heard_at
        self._lose()

    def _lose(self) -> None:
        if self._gone:
            return
        self._gone = True
        self._writer.transport.abort()
        for call in self._calls.values():
            call.inbox.put_nowait(None)


def _decoded(raw: msgspec.Raw, kind: type[Answer]) -> Answer:
    try:
        return msgspec.msgpack.decode(raw, type=kind)
    except msgspec.DecodeError as error:
        raise DeskError(DeskErrorKind.UNAVAILABLE, "The engine's answer cannot be understood.") from error
