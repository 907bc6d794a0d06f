"""Before Textual: the environment, and no terminal."""

from __future__ import annotations

import os

import pytest

from backends.desk.protocol import Desk
from tests.support.screen import config
from tui.app import NO_TERMINAL, clean_environment, run


def test_variables_that_textual_would_obey_are_removed(monkeypatch: pytest.MonkeyPatch) -> None:
    """F-25."""
    monkeypatch.setenv("TEXTUAL_PRESS", "ctrl+q")
    monkeypatch.setenv("TEXTUAL_DRIVER", "evil:Driver")
    monkeypatch.setenv("TEXTUAL_FPS", "1")
    clean_environment()
    ours = {name: value for name, value in os.environ.items() if name.startswith("TEXTUAL_")}
    assert ours == {"TEXTUAL_FPS": "120", "TEXTUAL_ANIMATIONS": "none"}


def test_without_a_terminal_it_refuses_in_a_sentence(capsys: pytest.CaptureFixture[str]) -> None:
    """F-90."""

    async def open_desk() -> Desk:
        raise AssertionError("nobody may ask for the desk")

    assert run(open_desk, None, config()) == NO_TERMINAL
    assert "the screen needs a terminal" in capsys.readouterr().err
