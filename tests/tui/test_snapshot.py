"""A frame of the screen without a terminal: the same again for the same options, and nothing done on the way."""

from __future__ import annotations

import inspect
from typing import Any

import pytest

from backends.config.schema import DemoOptions
from backends.desk.protocol import Desk, DeskError, DeskErrorKind, Views
from tests.support import pictures
from tests.support.desk import MemoryDesk
from tests.support.screen import config
from tui.onlooker import Onlooker
from tui.snapshot import Shot, live, standing

OPTIONS = DemoOptions(at="2026-03-02T09:04:31Z")

SMALL = (100, 30)


async def test_the_same_options_give_the_same_frame_and_picture() -> None:
    shot = Shot(size=SMALL, keys=["j", "j"], theme="light")
    first = await standing(shot, OPTIONS)
    assert await standing(shot, OPTIONS) == first
    assert "■ critical" in first.text
    assert "url(http" not in first.svg
    assert "@font-face" not in first.svg


async def test_a_frame_is_as_large_as_was_asked_for() -> None:
    frame = await live(Shot(size=(80, 24)), config(), MemoryDesk())
    assert len(frame.text.splitlines()) == 24
    assert max(map(len, frame.text.splitlines())) <= 80


async def test_a_dialogue_is_shown_over_the_screen_behind_it() -> None:
    frame = await live(Shot(size=(120, 36), keys=["j", "1"]), config(), MemoryDesk())
    assert "restart-service on sql01" in frame.text
    assert "Clients" in frame.text


async def test_the_wall_is_drawn_like_the_screen() -> None:
    shot = Shot(size=(160, 50), wall=True)
    frame = await standing(shot, OPTIONS)
    assert await standing(shot, OPTIONS) == frame
    assert "█ fw-hq" in frame.text
    assert "page 1/1" in frame.text


async def test_a_filter_narrows_the_list() -> None:
    frame = await live(Shot(size=SMALL, query="client:baker"), config(), MemoryDesk())
    assert "Service mssql-server is stopped" in frame.text
    assert "Disk /srv is 97.2" not in frame.text


@pytest.mark.parametrize("keys", [["j", "a"], ["j", "c"], ["r"], ["j", "o"], ["j", "1", "tab", "enter"]])
async def test_keys_that_would_change_something_are_refused(keys: list[str]) -> None:
    desk = MemoryDesk()
    frame = await live(Shot(size=SMALL, keys=keys), config(), desk)
    assert "A snapshot only looks: nothing was done." in frame.text
    assert desk.picture_now == pictures.PICTURE


async def test_going_to_the_shell_is_nothing_to_a_snapshot() -> None:
    frame = await live(Shot(size=SMALL, keys=["ctrl+z", "j"]), config(), MemoryDesk())
    assert "sql01 ·" in frame.text


async def test_the_desk_of_a_snapshot_refuses_every_verb() -> None:
    """Whatever the desk learns to do: what is not a view is refused, but for the questions what would be done."""
    onlooker = Onlooker(MemoryDesk())
    verbs = {name for name in vars(Desk) if not name.startswith("_")} - set(vars(Views)) - {"plan", "snooze_says"}
    assert "approve" in verbs
    for verb in verbs:
        deed: Any = getattr(onlooker, verb)
        needed = [one for one in inspect.signature(deed).parameters.values() if one.default is inspect.Parameter.empty]
        with pytest.raises(DeskError) as caught:
            await deed(*("x" for _ in needed))
        assert caught.value.kind is DeskErrorKind.REFUSED, verb
