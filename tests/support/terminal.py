"""A program in a pseudo-terminal of a given size, with keys that can be sent and a screen that can be read.

Waiting is done on what the screen shows, never on time: `until` reads until a pattern is there, and fails with the
screen's text when the deadline (generous: it only ends a hopeless wait) has passed.
"""

from __future__ import annotations

import contextlib
import fcntl
import os
import pty
import re
import select
import signal
import struct
import termios
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from pathlib import Path
from types import TracebackType

import pyte
from wcwidth import wcwidth

HOPELESS_S = 60.0
FINGERS_S = 0.06
"""Keys of a person are further apart than this."""
AFTER_ESCAPE_S = 0.25
"""A key that comes sooner after Escape is one key with it: alt and that key."""
STILL_S = 2.5
"""A screen ticks every second: a main thread that sleeps longer waits for something else."""

KEYS = {
    "enter": b"\r",
    "escape": b"\x1b",
    "tab": b"\t",
    "shift+tab": b"\x1b[Z",
    "space": b" ",
    "backspace": b"\x7f",
    "up": b"\x1b[A",
    "down": b"\x1b[B",
    "right": b"\x1b[C",
    "left": b"\x1b[D",
    "pageup": b"\x1b[5~",
    "pagedown": b"\x1b[6~",
    "home": b"\x1b[H",
    "end": b"\x1b[F",
}


class Cells(pyte.Screen):
    """A screen on which half of a wide character that was written over is blank, as on a terminal.

    What was written is read in pieces, so that such a half is seen in the middle of a frame; pyte does not know it.
    """

    @property
    def display(self) -> list[str]:
        return ["".join(self._shown(line)) for line in range(self.lines)]

    def _shown(self, line: int) -> Iterator[str]:
        cells = [self.buffer[line][column].data for column in range(self.columns)]
        whole = False
        for data, after in zip(cells, [*cells[1:], " "], strict=True):
            if whole:  # the second half of the character before
                whole = False
                continue
            wide = bool(data) and wcwidth(data[0]) == 2
            whole = wide and not after
            yield " " if not data or (wide and not whole) else data


class Terminal:
    """A running program; leave the `with` block to end it."""

    def __init__(
        self, argv: Sequence[str], environment: Mapping[str, str], size: tuple[int, int] = (120, 40), cwd: str = "."
    ) -> None:
        self.columns, self.lines = size
        self.raw = bytearray()
        """Every byte that the program wrote."""
        self.status: int | None = None
        """The exit status as a shell gives it (128 + n for a signal), once the program has ended."""
        self._screen = Cells(*size)
        self._stream = pyte.ByteStream(self._screen)
        self._next_key = 0.0
        self.began = time.monotonic()
        self.pid, self._master = pty.fork()
        if self.pid == 0:
            for number in (signal.SIGINT, signal.SIGQUIT, signal.SIGHUP):
                signal.signal(number, signal.SIG_DFL)  # whoever runs the tests may ignore them, a shell does not
            os.chdir(cwd)
            os.execvpe(argv[0], list(argv), dict(environment))
        fcntl.ioctl(self._master, termios.TIOCSWINSZ, struct.pack("HHHH", self.lines, self.columns, 0, 0))
        os.set_blocking(self._master, False)

    def __enter__(self) -> Terminal:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.end()

    @property
    def text(self) -> str:
        return "\n".join(line.rstrip() for line in self._screen.display)

    def look_of(self, text: str) -> tuple[str, str, bool, bool] | None:
        """Foreground, background, reverse and bold of the first cell of `text`; None when it is not on the screen."""
        return next(iter(self.looks_of(text)), None)

    def looks_of(self, text: str) -> list[tuple[str, str, bool, bool]]:
        """The same for every line that has it."""
        places = ((number, line.find(text)) for number, line in enumerate(self._screen.display))
        cells = (self._screen.buffer[number][column] for number, column in places if column >= 0)
        return [(cell.fg, cell.bg, cell.reverse, cell.bold) for cell in cells]

    def highlighted(self, header: str) -> str:
        """The line below `header` whose background stands out: the row under the cursor; empty when there is none."""
        lines = self._screen.display
        top = next((number for number, line in enumerate(lines) if header in line), None)
        if top is None:
            return ""
        x = lines[top].index(header)
        backgrounds = [self._screen.buffer[y][x].bg for y in range(top + 1, self.lines)]
        plain = max(set(backgrounds[:8]), key=backgrounds[:8].count)
        at = next((top + 1 + place for place, bg in enumerate(backgrounds) if bg != plain), None)
        return lines[at][x:].rstrip() if at is not None else ""

    def type(self, *keys: str) -> None:
        """Send named keys, `ctrl+x`, or text as it is, one write each, no faster than fingers."""
        for key in keys:
            self.rest(self._next_key - time.monotonic())
            if key in KEYS:
                raw = KEYS[key]
            elif key.startswith("ctrl+"):
                raw = bytes([ord(key[5].upper()) - 64])
            else:
                raw = key.encode()
            os.write(self._master, raw)
            self._next_key = time.monotonic() + (AFTER_ESCAPE_S if key == "escape" else FINGERS_S)

    def rest(self, seconds: float) -> None:
        """Press nothing for so long, as somebody does who reads; the screen is read on."""
        end = time.monotonic() + seconds
        while (left := end - time.monotonic()) > 0 and self._read(left):
            pass

    def write(self, raw: bytes) -> None:
        """All of it, as fast as the program takes it; the screen is read meanwhile."""
        end = time.monotonic() + HOPELESS_S
        while raw:
            try:
                raw = raw[os.write(self._master, raw) :]
            except BlockingIOError:
                assert time.monotonic() < end, f"the program reads no keys; the screen was:\n{self.text}"
                self._read(0.05)

    def resize(self, columns: int, lines: int) -> None:
        self.columns, self.lines = columns, lines
        self._screen.resize(lines, columns)
        fcntl.ioctl(self._master, termios.TIOCSWINSZ, struct.pack("HHHH", lines, columns, 0, 0))

    def choke(self) -> None:
        """Read nothing and make the program paint, until its event loop waits for the terminal to take more."""
        end = time.monotonic() + HOPELESS_S
        while time.monotonic() < end:
            for columns in (self.columns - 1, self.columns) * 10:
                fcntl.ioctl(self._master, termios.TIOCSWINSZ, struct.pack("HHHH", self.lines, columns, 0, 0))
                time.sleep(0.1)  # sizes that come faster are taken as one
            if self._asleep_for(STILL_S):
                return
        raise AssertionError("the program paints on and on, whoever reads")

    @property
    def turns(self) -> int:
        """How often the program's main thread has been put to sleep so far; one that ticks has more every second."""
        return self._main_thread()[1]

    def _asleep_for(self, seconds: float) -> bool:
        """Whether the main thread slept all that time without waking once."""
        state, turns = self._main_thread()
        end = time.monotonic() + seconds
        while state == "S" and time.monotonic() < end:
            time.sleep(0.02)
            state, now = self._main_thread()
            if now != turns:
                return False
        return state == "S"

    def _main_thread(self) -> tuple[str, int]:
        """Its state by one letter, and how often it gave up the processor."""
        status = Path(f"/proc/{self.pid}/task/{self.pid}/status").read_text()
        words = dict(line.split(":\t", 1) for line in status.splitlines() if ":\t" in line)
        return words["State"][0], int(words["voluntary_ctxt_switches"])

    def signal(self, number: signal.Signals) -> None:
        os.kill(self.pid, number)

    def until(self, pattern: str, deadline_s: float = HOPELESS_S) -> str:
        """Read until the screen matches; returns its text."""
        compiled = re.compile(pattern, re.MULTILINE)
        return self.until_true(lambda: compiled.search(self.text) is not None, f"{pattern!r} on the screen", deadline_s)

    def until_gone(self, pattern: str, deadline_s: float = HOPELESS_S) -> str:
        compiled = re.compile(pattern, re.MULTILINE)
        return self.until_true(lambda: compiled.search(self.text) is None, f"{pattern!r} off the screen", deadline_s)

    def until_true(self, holds: Callable[[], bool], what: str, deadline_s: float = HOPELESS_S) -> str:
        end = time.monotonic() + deadline_s
        while not holds():
            left = end - time.monotonic()
            if left <= 0 or not self._read(min(left, 1.0)):
                raise AssertionError(f"never saw {what}; status {self.status}; the screen was:\n{self.text}")
        return self.text

    def until_ended(self, deadline_s: float = HOPELESS_S) -> int:
        """Read to the end of the program; returns its status."""
        end = time.monotonic() + deadline_s
        while self._read(1.0):
            assert time.monotonic() < end, f"still running; the screen was:\n{self.text}"
        assert self.status is not None
        return self.status

    def end(self) -> None:
        """Kill the program if it still runs, and close the terminal."""
        if self.status is None:
            with contextlib.suppress(ProcessLookupError):
                os.kill(self.pid, signal.SIGKILL)
            self._reap()
        with contextlib.suppress(OSError):
            os.close(self._master)

    def hang_up(self) -> None:
        """Close the terminal under the program."""
        os.close(self._master)

    def _read(self, wait_s: float) -> bool:
        """Take what there is, waiting at most `wait_s`; False when the program has ended."""
        readable, _, _ = select.select([self._master], [], [], wait_s)
        if not readable:
            return True
        try:
            piece = os.read(self._master, 65_536)
        except BlockingIOError:
            return True
        except OSError:
            piece = b""
        if not piece:
            self._reap()
            return False
        self._heard(piece)
        return True

    def _heard(self, piece: bytes) -> None:
        self.raw += piece
        self._stream.feed(piece)

    def _reap(self) -> None:
        if self.status is None:
            _, status = os.waitpid(self.pid, 0)
            self.status = 128 + os.WTERMSIG(status) if os.WIFSIGNALED(status) else os.WEXITSTATUS(status)
