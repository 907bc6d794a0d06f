"""Which of the processes this is that share the tests out among them (`pytest -n`)."""

from __future__ import annotations

import os


def worker() -> int:
    """0, 1, 2 …; 0 also where one process runs all. What is one of a kind on the machine is chosen by it."""
    return int(os.environ.get("PYTEST_XDIST_WORKER", "gw0").removeprefix("gw"))
