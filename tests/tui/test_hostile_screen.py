"""Whatever the monitored systems say, the screen's bytes operate nothing, and each text stays in its own place.

Every payload on every surface, on the raw bytes of a pseudo-terminal from start to end (F-28 to F-32, F-38), and on the
screen's cells what bytes cannot show (F-33 to F-37, F-39 to F-42)."""

from __future__ import annotations

import json
import sys
from pathlib import Path

import pytest
from msgspec.structs import replace

from backends.adapters.demo.hostile import BIDI, MARKUP, PAYLOADS, ROWS
from backends.fleet.looks import odd_letters
from backends.fleet.model import SafeText, issue_id
from backends.fleet.run import RunOutput
from backends.text import LINE_COLUMNS, columns_of, is_safe, safe
from tests.support import pictures
from tests.support.desk import MemoryDesk
from tests.support.glances import glance_of
from tests.support.grammar import Fault, Grammar, obeys
from tests.support.hostile_desk import HostileDesk
from tests.support.office import ROOT, Office
from tests.support.recording import recorded
from tests.support.screen import Opened, opened
from tui.opening import opening_lines
from tui.screens.run import RunScreen
from widgets.card_view import LINES as CARD_LINES
from widgets.card_view import CardView
from widgets.dialogs.dialog import Dialog
from widgets.output_log import COLUMNS, LINES, OutputLog

SIZE = (200, 45)
SQL = issue_id("baker:sql01", "service/mssql-server")


# -- bytes -----------------------------------------------------------------------------------------------------


def walked(home: Path, **doors: str) -> tuple[bytes, dict[str, int]]:
    """All bytes of a walk over the hostile desk, and how often it looked at what."""
    report = home / "report"
    environment = {
        "PATH": "/usr/bin:/bin",
        "HOME": str(home),
        "LANG": "C.UTF-8",
        "TERM": "xterm-256color",
        "PYTHONPATH": str(ROOT),
        **doors,
    }
    program = [sys.executable, "-m", "tests.support.hostile_walk", str(report)]
    raw, status = recorded(program, environment, SIZE, str(home))
    assert status == 0, raw[-2000:]
    return raw, json.loads(report.read_text())


def operating(faults: list[Fault]) -> list[Fault]:
    """Those that a terminal would obey, unlike those that only hide from the eye."""
    return [fault for fault in faults if not fault.why.startswith("has ")]


def test_no_payload_on_any_surface_gets_a_byte_out_of_the_grammar(tmp_path: Path) -> None:
    """F-28, F-29, F-30, F-31, F-32, F-33, F-36, F-38, F-42."""
    raw, seen = walked(tmp_path)
    copies = obeys(raw, copies=True)

    desk = HostileDesk()
    lists = ("issues", "clients", "sites", "devices", "sources", "runs", "audit")
    assert {seen[noun] for noun in lists} == {len(desk.texts)}
    assert {seen[f"{noun} card"] for noun in lists} == {desk.last}
    questions = ("1 PlanDialog", "f Menu", "n Form", "z Form", "C Form", "below devices", "below runs")
    assert {seen[one] for one in (*questions, "run ended", "engine lost", "issues a")} == {desk.last}
    assert seen["typed slash"] == 2 * desk.last
    assert seen["question_mark HelpScreen"] == seen["typed colon"] == 1
    assert seen["issues o"] == seen["issues y"] == len(copies) > 1
    assert all("\n" not in copy and is_safe(copy.replace("\t", " ")) for copy in copies)  # F-42: one row, one line
    for mark in ("␛", "␇", "‹U+009B›", "␡", "␀", "␍", "␊", "‹U+2028›", "‹U+202E›", "‹U+200B›", "‹U+E0041›"):
        assert mark.encode() in raw


def test_safe_text_alone_holds_without_the_last_guard(tmp_path: Path) -> None:
    """F-28, F-29, F-30, F-31, F-32, F-33, F-36."""
    obeys(walked(tmp_path, WALK_WITHOUT_GUARD="1")[0])


def test_the_last_guard_alone_lets_nothing_through_that_a_terminal_obeys(tmp_path: Path) -> None:
    """F-28, F-29, F-30, F-31, F-32."""
    assert operating(Grammar().faults(walked(tmp_path, WALK_WITHOUT_SAFE="1")[0])) == []


def test_without_both_the_oracle_fails(tmp_path: Path) -> None:
    """The negative control."""
    raw, _ = walked(tmp_path, WALK_WITHOUT_SAFE="1", WALK_WITHOUT_GUARD="1")
    seen = {fault.sequence for fault in operating(Grammar().faults(raw))}
    written = {
        b"\x1b]52;c;cm91bmRz\x07",
        b"\x1b[2J",
        b"\x1b[?1049l",
        b"\x1b[6n",
        b"\x1b]0;owned\x07",
        b"\x7f",
        b"\x1b[?25l",
    }
    assert written <= seen


def test_the_first_picture_of_what_was_last_known_keeps_to_the_grammar() -> None:
    """F-28, F-29, F-30, F-31, F-32, F-33, F-36: painted before there is any guard below it."""
    desk = HostileDesk()
    lines = opening_lines(glance_of(desk.picture_now), desk.texts[1], (200, 2 * len(desk.texts)), pictures.NOW)
    painted = "".join(f"\x1b[{number};1H{line}" for number, line in enumerate(lines, 1))
    obeys(f"\x1b[?1049h\x1b[2J\x1b[?25l{painted}\x1b[?25h\x1b[?1049l".encode())

    assert len(lines) > len(desk.texts)
    assert all("\n" not in line and columns_of(line) <= 200 for line in lines)


def test_the_hostile_demo_keeps_to_the_grammar(tmp_path_factory: pytest.TempPathFactory) -> None:
    """F-28, F-29, F-30, F-31, F-32, F-33: the real program, engine and all."""
    office = Office(tmp_path_factory.mktemp("o"))
    try:
        with office.screen("demo", "--hostile", size=(120, 36)) as terminal:
            terminal.until(r"Issues \d\d")
            terminal.until("␛")
            terminal.type("enter")
            terminal.until(r"› Checks \d")
            for noun in ("devices", "sites", "clients", "sources", "audit"):
                terminal.type(":")
                terminal.until(r"^ :")
                terminal.type(*noun, "enter")
                terminal.until_gone(r"^ :")
                terminal.until(rf"{noun.title()} (· the last )?\d+")
            terminal.type("q")
            assert terminal.until_ended() == 0
            obeys(bytes(terminal.raw))
    finally:
        office.close()


# -- cells -----------------------------------------------------------------------------------------------------


def list_lines(screen: Opened) -> list[str]:
    """The list as it is painted, a line a row, without its header."""
    table = screen.app.fleet.list
    return [table.render_line(y).text for y in range(1, len(table.order) + 2)]


@pytest.mark.parametrize("text", [text for _, text in ROWS], ids=[name for name, _ in ROWS])
async def test_one_row_stays_one_row_and_its_neighbours_stay_as_they_were(text: str) -> None:
    """F-33: beside a harmless twin of the same length."""
    place = list(pictures.ISSUES).index(SQL)

    async def painted(screen: Opened, shown: SafeText) -> list[str]:
        before = list_lines(screen)
        screen.desk.put(replace(pictures.ISSUES[SQL], title=shown, device_name=shown, next_fix_title=shown))
        await screen.until(lambda: list_lines(screen) != before)
        return list_lines(screen)

    async with opened() as screen:
        twin = await painted(screen, safe("x" * columns_of(safe(text))))
        hostile = await painted(screen, safe(text))

    assert hostile[:place] + hostile[place + 1 :] == twin[:place] + twin[place + 1 :]
    assert len(hostile[place]) == len(twin[place])
    assert any(mark in hostile[place] for mark in "␍␈␉␊␋‹")


def clickable(screen: Opened) -> list[str]:
    """Texts on the screen that a click would act on, or that are links."""
    return [
        segment.text
        for strip in screen.app.screen._compositor.render_strips()
        for segment in strip
        if segment.style is not None and (segment.style.link or "@click" in segment.style.meta)
    ]


async def test_markup_is_shown_as_it_is_and_no_cell_of_it_can_be_clicked() -> None:
    """F-34, F-35, F-39: in the list, on the card, in questions, sentences, headings and complaints."""
    async with opened((200, 60), first=None, desk=HostileDesk()) as screen:
        seen = ""
        table = screen.app.fleet.list
        marked = [number for number, text in enumerate(HostileDesk().texts) if " [" in text]  # bundles
        for number in marked:
            table.select(f"i{number:03}")
            await screen.until(lambda: screen.app.fleet.board._known(screen.app.fleet.board.fact()) is not None)
            for key in ("f5", "a", "1", "n"):
                await screen.press(key)
                seen += screen.text
                assert clickable(screen) == []
                if key in "1n":
                    await screen.until(lambda: isinstance(screen.app.screen, Dialog))
                    await screen.pilot.pause()
                    seen += screen.text
                    assert clickable(screen) == []
                    await screen.press("escape")
                    await screen.until(lambda: not screen.app.fleet.busy)

    missing = [text for name, text in MARKUP if text[:40] not in seen and name != "many brackets"]
    assert missing == []
    assert "[" * 40 in seen


async def test_clicking_hostile_cells_runs_nothing() -> None:
    """F-34: every column of every row, the verdict and the card; the footer is our own."""
    async with opened((120, 30)) as screen:
        for number, issue in enumerate(pictures.ISSUES.values()):
            text = safe(MARKUP[number % 3][1])
            screen.desk.put(replace(issue, title=text, device_name=text, client_name=text, owner=text, advice=text))
        await screen.shows("[@click=")
        rows = screen.app.fleet.list.region.y + 1
        for x in (2, *range(32, 118, 14)):
            for y in (0, *range(rows, rows + 5), 20):
                await screen.pilot.click(offset=(x, y))
        assert screen.app.is_running
        assert screen.desk.calls == []


@pytest.mark.parametrize("text", [text for _, text in BIDI], ids=[name for name, _ in BIDI])
async def test_what_turns_a_name_around_is_shown_as_code_points(text: str) -> None:
    """F-36."""
    async with opened((160, 50)) as screen:
        screen.desk.put(replace(pictures.ISSUES[SQL], device_name=safe(text)))
        await screen.shows(safe(text)[:13])
        assert "‹U+" in safe(text)


@pytest.mark.parametrize(
    ("name", "odd"),
    [
        ("sql01", ""),
        ("Größe-ÅŻ", ""),
        ("東浜", ""),
        ("ѕql01", "ѕ U+0455"),
        ("ｓql01", "ｓ U+FF53"),
        ("dc0Ο", "Ο U+039F"),
    ],
)
def test_letters_that_only_look_latin_are_named(name: str, odd: str) -> None:
    """F-37."""
    assert odd_letters(name) == odd


async def test_a_plan_names_the_id_and_the_letters_that_only_look_latin() -> None:
    """F-37."""
    twin = "ѕql01"

    class Twin(MemoryDesk):
        async def plan(self, *args: object, **words: object) -> object:  # type: ignore[override]
            made = await super().plan(*args, **words)  # type: ignore[arg-type]
            return replace(made, targets=tuple(replace(one, name=safe(twin)) for one in made.targets))

    async with opened(desk=Twin()) as screen:
        await screen.press("j")
        await screen.shows("1 Restart service mssql-server")
        await screen.press("1")
        await screen.shows("device baker:sql01", "letters in that name only look Latin: ѕ U+0455")


async def test_devices_that_look_alike_say_so_and_tell_their_ids() -> None:
    """F-37."""
    async with opened((200, 50), first=None, desk=HostileDesk()) as screen:
        await screen.press("colon", *"devices", "enter")
        await screen.until(lambda: len(screen.app.fleet.list.order) == len(HostileDesk().texts))
        await screen.shows("(look-alike)", "Another device's name looks the same; the id is")


async def test_a_flood_in_any_field_is_cut_before_it_is_laid_out() -> None:
    """F-40: columns, lines and cells have bounds whatever comes."""
    async with opened((200, 60), first=None, desk=HostileDesk()) as screen:
        board = screen.app.fleet.board
        for noun in ("issues", "runs", "audit"):
            await screen.press("colon", *noun, "enter")
            await screen.until(lambda: len(screen.app.fleet.list.order) == len(HostileDesk().texts))
            table = screen.app.fleet.list
            rows = [row for key in table.order if (row := table.row(key)) is not None]
            assert max(columns_of(cell.text) for row in rows for cell in row.cells) <= 2 * LINE_COLUMNS + 16
            await screen.press("G")
            for _ in range(3):
                await screen.press("k")
                assert len(screen.app.fleet.query_one(CardView)._strips) <= CARD_LINES
        assert board.place.noun == "audit"


class Endless(MemoryDesk):
    """Its runs print for ever, as fast as anybody takes it."""

    taken = 0

    async def output(self, run):  # type: ignore[no-untyped-def,override]
        while True:
            self.taken += 1
            yield RunOutput(run=run, text=SafeText("y" * 1000 + "\n" + "n\n" * 50), total_bytes=self.taken)


async def test_output_without_an_end_is_bounded_and_takes_no_key_away() -> None:
    """F-41: the last lines are kept, what came before is counted, and Escape leaves."""
    desk = Endless()
    async with opened(desk=desk) as screen:
        await screen.press("j")
        await screen.shows("1 Restart service mssql-server")
        await screen.press("1")
        await screen.until(lambda: isinstance(screen.app.screen, Dialog))
        await screen.press("tab", "enter")
        await screen.until(lambda: isinstance(screen.app.screen, RunScreen) and desk.taken > 300)
        log = screen.app.screen.query_one(OutputLog)
        assert len(log.text.split("\n")) <= LINES
        assert max(map(len, log.text.split("\n"))) <= COLUMNS
        assert log.dropped > 10_000
        await screen.press("escape")
        await screen.until(lambda: screen.app.screen is screen.app.fleet)


def test_all_that_the_catalogue_names_is_among_the_payloads() -> None:
    """F-28 to F-40."""
    raw = "".join(text[:200] for _, text in PAYLOADS)
    operating = [
        "\x1b]52;",
        "\x1b[2J",
        "\x1bc",
        "\x1b[?1049l",
        "\x1b]0;",
        "\x1b]8;",
        "\x1b]777;",
        "\x1b]4;",
        "\x1b[2;3r",
    ]
    asking = ["\x1b[c", "\x1b[6n", "\x1b[18t", "\x1b[>0q"]
    moving = ["\x1b[1;1H", "\x1b[4h", "\r", "\b", "\t", "\n", "\x85", "\u2028", "\x9b", "\x7f", "\0"]
    reading = ["[@click=", "[/", "[link=", "\u202e", "\u2067", "\u200b", "\ud800"]
    assert [one for one in (*operating, *asking, *moving, *reading) if one not in raw] == []
