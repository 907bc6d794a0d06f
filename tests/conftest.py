"""What holds for all tests."""

from __future__ import annotations

import os
from pathlib import Path

import pytest
from hypothesis import HealthCheck, settings
from textual import _wait

TESTS = Path(__file__).parent

# Textual's pilot waits in steps of this long until nothing is going on any more; most of the steps are for nothing.
_wait.SLEEP_GRANULARITY = 0.004
_wait.SLEEP_IDLE = _wait.SLEEP_GRANULARITY / 20

# How long an example takes says more of what else the machine does than of us.
settings.register_profile("rounds", settings(deadline=None, suppress_health_check=[HealthCheck.too_slow]))
settings.load_profile("rounds")


@pytest.hookimpl(optionalhook=True)
def pytest_xdist_auto_num_workers() -> int:
    """Processes for `-n auto`: one more than there are cores, for most tests wait most of the time."""
    return (os.cpu_count() or 1) + 1


@pytest.hookimpl(tryfirst=True)
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """A real server is started once: the tests of its folder, and all benches, are for one process each. What takes
    longest is begun first, so that nobody waits for it at the end."""
    for item in items:
        if (group := _group(item.path)) and item.get_closest_marker("xdist_group") is None:
            item.add_marker(pytest.mark.xdist_group(group))
    items.sort(key=lambda item: item.get_closest_marker("long") is None)


def _group(file: Path) -> str:
    folder, *below = file.relative_to(TESTS).parts[:-1] or ("",)
    if folder == "bench":
        return folder
    return below[0] if folder == "real" and below else ""
