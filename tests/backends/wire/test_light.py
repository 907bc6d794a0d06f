"""A front end loads no more than it needs."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[3]
HEAVY = {"textual", "rich", "httpx", "keyring", "asyncssh", "psutil", "tomlkit"}


def loaded_by(program: str) -> set[str]:
    """The top-level modules that `program` loads in an interpreter of its own."""
    code = f"{program}\nimport sys; print(*{{name.partition('.')[0] for name in sys.modules}})"
    done = subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=True)
    return set(done.stdout.split())


@pytest.mark.parametrize(
    ("program", "more"),
    [
        ("import backends.wire.client", {"sqlite3"}),
        ("import backends.desk.protocol", {"sqlite3", "asyncio"}),
        ("import backends.bootstrap", {"sqlite3"}),
        ("import backends.bootstrap, backends.wire.launch, backends.store.picture", set()),
    ],
)
def test_a_front_end_loads_nothing_heavy(program: str, more: set[str]) -> None:
    assert loaded_by(program) & (HEAVY | more) == set()
