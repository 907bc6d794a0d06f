"""There is nothing in the wall that acts, and it starts only where nothing else was put into it."""

from __future__ import annotations

import inspect
import os
import string
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec.structs import replace
from textual import events
from textual.driver import Driver

from backends import __version__
from backends.config.schema import Config, Technician
from backends.desk.protocol import Desk, DeskError, Views
from backends.fleet.changes import Changes
from backends.fleet.model import SafeText, issue_id
from backends.fleet.query import parse
from backends.wire.client import WireDesk, connect
from backends.wire.codec import Role
from backends.wire.server import Server
from backends.wire.verbs import DESK, VIEWS
from tests.support import pictures
from tests.support.plain_desk import AT, PlainDesk
from tests.support.screen import NO_PACE
from tests.support.wall import OpenedWall, opened_wall
from tui.screens.wall import KEYS
from tui.surroundings import hostile, scrub
from tui.wall import HOLD, LEAVE, NEXT, PREVIOUS, Wall

EVERY_KEY = [
    *string.ascii_letters,
    *string.digits,
    *(f"ctrl+{letter}" for letter in string.ascii_lowercase if letter != "c"),
    *(f"f{number}" for number in range(1, 13)),
    *("enter", "escape", "tab", "shift+tab", "space", "backspace", "delete", "insert", "home", "end"),
    *("up", "down", "left", "right", "pageup", "pagedown", "ctrl+backslash", "ctrl+left", "shift+insert"),
    *("slash", "colon", "question_mark", "exclamation_mark", "full_stop", "vertical_line", "at", "number_sign"),
]


# -- nothing acts -------------------------------------------------------------------------------------------------


async def _did_nothing(wall: OpenedWall) -> None:
    await wall.pilot.pause()
    assert wall.desk.calls == []
    assert not wall.app._exit
    assert len(wall.app.screen_stack) == 1
    assert wall.app.focused is None


async def test_no_key_asks_for_any_verb_opens_anything_or_leaves() -> None:
    """F-23, F-24."""
    keys = [key for key in EVERY_KEY if key not in LEAVE]
    async with opened_wall() as wall:
        for key in keys:
            wall.app.post_message(events.Key(key, key if len(key) == 1 else None))
        await _did_nothing(wall)


async def test_no_binding_of_any_kind_acts() -> None:
    """F-23: of the application, its screen and its widgets, and each action that Textual brings."""
    async with opened_wall() as wall:
        app = wall.app
        assert app.active_bindings == {}
        actions = [name for name, _ in inspect.getmembers(app) if name.startswith("action_")]
        assert {"action_quit", "action_suspend_process", "action_screenshot", "action_command_palette"} <= set(actions)
        for name in actions:
            for space in ("app", "screen"):
                assert not await app.run_action(f"{space}.{name.removeprefix('action_')}()")
        await _did_nothing(wall)


async def test_on_a_real_wire_its_connection_is_one_that_knows_no_verb(tmp_path: Path) -> None:
    """F-23: whatever is pressed, and whatever is asked for in its name."""
    desk = PlainDesk()
    server = Server(desk, tmp_path / "engine.sock", __version__, lambda: AT)
    await server.open()

    async def open_views() -> Views:
        return await connect(tmp_path / "engine.sock", Role.VIEWS)

    app = Wall(open_views, None, CONFIG, parse(""), pace=NO_PACE)
    async with app.run_test() as pilot:
        while not desk.asked:
            await pilot.pause()
        desk.feed.put_nowait(Changes(seq=1, at=AT))
        while app.bridge.desk is None:
            await pilot.pause()
        for key in set(EVERY_KEY) - LEAVE:
            app.post_message(events.Key(key, None))
        await pilot.pause()
        wire = app.bridge.desk
        assert isinstance(wire, WireDesk)
        for verb in set(DESK) - set(VIEWS):
            with pytest.raises(DeskError, match="only looks"):
                await wire._line.ask(verb, object)
    await server.close()
    assert {name for name, _ in desk.asked} == {"changes"}


async def test_no_click_on_any_cell_acts() -> None:
    """F-23, F-34."""
    async with opened_wall((80, 24)) as wall:
        for y in range(24):
            for x in range(80):
                for kind in (events.MouseDown, events.MouseUp, events.Click):
                    wall.app.post_message(
                        kind(None, x, y, 0, 0, 1, shift=False, meta=False, ctrl=False, screen_x=x, screen_y=y)
                    )
        await _did_nothing(wall)


async def test_no_cell_has_a_link_or_an_action() -> None:
    """F-34."""
    async with opened_wall() as wall:
        for strip in wall.app.screen._compositor.render_strips():
            for segment in strip:
                assert segment.style is None or (not segment.style.link and "@click" not in segment.style.meta)


async def test_the_last_guard_is_below_it() -> None:
    """F-28, F-36: a mistake of ours lets no control character out."""
    async with opened_wall() as wall:
        base = pictures.ISSUES[issue_id("zabbix-eu:nas-2", "raid")]
        wall.desk.put(replace(base, device_name=SafeText("a\x1b[2Jb\u202ec")))
        await wall.shows("a[2Jbc")
        assert "\x1b" not in wall.text


async def test_a_paste_acts_no_more_than_keys_do() -> None:
    async with opened_wall() as wall:
        wall.app.post_message(events.Paste("qqq\rf1"))
        await _did_nothing(wall)


@pytest.mark.parametrize("key", sorted(LEAVE))
async def test_it_is_left_by_one_of_two_keys(key: str) -> None:
    async with opened_wall() as wall:
        await wall.pilot.press(key)
        assert wall.app._exit
        assert wall.app.return_code == 0


def test_no_key_means_two_things() -> None:
    groups = (LEAVE, NEXT, PREVIOUS, HOLD)
    assert len(frozenset().union(*groups)) == sum(map(len, groups))
    assert {key for key, _ in KEYS} == {"→", "←", "space", "q"}


def test_its_desk_is_one_that_only_looks() -> None:
    """F-23: by type, and in what the code names."""
    assert inspect.signature(Wall).parameters["open_views"].annotation == "Callable[[], Awaitable[Views]]"
    verbs = {name for name in vars(Desk) if not name.startswith("_")} - set(dir(Views))
    assert len(verbs) > 10
    folder = Path(__file__).parents[2]
    for path in ("tui/wall.py", "tui/screens/wall.py", "tui/cli/wall.py", "widgets/tile_wall.py"):
        text = (folder / path).read_text(encoding="utf-8")
        assert not [verb for verb in verbs if f".{verb}(" in text and verb != "refresh"], path


def test_it_cannot_be_put_into_the_background() -> None:
    """F-24."""
    app = Wall(never_opened, None, CONFIG, parse(""))
    driver = app.driver_class
    assert issubclass(driver, Driver)
    assert driver.can_suspend.fget(None) is False  # type: ignore[attr-defined]


CONFIG = Config(technician=Technician(name="tech1", zone="UTC"), clients={}, sources=())


async def never_opened() -> Views:
    raise AssertionError("nobody may ask for the desk")


# -- where it starts ----------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "name", ["PYTHONPATH", "PYTHONSTARTUP", "PYTHONINSPECT", "PYTHONHOME", "PYTHON_KEYRING_BACKEND", "LD_PRELOAD"]
)
def test_what_could_have_put_code_into_it_is_found(name: str) -> None:
    """F-25."""
    assert hostile({name: "x", "PATH": "/bin"}) == [name]


@given(st.dictionaries(st.text(string.ascii_uppercase + "_", min_size=1), st.text()))
def test_every_variable_of_interpreter_and_loader_is_found_or_harmless(environment: dict[str, str]) -> None:
    found = hostile(environment)
    assert all(name.startswith(("PYTHON", "LD_", "DYLD_")) for name in found)


def test_an_ordinary_environment_is_fine() -> None:
    assert hostile({"PATH": "/bin", "LANG": "C", "PYTHONUNBUFFERED": "1", "LD_PRELOAD": ""}) == []


def test_what_could_lead_elsewhere_is_removed(monkeypatch: pytest.MonkeyPatch) -> None:
    """F-25."""
    for name in ("TEXTUAL_PRESS", "TEXTUAL_DRIVER", "PAGER", "EDITOR", "KEYRING_PROPERTY_X", "SSH_ORIGINAL_COMMAND"):
        monkeypatch.setenv(name, "evil")
    scrub()
    assert "evil" not in os.environ.values()
