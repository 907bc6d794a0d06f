"""What all commands have in common: help, wrong use in one sentence, and the page that documents them."""

from __future__ import annotations

import re

import pytest

from backends import __version__
from tests.support.commands import Commands
from tests.support.office import ROOT
from tui.cli.main import COMMANDS

PAGE = (ROOT / "docs" / "cli.md").read_text(encoding="utf-8")


@pytest.mark.parametrize("name", sorted(COMMANDS))
def test_every_command_is_documented(name: str) -> None:
    assert re.search(rf"`rounds {name}\b|· `{name}\b", PAGE)


@pytest.mark.parametrize("name", sorted(COMMANDS))
def test_every_command_answers_help(rounds: Commands, name: str) -> None:
    said = rounds(name, "--help")
    assert said.out.startswith(f"Usage: rounds {name}")
    assert (said.err, said.status) == ("", 0)


def test_the_version_is_printed(rounds: Commands) -> None:
    assert rounds("--version").out == f"rounds {__version__}\n"


@pytest.mark.parametrize(
    ("argv", "sentence"),
    [
        (("nonsense",), "No such command 'nonsense'. Try `rounds --help`."),
        (("--config",), "Option '--config' requires an argument. Try `rounds --help`."),
        (("fix",), "Say which of them: check, list, plan, run or show. Try `rounds fix --help`."),
        (("audit",), "Say which of them: export, show or verify. Try `rounds audit --help`."),
        (("connect",), "Say which of them: checkmk, icinga2, "),
        (("connect", "ftp"), 'There is no kind of source "ftp"; there are checkmk, icinga2, monit, '),
        (("demo", "--at", "noon"), "Invalid value for '--at': 'noon' is no ISO time such as 2026-03-02T09:30:00Z."),
        (("demo", "--clients", "0"), "Invalid value for '--clients': 0 is not in the range"),
        (("shell", "sql01"), "A shell needs a terminal."),
        (("demo",), "the screen needs a terminal"),
        ((), "the screen needs a terminal"),
    ],
)
def test_wrong_use_is_one_sentence_and_status_64(rounds: Commands, argv: tuple[str, ...], sentence: str) -> None:
    said = rounds(*argv)
    assert (said.out, said.status) == ("", 64)
    assert said.err.startswith(f"rounds: {sentence}")
    assert said.err.count("\n") == 1


def test_a_profile_that_is_no_name_is_wrong_use(rounds: Commands) -> None:
    assert rounds("--profile", "../x", "issues").status == 64
