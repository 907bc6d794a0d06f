"""The terminal's input, read so that no byte of it can end the program: bad UTF-8, keys that cannot be, endless pastes.

Textual's own reader ends with the first byte that is no UTF-8, and spins when the terminal has hung up.
"""

from __future__ import annotations

import os
import selectors
import sys
import termios
import threading
import time
from codecs import getincrementaldecoder
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from typing import TYPE_CHECKING, Any, Final

from textual import events
from textual._parser import ParseError
from textual._xterm_parser import BRACKETED_PASTE_END, BRACKETED_PASTE_START, XTermParser
from textual.drivers.linux_driver import LinuxDriver
from textual.geometry import Size

from tui.tempo import Backlog
from tui.terminal import LEAVE, Sight, leave_at_once
from tui.writer import MeasuredWriter

if TYPE_CHECKING:
    from textual.drivers._writer_thread import WriterThread
    from textual.message import Message

PASTE_PAUSE_S: Final = 1.0
"""A paste that does not go on for this long has ended, whether its end came or not."""

TICK_S: Final = 0.1
"""While something may still follow what was read, so often is looked whether it is over."""

CHUNK: Final = 4096


class Reader:
    """Bytes in, messages out; never raises for any bytes."""

    def __init__(self) -> None:
        self._decode = getincrementaldecoder("utf-8")("replace").decode
        self._parser = XTermParser()
        self._pasting = False
        self._last = time.monotonic()
        self._tail = ""

    def feed(self, raw: bytes) -> Iterator[Message]:
        text = self._decode(raw)
        seen = self._tail + text
        start, end = seen.rfind(BRACKETED_PASTE_START), seen.rfind(BRACKETED_PASTE_END)
        if start >= 0 or end >= 0:
            self._pasting = start > end
        self._tail = seen[-len(BRACKETED_PASTE_START) + 1 :]
        self._last = time.monotonic()
        yield from self._parsed(text)

    def tick(self) -> Iterator[Message]:
        """To be called now and then: a lone Escape, or a paste without an end, is over when nothing follows."""
        try:
            yield from self._parser.tick()
        except Exception:  # noqa: BLE001 - somebody else's parser of somebody else's bytes
            self._parser = XTermParser()
        if self._pasting and time.monotonic() - self._last > PASTE_PAUSE_S:
            self._pasting = False
            yield from self._parsed(BRACKETED_PASTE_END)

    @property
    def patience_s(self) -> float | None:
        """How long to wait for bytes before the next `tick`; None while nothing is pending: for ever."""
        restless = self._pasting or time.monotonic() - self._last < 2 * PASTE_PAUSE_S
        return TICK_S if restless else None

    def close(self) -> None:
        with suppress(ParseError, EOFError):
            list(self._parser.feed(""))

    def _parsed(self, text: str) -> Iterator[Message]:
        if not text:
            return  # an empty text means the end to the parser
        try:
            yield from self._parser.feed(text)
        except Exception:  # noqa: BLE001 - somebody else's parser of somebody else's bytes: the rest is dropped
            self._parser = XTermParser()


class Bell(threading.Event):
    """An event that can also be waited for beside a file. A reader that looked ten times a second whether it is to end
    would cost an idle screen a fifth of its processor time."""

    def __init__(self) -> None:
        super().__init__()
        self._lock = threading.Lock()
        self._rope: int | None = None

    def set(self) -> None:
        super().set()
        with self._lock:
            if self._rope is not None:
                os.write(self._rope, b".")

    @contextmanager
    def heard(self) -> Iterator[int]:
        """A descriptor that can be read from when the event is set after now."""
        ear, rope = os.pipe()
        with self._lock:
            self._rope = rope
        try:
            yield ear
        finally:
            with self._lock:
                self._rope = None
            os.close(ear)
            os.close(rope)


class SteadyDriver(LinuxDriver):
    """Reads by `Reader`, and tells the application when the terminal is gone."""

    _writer: WriterThread | None = None

    def __init__(self, *args: Any, **words: Any) -> None:
        super().__init__(*args, **words)
        self.exit_event: Bell = Bell()

    @property
    def _writer_thread(self) -> WriterThread | None:
        return self._writer

    @_writer_thread.setter
    def _writer_thread(self, writer: WriterThread | None) -> None:
        """Textual sets it to a new one whenever it takes the terminal; ours, which keeps account, goes in its place."""
        backlog = getattr(self._app, "backlog", None)
        if writer is not None and isinstance(backlog, Backlog):
            writer = MeasuredWriter(writer._file, backlog)
        self._writer = writer

    def give_back(self) -> None:
        """Leave every mode that was entered, now and from any thread, and wait for nobody: not for what is still to be
        written, and not for a terminal that takes nothing."""
        leave_at_once((self._file or sys.stderr).fileno(), LEAVE, self.fileno, self.attrs_before)

    def write(self, data: str) -> None:
        opening = getattr(self._app, "opening", None)
        super().write(opening.taken_over(data) if opening is not None else data)

    def _request_terminal_sync_mode_support(self) -> None:
        if not self._simple:
            super()._request_terminal_sync_mode_support()

    def _query_in_band_window_resize(self) -> None:
        if not self._simple:
            super()._query_in_band_window_resize()

    @property
    def _simple(self) -> bool:
        """Whether the terminal may print what it does not know."""
        sight = getattr(self._app, "sight", None)
        return isinstance(sight, Sight) and sight.simple

    @classmethod
    def _patch_iflag(cls, attrs: int) -> int:
        """The system rings no bell when more is pasted than it holds."""
        return super()._patch_iflag(attrs) & ~termios.IMAXBEL

    def process_message(self, message: Message) -> None:
        """A size that the terminal reports can as well have been pasted: the system's own word on it counts."""
        if isinstance(message, events.Resize) and (size := self._real_size) is not None:
            message = events.Resize(size, size)
        super().process_message(message)

    @property
    def _real_size(self) -> Size | None:
        try:
            size = Size(*os.get_terminal_size(self.fileno))
        except OSError:
            return None
        return size if size.area else None

    def run_input_thread(self) -> None:
        try:
            self._read_on()
        except Exception as error:
            failed = getattr(self._app, "reader_failed", None)
            if failed is None:
                raise
            self._loop.call_soon_threadsafe(failed, error)

    def _read_on(self) -> None:
        reader = Reader()
        with self.exit_event.heard() as bell, selectors.DefaultSelector() as selector:
            selector.register(self.fileno, selectors.EVENT_READ)
            selector.register(bell, selectors.EVENT_READ)
            while not self.exit_event.is_set():
                ready = {key.fd for key, _ in selector.select(reader.patience_s)}
                if self.fileno in ready and not self._take(reader):
                    break
                for message in reader.tick():
                    self.process_message(message)
        reader.close()

    def _take(self, reader: Reader) -> bool:
        """Whether there is still a terminal to read from."""
        try:
            raw = os.read(self.fileno, CHUNK)
        except OSError:
            raw = b""
        if not raw:
            hung_up = getattr(self._app, "hung_up", None)
            if hung_up is not None:
                hung_up(self._loop)
            return False
        for message in reader.feed(raw):
            self.process_message(message)
        return True
