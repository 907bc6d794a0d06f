"""The output of a run in bounded memory: the last part is kept, all bytes are counted, live pieces are rationed.

A host that repeats our own password does not get it into the store, nor onto a screen where a live piece has it whole.
"""

from __future__ import annotations

import codecs
from collections.abc import Callable
from typing import Final

from backends.fleet.model import RunId
from backends.fleet.run import RunOutput
from backends.redaction import redacted
from backends.text import SafeText, safe_lines

KEPT_BYTES: Final = 64 * 1024
PIECE_BYTES: Final = 8 * 1024
"""A live piece is never longer; what came in between is left out of it, and stays in what is kept."""
EVERY_S: Final = 0.1
"""Pieces are not sent more often."""


class Tail:
    """Takes raw output as it comes."""

    def __init__(self, run: RunId, boot_s: Callable[[], float], send: Callable[[RunOutput], None]) -> None:
        self._run = run
        self._boot_s = boot_s
        self._send = send
        self._kept = bytearray()
        self._pending = bytearray()
        self._left_out = False
        self._sent_s = float("-inf")
        self._decoder = codecs.getincrementaldecoder("utf-8")("replace")
        self.total = 0

    def feed(self, data: bytes) -> None:
        """More output; sends a piece when one is due."""
        self.total += len(data)
        self._kept += data[-KEPT_BYTES:]
        if len(self._kept) > 2 * KEPT_BYTES:
            del self._kept[:-KEPT_BYTES]
        self._pending += data[-PIECE_BYTES:]
        if len(data) > PIECE_BYTES or len(self._pending) > PIECE_BYTES:
            del self._pending[:-PIECE_BYTES]
            self._left_out = True
        if self._boot_s() - self._sent_s >= EVERY_S:
            self._piece(final=False)

    def flush(self) -> None:
        """Send what is left; called at the end and by the ticker of a quiet run."""
        self._piece(final=False)

    def close(self) -> None:
        self._piece(final=True)

    @property
    def text(self) -> SafeText:
        """The last part of all output."""
        kept = bytes(self._kept[-KEPT_BYTES:])
        text = safe_lines(redacted(kept.decode("utf-8", "replace")), KEPT_BYTES)
        return SafeText("…\n" + text) if self.total > len(kept) else text

    @property
    def so_far(self) -> RunOutput:
        return RunOutput(run=self._run, text=self.text, total_bytes=self.total)

    def _piece(self, *, final: bool) -> None:
        if not self._pending and not final:
            return
        text = self._decoder.decode(bytes(self._pending), final)
        if self._left_out:
            text = "…\n" + text
        self._pending.clear()
        self._left_out = False
        self._sent_s = self._boot_s()
        if text:
            self._send(RunOutput(run=self._run, text=safe_lines(redacted(text)), total_bytes=self.total))
