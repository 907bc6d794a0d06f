"""Steps of fixes on a host: what was not sent is said to be so, what was sent and not answered is unknown."""

from __future__ import annotations

import asyncio
from typing import Final

import asyncssh

from backends.adapters.ssh.dial import Line
from backends.adapters.ssh.errand import Refused, fix_input, open_shell
from backends.adapters.ssh.host import Host
from backends.api import Emit, Executed, NotSent, OutcomeUnknown, Script

_OPEN_S: Final = 10.0
_PIECE: Final = 64 * 1024
_FREELY: Final = 1024 * 1024
"""Output up to here is taken as fast as it comes."""
_REST_S: Final = 0.01
"""A pause between pieces of a flood: about 6 MB/s, and the host has to wait."""


async def run_fix(host: Host, line: Line, script: Script, emit: Emit) -> Executed:
    """Run one step over an open connection. Raises `NotSent` or `OutcomeUnknown`."""
    try:
        whole = fix_input(script.code, script.arguments)
    except ValueError as error:
        raise NotSent(f"Nothing was sent: {error}.") from error
    try:
        async with asyncio.timeout(_OPEN_S):
            process = await open_shell(line.connection, sudo=host.options.sudo, together=True)
    except (Refused, asyncssh.Error, OSError, TimeoutError) as error:
        # No byte of the script has left: whatever that shell is, it has nothing to run.
        host.hang_up(line)
        raise NotSent(f"Nothing was sent: {host.at} gave no session.") from error
    try:
        async with asyncio.timeout(script.deadline_s):
            return await _run(host, process, whole, script, emit)
    except TimeoutError as error:
        if script.disconnects:
            # The host went away without a word, as a reboot does when the network goes first.
            host.hang_up(line)
            return Executed(exit=0)
        raise OutcomeUnknown(
            f"{host.at} was sent the script and did not end it in {script.deadline_s:.0f} s: it may still run there."
        ) from error
    finally:
        process.close()


async def _run(
    host: Host, process: asyncssh.SSHClientProcess[bytes], whole: bytes, script: Script, emit: Emit
) -> Executed:
    try:
        process.stdin.write(whole)
        process.stdin.write_eof()
        taken = 0
        while piece := await process.stdout.read(_PIECE):
            emit(piece)
            taken += len(piece)
            await asyncio.sleep(0 if taken < _FREELY else _REST_S)
        await process.wait_closed()
    except (asyncssh.Error, OSError) as error:
        return _lost(host, script, error)
    status = process.exit_status
    if status is None or (script.disconnects and process.exit_signal):
        return _lost(host, script, None)
    return Executed(exit=status)


def _lost(host: Host, script: Script, error: Exception | None) -> Executed:
    """The connection ended, or the session without an exit status."""
    if script.disconnects:
        return Executed(exit=0)
    raise OutcomeUnknown(f"The connection to {host.at} was lost after the script was sent: it may have run.") from error
