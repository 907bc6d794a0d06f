"""What a program writes to a terminal from its start to its end, taken down and not looked at."""

from __future__ import annotations

import fcntl
import os
import pty
import struct
import termios
from collections.abc import Mapping, Sequence


def recorded(argv: Sequence[str], environment: Mapping[str, str], size: tuple[int, int], cwd: str) -> tuple[bytes, int]:
    """All bytes, and the exit status. For programs that end by themselves."""
    pid, master = pty.fork()
    if pid == 0:
        fcntl.ioctl(0, termios.TIOCSWINSZ, struct.pack("HHHH", size[1], size[0], 0, 0))
        os.chdir(cwd)
        os.execve(argv[0], list(argv), dict(environment))
    raw = bytearray()
    try:
        while piece := _read(master):
            raw += piece
    finally:
        os.close(master)  # a program that is still there is hung up
        _, status = os.waitpid(pid, 0)
    return bytes(raw), os.waitstatus_to_exitcode(status)


def _read(master: int) -> bytes:
    try:
        return os.read(master, 1 << 16)
    except OSError:
        return b""
