"""Events of a source beside its polls: when a stream is opened, what it brings, and what comes of one that breaks."""

from __future__ import annotations

import logging
from collections.abc import AsyncIterator
from pathlib import Path

import msgspec
import pytest

from backends.api import Can, FaultKind, Reading, SourceError
from backends.desk.inprocess import InProcessDesk
from backends.fleet.model import Freshness, SourceName
from backends.testing import FakeClock, StreamingAdapter, a_check, a_sighting, settle
from tests.support.bench import Kept, bench, sick, well

EVERY_S = 30.0
PROBE = SourceName("probe")


class Streaming(Kept, StreamingAdapter):
    """Facts of now, and a stream."""


@pytest.fixture
def clock() -> FakeClock:
    return FakeClock()


@pytest.fixture
def source(clock: FakeClock) -> Streaming:
    return Streaming("probe", clock)


@pytest.fixture
async def desk(source: Streaming, clock: FakeClock, tmp_path: Path) -> AsyncIterator[InProcessDesk]:
    async with bench(tmp_path, [source], clock=clock, every_s=EVERY_S) as desk:
        await settle()
        yield desk


async def titles(desk: InProcessDesk) -> list[str]:
    return sorted(issue.title for issue in (await desk.picture()).issues.values())


def event(clock: FakeClock, *, ok: bool) -> Reading:
    """nginx on the first server stopped, or runs again; of the others nothing is said."""
    at = clock.now()
    seen = msgspec.structs.replace(a_sighting("probe", "web01", at), partial=True)
    return Reading(source=PROBE, at=at, sightings=(seen,), checks=(a_check("probe", "web01", at, ok=ok),))


async def test_it_is_opened_after_the_first_good_poll_and_polled_once_when_it_listens(
    desk: InProcessDesk, source: Streaming
) -> None:
    assert (source.opened, source.polls) == (1, 2)


async def test_a_source_that_was_never_read_is_not_listened_to(clock: FakeClock, tmp_path: Path) -> None:
    source = Streaming("probe", clock)
    source.script = [SourceError(FaultKind.REFUSED, "Connection refused.")]
    async with bench(tmp_path, [source], clock=clock, every_s=EVERY_S):
        await clock.advance(EVERY_S)
        assert source.opened == 0
        source.script = [sick("probe", clock.now())]
        await clock.advance(EVERY_S * 10)
        assert source.opened == 1


async def test_what_it_tells_is_there_at_once_and_the_rest_stays(
    desk: InProcessDesk, source: Streaming, clock: FakeClock
) -> None:
    source.hurt = False
    await desk.refresh()
    assert await titles(desk) == []
    await clock.advance(5)
    source.tell(event(clock, ok=False))
    await settle()
    assert await titles(desk) == ["nginx has stopped"]
    assert len(await desk.devices()) == 2


async def test_even_a_reading_that_calls_itself_complete_takes_nothing_away(
    desk: InProcessDesk, source: Streaming, clock: FakeClock
) -> None:
    source.tell(msgspec.structs.replace(event(clock, ok=True), complete=True))
    await settle()
    assert len(await desk.devices()) == 2


async def test_it_makes_nothing_younger_than_what_it_tells_of(
    desk: InProcessDesk, source: Streaming, clock: FakeClock
) -> None:
    """F-69: that all else still stands is for polls to say."""
    before = {one.name: one.seen for one in await desk.devices()}
    await clock.advance(25)
    source.tell(msgspec.structs.replace(event(clock, ok=True), complete=False, confirms=True))
    await settle()
    now = {one.name: one.seen for one in await desk.devices()}
    assert [name for name in now if now[name] != before[name]] == ["web01"]


async def test_it_does_not_make_a_source_younger_whose_polls_fail(
    desk: InProcessDesk, source: Streaming, clock: FakeClock
) -> None:
    """F-69."""
    before = (await desk.picture()).sources[PROBE].seen
    source.script = [SourceError(FaultKind.SERVER, "It answers with an error.")]
    await clock.advance(EVERY_S * 1.5)
    source.tell(event(clock, ok=False))
    await settle()
    found = (await desk.picture()).sources[PROBE]
    assert (found.seen, found.state) == (before, Freshness.STALE)
    assert found.fault is not None
    await clock.advance(EVERY_S)
    source.tell(event(clock, ok=False))
    await settle()
    assert (await desk.picture()).sources[PROBE].state is Freshness.SILENT


@pytest.mark.parametrize("end", ["hang up", "error", "mistake", "other source"])
async def test_one_that_ends_is_opened_again_after_the_next_good_poll_and_not_before(
    desk: InProcessDesk, source: Streaming, clock: FakeClock, end: str, caplog: pytest.LogCaptureFixture
) -> None:
    _end(source, end, clock)
    await clock.advance(1)
    assert (source.opened, source.left) == (1, 1)
    await clock.advance(EVERY_S * 1.2)
    assert source.opened == 2
    warnings = [record for record in caplog.records if "no longer tells what changes" in record.message]
    assert len(warnings) == 1


def _end(source: Streaming, end: str, clock: FakeClock) -> None:
    match end:
        case "hang up":
            source.hang_up()
        case "error":
            source.tell(SourceError(FaultKind.UNREACHABLE, "The connection was lost."))
        case "mistake":
            source.tell(ValueError("a slip"))
        case _:
            source.tell(msgspec.structs.replace(well("other", clock.now()), complete=False))


async def test_one_that_cannot_be_opened_is_in_the_log_once_until_it_listens_again(
    desk: InProcessDesk, source: Streaming, clock: FakeClock, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.INFO)
    source.listens = False
    for _ in range(4):
        source.tell(SourceError(FaultKind.FORBIDDEN, "The account may not subscribe to events."))
        await clock.advance(EVERY_S * 1.2)
    source.listens = True
    source.hang_up()
    await clock.advance(EVERY_S * 2.4)
    said = [record.message for record in caplog.records if "what changes" in record.message]
    assert [message.split(" ", 2)[2][:22] for message in said] == ["no longer tells what c", "tells again what chang"]
    assert "may not subscribe" in said[0]


async def test_polls_go_on_beside_it_and_other_sources_notice_nothing(clock: FakeClock, tmp_path: Path) -> None:
    """F-78."""
    source, other = Streaming("probe", clock), Kept("other", clock)
    async with bench(tmp_path, [source, other], clock=clock, every_s=EVERY_S) as desk:
        for _ in range(3):
            source.tell(ValueError("a slip"))
            await clock.advance(EVERY_S * 1.2)
        states = {name: one.state for name, one in (await desk.picture()).sources.items()}
        assert states == {"probe": Freshness.FRESH, "other": Freshness.FRESH}
        assert source.polls >= 4
        assert other.polls >= 3


async def test_what_the_credentials_do_not_permit_is_not_opened(clock: FakeClock, tmp_path: Path) -> None:
    source = Streaming("probe", clock)
    source.lacks = (Can.STREAM,)
    async with bench(tmp_path, [source], clock=clock, every_s=EVERY_S):
        await clock.advance(EVERY_S * 3)
        assert source.opened == 0


async def test_it_is_let_go_before_its_adapter_is(clock: FakeClock, tmp_path: Path) -> None:
    order: list[str] = []

    class Watched(Streaming):
        async def close(self) -> None:
            order.append(f"closed after {self.left} of {self.opened} streams")
            await super().close()

    watched = Watched("probe", clock)
    async with bench(tmp_path, [watched], clock=clock, every_s=EVERY_S):
        await settle()
    assert order == ["closed after 1 of 1 streams"]
