"""Before Textual: the environment, and no terminal."""

from __future__ import annotations

import os

import pytest

from backends.desk.protocol import Desk
from tests.support.screen import config
from tui.app import NO_TERMINAL, clean_environment, run
from tui.terminal import Colours, Sight, Signs


@pytest.fixture(autouse=True)
def as_before(monkeypatch: pytest.MonkeyPatch) -> None:
    """What is changed of the environment is changed for one test."""
    for name in ("NO_COLOR", "TEXTUAL_FPS", "TEXTUAL_ANIMATIONS", "TEXTUAL_COLOR_SYSTEM", "TEXTUAL_DISABLE_KITTY_KEY"):
        monkeypatch.setenv(name, "")
        monkeypatch.delenv(name)


def test_variables_that_textual_would_obey_are_removed(monkeypatch: pytest.MonkeyPatch) -> None:
    """F-25."""
    monkeypatch.setenv("TEXTUAL_PRESS", "ctrl+q")
    monkeypatch.setenv("TEXTUAL_DRIVER", "evil:Driver")
    monkeypatch.setenv("TEXTUAL_FPS", "1")
    clean_environment()
    ours = {name: value for name, value in os.environ.items() if name.startswith("TEXTUAL_")}
    assert ours == {"TEXTUAL_FPS": "120", "TEXTUAL_ANIMATIONS": "none", "TEXTUAL_COLOR_SYSTEM": "truecolor"}


@pytest.mark.parametrize(("colours", "system"), [(Colours.SIXTEEN, "standard"), (Colours.MANY, "256")])
def test_textual_is_told_the_colours_of_the_terminal(
    monkeypatch: pytest.MonkeyPatch, colours: Colours, system: str
) -> None:
    """F-90."""
    monkeypatch.setenv("NO_COLOR", "")
    clean_environment(Sight(colours=colours))
    assert (os.environ["TEXTUAL_COLOR_SYSTEM"], os.environ.get("NO_COLOR")) == (system, None)


def test_a_terminal_without_colours_is_one_with_no_color(monkeypatch: pytest.MonkeyPatch) -> None:
    """F-90."""
    monkeypatch.setenv("NO_COLOR", "")
    clean_environment(Sight(colours=Colours.NONE, signs=Signs.ASCII, charset="ascii"))
    assert os.environ["NO_COLOR"] == "1"
    assert os.environ["TEXTUAL_DISABLE_KITTY_KEY"] == "1"


def test_without_a_terminal_it_refuses_in_a_sentence(capsys: pytest.CaptureFixture[str]) -> None:
    """F-90."""

    async def open_desk() -> Desk:
        raise AssertionError("nobody may ask for the desk")

    assert run(open_desk, None, config()) == NO_TERMINAL
    assert "the screen needs a terminal" in capsys.readouterr().err
