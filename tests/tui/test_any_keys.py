"""Any keys, in any order and however fast, with pictures, losses and sizes between them: the screen stands it, and Esc
leads back to the list. A cat on the keyboard finds what nobody thought of."""

from __future__ import annotations

import random
from contextlib import nullcontext

import pytest
from msgspec.structs import replace
from textual import events

from backends.fleet.model import IssueState
from tests.support import pictures
from tests.support.desk import MemoryDesk
from tests.support.screen import Opened, opened
from tui.commands.places import Quit, Suspend

BURSTS = 90
SIZES = ((160, 50), (80, 24), (300, 80), (60, 15), (40, 10))
NAMED = {
    " ": "space", "/": "slash", ":": "colon", "?": "question_mark", ">": "greater_than_sign", "-": "minus",
    "=": "equals_sign",
}  # fmt: skip
LETTERS = tuple("acznCRfpblhjkgGdrtTvuswxyeimo123 /:?>-=")
CONTROLS = (
    "enter", "enter", "escape", "escape", "tab", "shift+tab", "up", "down", "left", "right", "pageup", "pagedown",
    "home", "end", "backspace", "delete", "ctrl+p", "ctrl+a", "ctrl+d", "ctrl+u", "ctrl+w", "ctrl+k", "f1", "ctrl+left",
)  # fmt: skip
LINES = (":devices", ":runs", ":audit", ":sources", ":client acme", ":save x", ":view x", "/sev>=high", '/"', ":probe")
LEFT_OUT = (Quit, Suspend)
"""The two that are meant to end it."""


def keys(chance: random.Random) -> list[str]:
    """One burst: keys that come without a breath between them."""
    if chance.random() < 0.15:
        return [*chance.choice(LINES), *chance.choice((["enter"], ["tab", "enter"], ["escape"]))]
    return chance.choices(chance.choice((LETTERS, CONTROLS)), k=chance.randint(1, 6))


def pressed(key: str) -> events.Key:
    return events.Key(NAMED.get(key, key), key if len(key) == 1 else None)


async def stirred(screen: Opened, chance: random.Random) -> None:
    """What may happen between two keys."""
    desk, what = screen.desk, chance.random()
    if what < 0.25:
        one = chance.choice([*pictures.ISSUES.values()])
        known = desk.picture_now.issues.get(one.id, one)
        desk.put(replace(known, urgency=chance.uniform(0, 7e6), state=chance.choice([*IssueState])))
    elif what < 0.35 and desk.picture_now.issues:
        desk.put(gone=[chance.choice([*desk.picture_now.issues])])
    elif what < 0.40:
        desk.lose()
    elif what < 0.48:
        await screen.pilot.resize_terminal(*chance.choice(SIZES))
    elif what < 0.55:
        x, y = chance.randrange(60), chance.randrange(15)
        kind = chance.choice((events.MouseDown, events.MouseUp, events.Click, events.MouseScrollDown))
        screen.app.post_message(kind(None, x, y, 0, 0, 1, False, False, False, x, y))
    elif what < 0.6:
        screen.app.post_message(events.Paste(chance.choice(("q\n", "f\r1\ry\r", "\x1b[2J\u202e", "x" * 300))))


@pytest.mark.parametrize("seed", range(8))
async def test_any_keys_in_any_order_leave_the_screen_alive(seed: int, monkeypatch: pytest.MonkeyPatch) -> None:
    """F-06, F-14, F-85."""
    chance = random.Random(seed)
    for command in LEFT_OUT:
        monkeypatch.setattr(command, "run", lambda *_: None)
    async with opened(chance.choice(SIZES[:3]), desk=MemoryDesk()) as screen:
        monkeypatch.setattr(screen.app, "suspended", nullcontext)
        monkeypatch.setattr(screen.app, "run_program", lambda _: 0)
        for _ in range(BURSTS):
            for key in keys(chance):
                screen.app.post_message(pressed(key))
            await stirred(screen, chance)
            screen.clock.seconds += chance.choice((0.0, 0.1, 1.0, 40.0))
            if chance.random() < 0.6:
                await screen.pilot.pause()
        assert screen.app.is_running
        await screen.pilot.resize_terminal(160, 50)
        for _ in range(40):
            await screen.press("escape")
        await screen.until(lambda: screen.app.screen is screen.app.fleet)
        await screen.shows("Issues")
