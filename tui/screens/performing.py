"""Commands that were chosen by their names act on what was under the cursor or marked when one began to choose."""

from __future__ import annotations

from contextlib import AbstractContextManager
from typing import Protocol

from msgspec.structs import replace

from backends.fleet.model import SafeText, safe
from tui.commands.command import Command, Here, Surface
from widgets.present.tone import Tone


class Holds(Surface, Protocol):
    """A surface that can be told to aim at what was seen before."""

    def here(self) -> Here: ...

    def holding(self, seen: Here) -> AbstractContextManager[None]:
        """Within this, `aim` and `aims` are those of `seen`."""
        ...


def perform(surface: Holds, command: type[Command], seen: Here) -> None:
    """As by its key; when a row that was seen has gone, not at all."""
    if not needs_rows(command, seen):
        command.run(surface)
    elif not command.applies(seen):
        surface.stage.say(SafeText(f"`{command.id}` does not apply here."), Tone.DIM)
    elif gone := gone_of(seen, surface.here()):
        surface.stage.say(gone, Tone.WARNING)
    else:
        with surface.holding(seen):
            command.run(surface)


def needs_rows(command: type[Command], seen: Here) -> bool:
    """Whether it does something with rows: without any it would not apply."""
    return not command.applies(replace(seen, aim=None, aims=(), marked=0))


def gone_of(seen: Here, now: Here) -> SafeText:
    """What of the rows is no longer what the cursor is on or marked, as a sentence; empty when all are."""
    left = {(aim.noun, aim.key) for aim in now.aims}
    gone = [aim for aim in seen.aims if (aim.noun, aim.key) not in left]
    if seen.aim is not None and (now.aim is None or (now.aim.noun, now.aim.key) != (seen.aim.noun, seen.aim.key)):
        gone = gone or [seen.aim]
    if not gone:
        return SafeText("")
    others = f" and {len(gone) - 1} more are" if len(gone) > 1 else " is"
    return safe(f"{gone[0].name or gone[0].key}{others} gone from the list; nothing was done.")
