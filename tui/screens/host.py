"""What the screens need from the application, as a protocol so that they can be tried without it."""

from __future__ import annotations

from datetime import datetime
from typing import Protocol

from backends.desk.protocol import Desk
from backends.fleet.model import SafeText
from tui.flows.stage import Stage
from tui.keymap import Keymap
from tui.pace import Pace
from tui.screens.known import Choice


class Host(Stage, Protocol):
    keymap: Keymap
    title_text: SafeText
    views_only: bool
    pace: Pace
    views: dict[str, str]
    """Named filters: those of the configuration, and those of this session."""
    config_path: str
    """The file they are kept in; empty when there is none."""
    choices: tuple[Choice, ...]
    """Words of the `:` line with some names behind each, beside `view`."""
    began: datetime
    """When the technician opened the screen: what came later is new to them."""

    def next_theme(self) -> SafeText:
        """Look otherwise; what came of it, in a sentence."""
        ...

    @property
    def reachable(self) -> Desk | None:
        """The desk, or None while the engine is not there."""
        ...
