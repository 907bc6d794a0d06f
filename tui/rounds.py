"""The application: theme, key map, bridge and first screen; and the stage that flows play on."""

from __future__ import annotations

import subprocess
from collections.abc import Awaitable, Callable, Sequence
from contextlib import AbstractContextManager
from typing import TYPE_CHECKING, ClassVar, TypeVar

from textual import on
from textual.app import App

from backends.config.themes import THEMES
from backends.desk.protocol import Desk, DeskError, DeskErrorKind
from backends.fleet.model import SafeText, safe
from tui.bridge import Bridge, Updated
from tui.child import environment, run_ours
from tui.commands.prompts import CONNECT
from tui.connecting import STOPPED, Connecting
from tui.driver import SteadyDriver
from tui.frames import LeanFrames
from tui.guarded import Guarded
from tui.intake import QUESTION_MOVES, Intake
from tui.keymap import Keymap
from tui.looks import Looks
from tui.manners import Manners
from tui.now import Now
from tui.pace import PACE, Pace
from tui.screens.fleet import FleetScreen
from tui.screens.known import Choice
from tui.tempo import Backlog, Tempo
from tui.terminal import Sight
from widgets.dialogs.dialog import Dialog
from widgets.present.age import zone_of
from widgets.present.tone import Tone

if TYPE_CHECKING:
    from backends.config.schema import Config
    from backends.fleet.changes import Picture
    from backends.fleet.run import Run
    from tui.opening import Opening

Answer = TypeVar("Answer")


class Rounds(LeanFrames, Guarded, Manners, Looks, App[int], inherit_bindings=False):
    CSS_PATH: ClassVar = ["styles/tones.tcss", "styles/fleet.tcss"]  # the first screen brings no file of its own
    ENABLE_COMMAND_PALETTE = False
    BINDINGS: ClassVar = []

    def __init__(
        self,
        open_desk: Callable[[], Awaitable[Desk]],
        first: Picture | None,
        config: Config,
        *,
        title: str = "",
        views_only: bool = False,
        now: Now | None = None,
        pace: Pace = PACE,
        sight: Sight = Sight(),  # noqa: B008 - frozen
        connecting: Connecting | None = None,
    ) -> None:
        super().__init__(driver_class=SteadyDriver)
        self.look(config.theme, sight)
        self.now = now or Now()
        self.began = self.now()
        self.zone = zone_of(config.technician.zone)
        self.by = config.technician.name
        self.title_text = safe(title) or SafeText("rounds")
        self.views_only, self.pace = views_only, pace
        self.keymap = Keymap(config.keys)
        self.views, self.config_path = dict(config.views), config.path
        themes = Choice(word="theme", about="how it looks", names=lambda: THEMES, choose=self._wear)
        self.choices: tuple[Choice, ...] = (themes,)
        if connecting is not None:
            self.choices += (self._connects(connecting),)
        self.backlog = Backlog()
        self.opening: Opening | None = None
        """What the terminal shows before the first frame."""
        tempo = Tempo(pace.batch_s, self.backlog)
        self.bridge: Bridge[Desk] = Bridge(
            open_desk, self.post_message, self.now, first, sleep=pace.sleep, batch_s=tempo.batch_s
        )
        self.fleet = FleetScreen(self)
        self.fleet.board.update(self.bridge.first())
        self.intake = Intake(self, pace.fastest_s, self._moves, self._too_fast)

    # -- the picture ------------------------------------------------------------------------------------------

    def get_default_screen(self) -> FleetScreen:
        """Ours is the first one: an empty one below it would be laid out and styled for nobody."""
        return self.fleet

    def on_mount(self) -> None:
        self.handle_signals()
        self.app_resume_signal.subscribe(self, lambda _: self._resumed())
        self.call_after_refresh(self._begin)

    def _resumed(self) -> None:
        self.forget_frames()
        self.refresh(layout=True)

    def _begin(self) -> None:
        """After the first frame: only now is the engine looked for."""
        self.run_worker(self.bridge.run(), group="bridge")
        if self.keymap.problems:
            self.say(self.keymap.problem, Tone.WARNING)

    @on(Updated)
    def _on_updated(self, update: Updated) -> None:
        from tui.screens.run import RunScreen  # noqa: PLC0415 - not on the way to the first picture

        for screen in self.screen_stack:
            if isinstance(screen, FleetScreen | RunScreen):
                screen.show(update)

    async def on_unmount(self) -> None:
        await self.bridge.close()

    # -- what goes out and comes in ---------------------------------------------------------------------------

    def _moves(self, key: str) -> bool:
        if self.screen is not self.fleet:
            return key in getattr(self.screen, "MOVES", QUESTION_MOVES)
        command = self.keymap.command(key)
        return command is None or command.moves

    def _wear(self, theme: str) -> None:
        self.say(self.change_theme(theme))

    def _too_fast(self) -> None:
        self.say(SafeText("Keys came too fast, as if pasted: nothing was done."), Tone.WARNING)

    def _connects(self, connecting: Connecting) -> Choice:
        def chosen(kind: str) -> None:
            from tui.flows.connect import connect_source  # noqa: PLC0415 - not on the way to the first picture

            self.fleet.start(connect_source(self, kind, connecting.argv(kind)))

        return Choice(word=CONNECT, one="kind of source", about="add a source", names=connecting.kinds, choose=chosen)

    # -- the stage that flows play on: `Host` -----------------------------------------------------------------

    @property
    def dead_s(self) -> float:
        return self.pace.dead_s

    def boot_s(self) -> float:
        return self.now.boot_s()

    @property
    def reachable(self) -> Desk | None:
        return self.bridge.desk

    @property
    def desk(self) -> Desk:
        if self.bridge.desk is None:
            raise DeskError(DeskErrorKind.UNAVAILABLE, "The engine cannot be reached; nothing was done.")
        return self.bridge.desk

    async def ask(self, dialog: Dialog[Answer]) -> Answer | None:
        return await self.push_screen_wait(dialog)

    def say(self, sentence: SafeText, tone: Tone = Tone.STRONG) -> None:
        self.fleet.say(sentence, tone)

    async def follow(self, runs: Sequence[Run]) -> None:
        from tui.screens.run import RunScreen  # noqa: PLC0415 - see above

        await self.push_screen_wait(RunScreen(self, runs))

    def suspended(self) -> AbstractContextManager[None]:
        return self.suspend()

    def run_program(self, argv: Sequence[str]) -> int:
        return subprocess.run(argv, check=False, env=environment()).returncode  # noqa: S603 - no shell reads what the desk made

    def run_ours(self, argv: Sequence[str]) -> int:
        return run_ours(argv, STOPPED)
