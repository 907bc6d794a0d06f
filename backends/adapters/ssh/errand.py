"""Scripts over an open connection: code and quoted arguments on the standard input of `sh`, output read with a limit.

Nothing of a script is on a command line of the host, where others could read it and a foreign log-in shell could take
it apart; what follows a torn connection never runs, since the shell reads the closing brace before it begins.
"""

from __future__ import annotations

import asyncio
import secrets
import shlex
from collections.abc import Iterable
from functools import cache
from importlib import resources
from typing import Final

import asyncssh

from backends.adapters.ssh.watch import Watch
from backends.redaction import redacted

LOOK_LIMIT: Final = 1024 * 1024
SHELL: Final = "exec sh -s"
SUDO_SHELL: Final = "exec sudo -n -- sh -s"
_WINDOW: Final = 256 * 1024
_PIECE: Final = 64 * 1024


class TooLarge(Exception):  # noqa: N818 - a finding
    """More output than a look may give."""


class Refused(Exception):  # noqa: N818 - a finding
    """The other end gave no session, or closed it before anything was sent."""


@cache
def look_script() -> str:
    return resources.files("backends.adapters.ssh").joinpath("look.sh").read_text(encoding="utf-8")


def new_mark() -> str:
    """Begins every section of one look; nobody on the host can know it beforehand."""
    return f"=rounds-{secrets.token_hex(16)}="


def look_input(mark: str, mode: str, watch: Watch) -> bytes:
    """What is sent for a look."""
    head = f"mark={shlex.quote(mark)}\nmode={mode}\n{arguments(watch.arguments())}\n"
    return head.encode("utf-8", "surrogateescape") + look_script().encode()


def fix_input(code: str, parameters: Iterable[str]) -> bytes:
    """What is sent for a step of a fix. Raises `ValueError` for a parameter that no shell can hold."""
    head = f"{arguments(parameters)}\n{{\n"
    # The script must not read its own rest as input, and must not begin before all of it is there.
    return head.encode("utf-8", "surrogateescape") + code.encode() + b"\n} </dev/null\n"


def arguments(values: Iterable[str]) -> str:
    """`set --` with every value quoted, byte for byte. Raises `ValueError` for NUL."""
    quoted = []
    for value in values:
        if "\0" in value:
            raise ValueError("a parameter holds a NUL character")
        quoted.append(shlex.quote(value))
    return " ".join(["set --", *quoted])


async def open_shell(
    connection: asyncssh.SSHClientConnection, *, sudo: bool, together: bool = False
) -> asyncssh.SSHClientProcess[bytes]:
    """A shell that waits for its script; `together` puts its errors among its output.

    Raises `Refused`, `asyncssh.Error`, `OSError`.
    """
    try:
        return await connection.create_process(
            SUDO_SHELL if sudo else SHELL,
            stderr=asyncssh.STDOUT if together else asyncssh.PIPE,
            encoding=None,
            window=_WINDOW,
            request_pty=False,
        )
    except asyncssh.ChannelOpenError as error:
        raise Refused(redacted(error.reason)) from error


async def run_look(process: asyncssh.SSHClientProcess[bytes], script: bytes, first: asyncio.Future[None]) -> bytes:
    """Send the script and read all of its output; `first` is done when the first bytes are there.

    Raises `TooLarge`, `asyncssh.Error`, `OSError`.
    """
    process.stdin.write(script)
    process.stdin.write_eof()
    output = bytearray()
    while piece := await process.stdout.read(_PIECE):
        if not first.done():
            first.set_result(None)
        output += piece
        if len(output) > LOOK_LIMIT:
            raise TooLarge
    return bytes(output)


def ended(output: bytes, mark: str) -> bool:
    """Whether a look came to its end."""
    return b"\n" + mark.encode() + b"end\n" in output


async def complaint(process: asyncssh.SSHClientProcess[bytes]) -> bytes:
    """The beginning of what it wrote on standard error."""
    return await process.stderr.read(1024)
