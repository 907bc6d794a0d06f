"""All commands, in the order in which footer and help show them."""

from __future__ import annotations

from typing import Final

from tui.commands.command import Command
from tui.commands.lists import LISTS
from tui.commands.looks import LOOKS
from tui.commands.moves import MOVES
from tui.commands.places import PLACES
from tui.commands.prompts import PROMPTS
from tui.commands.verbs import VERBS, Probe

COMMANDS: Final[tuple[type[Command], ...]] = (*VERBS, *PLACES, *PROMPTS, Probe, *LISTS, *LOOKS, *MOVES)
