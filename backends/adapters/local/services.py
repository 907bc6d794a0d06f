"""Services of this machine: asked of its service manager by fixed arguments, with a deadline, off the shell."""

from __future__ import annotations

import asyncio
import contextlib
import os
import shutil
import signal
import subprocess
import sys
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import Final

from backends.fleet.host import Service
from backends.text import safe

DEADLINE_S: Final = 10.0
_LARGEST: Final = 256 * 1024
_MOST_FAILED: Final = 50
_PROPERTIES: Final = "Id,Names,LoadState,ActiveState,SubState,Result,Type"
_LIST_FAILED: Final = (
    *("systemctl", "list-units", "--state=failed"),
    *("--plain", "--no-legend", "--no-pager", "--full"),
)
_SUFFIXES: Final = (".service", ".socket", ".timer", ".mount", ".automount", ".path", ".swap", ".target", ".slice")
_ENVIRONMENT: Final = {"PATH": "/usr/local/sbin:/usr/sbin:/sbin:/usr/local/bin:/usr/bin:/bin", "LC_ALL": "C"}


class ServicesUnread(Exception):  # noqa: N818 - an outcome, not a mistake
    """The service manager did not answer in time, or made no sense."""


async def read_services(watched: Sequence[str]) -> tuple[Service, ...]:
    """The watched services, and whatever else failed. Raises `ServicesUnread`."""
    if has_systemd():
        return await _by_systemd(watched)
    return tuple(await asyncio.gather(*(_by_script(name) for name in watched)))


def has_systemd(root: Path = Path("/")) -> bool:
    """Whether systemd runs the machine; being installed is not enough."""
    return (root / "run/systemd/system").is_dir() and shutil.which("systemctl") is not None


async def _by_systemd(watched: Sequence[str]) -> tuple[Service, ...]:
    code, failed = await _answer(*_LIST_FAILED)
    if code != 0:
        raise ServicesUnread("systemctl cannot reach systemd")
    shown = ""
    if watched:
        units = (name if name.endswith(_SUFFIXES) else f"{name}.service" for name in watched)
        shown = (await _answer("systemctl", "show", f"--property={_PROPERTIES}", "--no-pager", "--", *units))[1]
    return services_of(shown, failed, watched)


def services_of(shown: str, failed: str, watched: Sequence[str]) -> tuple[Service, ...]:
    """From the words of `systemctl show` (a block a unit, in the order asked) and of `list-units --state=failed`."""
    blocks = [dict(_pairs(block.splitlines())) for block in shown.strip().split("\n\n")] if shown.strip() else []
    if len(blocks) != len(watched):
        raise ServicesUnread("systemctl did not answer for each service")
    named = [_unit(name, block) for name, block in zip(watched, blocks, strict=True)]
    known = {unit for block in blocks for unit in (block.get("Id", ""), *block.get("Names", "").split())}
    units = (line.split() for line in failed.splitlines())
    others = [fields[0] for fields in units if len(fields) >= 4 and "failed" in fields[2:4] and fields[0] not in known]
    return (
        *named,
        *(Service(name=unit.removesuffix(".service"), state="failed", watched=False) for unit in others[:_MOST_FAILED]),
    )


def _pairs(lines: Iterable[str]) -> Iterable[tuple[str, str]]:
    for line in lines:
        key, equals, value = line.partition("=")
        if equals:
            yield key, value


def _unit(name: str, unit: Mapping[str, str]) -> Service:
    load, active, sub = (unit.get(key, "") for key in ("LoadState", "ActiveState", "SubState"))
    result, kind = unit.get("Result", ""), unit.get("Type", "")
    detail = result if result not in ("", "success") else ""
    if load == "not-found":
        state, detail = "missing", ""
    elif load == "masked":
        state, detail = "stopped", "masked"
    elif active == "failed":
        state = "failed"
    elif active == "activating" and sub == "auto-restart":
        state, detail = "failed", "it keeps restarting"
    elif active in ("active", "reloading", "refreshing", "activating"):
        state, detail = "running", ""
    elif active == "inactive" and kind == "oneshot" and result == "success":
        state = "running"  # a job that is done; its result counts
    elif active in ("inactive", "deactivating"):
        state = "stopped"
    else:
        state = "unknown"
    return Service(name=name, state=state, watched=True, detail=safe(detail, 64))


async def _by_script(name: str) -> Service:
    """By the init script's own word, where no systemd runs: exit 0 runs, 3 does not, 4 there is none (LSB)."""
    command = _script_command(name)
    if command is None:
        return Service(name=name, state="missing", watched=True)
    try:
        code, _ = await _answer(*command)
    except ServicesUnread:
        return Service(name=name, state="unknown", watched=True, detail="no answer")
    if sys.platform == "linux":
        state = {0: "running", 4: "unknown"}.get(code, "stopped")
    else:
        state = "running" if code == 0 else "stopped"
    return Service(name=name, state=state, watched=True)


def _script_command(name: str) -> tuple[str, ...] | None:
    """The fixed arguments that ask for one service; None when it is not installed."""
    if "/" in name or name.startswith("-"):
        return None
    if sys.platform == "darwin":
        return ("launchctl", "print", f"system/{name}")
    if sys.platform.startswith("openbsd"):
        return ("rcctl", "check", name)
    if sys.platform != "linux":
        return ("service", name, "onestatus")
    script = Path("/etc/init.d") / name
    return (str(script), "status") if os.access(script, os.X_OK) else None


async def _answer(*command: str) -> tuple[int, str]:
    """Exit code and what was said; no more than a quarter of a MiB of it, and not for ever."""
    try:
        process = await asyncio.create_subprocess_exec(
            *command,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            env=_ENVIRONMENT,
            start_new_session=True,
        )
    except OSError as error:
        raise ServicesUnread(str(error)) from error
    try:
        async with asyncio.timeout(DEADLINE_S):
            said = await _bounded(process)
            return await process.wait(), said.decode("utf-8", "replace")
    except TimeoutError as error:
        raise ServicesUnread(f"{command[0]} did not answer") from error
    finally:
        if process.returncode is None:
            with contextlib.suppress(ProcessLookupError, PermissionError):
                os.killpg(process.pid, signal.SIGKILL)
            await process.wait()


async def _bounded(process: asyncio.subprocess.Process) -> bytes:
    if process.stdout is None:
        return b""
    kept = b""
    while chunk := await process.stdout.read(64 * 1024):
        kept += chunk[: _LARGEST - len(kept)]
    return kept
