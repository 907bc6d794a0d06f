"""A secret from the output of a command, such as `pass show msp/zabbix`: run without a shell, briefly, in a clean
environment."""

from __future__ import annotations

import asyncio
import contextlib
import os
import shlex
import signal
from collections.abc import Mapping
from typing import Final

from backends.secrets import trouble

LIMIT_S: Final = 10.0
LARGEST_BYTES: Final = 64 * 1024
_PASSED_ON: Final = frozenset(
    {"HOME", "USER", "LOGNAME", "SHELL", "PATH", "LANG", "LANGUAGE", "TZ", "TMPDIR"}
    | {"DISPLAY", "WAYLAND_DISPLAY", "XAUTHORITY", "DBUS_SESSION_BUS_ADDRESS"}
    | {"GNUPGHOME", "GPG_TTY", "SSH_AUTH_SOCK", "SSL_CERT_FILE", "SSL_CERT_DIR"}
)
_PASSED_ON_PREFIXES: Final = ("LC_", "XDG_", "PASSWORD_STORE_", "OP_", "BW_", "VAULT_")
"""What the usual password programs need to find and open their stores."""


async def output_of(command: str) -> str:
    """What `command` prints, without the one line end at its end. Raises `SourceError(SECRET)`."""
    try:
        argv = shlex.split(command)
    except ValueError:
        raise trouble("The command for the secret has a quote that is not closed: correct it.") from None
    if not argv:
        raise trouble("The command for the secret is empty: write one, or name another place for it.")
    program = argv[0]
    try:
        process = await asyncio.create_subprocess_exec(
            *argv,
            stdin=asyncio.subprocess.DEVNULL,
            stdout=asyncio.subprocess.PIPE,
            stderr=asyncio.subprocess.DEVNULL,
            env=passed_on(os.environ),
            start_new_session=True,
        )
    except (OSError, ValueError):
        raise trouble(
            f"The program {program} for the secret cannot be started: install it or correct its path."
        ) from None
    try:
        async with asyncio.timeout(LIMIT_S):
            raw, code = await _collected(process)
    except TimeoutError:
        raise trouble(
            f"The command {program} for the secret did not end within {LIMIT_S:.0f} s; it may be asking a question. "
            "Run it by hand once, or name another place."
        ) from None
    finally:
        await _ended(process)
    return _secret(raw, code, program)


async def _collected(process: asyncio.subprocess.Process) -> tuple[bytes, int]:
    assert process.stdout is not None  # noqa: S101 - asked for above
    raw = b""
    while len(raw) <= LARGEST_BYTES and (chunk := await process.stdout.read(LARGEST_BYTES)):
        raw += chunk
    return raw, 0 if len(raw) > LARGEST_BYTES else await process.wait()


async def _ended(process: asyncio.subprocess.Process) -> None:
    """Nothing of it stays behind, its children included."""
    if process.returncode is None:
        with contextlib.suppress(ProcessLookupError, PermissionError):
            os.killpg(process.pid, signal.SIGKILL)
    # Closes the pipe, which a grandchild may hold open; there is no public way.
    process._transport.close()  # type: ignore[attr-defined]
    await process.wait()


def _secret(raw: bytes, code: int, program: str) -> str:
    if code != 0:
        raise trouble(f"The command {program} for the secret failed (exit {code}): run it by hand to see why.")
    if len(raw) > LARGEST_BYTES:
        raise trouble(f"The command {program} printed more than 64 KiB, which is no secret: correct it.")
    try:
        text = raw.decode("utf-8")
    except UnicodeDecodeError:
        raise trouble(f"The command {program} printed something that is not UTF-8 text: correct it.") from None
    text = text.removesuffix("\n").removesuffix("\r")
    if not text:
        raise trouble(f"The command {program} printed nothing: store the secret there first, or correct the command.")
    return text


def passed_on(environment: Mapping[str, str]) -> dict[str, str]:
    """What a child needs to know of our environment; no secret of another source is in it by accident."""
    return {
        name: value for name, value in environment.items() if name in _PASSED_ON or name.startswith(_PASSED_ON_PREFIXES)
    }
