"""The commands of `rounds` by name. Light: the program looks here before anything is imported."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Final

COMMANDS: Final = {
    "ack": ("tui.cli.marks", "Acknowledge an issue, with a note if you like."),
    "audit": ("tui.cli.audit", "Show, verify or export the record of who did what."),
    "claim": ("tui.cli.marks", "Take an issue, or let it go again."),
    "clients": ("tui.cli.listing", "List clients with what is open at each."),
    "close": ("tui.cli.marks", "Close a problem in its sources, with a reason."),
    "connect": ("tui.cli.connect", "Add a source with questions."),
    "demo": ("tui.cli.screens", "Open the screen on a seeded imaginary fleet."),
    "devices": ("tui.cli.listing", "List devices, worst first."),
    "doctor": ("tui.cli.doctor", "Check configuration, sources, clock, keyring and terminal."),
    "engine": ("tui.cli.engine", "Run the engine in the foreground."),
    "fix": ("tui.cli.fix", "List, show, plan and run fixes."),
    "init": ("tui.cli.connect", "Write a first configuration."),
    "issues": ("tui.cli.listing", "List open issues by urgency."),
    "login": ("tui.cli.connect", "Store a source's secret in the keyring."),
    "note": ("tui.cli.marks", "Write a note on an issue."),
    "probe": ("tui.cli.probe", "Look at a device from here: a second opinion beside what its sources say."),
    "recheck": ("tui.cli.marks", "Have the sources of an issue check it again now."),
    "reload": ("tui.cli.engine", "Have the running engine read the configuration again."),
    "runs": ("tui.cli.listing", "List runs of fixes, latest first."),
    "shell": ("tui.cli.shell", "Open a shell on a device with the system's ssh."),
    "sites": ("tui.cli.listing", "List sites with their devices' health."),
    "snapshot": ("tui.cli.snapshot", "Print one frame of the screen, or draw it as a picture."),
    "snooze": ("tui.cli.marks", "Put an issue to sleep until a time, with a reason."),
    "sources": ("tui.cli.listing", "List sources and what their facts are worth."),
    "status": ("tui.cli.status", "Print the verdict and the counts; the exit status says how bad it is."),
    "wall": ("tui.cli.wall", "Show the fleet on a wall: worst first, and nothing that could be changed."),
}
"""Command: the module that has it, and its line in `--help`."""

SCREENS: Final = frozenset({"demo", "wall"})
"""Commands that open a screen, beside no command at all."""


def opens_screen(words: Iterable[str]) -> bool:
    """Whether a command line with these words opens a screen: no other command is named in it."""
    return SCREENS.issuperset(word for word in words if word in COMMANDS)
