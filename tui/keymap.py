"""Which key means which command: the defaults, with the configuration's `keys` laid over them."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from difflib import get_close_matches

from tui.commands.all import COMMANDS
from tui.commands.command import Command, Here

NAMES = {
    "slash": "/", "colon": ":", "question_mark": "?", "escape": "Esc", "enter": "Enter", "pagedown": "PgDn",
    "pageup": "PgUp", "f1": "F1", "home": "Home", "end": "End", "down": "↓", "up": "↑", "tab": "Tab", "space": "Space",
}  # fmt: skip
_KEYS = {name: key for key, name in NAMES.items() if len(name) == 1} | {"space": "space", " ": "space"}


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

    def command(self, key: str) -> type[Command] | None:
        return self._by_key.get(key)

    def keys(self, command: type[Command]) -> tuple[str, ...]:
        """As Textual names them."""
        return self._keys[command]

    def shown(self, command: type[Command]) -> str:
        """The first key of a command as people write it."""
        keys = self._keys[command]
        return key_name(keys[0]) if keys else ""

    def named(self, shown: str) -> type[Command] | None:
        """The command whose first key people write like that."""
        return next(
            (command for command in self.commands if self._keys[command] and self.shown(command) == shown), None
        )

    def hints(self, here: Here, *, last: bool = False) -> list[tuple[str, str]]:
        """Key and word of every command that applies here and wants to be in the footer, or at its right end."""
        return [
            (self.shown(command), command.word)
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
            keys = tuple(_KEYS.get(part, part) for part in text.split()) or ()
            for key in keys:
                if key in taken:
                    self.problems.append(f"keys: {key_name(key)} is given to both {taken[key]} and {name}.")
                taken.setdefault(key, name)
            self._keys[command] = tuple(key for key in keys if taken[key] == name)
        for command, keys in self._keys.items():
            if command.id in configured:
                continue
            lost = [key for key in keys if key in taken]
            self._keys[command] = tuple(key for key in keys if key not in taken)
            if lost and not self._keys[command]:
                self.problems.append(
                    f"keys: {key_name(lost[0])} now means {taken[lost[0]]}, and {command.id} has no key left."
                )


def key_name(key: str) -> str:
    return NAMES.get(key, key)
