"""How long things take that people should not notice, in one place so that tests can set them all to nothing."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable

from msgspec import Struct

from tui.bridge import BATCH_S
from tui.gate import FASTEST_S
from widgets.calm import QUIET_S
from widgets.dialogs.dialog import DEAD_S


class Pace(Struct, frozen=True, kw_only=True):
    """Seconds."""

    dead_s: float = DEAD_S
    """A question that was just painted takes no answer."""
    quiet_s: float = QUIET_S
    """Without a key for this long the order of lists may change."""
    fastest_s: float = FASTEST_S
    """Keys closer than this are a paste; 0 lets everything pass."""
    batch_s: float = BATCH_S
    """Changes of this long are shown together; a slow link stretches it."""
    settle_s: float = 0.12
    """The cursor rests this long on a row before its device is asked for."""
    sleep: Callable[[float], Awaitable[object]] = asyncio.sleep


PACE = Pace()

UNHURRIED = Pace(batch_s=1.0)
"""For a link that carries little."""
