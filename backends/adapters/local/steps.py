"""Runs one step of a fix on this machine: fixed code on standard input, data as arguments, a deadline, no secrets."""

from __future__ import annotations

import asyncio
import contextlib
import os
import signal
import subprocess
import tempfile
from collections.abc import Mapping
from typing import IO, Final

from backends.api import Emit, Executed, NotSent, OutcomeUnknown, Script

SHELL: Final = "/bin/sh"
_CHUNK: Final = 64 * 1024
_GRACE_S: Final = 2.0
"""Between asking a step to end and ending it."""
_DRAIN_S: Final = 0.5
"""For the last words after the step ended: a daemon that it started may hold the output open for ever."""
_KEPT_VARIABLES: Final = frozenset(
    ("HOME", "LANG", "LANGUAGE", "LOGNAME", "PATH", "SHELL", "TMPDIR", "TZ", "USER", "XDG_RUNTIME_DIR")
)


def environment_of(surroundings: Mapping[str, str]) -> dict[str, str]:
    """What a child may know: no token that happens to be in our own environment."""
    kept = {key: value for key, value in surroundings.items() if key in _KEPT_VARIABLES or key.startswith("LC_")}
    return {"PATH": "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"} | kept | {"TERM": "dumb"}


async def run_step(script: Script, emit: Emit, *, sudo: bool = False) -> Executed:
    """Run `script` to its end. Raises `NotSent` when it could not begin, `OutcomeUnknown` at its deadline."""
    command = (SHELL, "-s", "--", *script.arguments)
    if sudo and os.geteuid() != 0 and await _may_become_root():
        command = ("sudo", "-n", "--", *command)
    reading, writing = os.pipe()
    try:
        with tempfile.TemporaryFile() as code:
            _put(code, script.code)
            process = await _begun(command, code, writing)
    except BaseException:
        os.close(reading)
        raise
    finally:
        os.close(writing)
    # From here on something runs: every way out says so.
    try:
        async with _Output(reading, emit) as output:
            return await _ended(process, output, script)
    finally:
        if process.returncode is None:
            await _end(process)


def _put(code: IO[bytes], text: str) -> None:
    """The shell reads the whole group before it runs the first of it, so that no command can eat the rest."""
    code.write(b"{ :\n" + text.encode("utf-8", "surrogateescape") + b"\n}\n")
    code.seek(0)


async def _begun(command: tuple[str, ...], code: IO[bytes], output: int) -> asyncio.subprocess.Process:
    try:
        return await asyncio.create_subprocess_exec(
            *command,
            stdin=code,
            stdout=output,
            stderr=output,
            env=environment_of(os.environ),
            cwd="/",
            start_new_session=True,
        )
    except (OSError, ValueError) as error:
        raise NotSent(f"The step could not be started on this machine: {error}.") from error


async def _ended(process: asyncio.subprocess.Process, output: _Output, script: Script) -> Executed:
    try:
        async with asyncio.timeout(script.deadline_s):
            code = await process.wait()
    except TimeoutError:
        await _end(process)
        await output.drained()
        raise OutcomeUnknown(
            f"The step did not end within {script.deadline_s:g} s and was stopped: part of it may have run."
        ) from None
    await output.drained()
    if code < 0 and script.disconnects:
        return Executed(exit=0)
    return Executed(exit=code if code >= 0 else 128 - code)


async def _end(process: asyncio.subprocess.Process) -> None:
    """Ask the whole group of the step to end, then make it."""
    for number, patience_s in ((signal.SIGTERM, _GRACE_S), (signal.SIGKILL, _GRACE_S)):
        with contextlib.suppress(ProcessLookupError, PermissionError):
            os.killpg(process.pid, number)
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(patience_s):
                await process.wait()
    # The leader may be gone while others of its group are not.


async def _may_become_root() -> bool:
    """Whether sudo lets us without a password; otherwise the script fails with its own words."""
    try:
        process = await asyncio.create_subprocess_exec(
            "sudo",
            "-n",
            "--",
            "true",
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            env=environment_of(os.environ),
            start_new_session=True,
        )
    except OSError:
        return False
    try:
        async with asyncio.timeout(5):
            return await process.wait() == 0
    except TimeoutError:
        return False
    finally:
        if process.returncode is None:
            await _end(process)


class _Output:
    """Hands on what the step says as it comes; lets the others have their turn in between."""

    def __init__(self, descriptor: int, emit: Emit) -> None:
        self._descriptor = descriptor
        self._emit = emit
        self._transport: asyncio.ReadTransport | None = None
        self._task: asyncio.Task[None] | None = None

    async def __aenter__(self) -> _Output:
        loop = asyncio.get_running_loop()
        reader = asyncio.StreamReader(limit=_CHUNK)
        pipe = os.fdopen(self._descriptor, "rb", buffering=0)
        self._transport, _ = await loop.connect_read_pipe(lambda: asyncio.StreamReaderProtocol(reader), pipe)
        self._task = loop.create_task(self._pass_on(reader))
        return self

    async def __aexit__(self, *_: object) -> None:
        if self._task is not None:
            self._task.cancel()
            await asyncio.gather(self._task, return_exceptions=True)
        if self._transport is not None:
            self._transport.close()

    async def drained(self) -> None:
        """Wait a moment for the last words."""
        if self._task is not None:
            await asyncio.wait([self._task], timeout=_DRAIN_S)

    async def _pass_on(self, reader: asyncio.StreamReader) -> None:
        while chunk := await reader.read(_CHUNK):
            self._emit(chunk)
            await asyncio.sleep(0)
