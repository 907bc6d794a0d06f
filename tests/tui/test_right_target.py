"""A list that moves between the look and the key: no verb ever reaches a device other than the one that was shown.

The oracle is at the desk, and what was shown is read from the painted cells (F-01 to F-07, F-14, F-17)."""

from __future__ import annotations

import asyncio
import random
import re
import signal
from collections.abc import Callable, Mapping, Sequence
from datetime import datetime
from typing import Any, Final

import pytest
from msgspec.structs import replace
from textual import events
from textual.strip import Strip

from backends.fleet.changes import Changes, Delta, Picture
from backends.fleet.model import (
    Device,
    DeviceId,
    FixId,
    Health,
    Issue,
    IssueId,
    IssueState,
    SiteId,
    issue_id,
    safe,
)
from backends.fleet.run import Consent, DeviceCard, Offer, Plan, Risk, Run
from tests.support import pictures
from tests.support.acting import press_until
from tests.support.desk import MemoryDesk
from tests.support.office import Office
from tests.support.screen import NO_PACE, Opened, opened
from tui.bridge import Link, Updated
from tui.place import HOME, Noun, Place
from tui.screens.run import RunScreen
from widgets.calm import QUIET_S
from widgets.dialogs.dialog import Dialog
from widgets.dialogs.menu import Menu
from widgets.dialogs.plan import PlanDialog
from widgets.keyed import KeyedRows
from widgets.live_table import LiveTable
from widgets.row_painter import MARK

SEEDS: Final = 1000
AT_ONCE: Final = 250
"""Stories of one test, so that several processes can share them."""
STEPS: Final = 3
WHOLE_SEEDS: Final = 10
PICKS: Final = 200
ROWS: Final = 12
NUMBER: Final = re.compile(r"#(\d{3})")
VERBS: Final = ("a", "c", "1", "f", "z", "n")
MOVES: Final = ("j", "j", "k", "g", "G", "ctrl+d", "space", "v", "u", "ctrl+a")
CHARACTERS: Final = {"space": " "}
OFFERS: Final = (Offer(fix=FixId("reboot"), title=safe("Reboot"), risk=Risk.DISRUPTIVE),)


def device(number: int, alias: str = "srv") -> Device:
    return pictures.device("baker", f"#{number:03}-{alias}", "baker/main", Health.DEGRADED)


def numbered(number: int, urgency: float, alias: str = "srv") -> Issue:
    one = device(number)
    base = next(iter(pictures.ISSUES.values()))
    return replace(
        base,
        id=issue_id(one.id, "load"),
        device=one.id,
        device_name=safe(f"#{number:03}-{alias}"),
        title=safe(f"#{number:03} is in trouble"),
        client=one.client,
        client_name=one.client_name,
        site=one.site,
        site_name=one.site_name,
        behind=0,
        times=1,
        owner="",
        urgency=urgency,
    )


class NumberedDesk(MemoryDesk):
    """Devices are known by a number; what is done is kept by it."""

    def __init__(self) -> None:
        issues = {one.id: one for one in (numbered(number, float(-number)) for number in range(ROWS))}
        super().__init__(replace(pictures.PICTURE, issues=issues, seq=1))
        self._numbers = {issue_id(device(number).id, "load"): f"{number:03}" for number in range(999)}
        self.reached: list[str] = []
        """The numbers of the devices that a verb came to."""

    def _number(self, text: str) -> str:
        found = NUMBER.search(text)
        assert found is not None
        return found[1]

    def _asked(self, *call: str) -> None:
        verb, *subjects = call
        if verb == "plan":
            self.reached += map(self._number, subjects[1:])
        elif verb == "approve":
            self.reached.append(self._number(self.plans[subjects[0]].targets[0].device))
        else:
            self.reached.append(self._numbers[IssueId(subjects[0])])
        super()._asked(*call)

    async def acknowledge(self, issue: IssueId, by: str, text: str = "") -> None:
        self._asked("acknowledge", issue)

    async def unacknowledge(self, issue: IssueId, by: str) -> None:
        self._asked("unacknowledge", issue)

    async def claim(self, issue: IssueId, by: str) -> None:
        self._asked("claim", issue)

    async def snooze(self, issue: IssueId, by: str, until: datetime, reason: str) -> None:
        self._asked("snooze", issue)

    async def note(self, issue: IssueId, by: str, text: str) -> None:
        self._asked("note", issue)

    async def devices(self, query: str = "", limit: int = 0) -> list[Device]:
        numbers = [int(self._number(issue.device_name)) for issue in self.picture_now.issues.values()]
        return [device(number) for number in numbers]

    async def device(self, device_id: DeviceId) -> DeviceCard:
        one = device(int(self._number(device_id)))
        offers = {issue_id(one.id, "load"): OFFERS}
        return DeviceCard(at=pictures.NOW, device=one, checks=(), offers=offers, fixes=OFFERS)

    async def offers(self, issue: IssueId) -> list[Offer]:
        return list(OFFERS)

    async def plan(
        self,
        fix: FixId,
        targets: Sequence[DeviceId],
        by: str,
        issue: IssueId | None = None,
        parameters: Mapping[str, str] | None = None,
    ) -> Plan:
        self._asked("plan", fix, *targets)
        one = device(int(self._number(targets[0])))
        made = await _plan_of(one, fix, by, len(self.plans) + 1)
        self.plans[made.id] = made
        return made


async def _plan_of(one: Device, fix: FixId, by: str, number: int) -> Plan:
    """The usual plan, for a device of ours."""
    desk = MemoryDesk()
    usual = await desk.plan(fix, [DeviceId("baker:sql01")], by)
    target = replace(usual.targets[0], device=one.id, name=one.name, native=one.natives[0])
    return replace(usual, id=f"plan-{number}", title=safe(f"{fix} on {one.name}"), targets=(target,))


def cursor_lines(strips: Sequence[Strip], table: LiveTable) -> list[str]:
    """The lines that are painted with the cursor over them."""
    looks = {table._painter._palette[f"live-table--cursor{more}"].bgcolor for more in ("", "-blurred")}
    return [strip.text for strip in strips if any(s.style is not None and s.style.bgcolor in looks for s in strip)]


def painted(screen: Opened, table: LiveTable) -> list[Strip]:
    """The part of the screen on which the list is."""
    where = table.region
    strips = screen.app.screen._compositor.render_strips()[where.y : where.bottom]
    return [strip.crop(where.x, where.right) for strip in strips]


class Frame:
    """What somebody in front of the screen sees: the numbers under the cursor, and those that are marked."""

    def __init__(self, table: LiveTable) -> None:
        shown = min(table.size.height, len(table.order) + 2)
        strips = [table.render_line(y) for y in range(1, shown)]
        assert len(table.order) < table.size.height - 1  # all of it is on the screen
        self.lines = [strip.text for strip in strips]
        self.cursor = _numbers(cursor_lines(strips, table))
        self.marked = _numbers(line for line in self.lines if line.startswith(MARK))
        assert len(self.cursor) <= 1

    def aimed(self, key: str) -> set[str]:
        """A number opens the plan of the fix on the card, which is about the row under the cursor."""
        return self.cursor if key == "1" else self.marked or self.cursor


def _numbers(lines: Any) -> set[str]:
    return {found[1] for line in lines if (found := NUMBER.search(line))}


class Unrest:
    """Changes the fleet at random: one seed is one story."""

    def __init__(self, chance: random.Random) -> None:
        self._chance = chance
        self.issues = {number: numbered(number, chance.random()) for number in range(ROWS)}
        self._next = ROWS

    def stir(self) -> None:
        chance, numbers = self._chance, list(self.issues)
        match chance.choice(("sort", "sort", "insert", "remove", "rename", "recover", "refill", "worse")):
            case "sort":
                for number in numbers:
                    self._put(number, urgency=chance.random())
            case "insert":
                self.issues[self._next] = numbered(self._next, chance.random() * 2)
                self._next += 1
            case "remove" if len(numbers) > 2:
                del self.issues[chance.choice(numbers)]
            case "rename":
                number = chance.choice(numbers)
                self._put(number, device_name=safe(f"#{number:03}-{chance.choice(('db', 'web', 'mail'))}"))
            case "recover":
                self._put(chance.choice(numbers), state=IssueState.RECOVERED)
            case "refill":
                kept = chance.sample(numbers, k=max(2, len(numbers) // 2))
                self.issues = {number: numbered(number, chance.random()) for number in kept}
            case "worse":
                self._put(chance.choice(numbers), urgency=5.0, behind=3)

    def _put(self, number: int, **facts: Any) -> None:
        self.issues[number] = replace(self.issues[number], **facts)

    def picture(self, before: Picture) -> Picture:
        issues = {issue.id: issue for issue in self.issues.values()}
        return replace(before, seq=before.seq + 1, issues=issues)


class Story:
    """One seed on the screen: mutations and keys in any order, frames now and then, and the desk as the judge."""

    def __init__(self, screen: Opened, seed: int) -> None:
        self.screen, self.app = screen, screen.app
        desk = screen.desk
        assert isinstance(desk, NumberedDesk)
        self.desk, self.seed, self.chance = desk, seed, random.Random(seed)
        self.unrest = Unrest(self.chance)
        self.frame = Frame(self.app.fleet.list)
        self.verbs = 0

    async def tell(self) -> None:
        board, table = self.app.fleet.board, self.app.fleet.list
        board.jump(HOME)
        table.clear_marks()
        self._show()
        self.screen.clock.seconds += 10
        table.settle()
        table.move_to_place(self.chance.randrange(ROWS))
        await self._drain()
        self._look()
        for _ in range(STEPS):
            await self._step()

    async def _step(self) -> None:
        chance = self.chance
        for _ in range(chance.choice((0, 1, 1, 2))):
            self.unrest.stir()
            self.screen.clock.seconds += chance.choice((0.0, 0.1, 0.5, 2.0))
            self._show()
            if chance.random() < 0.5:
                self._look()
        if chance.random() < 0.15:
            self._elsewhere()
        if chance.random() < 0.4:
            await self._press(chance.choice(MOVES))
            self._look()
        else:
            await self._verb(chance.choice(VERBS))

    def _elsewhere(self) -> None:
        """Another list, or less of this one, and a look at it."""
        board = self.app.fleet.board
        if board.place.query or board.place.noun is not Noun.ISSUES:
            board.jump(HOME)
        elif self.chance.random() < 0.5:
            board.narrow(f"#0{self.chance.randrange(2)}")
        else:
            board.jump(Place(noun=Noun.DEVICES))
        self._look()

    async def _verb(self, key: str) -> None:
        aimed, before = self.frame.aimed(key), len(self.desk.reached)
        await self._press(key)
        if self.chance.random() < 0.5:  # the list moves on while the verb is on its way
            self.unrest.stir()
            self._show()
        await self._drain()
        reached = set(self.desk.reached[before:])
        shown = "\n".join(line.rstrip() for line in self.frame.lines if line.strip())
        assert reached <= aimed, f"seed {self.seed}: {key} came to {reached}, {aimed} was shown:\n{shown}"
        self.verbs += len(reached)
        self._look()

    async def _press(self, key: str) -> None:
        character = CHARACTERS.get(key, key if len(key) == 1 else None)
        self.app.fleet.on_key(events.Key(key, character))

    def _look(self) -> None:
        self.frame = Frame(self.app.fleet.list)

    def _show(self) -> None:
        self.desk.picture_now = self.unrest.picture(self.desk.picture_now)
        self.app.fleet.show(Updated(self.desk.picture_now, Link.LIVE))

    async def _drain(self) -> None:
        """Until the verb is done and nothing more is on its way."""
        await soon(lambda: not self.app.fleet.busy)
        for _ in range(8):
            await asyncio.sleep(0)


async def soon(holds: Callable[[], bool]) -> None:
    """Without waiting for a frame, which costs more than the rest."""
    for _ in range(400):
        await asyncio.sleep(0)
        if holds():
            return
    raise AssertionError("it never came about")


async def answered(dialog: Dialog[Any]) -> Any:
    """A technician who agrees to everything, at once."""
    if isinstance(dialog, Menu):
        return "0"
    if isinstance(dialog, PlanDialog):
        return ""
    return ("4h", "why") if "Snooze" in dialog._accept_word else ("seen",)


async def followed(_: Sequence[Run]) -> None:
    """The run is left to itself."""


def on_a_moving_fleet() -> Any:
    pace = replace(NO_PACE, quiet_s=QUIET_S)
    return opened((120, 46), desk=NumberedDesk(), first=None, pace=pace)


async def ready(screen: Opened, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(screen.app, "ask", answered)
    monkeypatch.setattr(screen.app, "follow", followed)


@pytest.mark.parametrize("first", range(0, SEEDS, AT_ONCE))
async def test_in_a_thousand_stories_no_verb_reaches_what_was_not_shown(
    first: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    """F-01, F-02, F-03, F-05, F-07."""
    verbs = 0
    async with on_a_moving_fleet() as screen:
        await ready(screen, monkeypatch)
        for seed in range(first, first + AT_ONCE):
            story = Story(screen, seed)
            await story.tell()
            verbs += story.verbs
    assert verbs > AT_ONCE  # the control: most verbs did reach what was shown


async def test_a_cursor_that_keeps_its_row_number_is_caught(monkeypatch: pytest.MonkeyPatch) -> None:
    """The negative control: what stock lists do."""
    settle = KeyedRows.settle

    def by_number(keyed: KeyedRows) -> list[int]:
        place = keyed.places.get(keyed.cursor or "", 0)
        places = settle(keyed)
        keyed.cursor = keyed.at(place)
        return places

    async def all_stories(screen: Opened) -> None:
        for seed in range(SEEDS):
            await Story(screen, seed).tell()

    monkeypatch.setattr(KeyedRows, "settle", by_number)
    monkeypatch.setattr(LiveTable, "unseen", False)
    async with on_a_moving_fleet() as screen:
        await ready(screen, monkeypatch)
        with pytest.raises(AssertionError, match="came to"):
            await all_stories(screen)


async def test_through_the_whole_screen_the_plan_and_the_run_are_of_what_was_shown() -> None:
    """F-01, F-03: keys and dialogues as they are, the fleet stirred at every moment between them."""
    async with on_a_moving_fleet() as screen:
        desk, table = screen.desk, screen.app.fleet.list
        assert isinstance(desk, NumberedDesk)
        for seed in range(WHOLE_SEEDS):
            chance = random.Random(seed)
            unrest = Unrest(chance)

            def stir(unrest: Unrest = unrest) -> None:
                unrest.stir()
                desk.change(_difference(desk.picture_now, unrest.picture(desk.picture_now)))

            stir()
            screen.clock.seconds += 10
            await screen.press(*"j" * chance.randrange(4))
            await screen.until(lambda: table.cursor_key is not None or not table.order)
            await screen.until(lambda: screen.app.fleet.board._known(screen.app.fleet.board.fact()) is not None)
            await screen.pilot.pause()
            shown = _numbers(cursor_lines(painted(screen, table), table))
            before = len(desk.reached)
            stir()
            await screen.pilot.press("1")
            await screen.until(lambda: isinstance(screen.app.screen, Dialog) or not screen.app.fleet.busy)
            stir()
            if isinstance(screen.app.screen, PlanDialog):
                await screen.shows(f"On       Baker Law/Main  ·  #{next(iter(shown))}")
                await screen.press("tab", "enter")
                await screen.until(lambda: isinstance(screen.app.screen, RunScreen))
                await screen.shows(f"#{next(iter(shown))}")
                await screen.press("escape")
                await screen.until(lambda: not screen.app.fleet.busy)
            assert set(desk.reached[before:]) <= shown
        assert len(desk.approved) > WHOLE_SEEDS // 2


def _difference(before: Picture, after: Picture) -> Changes:
    gone = tuple(key for key in before.issues if key not in after.issues)
    return Changes(seq=after.seq, at=after.at, issues=Delta(tuple(after.issues.values()), gone))


# -- one name at two clients -----------------------------------------------------------------------------------


class Twins(NumberedDesk):
    """Every name is there twice: at Acme Dental and at Baker Law."""

    def __init__(self) -> None:
        super().__init__()
        there = {
            "client": ACME.client,
            "client_name": ACME.client_name,
            "site": ACME.id,
            "site_name": ACME.name,
        }
        acme = {
            key: replace(issue, id=IssueId(f"x{key}"), device=DeviceId(f"acme-hq:{issue.device_name}"), **there)
            for key, issue in self.picture_now.issues.items()
        }
        both = {
            issue.id: issue
            for pair in zip(acme.values(), self.picture_now.issues.values(), strict=True)
            for issue in pair
        }
        self.picture_now = replace(self.picture_now, issues=both)
        self.planned: list[DeviceId] = []

    async def device(self, device_id: DeviceId) -> DeviceCard:
        known = await super().device(device_id)
        mine = [issue for issue in self.picture_now.issues.values() if issue.device == device_id]
        offers = {issue.id: OFFERS for issue in mine}
        return replace(known, device=_at(known.device, device_id), offers=offers)

    async def plan(
        self,
        fix: FixId,
        targets: Sequence[DeviceId],
        by: str,
        issue: IssueId | None = None,
        parameters: Mapping[str, str] | None = None,
    ) -> Plan:
        self.planned += targets
        made = await super().plan(fix, targets, by, issue, parameters)
        one = _at(device(int(self._number(targets[0]))), targets[0])
        target = replace(made.targets[0], device=one.id, client=one.client, client_name=one.client_name,
                         site=one.site, site_name=one.site_name)  # fmt: skip
        return replace(made, targets=(target,))


ACME: Final = pictures.SITES[SiteId("acme/hq")]


def _at(one: Device, device_id: DeviceId) -> Device:
    if device_id.startswith("baker:"):
        return replace(one, id=device_id)
    return replace(
        one, id=device_id, client=ACME.client, client_name=ACME.client_name, site=ACME.id, site_name=ACME.name
    )


async def test_of_one_name_at_two_clients_the_plan_leads_with_the_client_that_was_shown(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """F-14: two hundred picks, none crosses over."""
    told: list[str] = []

    async def read(dialog: Dialog[Any]) -> None:
        assert isinstance(dialog, PlanDialog)
        told.append("".join(cell.text for cell in dialog.plan.card.lines[0].spans))

    async with opened((160, 60), desk=Twins(), first=None) as screen:
        monkeypatch.setattr(screen.app, "ask", read)
        desk, table, chance = screen.desk, screen.app.fleet.list, random.Random(14)
        assert isinstance(desk, Twins)
        for _ in range(PICKS):
            table.move_to_place(chance.randrange(2 * ROWS))
            await soon(lambda: screen.app.fleet.board._known(screen.app.fleet.board.fact()) is not None)
            lines = [table.render_line(y) for y in range(1, 2 * ROWS + 1)]
            (line,) = cursor_lines(lines, table)
            screen.app.fleet.on_key(events.Key("1", "1"))
            await soon(lambda: not screen.app.fleet.busy)
            client, (number,) = ("Acme Dental", "Baker Law")["Baker" in line], _numbers([line])
            assert told[-1].startswith(f"{client}/")
            assert f"#{number}" in told[-1]
            assert desk.planned[-1].startswith("baker:" if client == "Baker Law" else "acme-hq:")
            assert f"#{number}" in desk.planned[-1]
    assert len(told) == PICKS


async def test_facts_that_are_too_old_refuse_the_plan_and_tell_their_age() -> None:
    """F-17: what the desk says of it is what the question shows, and there is nothing to agree with."""

    class Late(MemoryDesk):
        async def plan(self, *args: Any, **words: Any) -> Plan:
            made = await super().plan(*args, **words)
            old = safe("sql01 was last seen 5 min ago: too long to act on. `r` asks again.")
            seen = pictures.ago(minutes=5)
            targets = tuple(replace(one, seen=seen, consent=Consent.REFUSE) for one in made.targets)
            return replace(made, consent=Consent.REFUSE, reason=old, targets=targets)

    async with opened(desk=Late()) as screen:
        await screen.press("j")
        await screen.shows("1 Restart service mssql-server")
        await screen.press("1")
        await screen.shows("was last seen 5 min ago: too long to act on", "seen 5m ago")
        assert not screen.app.screen.query("#accept")
        await screen.press("tab", "enter", "enter")
        assert screen.desk.approved == []


# -- bytes from a terminal -------------------------------------------------------------------------------------


def test_bytes_that_come_at_once_or_pasted_or_held_start_nothing(tmp_path_factory: pytest.TempPathFactory) -> None:
    """F-04, F-05, F-06, F-07: on a real terminal, counted in the record."""
    office = Office(tmp_path_factory.mktemp("o"))
    try:
        with office.screen("--demo") as terminal:
            terminal.until(r"Fixes +1 ")
            for burst in (b"1\r", b"1" + b"\r" * 50, b"f\r\r\r", b"a\rc\r1\ry\r", b"\x1b[200~1\ra\rc\r\x1b[201~"):
                terminal.write(burst)
                press_until(terminal, ":", r"^ :")  # what came before has been dealt with, and a key is heard again
                terminal.type("escape")
                terminal.until_gone(r"^ :")
            terminal.signal(signal.SIGTERM)
            terminal.until_ended()
        done = {record["event"] for record in office.items("--demo", "audit", "show")}
        assert not done & {"run-approved", "run-sent", "acknowledged", "claimed"}
    finally:
        office.close()
