"""What is loaded on the way to the first picture."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

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
