"""Which key means which command: the defaults, with the configuration's `keys` laid over them."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from difflib import get_close_matches

from backends.fleet.model import SafeText, safe
from tui.commands.all import COMMANDS
from tui.commands.command import Command, Here
from tui.keynames import key_name, key_of, trouble_with

__all__ = ["Keymap", "key_name"]


class Keymap:
    """Immutable once made; `problems` are sentences for the technician."""

    def __init__(
        self, configured: Mapping[str, str] | None = None, commands: Iterable[type[Command]] = COMMANDS
    ) -> None:
        self.commands = tuple(commands)
        self.problems: list[str] = []
        self._keys: dict[type[Command], tuple[str, ...]] = {command: command.keys for command in self.commands}
        self._apply(configured or {})
        self._by_key: dict[str, type[Command]] = {}
        for command, keys in self._keys.items():
            for key in keys:
                self._by_key.setdefault(key, command)

    @property
    def problem(self) -> SafeText:
        """All problems in one sentence: the first, and how many more; empty when there is none."""
        if not self.problems:
            return SafeText("")
        more = len(self.problems) - 1
        return safe(self.problems[0] + (f" {more} more: `rounds doctor` lists them." if more else ""))

    @property
    def groups(self) -> tuple[str, ...]:
        """In the order in which they are shown."""
        return tuple(dict.fromkeys(command.group for command in self.commands))

    def command(self, key: str) -> type[Command] | None:
        return self._by_key.get(key)

    def keys(self, command: type[Command]) -> tuple[str, ...]:
        """As Textual names them."""
        return self._keys[command]

    def shown(self, command: type[Command]) -> SafeText:
        """The first key of a command as people write it."""
        keys = self._keys[command]
        return key_name(keys[0]) if keys else SafeText("")

    def named(self, shown: str) -> type[Command] | None:
        """The command whose first key people write like that."""
        return next(
            (command for command in self.commands if self._keys[command] and self.shown(command) == shown), None
        )

    def hints(self, here: Here, *, last: bool = False) -> list[tuple[SafeText, SafeText]]:
        """Key and word of every command that applies here and wants to be in the footer, or at its right end."""
        return [
            (self.shown(command), SafeText(command.word))
            for command in self.commands
            if command.word and command.last is last and self._keys[command] and command.applies(here)
        ]

    def _apply(self, configured: Mapping[str, str]) -> None:
        by_id = {command.id: command for command in self.commands}
        taken: dict[str, str] = {}
        for name, text in configured.items():
            command = by_id.get(name)
            if command is None:
                near = get_close_matches(name, by_id, 1)
                hint = f"; did you mean {near[0]}" if near else ""
                self.problems.append(f"keys: there is no command {name!a}{hint}.")
                continue
            keys = self._existing(name, text)
            for key in keys:
                if taken.get(key, name) != name:
                    self.problems.append(f"keys: {key_name(key)} is given to both {taken[key]} and {name}.")
                taken.setdefault(key, name)
            # Nothing of what was written is a key: then the defaults are better than none.
            if keys or not text.split():
                self._keys[command] = tuple(key for key in keys if taken[key] == name)
        self._give_way(configured, taken)

    def _existing(self, name: str, text: str) -> tuple[str, ...]:
        """The keys that are written for a command, without those that no terminal sends."""
        keys = tuple(dict.fromkeys(map(key_of, text.split()))) or ((key_of(text),) if text == " " else ())
        for key in keys:
            if why := trouble_with(key):
                self.problems.append(f"keys: {name}: {why}.")
        return tuple(key for key in keys if not trouble_with(key))

    def _give_way(self, configured: Mapping[str, str], taken: Mapping[str, str]) -> None:
        """What the configuration gave away is nobody's default any more."""
        for command, keys in self._keys.items():
            lost = [key for key in keys if taken.get(key, command.id) != command.id]
            self._keys[command] = tuple(key for key in keys if key not in lost)
            if lost and not self._keys[command] and command.id not in configured:
                self.problems.append(
                    f"keys: {key_name(lost[0])} now means {taken[lost[0]]}, and {command.id} has no key left."
                )
