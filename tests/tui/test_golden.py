"""Whole frames as text. After a meant change run it with ROUNDS_GOLDEN=write, and read the diff."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from tests.support.screen import opened

FRAMES = Path(__file__).parents[1] / "golden" / "screen"

SIZES = [(80, 24), (160, 50), (300, 80)]

SCENES = {
    "issues": ("j",),
    "checks": ("j", "j", "enter"),
    "sources": ("colon", *"sources", "enter"),
    "sites": ("colon", *"sites", "enter"),
    "clients": ("colon", *"clients", "enter"),
    "devices": ("colon", *"devices", "enter"),
    "runs": ("colon", *"runs", "enter"),
    "audit": ("colon", *"audit", "enter"),
    "goto": ("colon", *"cl"),
    "filter": ("slash", *"colour:red"),
    "palette": ("ctrl+p", *"sn"),
    "order": ("j", "s"),
    "row": ("j", "j", "x"),
    "marked": ("space", "j", "space", "w"),
    "plan": ("j", "j", "1"),
    "help": ("question_mark",),
}

WAITS = {
    "issues": "1 Restart service mssql-server",
    "checks": "Disk /srv",
    "sources": "did not answer within",
    "sites": "Sites 4",
    "clients": "Clients 3",
    "devices": "Devices 5",
    "runs": "No fix was run yet",
    "audit": "the last 2 records",
    "goto": "clients",
    "filter": "There is no field 'colour'",
    "palette": "snooze",
    "order": "Sort by",
    "row": "The whole row",
    "marked": "2 marked",
    "plan": "free-disk on files01",
    "help": "Choose a fix",
}


OVER = {"goto", "filter", "palette", "order", "row", "marked"}
"""What lies over a list, or is a way to look at one: the largest size has nothing new to show of it."""

FRAMED = [(size, scene) for size in SIZES for scene in SCENES if size[0] < 300 or scene not in OVER]


@pytest.mark.parametrize(("size", "scene"), FRAMED, ids=[f"{scene}-{size[0]}x{size[1]}" for size, scene in FRAMED])
async def test_the_frame_is_as_it_was_agreed(scene: str, size: tuple[int, int]) -> None:
    async with opened(size) as screen:
        for key in SCENES[scene]:
            await screen.press(key)
            if key == "j":
                await screen.until(lambda: screen.app.fleet.board._known(screen.app.fleet.board.fact()) is not None)
        await screen.shows(WAITS[scene])
        text = screen.text + "\n"
    path = FRAMES / f"{scene}-{size[0]}x{size[1]}.txt"
    if os.environ.get("ROUNDS_GOLDEN") == "write":
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")
    assert text == path.read_text(encoding="utf-8")
