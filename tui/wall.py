"""The wall as an application of its own: it shows, and there is nothing in it that could do anything else.

Its desk is the part of the protocol that only looks, and its connection one on which the engine knows no other verb.
It has no command, no palette, no link and no field to type into; it can neither be suspended nor start a program.
"""

from __future__ import annotations

import signal
from collections.abc import Awaitable, Callable
from typing import TYPE_CHECKING, Any, ClassVar, Final

from textual import events, on
from textual.app import App

from backends.desk.protocol import Interest, Views
from backends.fleet.model import SafeText, safe
from backends.fleet.query import Query
from tui.bridge import Bridge, Updated
from tui.driver import SteadyDriver
from tui.frames import LeanFrames
from tui.guarded import Guarded
from tui.intake import Intake
from tui.looks import Looks
from tui.manners import Manners
from tui.now import Now
from tui.pace import PACE, Pace
from tui.screens.wall import Scope, WallScreen
from tui.tempo import Backlog, Tempo
from tui.terminal import Sight
from widgets.present.age import zone_of

if TYPE_CHECKING:
    from backends.config.schema import Config
    from backends.fleet.changes import Picture

BATCH_S: Final = 1.0
"""At most one picture in this time: nobody presses keys here, and the line to a wall may be thin."""

LEAVE: Final = frozenset({"q", "ctrl+c"})
NEXT: Final = frozenset({"right", "down", "pagedown", "n", "j", "l"})
PREVIOUS: Final = frozenset({"left", "up", "pageup", "p", "k", "h"})
HOLD: Final = frozenset({"space"})


class UnstoppableDriver(SteadyDriver):
    """Whoever sits at a wall may have nothing below it: it does not go into the background."""

    def __init__(self, *args: Any, **words: Any) -> None:
        super().__init__(*args, **words)
        signal.signal(signal.SIGTSTP, signal.SIG_IGN)

    @property
    def can_suspend(self) -> bool:
        return False


class Wall(LeanFrames, Guarded, Manners, Looks, App[int], inherit_bindings=False):
    CSS_PATH: ClassVar = ["styles/tones.tcss", "styles/wall.tcss"]
    ENABLE_COMMAND_PALETTE = False
    ALLOW_SELECT = False
    BINDINGS: ClassVar = []

    def __init__(
        self,
        open_views: Callable[[], Awaitable[Views]],
        first: Picture | None,
        config: Config,
        query: Query,
        *,
        title: str = "",
        now: Now | None = None,
        pace: Pace = PACE,
        batch_s: float = BATCH_S,
        sight: Sight = Sight(),  # noqa: B008 - frozen
    ) -> None:
        super().__init__(driver_class=UnstoppableDriver)
        self.look(config.theme, sight)
        self.now = now or Now()
        self.backlog = Backlog()
        self.bridge = Bridge(
            open_views,
            self.post_message,
            self.now,
            first,
            sleep=pace.sleep,
            batch_s=Tempo(batch_s, self.backlog).batch_s,
            interest=Interest(devices=not query.everything),
        )
        scope = Scope(query, config.technician.name)
        name = safe(title) or SafeText("rounds wall")
        self.wall = WallScreen(self.now, self.now.boot_s, zone_of(config.technician.zone), scope, name)
        self.wall.show(self.bridge.first())
        self.intake = Intake(self, pace.fastest_s, lambda key: key not in LEAVE, lambda: None)

    # -- the picture ------------------------------------------------------------------------------------------

    def get_default_screen(self) -> WallScreen:
        return self.wall

    def on_mount(self) -> None:
        self.handle_signals()
        self.call_after_refresh(lambda: self.run_worker(self.bridge.run(), group="bridge"))

    @on(Updated)
    def _on_updated(self, update: Updated) -> None:
        self.wall.show(update)

    async def on_unmount(self) -> None:
        await self.bridge.close()

    # -- what goes out and comes in ---------------------------------------------------------------------------

    async def run_action(self, *_: Any, **__: Any) -> bool:
        """No binding, no link, no palette: whatever asks for an action gets none."""
        return False

    def on_key(self, event: events.Key) -> None:
        event.stop()
        event.prevent_default()
        if event.key in LEAVE:
            self.exit(return_code=0)
        elif event.key in NEXT:
            self.wall.turn(1)
        elif event.key in PREVIOUS:
            self.wall.turn(-1)
        elif event.key in HOLD:
            self.wall.hold()
