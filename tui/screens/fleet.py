"""The one screen: verdict, counts, clients, a list, the card under it, and the keys that work here."""

from __future__ import annotations

from collections.abc import Coroutine, Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any, ClassVar

from textual import events, on
from textual.app import ComposeResult
from textual.containers import Horizontal, Vertical
from textual.css.query import NoMatches
from textual.geometry import Size
from textual.widget import Widget
from textual.worker import Worker, WorkerState

from backends.fleet.model import SafeText
from tui.aim import Aim
from tui.commands.command import Command, Here
from tui.commands.prompts import CONNECT
from tui.place import Noun, Place
from tui.screens.aiming import below
from tui.screens.board import Board
from tui.screens.prompt import Prompt
from tui.screens.readings import Readings
from tui.sizes import NARROW, ROOMY, SMALLEST
from widgets.card_view import CardView
from widgets.key_hints import KeyHints
from widgets.line_bar import LineBar
from widgets.live_table import LiveTable
from widgets.present.age import full_time
from widgets.present.clients import COLUMNS as CLIENT_COLUMNS
from widgets.present.row import Tone, plain

if TYPE_CHECKING:
    from tui.bridge import Updated
    from tui.screens.host import Host


class FleetScreen(Readings):
    """Composes and routes; `Board` knows what is shown."""

    CSS_PATH = "../styles/fleet.tcss"
    BINDINGS: ClassVar = []
    AUTO_FOCUS = "#list"

    def __init__(self, host: Host) -> None:
        super().__init__()
        self.host = host
        self.board = Board(host)
        self._flow: Worker[None] | None = None
        self._aging: tuple[LineBar | LiveTable | CardView, ...] = ()
        """What shows ages."""
        self._held: Here | None = None
        """What a command that was chosen by its name acts on."""

    # -- composing --------------------------------------------------------------------------------------------

    def compose(self) -> ComposeResult:
        self._fold(self.app.size)  # now, or everything in it is styled a second time when the size is told
        host = self.host
        with Horizontal(id="top"):
            yield LineBar(host.now, id="verdict")
            yield LineBar(host.now, id="clock")
        yield LineBar(host.now, id="counts")
        with Horizontal(id="body"):
            with Vertical(id="clients-pane"):
                yield LineBar(host.now, id="clients-heading")
                yield LiveTable(
                    CLIENT_COLUMNS, host.now, host.zone, boot_s=host.boot_s, quiet_s=host.pace.quiet_s, id="clients"
                )
            with Vertical(id="list-pane"):
                yield LineBar(host.now, id="heading")
                yield LiveTable((), host.now, host.zone, boot_s=host.boot_s, quiet_s=host.pace.quiet_s, id="list")
        yield CardView(host.now, id="card")
        yield Prompt(self, id="filter")
        yield KeyHints(host.now, host.boot_s, id="hints")
        yield LineBar(host.now, id="too-small")

    def on_mount(self) -> None:
        self.bar("clients-heading").show((plain("Clients", Tone.STRONG),))
        self.bar("too-small").show((plain(f"rounds needs {SMALLEST[0]}×{SMALLEST[1]}.", Tone.WARNING),))
        self._aging = (*self.query(LineBar), *self.query(LiveTable), self.card)
        self.board.mounted(self)
        self.tick()
        self.set_interval(1.0, self.tick)

    def on_resize(self, event: events.Resize) -> None:
        self._fold(event.size)
        self.board.draw_counts()
        if event.size.width < NARROW and self.focused is self.clients:
            self.list.focus()

    def _fold(self, size: Size) -> None:
        self.set_class(size.width < NARROW, "narrow")
        self.set_class(size.width < SMALLEST[0] or size.height < SMALLEST[1], "small")
        self.set_class(size.height >= 40, "tall")
        self.set_class(size.width >= ROOMY, "roomy")

    # -- what is shown ----------------------------------------------------------------------------------------

    def show(self, update: Updated) -> None:
        """Another picture, from the bridge."""
        self.board.update(update)

    def tick(self) -> None:
        """A second went by."""
        self.bar("clock").show((plain(full_time(self.host.now(), self.host.zone)[11:], Tone.DIM),))
        for widget in self._aging:
            widget.tick()
        self.paint(self._aging)
        self.board.tick()

    @property
    def list(self) -> LiveTable:
        return self.query_one("#list", LiveTable)

    @property
    def clients(self) -> LiveTable:
        return self.query_one("#clients", LiveTable)

    @property
    def card(self) -> CardView:
        return self.query_one("#card", CardView)

    def bar(self, name: str) -> LineBar:
        return self.query_one(f"#{name}", LineBar)

    def hint(self) -> None:
        """The keys that work here."""
        if self.prompt.is_open:
            self.query_one(KeyHints).hint(Prompt.HINTS)
            return
        here, keymap = self.here(), self.host.keymap
        self.query_one(KeyHints).hint(keymap.hints(here), keymap.hints(here, last=True))

    def say(self, sentence: SafeText, tone: Tone = Tone.STRONG) -> None:
        try:
            self.query_one(KeyHints).say(sentence, tone)
        except NoMatches:
            return  # said before the screen was composed, or after it went

    # -- keys -------------------------------------------------------------------------------------------------

    def on_key(self, event: events.Key) -> None:
        if self.prompt.is_open:
            return
        for table in (self.list, self.clients):
            table.key_pressed()
        command = self.host.keymap.command(event.key)
        if command is None and event.character is not None:
            command = self.host.keymap.command(event.character)
        if command is None:
            return
        event.stop()
        event.prevent_default()
        self._run(command)

    @on(KeyHints.Pressed)
    def _on_hint(self, message: KeyHints.Pressed) -> None:
        message.stop()
        command = self.host.keymap.named(message.key)
        if command is not None and not self.prompt.is_open:
            self._run(command)

    def _run(self, command: type[Command]) -> None:
        self.query_one(KeyHints).unsay()
        if command.group == "Do" and self._held is None and self.table.unseen:
            self.say(SafeText("The list has just changed: look, and press again."), Tone.WARNING)
        elif command.applies(self.here()):
            command.run(self)
        elif not command.moves:
            why = "does not apply here" if self.aim() is not None else "needs a row: `j` and `k` choose one"
            self.say(SafeText(f"`{self.host.keymap.shown(command)}` {why}."), Tone.DIM)

    def here(self) -> Here:
        return Here(
            place=self.board.place,
            aim=self.aim(),
            aims=self.aims(),
            marked=len(self.table.marked),
            views_only=self.host.views_only,
            depth=len(self.board.trail),
            connects=any(choice.word == CONNECT for choice in self.host.choices),
        )

    @on(LiveTable.Moved)
    def _on_moved(self, message: LiveTable.Moved) -> None:
        message.stop()
        self.board.moved()

    @on(LiveTable.Chosen)
    def _on_chosen(self, message: LiveTable.Chosen) -> None:
        message.stop()
        if (aim := self.aim()) is not None:
            self.descend(aim)

    @on(LiveTable.Named)
    def _on_named(self, message: LiveTable.Named) -> None:
        message.stop()
        if message.table is self.list:
            self.board.sort_by(message.column)

    @on(LiveTable.Marked)
    def _on_marked(self, message: LiveTable.Marked) -> None:
        message.stop()
        self.board.draw_heading()
        self.hint()

    def on_descendant_focus(self, event: events.DescendantFocus) -> None:
        if self.prompt.is_open and event.widget is not self.prompt.line:
            self.prompt.shut(event.widget)  # a click into a list
        self.board.moved()

    # -- what commands may do: `Surface` ----------------------------------------------------------------------

    @property
    def table(self) -> LiveTable:
        return self.clients if self.focused is self.clients else self.list

    @property
    def stage(self) -> Host:
        return self.host

    def aim(self) -> Aim | None:
        if self._held is not None:
            return self._held.aim
        return self.board.aim(of_clients=self.table is self.clients)

    def aims(self) -> tuple[Aim, ...]:
        if self._held is not None:
            return self._held.aims
        return self.board.aims(of_clients=self.table is self.clients)

    @property
    def busy(self) -> bool:
        """Whether a dialogue is going on."""
        return self._flow is not None and self._flow.state in (WorkerState.PENDING, WorkerState.RUNNING)

    def start(self, work: Coroutine[Any, Any, None]) -> None:
        if self.busy:
            work.close()
            self.say(SafeText("Not begun: what was begun before has not ended yet."), Tone.WARNING)
            return
        self._flow = self.run_worker(work, group="flow", exit_on_error=True)

    def aside(self, work: Coroutine[Any, Any, None]) -> None:
        self.run_worker(work, group="aside", exit_on_error=True)

    def descend(self, aim: Aim) -> None:
        if aim.noun is Noun.RUNS and aim.run is not None:
            self.start(self.host.follow([aim.run]))
            return
        self.board.go(below(aim))
        self.list.focus()

    def look_behind(self, aim: Aim) -> None:
        if aim.issue is not None:
            self.board.go(Place(incident=aim.issue.id, name=SafeText(f"Behind {aim.name}")))

    def ascend(self) -> None:
        if self.list.marked:
            self.list.clear_marks()
        else:
            self.board.back()

    def other_list(self) -> None:
        if self.clients.display and not self.has_class("narrow") and self.focused is not self.clients:
            self.clients.focus()
        else:
            self.list.focus()

    def open_filter(self) -> None:
        self.prompt.ask("/", self.board.place.query)

    def open_goto(self, text: str = "") -> None:
        self.prompt.ask(":", text)

    def open_palette(self) -> None:
        self.prompt.find()

    def open_help(self) -> None:
        from tui.screens.help import HelpScreen  # noqa: PLC0415 - not on the way to the first picture

        self.app.push_screen(HelpScreen(self.host.keymap, self.here()))

    def next_theme(self) -> None:
        self.say(self.host.next_theme(), Tone.DIM)

    def refresh_facts(self) -> None:
        self.aside(self.board.refresh())

    def look_again(self) -> None:
        self.board.look_closer(at_once=True)

    def suspend(self) -> None:
        self.app.action_suspend_process()

    def leave(self) -> None:
        self.app.exit()

    # -- what is typed: `Room` --------------------------------------------------------------------------------

    @property
    def prompt(self) -> Prompt:
        return self.query_one(Prompt)

    @contextmanager
    def holding(self, seen: Here) -> Iterator[None]:
        self._held = seen
        try:
            yield
        finally:
            self._held = None

    def resume(self, table: Widget | None) -> None:
        self.set_focus(self.clients if table is self.clients else self.list)
        self.hint()
