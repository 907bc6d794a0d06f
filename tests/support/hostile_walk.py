"""The real screen in a real terminal on a hostile desk, walked through every view and question by itself.

    python -m tests.support.hostile_walk REPORT

Writes into REPORT, as JSON, how often it looked at what. Only this program obeys two variables, for the controls:
WALK_WITHOUT_GUARD takes the last guard away, WALK_WITHOUT_SAFE makes text from outside pass as it is.
"""

from __future__ import annotations

import asyncio
import json
import os
import sys
from collections import Counter
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from textual.pilot import Pilot

    from tests.support.hostile_desk import HostileDesk
    from tui.rounds import Rounds

LONGEST: Final = 2000
"""Longest text where nothing cuts it."""

CHARACTERS: Final = {"slash": "/", "colon": ":", "question_mark": "?", "space": " ", "enter": "\r"}
SHELLS: Final = 4
"""Every so many rows the terminal is lent to a shell, which takes its time."""
ALL_PROMPTS: Final = (("colon", ""), ("slash", ""), ("slash", "nofield:"))


def bare() -> None:
    """Take the first defence away, before anybody has imported it."""
    import backends.text  # noqa: PLC0415

    def passed(text: str, columns: int = LONGEST) -> str:
        return text[:LONGEST]

    backends.text.safe = passed  # type: ignore[assignment]
    backends.text.safe_lines = passed  # type: ignore[assignment]


def unguarded() -> None:
    from tui.guard import TextGuard  # noqa: PLC0415

    TextGuard.apply = lambda self, segments, background: segments  # type: ignore[method-assign]


class Walk:
    """Looks at everything, a frame at a time."""

    def __init__(self, app: Rounds, desk: HostileDesk, pilot: Pilot[int]) -> None:
        self.app, self.desk, self.pilot = app, desk, pilot
        self.seen: Counter[str] = Counter()

    async def painted(self) -> None:
        """Return when what was asked for until now was done, and written to the terminal."""
        screen = self.app.screen
        for after in (self.app.call_later, screen.call_later, self.app.call_later, screen.call_after_refresh):
            done = asyncio.Event()
            while not done.is_set() and self.app.screen is screen:
                after(done.set)  # a screen that is not there yet, or no more, drops this
                with suppress(TimeoutError):
                    await asyncio.wait_for(done.wait(), 0.01)

    async def press(self, *keys: str) -> None:
        from textual import events  # noqa: PLC0415

        for key in keys:
            self.app.post_message(events.Key(key, CHARACTERS.get(key, key if len(key) == 1 else None)))
            await self.painted()

    async def until_live(self) -> None:
        board = self.app.fleet.board
        while board.card is None:
            await self.painted()

    async def known(self) -> None:
        """Until the card of the row has come."""
        board = self.app.fleet.board
        while board._known(board.fact()) is None:
            await self.painted()

    async def question(self, key: str) -> None:
        """Open what a key opens, look at it, and leave it."""
        before = self.app.screen
        await self.press(key)
        for _ in range(50):
            if self.app.screen is not before:
                break
            await self.painted()
        else:
            return
        self.seen[f"{key} {type(self.app.screen).__name__}"] += 1
        await self.painted()
        await self.press("escape")
        while self.app.fleet.busy:
            await self.painted()

    async def go(self, noun: str) -> int:
        """To a list; how many rows it has."""
        await self.press("colon", *noun, "enter")
        table = self.app.fleet.list
        while len(table.order) < len(self.desk.texts):
            await self.painted()
        return len(table.order)

    async def rows(self, noun: str, *keys: str) -> None:
        """Every row of a list; of the bundles, which carry every payload, also the card, and the sentences that come
        of `keys` on it."""
        rows = await self.go(noun)
        for _ in range(rows // self.app.fleet.list.page + 1):
            await self.press("pagedown")
        self.seen[noun] = rows
        for number in range(await self.to_bundles(noun)):
            if noun in ("issues", "devices"):
                await self.known()
            self.seen[f"{noun} card"] += 1
            for key in keys if number % SHELLS == 0 else keys[:2]:
                await self.press(key)
                self.seen[f"{noun} {key}"] += 1
            await self.press("j")

    async def to_bundles(self, noun: str) -> int:
        """To the first of the last rows of a list, which say many payloads each; how many there are."""
        await self.go(noun)
        await self.press("G", *"k" * (self.desk.last - 1))
        return self.desk.last

    async def questions(self) -> None:
        """Plan, menu, note, snooze, close and help."""
        for _ in range(await self.to_bundles("issues")):
            await self.known()
            for key in ("1", "f", "n", "z", "C"):
                await self.question(key)
            await self.press("j")
        await self.question("question_mark")

    async def below(self, noun: str) -> None:
        """The checks of a device, and the heading that names it; a run with its output."""
        for _ in range(await self.to_bundles(noun)):
            before = self.app.screen
            await self.press("enter")
            if noun == "runs":
                while self.app.screen is before:
                    await self.painted()
                await self.press("v")
            await self.painted()
            self.seen[f"below {noun}"] += 1
            await self.press("escape")
            while self.app.fleet.busy:
                await self.painted()
            await self.press("j")

    async def typed(self) -> None:
        """Each bundle pasted as a filter, good or bad, and as a destination."""
        from textual import events  # noqa: PLC0415
        from textual.widgets import Input  # noqa: PLC0415

        for text in self.desk.texts[-self.desk.last :]:
            for prompt, before in (("slash", ""), ("slash", "nofield:")) if self.seen["typed colon"] else ALL_PROMPTS:
                await self.press(prompt)
                box = self.app.fleet.query_one(Input)
                box.value = before
                box.cursor_position = len(before)
                self.app.post_message(events.Paste(text[:200]))
                await self.painted()
                await self.press("enter", "escape", "escape")
                self.seen[f"typed {prompt}"] += 1

    async def told(self) -> None:
        """The end of each run, and each reason why the engine was lost."""
        bundles = range(len(self.desk.texts))[-self.desk.last :]
        for number in bundles:
            self.desk.finish_one(number, self.app.by)
            await self.painted()
            self.seen["run ended"] += 1
        for number in bundles:
            self.desk.lose(self.desk.texts[number])
            await self.painted()
            self.seen["engine lost"] += 1

    async def some(self) -> None:
        """Enough for a control: a list, its cards, sentences, and the plans."""
        await self.rows("issues", "a", "c")
        for _ in range(await self.to_bundles("issues")):
            await self.known()
            await self.question("1")
            await self.press("j")

    async def all(self) -> None:
        await self.rows("issues", "a", "c", "o", "y", "p")
        for noun in ("clients", "sites", "devices", "sources", "runs", "audit"):
            await self.rows(noun)
        await self.questions()
        await self.below("devices")
        await self.below("runs")
        await self.typed()
        await self.told()


def main() -> None:
    from tui.app import clean_environment  # noqa: PLC0415

    control = False
    for variable, open_the_door in (("WALK_WITHOUT_SAFE", bare), ("WALK_WITHOUT_GUARD", unguarded)):
        if os.environ.pop(variable, ""):
            control = True
            open_the_door()
    clean_environment()
    from backends.config.schema import Config, Technician  # noqa: PLC0415
    from tests.support.hostile_desk import HostileDesk  # noqa: PLC0415
    from tests.support.pictures import NOW  # noqa: PLC0415
    from tests.support.screen import NO_PACE, Clock  # noqa: PLC0415
    from tui.now import Now  # noqa: PLC0415
    from tui.rounds import Rounds  # noqa: PLC0415

    desk = HostileDesk()
    taken = {"acknowledge": desk.texts[0] + " a", "claim": desk.texts[0] + " c"}
    config = Config(technician=Technician(name=desk.raw(0), zone="UTC"), clients={}, sources=(), keys=taken)

    async def open_desk() -> HostileDesk:
        return desk

    app = Rounds(open_desk, None, config, title=desk.texts[1], now=Now(Clock(), NOW.timestamp), pace=NO_PACE)
    walks: list[Walk] = []

    async def pilot(driven: Pilot[int]) -> None:
        walk = Walk(app, desk, driven)
        walks.append(walk)
        await walk.until_live()
        await (walk.some() if control else walk.all())
        app.exit()

    app.run(auto_pilot=pilot)
    Path(sys.argv[1]).write_text(json.dumps(walks[0].seen), encoding="utf-8")
    sys.exit(app.return_code or 0)


if __name__ == "__main__":
    main()
