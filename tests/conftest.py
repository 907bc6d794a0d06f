"""What holds for all tests."""

from __future__ import annotations

import os

import pytest
from hypothesis import HealthCheck, settings
from textual import _wait

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


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """What takes longest is begun first, so that nobody waits for it at the end."""
    items.sort(key=lambda item: item.get_closest_marker("long") is None)
