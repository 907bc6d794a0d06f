"""The help scrolls by the keys that move elsewhere, and cuts nothing off."""

from __future__ import annotations

import pytest
from textual.containers import VerticalScroll

from tests.support.screen import Opened, opened
from tui.commands.all import COMMANDS


def at(screen: Opened) -> float:
    return screen.app.screen.query_one("#help", VerticalScroll).scroll_y


@pytest.mark.parametrize(("down", "up"), [("j", "k"), ("down", "up"), ("pagedown", "pageup"), ("G", "g")])
async def test_it_scrolls_down_and_up(down: str, up: str) -> None:
    async with opened((80, 24)) as screen:
        await screen.press("question_mark", down)
        await screen.until(lambda: at(screen) > 0)
        await screen.press(up)
        await screen.until(lambda: at(screen) == 0)


async def test_every_sentence_can_be_read_at_eighty_columns() -> None:
    async with opened((80, 24)) as screen:
        await screen.press("question_mark")
        seen = ""
        for _ in range(80):
            seen += " ".join(line.strip(" │▁▂▃▄▅▆▇█") for line in screen.text.splitlines()[2:-3]) + " "
            await screen.press("j")
        words = {word for command in COMMANDS if command.keys for word in command.about().split()}
        assert {word for word in words if word not in seen} == set()
