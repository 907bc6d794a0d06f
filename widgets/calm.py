"""Tells when the technician is reading, so that the order of a list may change."""

from __future__ import annotations

from collections.abc import Callable
from typing import Final

from textual.timer import Timer
from textual.widget import Widget

QUIET_S: Final = 0.7
"""Without a key for this long the technician is reading."""


class Calm:
    """`when_calm` calls back at once, or as soon as no key was pressed for a while."""

    def __init__(self, widget: Widget, boot_s: Callable[[], float], quiet_s: float) -> None:
        self._widget, self._boot_s, self._quiet_s = widget, boot_s, quiet_s
        self._last_key = -1e9
        self._timer: Timer | None = None

    def disturbed(self) -> None:
        """A key was pressed."""
        self._last_key = self._boot_s()

    def when_calm(self, then: Callable[[], None]) -> None:
        left = self._quiet_s - (self._boot_s() - self._last_key)
        if left <= 0:
            then()
        elif self._timer is None and self._widget.is_attached:
            self._timer = self._widget.set_timer(left, lambda: self._again(then))

    def _again(self, then: Callable[[], None]) -> None:
        self._timer = None
        self.when_calm(then)
