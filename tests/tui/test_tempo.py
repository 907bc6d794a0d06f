"""A slow link is noticed by what does not get out, and spared; keys know nothing of it."""

from __future__ import annotations

import asyncio
import threading
from typing import IO, cast

import pytest
from msgspec.structs import replace

from tests.support import pictures
from tests.support.screen import NO_PACE, opened
from tests.tui.test_bridge import put
from tui.tempo import Backlog, Tempo
from tui.writer import MeasuredWriter


class Clock:
    def __init__(self) -> None:
        self.now = 50.0

    def __call__(self) -> float:
        return self.now


class Link:
    """A backlog whose pieces take as long to get out as is told."""

    def __init__(self, batch_s: float = 0.25) -> None:
        self.clock = Clock()
        self.backlog = Backlog(self.clock)
        self.tempo = Tempo(batch_s, self.backlog)

    def writes(self, took_s: float) -> float:
        """A piece that got out after so long; the pace then."""
        self.backlog.give()
        self.clock.now += took_s
        self.backlog.take(1)
        return self.tempo.batch_s()


def test_a_quick_link_is_shown_four_pictures_a_second() -> None:
    link = Link()
    assert [link.tempo.batch_s(), link.writes(0.0), link.writes(0.01)] == [0.25, 0.25, 0.25]


@pytest.mark.parametrize(("took_s", "batch_s"), [(0.1, 0.25), (0.2, 0.5), (0.4, 1.0), (0.9, 2.0), (60.0, 2.0)])
def test_the_slower_the_link_the_longer_the_batches(took_s: float, batch_s: float) -> None:
    """F-81."""
    assert Link().writes(took_s) == batch_s


def test_a_link_that_takes_nothing_is_noticed_before_it_takes_something() -> None:
    """F-81."""
    link = Link()
    link.backlog.give()
    paces = []
    for _ in range(5):
        link.clock.now += 0.3
        paces.append(link.tempo.batch_s())
    assert paces == [1.0, 2.0, 2.0, 2.0, 2.0]


def test_a_link_that_is_quick_again_is_believed_step_by_step() -> None:
    link = Link()
    assert [link.writes(1.0), link.writes(0.0), link.writes(0.0), link.writes(0.0)] == [2.0, 1.0, 0.5, 0.25]


def test_silence_is_no_news_of_the_link() -> None:
    link = Link()
    link.writes(1.0)
    link.writes(0.0)
    assert [link.tempo.batch_s() for _ in range(3)] == [1.0, 1.0, 1.0]


def test_a_slow_pace_is_not_stretched_beyond_two_seconds() -> None:
    link = Link(batch_s=1.0)
    assert [link.tempo.batch_s(), link.writes(60.0)] == [1.0, 2.0]


class Pipe:
    """A terminal that takes nothing until it is told to."""

    def __init__(self) -> None:
        self.open = threading.Event()
        self.asked = threading.Event()
        self.text = ""

    def write(self, text: str) -> None:
        self.text += text

    def flush(self) -> None:
        self.asked.set()
        assert self.open.wait(60)

    def fileno(self) -> int:
        return 1


def test_the_writer_tells_what_is_not_out_yet() -> None:
    clock, pipe = Clock(), Pipe()
    backlog = Backlog(clock)
    writer = MeasuredWriter(cast(IO[str], pipe), backlog)
    writer.start()
    writer.write("frame")
    assert pipe.asked.wait(60)
    clock.now += 3
    assert (backlog.wait_s(), backlog.taken) == (3.0, 0)

    pipe.open.set()
    writer.stop()
    assert (backlog.wait_s(), backlog.taken, pipe.text) == (3.0, 1, "frame")


async def test_keys_are_painted_while_changes_wait_for_a_slow_link() -> None:
    never = asyncio.Event()

    async def for_ever(_: float) -> None:
        await never.wait()

    async with opened(pace=replace(NO_PACE, batch_s=2.0, sleep=for_ever)) as screen:
        before = screen.app.fleet.board.picture
        first = screen.app.fleet.list.cursor_key
        screen.desk.change(put(100))
        await screen.press("j")
        assert screen.app.fleet.list.cursor_key != first
        assert screen.app.fleet.board.picture is before
        assert pictures.PICTURE.issues == before.issues
