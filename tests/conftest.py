"""What holds for all tests."""

from __future__ import annotations

from textual import _wait

# Textual's pilot waits in steps of this long until nothing is going on any more; most of the steps are for nothing.
_wait.SLEEP_GRANULARITY = 0.004
_wait.SLEEP_IDLE = _wait.SLEEP_GRANULARITY / 20
