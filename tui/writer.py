"""Writes to the terminal in a thread of its own, as Textual's does, and keeps account of what is not out yet."""

from __future__ import annotations

from queue import Queue
from typing import IO

from textual.drivers._writer_thread import WriterThread

from tui.tempo import Backlog


class MeasuredWriter(WriterThread):
    def __init__(self, file: IO[str], backlog: Backlog) -> None:
        super().__init__(file)
        self._backlog = backlog

    def write(self, text: str) -> None:
        self._backlog.give()
        super().write(text)

    def run(self) -> None:
        """A piece is out when it was flushed: until then it may lie in a buffer of ours."""
        queue: Queue[str | None] = self._queue
        held = 0
        while (text := queue.get()) is not None:
            self._file.write(text)
            held += 1
            if queue.qsize() == 0:
                self._file.flush()
                self._backlog.take(held)
                held = 0
        self._file.flush()
