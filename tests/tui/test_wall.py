"""The wall: what it shows, which way its pages turn, and that there is nothing in it that acts."""

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
from backends.fleet.changes import Changes, Delta, Picture
from backends.fleet.model import Freshness, Health, SafeText, Severity, issue_id, safe
from backends.fleet.query import parse
from backends.wire.client import WireDesk, connect
from backends.wire.codec import Role
from backends.wire.server import Server
from backends.wire.verbs import DESK, VIEWS
from tests.support import pictures
from tests.support.desk import MemoryDesk
from tests.support.plain_desk import AT, PlainDesk
from tests.support.screen import NO_PACE
from tests.support.wall import OpenedWall, opened_wall
from tests.widgets.present.test_tiles import many
from tui.screens.wall import HOLD_S, KEYS, PAGE_S
from tui.surroundings import hostile, scrub
from tui.wall import HOLD, LEAVE, NEXT, PREVIOUS, Wall

FRAMES = Path(__file__).parents[1] / "golden" / "wall"

SIZES = [(80, 24), (200, 60), (400, 100)]

EVERY_KEY = [
    *string.ascii_letters,
    *string.digits,
    *(f"ctrl+{letter}" for letter in string.ascii_lowercase if letter != "c"),
    *(f"f{number}" for number in range(1, 13)),
    *("enter", "escape", "tab", "shift+tab", "space", "backspace", "delete", "insert", "home", "end"),
    *("up", "down", "left", "right", "pageup", "pagedown", "ctrl+backslash", "ctrl+left", "shift+insert"),
    *("slash", "colon", "question_mark", "exclamation_mark", "full_stop", "vertical_line", "at", "number_sign"),
]


# -- what it shows ------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("scene", ["tiles", "no-signal", "all-clear"])
@pytest.mark.parametrize("size", SIZES, ids=[f"{width}x{height}" for width, height in SIZES])
async def test_the_frame_is_as_it_was_agreed(scene: str, size: tuple[int, int]) -> None:
    """After a meant change run it with ROUNDS_GOLDEN=write, and read the diff."""
    desk = MemoryDesk(fine()) if scene == "all-clear" else MemoryDesk()
    async with opened_wall(size, desk=desk, first=None) as wall:
        if scene == "no-signal":
            await wall.lose()
        text = wall.text + "\n"
    path = FRAMES / f"{scene}-{size[0]}x{size[1]}.txt"
    if os.environ.get("ROUNDS_GOLDEN") == "write":
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")
    assert text == path.read_text(encoding="utf-8")


def fine() -> Picture:
    """Nothing is wrong, and everybody says so."""
    sites = {key: replace(site, health=Health.OK, devices=replace(site.devices, ok=9, degraded=0, down=0, unknown=0))
             for key, site in pictures.SITES.items()}  # fmt: skip
    sources = {key: replace(source, state=Freshness.FRESH) for key, source in pictures.SOURCES.items()}
    return replace(pictures.PICTURE, issues={}, sites=sites, sources=sources)


async def test_the_clock_ticks_every_second() -> None:
    async with opened_wall((80, 24)) as wall:
        assert "12:04:31" in wall.text.splitlines()[0]
        await wall.pass_by(2)
        assert "12:04:33" in wall.text.splitlines()[0]


async def test_ages_grow_while_nothing_comes_in() -> None:
    async with opened_wall((80, 24)) as wall:
        assert "Acme Dental                                                      4m" in wall.text
        await wall.pass_by(61)
        assert "Acme Dental                                                      5m" in wall.text


async def test_a_second_without_news_paints_nothing_but_the_clock() -> None:
    async with opened_wall((300, 80)) as wall:
        await wall.pass_by(1)
        painted: list[object] = []
        tiles = wall.app.wall.tiles
        tiles.refresh = lambda *regions, **_: painted.append(regions)  # type: ignore[method-assign,assignment]
        await wall.pass_by(3)
        assert painted == []


async def test_one_changed_issue_paints_its_own_lines_only() -> None:
    async with opened_wall((300, 80)) as wall:
        tiles, painted = wall.app.wall.tiles, []
        refresh = tiles.refresh
        tiles.refresh = lambda *regions, **_: painted.extend(regions) or refresh(*regions)  # type: ignore[method-assign,assignment,func-returns-value]
        changed = replace(pictures.ISSUES[issue_id("zabbix-eu:nas-2", "raid")], title=safe("RAID md0 has failed"))
        wall.desk.put(changed)
        await wall.shows("RAID md0 has failed")
        assert len(painted) == 1
        assert painted[0].height == 1


async def test_a_facts_change_that_shows_nowhere_paints_nothing() -> None:
    async with opened_wall((300, 80)) as wall:
        tiles, painted = wall.app.wall.tiles, []
        tiles.refresh = lambda *regions, **_: painted.extend(regions)  # type: ignore[method-assign,assignment]
        sql = pictures.ISSUES[issue_id("baker:sql01", "service/mssql-server")]
        wall.desk.put(replace(sql, seen=pictures.NOW))
        seq = wall.desk.picture_now.seq
        await wall.until(lambda: wall.app.wall._picture.seq == seq)
        assert painted == []


@pytest.mark.parametrize("size", SIZES)
async def test_a_filter_narrows_verdict_counts_and_tiles(size: tuple[int, int]) -> None:
    desk = MemoryDesk(replace(pictures.PICTURE, devices=pictures.DEVICES))
    async with opened_wall(size, desk=desk, query="client:baker") as wall:
        await wall.shows("Baker Law", "1 site ")
        assert "Acme Dental" not in wall.text
        assert "only client:baker" in wall.text


async def test_a_filter_that_means_nothing_that_is_known_is_not_called_clear() -> None:
    """F-69."""
    desk = MemoryDesk(replace(fine(), devices=pictures.DEVICES))
    async with opened_wall(desk=desk, query="client:nobody") as wall:
        assert "█" not in wall.text
        assert "no source has told of a device that is meant here" in wall.text


async def test_too_small_a_screen_says_so() -> None:
    """F-89."""
    async with opened_wall((30, 8)) as wall:
        assert "rounds wall needs 40×10" in wall.text


# -- no signal ----------------------------------------------------------------------------------------------------


async def test_before_anybody_was_heard_nothing_looks_live() -> None:
    """F-69."""
    async with opened_wall(live=False) as wall:
        assert "NO SIGNAL since 12:04 · looking for the engine." in wall.text
        assert "● 0 " in wall.text


async def test_a_lost_engine_covers_the_wall_and_takes_the_green_away() -> None:
    """F-69."""
    async with opened_wall() as wall:
        assert "● 1 " in wall.text
        await wall.lose()
        assert "NO SIGNAL since 12:04 · The engine has gone. Connecting again." in wall.text
        assert "● 0 " in wall.text


async def test_what_is_old_has_no_colour_of_its_own() -> None:
    async with opened_wall() as wall:
        tiles = wall.app.wall.tiles
        before = {segment.style.color for segment in tiles.render_line(0) if segment.text.strip() and segment.style}
        await wall.lose()
        after = {segment.style.color for segment in tiles.render_line(0) if segment.text.strip() and segment.style}
        assert len(after) == 1
        assert before.isdisjoint(after)


async def test_it_comes_back_by_itself() -> None:
    async with opened_wall() as wall:
        await wall.lose()
        wall.door.set()
        await wall.until(lambda: "NO SIGNAL" not in wall.text)
        assert "● 1 " in wall.text


async def test_every_source_silent_is_no_signal_too() -> None:
    """F-69."""
    async with opened_wall() as wall:
        silent = tuple(replace(source, state=Freshness.SILENT) for source in pictures.SOURCES.values())
        wall.desk.change(Changes(seq=8, at=pictures.NOW, sources=Delta(silent)))
        await wall.shows("NO SIGNAL since 12:04 · no source is heard")


# -- pages --------------------------------------------------------------------------------------------------------


def paged() -> MemoryDesk:
    return MemoryDesk(many(18))


async def test_pages_turn_by_themselves_and_the_worst_stays_longest() -> None:
    async with opened_wall((80, 24), desk=paged(), first=None) as wall:
        await wall.pass_by(2 * PAGE_S - 1)
        assert "page 1/5" in wall.text
        await wall.pass_by(1)
        assert "page 2/5" in wall.text
        await wall.pass_by(PAGE_S)
        assert "page 3/5" in wall.text


async def test_after_the_last_page_comes_the_first() -> None:
    async with opened_wall((80, 24), desk=paged(), first=None) as wall:
        await wall.pilot.press("left")
        assert "page 5/5" in wall.text
        await wall.pass_by(PAGE_S)
        assert "page 1/5" in wall.text


async def test_a_page_can_be_held_and_goes_on_by_itself_after_a_while() -> None:
    async with opened_wall((80, 24), desk=paged(), first=None) as wall:
        await wall.pilot.press("right", "space")
        await wall.pass_by(HOLD_S - 1)
        assert "page 2/5 · held" in wall.text
        await wall.pass_by(1 + PAGE_S)
        assert "page 3/5" in wall.text


async def test_something_that_becomes_critical_brings_the_first_page_back() -> None:
    async with opened_wall((80, 24), desk=paged(), first=None) as wall:
        await wall.pilot.press("right")
        newest = replace(pictures.ISSUES[issue_id("zabbix-eu:nas-2", "raid")], severity=Severity.CRITICAL)
        wall.desk.put(newest)
        await wall.shows("page 1/")


async def test_fewer_pages_than_before_leave_no_empty_one() -> None:
    desk = paged()
    async with opened_wall((80, 24), desk=desk, first=None) as wall:
        await wall.pilot.press("left")
        desk.change(Changes(seq=99, at=pictures.NOW, issues=Delta(gone=tuple(list(desk.picture_now.issues)[2:]))))
        await wall.shows("page 1/1", "Client 0")


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
        wall.desk.put(replace(base, title=SafeText("a\x1b[2Jb\u202ec")))
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
