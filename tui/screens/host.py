"""What the screens need from the application, as a protocol so that they can be tried without it."""

from __future__ import annotations

from datetime import datetime
from typing import Protocol

from backends.desk.protocol import Desk
from backends.fleet.model import SafeText
from tui.flows.stage import Stage
from tui.keymap import Keymap
from tui.pace import Pace


class Host(Stage, Protocol):
    keymap: Keymap
    title_text: SafeText
    views_only: bool
    pace: Pace
    began: datetime
    """When the technician opened the screen: what came later is new to them."""

    @property
    def reachable(self) -> Desk | None:
        """The desk, or None while the engine is not there."""
        ...
