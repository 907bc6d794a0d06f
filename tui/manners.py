"""How the program ends: the terminal as it was, a status that tells, and never a local variable on the screen."""

from __future__ import annotations

import asyncio
import contextlib
import os
import signal
import threading
import traceback
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from types import FrameType
from typing import Final

from rich.segment import Segment, Segments
from textual.app import App
from textual.worker import WorkerFailed

CRASHED: Final = 70
"""EX_SOFTWARE."""

SIGNALS: Final = (signal.SIGTERM, signal.SIGHUP, signal.SIGQUIT)

PATIENCE_S: Final = 4.0
"""A program that was told to end is gone after this, even when its terminal takes nothing any more."""


class Manners(App[int]):
    """Mixed into the application."""

    def handle_signals(self) -> None:
        """End as on `q`, with 128 + n; the driver restores the terminal on its way out."""
        if self.is_headless:
            return
        loop = asyncio.get_running_loop()

        def end(number: int, _: FrameType | None) -> None:
            # Not by the loop alone: it stands still while a terminal that does not read holds up a write.
            _leave_within(PATIENCE_S, 128 + number, self._give_back)
            loop.call_soon_threadsafe(self._end_with, 128 + number)

        for number in SIGNALS:
            signal.signal(number, end)

    def hung_up(self, loop: asyncio.AbstractEventLoop) -> None:
        """The terminal is gone. Told by the thread that reads: the loop may be waiting for ever for what was written
        to get out."""
        _leave_within(PATIENCE_S, 128 + signal.SIGHUP)
        loop.call_soon_threadsafe(self._end_with, 128 + signal.SIGHUP)

    def bell(self) -> None:
        """Never: Textual rings for every key that a full field does not take, which are thousands in a paste."""

    def copy_to_clipboard(self, text: str) -> None:
        """A field copies also what is not selected: what was copied before is not emptied for it."""
        if text:
            super().copy_to_clipboard(text)

    def reader_failed(self, error: Exception) -> None:
        """Nobody reads the terminal any more."""
        self._handle_exception(error)

    def _give_back(self) -> None:
        """The terminal as it was, past a loop that is stuck."""
        give_back = getattr(self._driver, "give_back", None)
        if give_back is not None:
            give_back()

    def _end_with(self, status: int) -> None:
        self.exit(return_code=status)

    def _fatal_error(self) -> None:
        """Textual would print the traceback with every local variable."""
        error: BaseException | None = self._exception
        self._return_code = CRASHED
        if self._exit_renderables:
            return  # said already: one error brings about others
        if isinstance(error, WorkerFailed):
            error = error.error
        name = type(error).__name__ if error is not None else "unknown error"
        where = _write_crash(error) if error is not None else ""
        kept = f" What is known about it is in {where}." if where else ""
        sentence = f"rounds had to stop because of an error of its own ({name}). Runs go on in the engine.{kept}"
        self._exit_renderables.append(Segments([Segment(sentence)]))
        self._close_messages_no_wait()


def _leave_within(seconds: float, status: int, give_back: Callable[[], None] = lambda: None) -> None:
    def leave() -> None:
        with contextlib.suppress(Exception):
            give_back()
        os._exit(status)

    timer = threading.Timer(seconds, leave)
    timer.daemon = True
    timer.start()


def _write_crash(error: BaseException) -> str:
    """Where the report is; empty when it could not be written. It has files and lines, and no values of any kind."""
    try:
        path = _folder() / f"crash-{datetime.now(UTC):%Y%m%dT%H%M%S}-{os.getpid()}.txt"
        with os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w", encoding="utf-8") as file:
            file.write(crash_text(error))
    except OSError:
        return ""
    return str(path)


def crash_text(error: BaseException) -> str:
    """The kinds of the errors and the frames they passed; their messages may quote secrets and stay out."""
    lines = []
    chain: BaseException | None = error
    while chain is not None:
        lines.append(type(chain).__qualname__)
        frames = traceback.extract_tb(chain.__traceback__)
        lines += [f"  {frame.filename}:{frame.lineno} {frame.name}" for frame in frames]
        chain = chain.__cause__ or chain.__context__
    return "\n".join(lines) + "\n"


def _folder() -> Path:
    import platformdirs  # noqa: PLC0415 - at need: this is not on the way to the first picture

    folder = Path(platformdirs.user_state_dir("rounds"))
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    return folder
