"""What lies over the screen is left once, however many keys were on their way to it."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from textual import events
from textual.screen import ModalScreen, Screen

from backends.fleet.model import safe
from tests.support.screen import Opened, opened
from tui.screens.help import HelpScreen
from tui.screens.palette import PaletteScreen
from tui.screens.run import RunScreen
from widgets.dialogs.dialog import Dialog
from widgets.overlay import Overlay

Made = Callable[[Opened], Screen]
"""One that may lie over the screen."""


def a_help(screen: Opened) -> Screen:
    return HelpScreen(screen.app.keymap, screen.app.fleet.here())


def a_palette(screen: Opened) -> Screen:
    return PaletteScreen(screen.app, safe("What to do"), [])


def a_run(screen: Opened) -> Screen:
    return RunScreen(screen.app, [])


@pytest.mark.parametrize("make", [a_help, a_palette, a_run])
async def test_a_second_key_that_was_on_its_way_takes_down_nothing_else(make: Made) -> None:
    """A burst of keys acts on what it was meant for, or on nothing (F-06)."""
    async with opened() as screen:
        below, over = a_help(screen), make(screen)
        await screen.app.push_screen(below)
        await screen.app.push_screen(over)
        for _ in range(3):
            over.post_message(events.Key("escape", None))
        await screen.until(lambda: not over.is_attached)
        await screen.pilot.pause()
        assert screen.app.screen is below


@pytest.mark.parametrize("make", [a_help, a_palette, a_run])
async def test_nor_the_screen_itself(make: Made) -> None:
    async with opened() as screen:
        over = make(screen)
        await screen.app.push_screen(over)
        for _ in range(3):
            over.post_message(events.Key("escape", None))
        await screen.until(lambda: not over.is_attached)
        await screen.shows("Severity")
        assert screen.app.screen is screen.app.fleet


def test_everything_that_lies_over_the_screen_is_one_of_these() -> None:
    ours = [kind for kind in ModalScreen.__subclasses__() if not kind.__module__.startswith("textual")]
    assert ours == [Overlay]
    assert {HelpScreen, PaletteScreen, RunScreen, Dialog} <= set(Overlay.__subclasses__())
