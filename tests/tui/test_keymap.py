"""Keys from commands, with the configuration over them."""

from __future__ import annotations

import pytest

from tui.commands.all import COMMANDS
from tui.commands.moves import Down
from tui.commands.places import FilterList, GoTo, Refresh
from tui.commands.prompts import Palette
from tui.commands.verbs import Acknowledge, Claim
from tui.keymap import Keymap, key_name


def test_no_two_commands_share_a_default_key() -> None:
    keys = [key for command in COMMANDS for key in command.keys]
    assert len(keys) == len(set(keys))


def test_every_command_has_an_id_of_its_own_and_a_help() -> None:
    assert len({command.id for command in COMMANDS}) == len(COMMANDS)
    assert all(command.about() for command in COMMANDS)


def test_the_defaults_are_without_problems() -> None:
    assert Keymap().problems == []


def test_a_configured_key_replaces_the_defaults() -> None:
    keymap = Keymap({"down": "ctrl+n"})
    assert keymap.command("ctrl+n") is Down
    assert keymap.command("j") is None


def test_several_keys_are_separated_by_blanks_and_signs_are_understood() -> None:
    keymap = Keymap({"acknowledge": "x /"})
    assert keymap.command("slash") is Acknowledge
    assert keymap.command("x") is Acknowledge


def test_taking_the_key_of_another_command_is_told_when_that_is_left_without() -> None:
    keymap = Keymap({"acknowledge": "c"})
    assert keymap.command("c") is Acknowledge
    assert keymap.keys(Claim) == ()
    assert keymap.problems == ["keys: c now means acknowledge, and claim has no key left."]


def test_an_unknown_command_is_told_with_the_nearest() -> None:
    assert Keymap({"acknowledg": "x"}).problems == ["keys: there is no command 'acknowledg'; did you mean acknowledge."]


def test_keys_are_named_as_people_write_them() -> None:
    assert [key_name(key) for key in ("slash", "escape", "j", "ctrl+d")] == ["/", "Esc", "j", "ctrl+d"]


@pytest.mark.parametrize("key", ["x", "X", "/", ".", "ctrl+x", "shift+tab", "f5", "space", "PgDn", "Esc", "alt+j", "↓"])
def test_keys_that_terminals_send_are_taken(key: str) -> None:
    assert Keymap({"refresh": key}).problems == [] or "no key left" in Keymap({"refresh": key}).problems[0]


@pytest.mark.parametrize(
    ("key", "says"),
    [
        ("contrl+x", "there is no key 'contrl+x'"),
        ("F55", "there is no key 'f55'"),
        ("spacebar", "there is no key 'spacebar'"),
        ("shift+a", "write A for shift+a"),
        ("ctrl+i", "terminals send tab for ctrl+i"),
        ("ctrl+", "there is no key 'ctrl+'"),
    ],
)
def test_a_key_that_is_never_sent_is_told_and_the_default_stays(key: str, says: str) -> None:
    keymap = Keymap({"refresh": key})
    assert says in keymap.problems[0]
    assert keymap.command("r") is Refresh


def test_an_empty_text_leaves_a_command_without_a_key() -> None:
    keymap = Keymap({"refresh": ""})
    assert (keymap.keys(Refresh), keymap.problems) == ((), [])


def test_all_problems_are_kept_and_one_sentence_names_the_first_and_how_many_more() -> None:
    keymap = Keymap({"acknowledge": "f9", "claim": "f9", "nothing": "f8", "palette": "/"})
    assert len(keymap.problems) == 3
    assert keymap.problem == "keys: f9 is given to both acknowledge and claim. 2 more: `rounds doctor` lists them."


def test_the_palette_and_the_lines_can_be_remapped() -> None:
    keymap = Keymap({"palette": "ctrl+k", "filter": "f3", "goto": ";"})
    assert [keymap.command(key) for key in ("ctrl+k", "f3", "semicolon")] == [Palette, FilterList, GoTo]
