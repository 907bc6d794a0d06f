"""The lines that are typed: `/` narrows the list, `:` goes anywhere and runs any command."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING, ClassVar, Final, Protocol

from textual import on
from textual.widget import Widget
from textual.worker import WorkType

from backends.desk.protocol import DeskError
from backends.fleet.model import SafeText, safe
from tui.commands.command import Here
from tui.filtering import Filter, FilterError
from tui.flows.views import ViewError, check_view, keep_view
from tui.history import History
from tui.place import HOME, Place
from tui.screens.completion import for_filter, for_goto
from tui.screens.finder import Finder
from tui.screens.goto import Browse, Choose, Do, Go, GotoError, Keep, Meaning, understand
from tui.screens.known import NAMED, Choice, Known, unquoted
from tui.screens.performing import Holds, perform
from widgets.filter_bar import FilterBar
from widgets.present.tone import Tone

if TYPE_CHECKING:
    from tui.screens.board import Board
    from tui.screens.host import Host

NAMES: Final = 20
"""Devices asked for by the beginning of a name."""

SHORTEST: Final = 2
"""Letters of a name before devices are asked for."""


class Room(Holds, Protocol):
    """The fleet screen, as far as what is typed concerns it."""

    host: Host
    board: Board

    def resume(self, table: Widget | None) -> None:
        """The line is closed: the keys are that list's again."""
        ...

    def hint(self) -> None: ...


class Prompt(FilterBar):
    """Hidden until it is opened. What it does acts on the row that was under the cursor then."""

    HINTS: ClassVar = tuple(
        (safe(key), safe(word))
        for key, word in (("Tab", "next"), ("→", "take"), ("↑↓", "history"), ("Enter", "go"), ("Esc", "leave"))
    )

    def __init__(self, room: Room, *, id: str | None = None) -> None:  # noqa: A002 - Textual's name
        super().__init__(room.host.now, id=id)
        self._room = room
        self._histories = {"/": History(), ":": History()}
        self._known = Known(room.board.picture)
        self._finder = Finder(room.host, self.obey)
        self._seen = Here(place=HOME, aim=None, views_only=True, depth=0)
        self._table: Widget | None = None
        self._asked: set[str] = set()

    # -- opening and closing ----------------------------------------------------------------------------------

    def ask(self, prompt: str, text: str = "") -> None:
        """Open the line; `text` stands in it already."""
        board = self._room.board
        self._seen, self._table = self._room.here(), self.screen.focused
        self._known = self.known()
        self._known.learn(board.fetched.devices)
        self._asked.clear()
        self._histories[prompt].begin()
        self.open(prompt, text)
        self._room.hint()

    def known(self) -> Known:
        """What can be named, as things are now."""
        return Known(self._room.board.picture, self._room.host.keymap.commands, self.choices())

    def choices(self) -> tuple[Choice, ...]:
        host = self._room.host
        return (
            Choice(word="view", about="a filter with a name", names=lambda: host.views, choose=self._see),
            *host.choices,
        )

    def find(self) -> None:
        """Open the palette."""
        self._finder.open(self.app, self._room.here(), self.choices())

    def shut(self, table: Widget | None = None) -> None:
        """Close the line; the list it was opened from has the keys again, or `table`."""
        self.close()
        self._room.board.typed()
        self.workers.cancel_group(self, "names")
        self._room.resume(table or self._table)

    # -- typing -----------------------------------------------------------------------------------------------

    @on(FilterBar.Typed)
    def _on_typed(self, message: FilterBar.Typed) -> None:
        message.stop()
        if not self.is_open or message.prompt != self.prompt:
            return
        if message.text != self.line.value:
            return  # more was typed since, of which the next one tells: a flood of keys is answered once
        if message.prompt == "/":
            self._try_filter(message.text)
        else:
            self.complain(SafeText(""))
        if not message.chosen:
            self._offer(message.text, message.cursor)
            if message.prompt == ":":
                self._ask_for_devices(message.text)

    def _offer(self, text: str, cursor: int) -> None:
        if self.prompt == "/":
            offered = for_filter(text, cursor, self._known, self._room.host.views)
        else:
            offered = for_goto(text, cursor, self._known)
        self.offer([one for one in offered if one.line != text])

    @on(FilterBar.Walked)
    def _on_walked(self, message: FilterBar.Walked) -> None:
        message.stop()
        text = self._histories[message.prompt].walk(message.by, message.text)
        if text is not None:
            self.put(text)

    @on(FilterBar.Left)
    def _on_left(self, message: FilterBar.Left) -> None:
        message.stop()
        if message.prompt == "/":
            self._try_filter(message.text)
        self.shut()

    @on(FilterBar.Entered)
    def _on_entered(self, message: FilterBar.Entered) -> None:
        message.stop()
        if not self.is_open:
            return
        if message.prompt == "/":
            if self._try_filter(message.text, aloud=True):
                self._histories["/"].add(message.text)
                self.shut()
            return
        work: WorkType[None] = partial(self._go, message.text)
        self.run_worker(work, group="goto", exclusive=True)

    def _try_filter(self, text: str, *, aloud: bool = False) -> bool:
        try:
            self._room.board.narrow(text, typing=True)
        except FilterError as error:
            self.complain(error.sentence, error.position, error.length, aloud=aloud)
            return False
        self.complain(SafeText(""))
        return True

    # -- names that only the engine knows -----------------------------------------------------------------------

    def _ask_for_devices(self, text: str) -> None:
        word = _name_in(text)
        if len(word) >= SHORTEST and word not in self._asked:
            work: WorkType[None] = partial(self._learn, text, word)
            self.run_worker(work, group="names", exclusive=True)

    async def _learn(self, text: str, word: str) -> None:
        await self._room.host.pace.sleep(self._room.host.pace.settle_s)
        if await self._learned(word) and self.is_open and self.line.value == text:
            self._offer(text, self.line.cursor_position)

    async def _learned(self, word: str) -> bool:
        """Ask the engine for devices of that name; whether it told of any."""
        desk = self._room.host.reachable
        if desk is None or not word or word in self._asked:
            return False
        self._asked.add(word)
        try:
            found = await desk.devices(f'name:"{word}"', NAMES)
        except DeskError:
            return False  # the names that are known have to do
        self._known.learn(found)
        return bool(found)

    # -- doing what was entered -------------------------------------------------------------------------------

    async def _go(self, text: str) -> None:
        """What is not written out may be a device's name, and those are the engine's to know."""
        try:
            meaning: Meaning | None = understand(text, self._known)
        except GotoError:
            meaning = None
        if not _sure(meaning):
            await self._learned(_name_in(text))
        if not self.is_open or self.line.value != text:
            return
        try:
            meaning = understand(text, self._known)
            self._check(meaning)
        except GotoError as error:
            begin = len(text) - len(text.lstrip())
            self.complain(safe(str(error)), begin + error.position, error.length, aloud=True)
            return
        self._histories[":"].add(text)
        self.shut()
        self.carry_out(meaning, self._seen)

    def _check(self, meaning: Meaning) -> None:
        """Raises `GotoError` for what cannot be done here."""
        match meaning:
            case Go(place):
                self._check_filter(place)
            case Keep(name, over):
                host = self._room.host
                if host.views_only:
                    raise GotoError("Nothing can be saved here.")
                try:
                    check_view(name, self._room.board.place.query, host.views, over=over)
                except ViewError as error:
                    raise GotoError(str(error)) from error
            case Choose(choice, name) if choice.word == "view":
                self._check_filter(Place(query=self._room.host.views[name]))
            case Do(command):
                if not command.applies(self._seen):
                    raise GotoError(f"`{command.id}` does not apply here.")

    @staticmethod
    def _check_filter(place: Place) -> None:
        try:
            Filter(place.query)
        except FilterError as error:
            raise GotoError(str(error)) from error

    def obey(self, line: str, seen: Here) -> None:
        """A line that was chosen instead of typed."""
        try:
            self.carry_out(understand(line, self.known()), seen)
        except GotoError as error:
            self._room.host.say(safe(str(error)), Tone.WARNING)

    def carry_out(self, meaning: Meaning, seen: Here) -> None:
        """Do what was understood; verbs act on what was seen or not at all."""
        match meaning:
            case Go(place):
                self._show(place)
            case Do(command):
                perform(self._room, command, seen)
            case Choose(choice, name):
                choice.choose(name)
            case Browse(choice):
                self._finder.browse(self.app, seen, choice)
            case Keep(name, _):
                host = self._room.host
                query = self._room.board.place.query
                self._room.aside(keep_view(host, host.views, host.config_path, name, query))

    def _see(self, name: str) -> None:
        """A view shows issues, as filters on the command line do."""
        query = self._room.host.views[name]
        self._show(Place(query=query))

    def _show(self, place: Place) -> None:
        board = self._room.board
        try:
            Filter(place.query)
        except FilterError as error:
            self._room.host.say(error.sentence, Tone.WARNING)
            return
        board.jump(place)


def _sure(meaning: Meaning | None) -> bool:
    return meaning is not None and not (isinstance(meaning, Go | Do) and not meaning.sure)


def _name_in(text: str) -> str:
    """The part of the line that may be a device's name, as the filter language can quote it."""
    word, _, rest = text.strip().partition(" ")
    if word.casefold() in NAMED:
        if word.casefold() != "device":
            return ""
        return _last_part(unquoted(rest.strip()))
    return "" if rest else _last_part(unquoted(word))


def _last_part(name: str) -> str:
    """`Acme Dental/HQ/sql01` is `sql01` to the filter language."""
    return name.rpartition("/")[2].replace('"', "")
