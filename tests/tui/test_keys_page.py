"""`docs/keys.md` says what the commands say."""

from __future__ import annotations

from pathlib import Path

from tui.commands.all import COMMANDS
from tui.keys_page import page

DOCS = Path(__file__).parents[2] / "docs/keys.md"


def test_the_page_is_as_the_commands_are() -> None:
    """When this fails: `python -m tui.keys_page > docs/keys.md`."""
    assert DOCS.read_text(encoding="utf-8") == page()


def test_every_command_says_when_it_applies() -> None:
    assert [command.id for command in COMMANDS if not command.where] == []
