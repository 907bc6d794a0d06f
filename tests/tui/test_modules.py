"""What is loaded on the way to the first picture."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from tests.support.office import Office
from tui.cli.table import opens_screen

SCRIPT = """
import asyncio, sys
from tui.app import clean_environment
clean_environment()
from tests.support.screen import opened

async def first():
    async with opened(live=False) as screen:
        await screen.shows("Service mssql-server is stopped")

asyncio.run(first())
print(" ".join(sorted(name for name in HEAVY if name in sys.modules)))
"""

HEAVY = ("httpx", "keyring", "asyncssh", "nats", "psutil", "tomlkit", "rich.markdown", "rich.syntax")


def test_the_first_picture_loads_no_network_library_and_no_keyring() -> None:
    root = Path(__file__).parents[2]
    done = subprocess.run(
        [sys.executable, "-c", f"HEAVY = {HEAVY!r}\n{SCRIPT}"], cwd=root, capture_output=True, text=True, check=True
    )
    assert done.stdout.split() == []


COMMAND_LINE = """
import sys
import tui.app
from tui.__main__ import main

class Terminal:
    def isatty(self): return True
    def __getattr__(self, name): return getattr(sys.__stdout__, name)

def run(*_, **__):
    sys.stdout = sys.__stdout__
    print(" ".join(sorted(name for name in NEEDLESS if name in sys.modules)))
    return 0

tui.app.run = run
sys.stdin = sys.stdout = sys.stderr = Terminal()
sys.argv = ["rounds", "demo", "--at", "2026-03-02T09:04:31Z"]
main()
"""

SCREEN = """
import sys
import tui.rounds
print(" ".join(sorted(name for name in NEEDLESS if name in sys.modules)))
"""

NOT_BEFORE = (
    "importlib.metadata",
    "tomli",
    "tomlkit",
    "csv",
    "email",
    "textual",
    "rich",
    "asyncssh",
    "backends.wire.client",
    "ssl",
    "_ssl",
    "_hashlib",
)
"""Needed for a configuration file, for another package's adapter, or for the engine: not for the last known picture."""

NOT_YET = (
    "tui.flows.fix",
    "tui.flows.marks",
    "tui.flows.lists",
    "tui.screens.help",
    "tui.screens.run",
    "widgets.dialogs.form",
    "widgets.dialogs.menu",
    "widgets.dialogs.plan",
    "widgets.output_log",
    "zoneinfo",
    "sqlite3",
    "click",
)
"""Parts of the screen that nobody has opened, and what only the command line or the store need."""


@pytest.mark.parametrize(("script", "needless"), [(COMMAND_LINE, NOT_BEFORE), (SCREEN, NOT_YET)], ids=["before", "in"])
def test_nothing_needless_is_loaded_before_or_in_the_screen(
    script: str, needless: tuple[str, ...], tmp_path: Path
) -> None:
    done = subprocess.run(
        [sys.executable, "-c", f"NEEDLESS = {needless!r}\n{script}"],
        cwd=Path(__file__).parents[2],
        env={"PATH": os.environ["PATH"], "HOME": str(tmp_path), "LANG": "C.UTF-8", "TERM": "xterm-256color"},
        capture_output=True,
        text=True,
        check=True,
        timeout=120,
    )
    assert done.stdout.split() == []


@pytest.mark.parametrize(
    ("line", "screen"),
    [
        ("", True),
        ("--profile acme", True),
        ("--profile acme demo --devices 10", True),
        ("wall client:acme", True),
        ("issues", False),
        ("--demo issues wall", False),
        ("demo snapshot", False),
        ("connect zabbix", False),
    ],
)
def test_only_a_command_line_that_opens_a_screen_is_one_of_a_screen(line: str, *, screen: bool) -> None:
    assert opens_screen(line.split()) is screen


@pytest.mark.skipif(not Path("/proc/self/maps").exists(), reason="needs Linux")
def test_a_screen_at_work_has_no_openssl_in_memory(tmp_path: Path) -> None:
    office = Office(tmp_path)
    try:
        with office.screen("demo", size=(160, 50)) as terminal:
            terminal.until(r"1 Restart service")
            terminal.type("?", "escape", ":")
            terminal.until("Esc leave")
            loaded = Path(f"/proc/{terminal.pid}/maps").read_text()
    finally:
        office.close()
    assert "python" in loaded
    assert [name for name in ("libcrypto", "libssl", "_hashlib") if name in loaded] == []


WALL = """
import asyncio, sys
from backends.config.schema import DemoOptions, Profile
from backends.fleet.query import parse
from backends.wire import launch
from tui.cli.wall import _made

async def live():
    from tui.bridge import Link
    app = _made(Profile(demo=DemoOptions(clients=2, devices=10, here=False)), parse(""))
    async with app.run_test(size=(80, 24)) as pilot:
        while app.wall.link is not Link.LIVE:
            await pilot.pause(0.05)
        await pilot.press("right", "space")

try:
    asyncio.run(live())
finally:
    for child in launch._children:
        child.kill()
        child.wait()
        child.stdout.close()
print(" ".join(sorted(name for name in HEAVY if name in sys.modules)))
"""

POWERS = ("backends.secrets", "backends.http", "backends.adapters", "backends.engine", "backends.fixes")
"""Parts that can read a secret, or act on something."""


def test_a_live_wall_has_loaded_nothing_that_reads_a_secret_or_acts(tmp_path: Path) -> None:
    """F-23."""
    root = Path(__file__).parents[2]
    done = subprocess.run(
        [sys.executable, "-c", f"HEAVY = {(*HEAVY, *POWERS)!r}\n{WALL}"],
        cwd=root,
        env={"PATH": os.environ["PATH"], "HOME": str(tmp_path), "LANG": "C.UTF-8"},
        capture_output=True,
        text=True,
        check=True,
        timeout=120,
    )
    assert done.stdout.split() == []
