"""One engine a profile: who holds the lock is it. How one is started by a front end, and how it comes to its end."""

from __future__ import annotations

import asyncio
import contextlib
import ctypes
import fcntl
import logging
import os
import resource
import signal
import subprocess
import sys
from collections.abc import Awaitable, Callable, Sequence
from pathlib import Path
from typing import IO, Final

from backends.desk.protocol import DeskError, DeskErrorKind
from backends.wire.client import WireDesk, connect
from backends.wire.codec import Role

log = logging.getLogger("rounds.wire")

ANOTHER_ENGINE: Final = 75
"""Exit code of an engine that found another one of its profile."""
START_S: Final = 30.0
"""An engine that does not answer by then has not started."""
GRACE_S: Final = 3.0
"""An engine that nobody looks at and that runs nothing ends after so long."""
FIRST_S: Final = 15.0
"""How long a new engine waits for the front end that started it."""
_TRY_S: Final = 0.03
_PR_SET_DUMPABLE: Final = 4
_MALLOC_OPTIONS: Final = {-8: 1, -3: 256 * 1024, -1: 256 * 1024}
"""Of glibc's `mallopt` (malloc.h): one arena; blocks from this size on are mapped, each by itself; at most so much lies
free at the end of the heap."""
_SAID_BYTES: Final = 4096


class Lock:
    """The right to be the engine of a profile; the kernel takes it back from a process that died."""

    def __init__(self, descriptor: int) -> None:
        self._descriptor = descriptor

    def release(self) -> None:
        os.close(self._descriptor)


def take_lock(path: Path) -> Lock | None:
    """The lock at `path`, or None when another process holds it. Raises `OSError` where no file can be made."""
    while True:
        path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)  # a demo that just ended removes its folder
        descriptor = os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC | os.O_NOFOLLOW, 0o600)
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
            if _is_still(descriptor, path):
                _sign(descriptor)
                return Lock(descriptor)
        except BlockingIOError:
            os.close(descriptor)
            return None
        except OSError:
            os.close(descriptor)
            raise
        os.close(descriptor)  # its folder was removed by the engine before, with this file in it: once more


def _sign(descriptor: int) -> None:
    """Say who holds it, as far as there is room on the disk."""
    with contextlib.suppress(OSError):
        os.ftruncate(descriptor, 0)
        os.write(descriptor, f"{os.getpid()}\n".encode())


def _is_still(descriptor: int, path: Path) -> bool:
    try:
        return os.path.samestat(os.fstat(descriptor), path.stat())
    except FileNotFoundError:
        return False


def holder_of(path: Path) -> int | None:
    """The process that last took the lock at `path`, for people to look at."""
    try:
        return int(path.read_text(encoding="ascii"))
    except (OSError, ValueError):
        return None


async def reached(path: Path, role: Role) -> WireDesk | None:
    """A desk at the engine that listens on `path`, or None when nobody does. Raises `DeskError` when somebody does
    who does not serve us."""
    try:
        return await connect(path, role)
    except OSError:
        return None


async def started(argv: Sequence[str], path: Path, log_file: Path, role: Role) -> WireDesk:
    """A desk at the engine on `path`, which is started by `argv` unless somebody else was quicker. Raises
    `DeskError(UNAVAILABLE)` with what the engine said when it does not come up."""
    child = await asyncio.to_thread(_spawned, argv, log_file)
    _children.append(child)
    loop = asyncio.get_running_loop()
    deadline = loop.time() + START_S
    while loop.time() < deadline:
        desk = await reached(path, role)
        if desk is not None:
            if child.stdout is not None:
                child.stdout.close()
            return desk
        if child.poll() not in (None, ANOTHER_ENGINE):
            raise DeskError(DeskErrorKind.UNAVAILABLE, _last_words(child, log_file))
        await asyncio.sleep(_TRY_S)
    raise DeskError(
        DeskErrorKind.UNAVAILABLE, f"The engine has not come up within {START_S:.0f} s; its log is {log_file}."
    )


_children: Final[list[subprocess.Popen[bytes]]] = []
"""Engines that this process started; held so that they are reaped when they end before us."""


def _spawned(argv: Sequence[str], log_file: Path) -> subprocess.Popen[bytes]:
    for earlier in tuple(_children):
        if earlier.poll() is not None:
            _children.remove(earlier)
    with _appended(log_file) as errors:
        return subprocess.Popen(  # noqa: S603 - our own program, by absolute path, with arguments of our own
            argv,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=errors,
            cwd="/",
            start_new_session=True,
            env={**os.environ, **_search_path()},
        )


def _appended(log_file: Path) -> IO[bytes]:
    """The log to append to, or nothing where it cannot be written: a full disk must not keep the engine from coming."""
    try:
        return os.fdopen(os.open(log_file, os.O_WRONLY | os.O_APPEND | os.O_CREAT | os.O_NOFOLLOW, 0o600), "ab")
    except OSError:
        return Path(os.devnull).open("ab")


def _search_path() -> dict[str, str]:
    """What the child needs to find this very package when it runs from a checkout that is not installed."""
    home = str(Path(__file__).resolve().parents[2])
    if "site-packages" in home or "dist-packages" in home:
        return {}
    inherited = os.environ.get("PYTHONPATH", "")
    return {"PYTHONPATH": os.pathsep.join(filter(None, (home, inherited)))}


def _last_words(child: subprocess.Popen[bytes], log_file: Path) -> str:
    """What an engine that ended at once said to whoever started it."""
    with child.stdout or Path(os.devnull).open("rb") as said:
        words = said.read(_SAID_BYTES).decode("utf-8", "replace").strip()
    return words or f"The engine ended at once with code {child.returncode}; its log is {log_file}."


def detach_output() -> None:
    """Called by an engine that is up: nobody reads its standard output any more."""
    sink = os.open(os.devnull, os.O_WRONLY)
    os.dup2(sink, sys.__stdout__.fileno() if sys.__stdout__ is not None else 1)
    os.close(sink)


def keep_memory_private() -> None:
    """No core dumps and no debugger of the same user where the system can be told so: the engine holds secrets."""
    with contextlib.suppress(ValueError, OSError):
        resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    if sys.platform == "linux":
        with contextlib.suppress(OSError, AttributeError):
            ctypes.CDLL(None).prctl(_PR_SET_DUMPABLE, 0, 0, 0, 0)


def return_memory() -> None:
    """Give back what was let go, where the C library can be told so. glibc learns from the first large block that is
    freed to keep the next ones: of a fleet whose tables are copied with every reading, a fifth lay about unused."""
    with contextlib.suppress(OSError, AttributeError):
        mallopt = ctypes.CDLL(None).mallopt
        for option, value in _MALLOC_OPTIONS.items():
            mallopt(option, value)


def stopped_by_signal() -> asyncio.Event:
    """Set by SIGTERM, SIGINT or SIGHUP from now on."""
    stop = asyncio.Event()
    loop = asyncio.get_running_loop()
    for number in (signal.SIGTERM, signal.SIGINT, signal.SIGHUP):
        if signal.getsignal(number) is not signal.SIG_IGN:  # nohup is meant
            loop.add_signal_handler(number, stop.set)
    return stop


async def left_alone(
    sessions: Callable[[], int], busy: Callable[[], bool], came_or_left: Callable[[], Awaitable[None]]
) -> None:
    """Wait until nobody has looked and nothing has run for the grace. A new engine first waits for its starter."""
    if not sessions():
        with contextlib.suppress(TimeoutError):
            await asyncio.wait_for(came_or_left(), FIRST_S)
    while True:
        while sessions() or busy():
            with contextlib.suppress(TimeoutError):
                await asyncio.wait_for(came_or_left(), GRACE_S)
        try:
            await asyncio.wait_for(came_or_left(), GRACE_S)
        except TimeoutError:
            if not sessions() and not busy():
                return
