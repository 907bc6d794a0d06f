"""Decisions at the sources: several of them, slow ones, broken ones, and what they say later."""

from __future__ import annotations

import asyncio
from datetime import timedelta
from pathlib import Path

import msgspec
import pytest

from backends.api import Can, DoneInPart, NotSent, Reading, SafeText
from backends.bootstrap.assembly import desk_over
from backends.desk.inprocess import InProcessDesk
from backends.desk.outside import DEADLINE_S, EFFECT_S
from backends.desk.protocol import DeskError, DeskErrorKind
from backends.fleet.marks import SETTLED
from backends.fleet.model import Issue, IssueId, IssueState, SourceName
from backends.store.audit import AuditLog
from backends.store.errors import StoreError
from backends.testing import HANG, FakeClock, a_check
from tests.support.bench import CONFIG, DECIDES, Kept, bench, places_in, polled_by

NGINX = "service/nginx"
ZABBIX, NAGIOS = SourceName("zabbix"), SourceName("nagios")


class Two(Kept):
    """Something is wrong on both servers."""

    def _renew(self) -> None:
        super()._renew()
        last = self.script[-1]
        assert isinstance(last, Reading)
        second = a_check(self.name, "web02", self._clock.now())
        self.script[-1] = msgspec.structs.replace(last, checks=(last.checks[0], second))


async def the_issue(desk: InProcessDesk) -> Issue:
    return next(iter((await desk.picture()).issues.values()))


async def refusal(kind: DeskErrorKind, asking: asyncio.Future[None]) -> str:
    with pytest.raises(DeskError) as error:
        await asking
    assert error.value.kind is kind
    return error.value.sentence


async def through(clock: FakeClock, asking: asyncio.Future[None]) -> None:
    """Let time pass until it is done."""
    while not asking.done():
        await clock.advance(0.2)
        await asyncio.to_thread(len, "")  # record and store write in threads of their own
    await asking


async def test_each_source_of_the_evidence_is_told_and_what_one_refuses_is_said(tmp_path: Path) -> None:
    clock = FakeClock()
    zabbix, nagios = Kept("zabbix", clock), Kept("nagios", clock)
    nagios.refusal = NotSent("No commands are accepted.")
    async with bench(tmp_path, [zabbix, nagios], clock=clock, can=DECIDES) as desk:
        issue = await the_issue(desk)
        assert issue.sources == (NAGIOS, ZABBIX)
        asking = asyncio.ensure_future(desk.acknowledge(issue.id, "tech1"))
        said = await refusal(DeskErrorKind.PARTLY, asking)
        assert said == "Acknowledged here; nagios did not take it: No commands are accepted."
        assert [len(zabbix.told), len(nagios.told)] == [1, 1]
        assert desk._engine.fleet.marks[issue.id].acked_told == (ZABBIX,)


class Mute(Kept):
    """Has nothing there that could be put to rest."""

    def snooze_says(self, native: str, key: str) -> SafeText:
        return SafeText("")


async def test_a_source_with_nothing_to_put_to_rest_is_not_asked_to(tmp_path: Path) -> None:
    clock = FakeClock()
    mute, zabbix = Mute("mute", clock), Kept("zabbix", clock)
    async with bench(tmp_path, [mute, zabbix], clock=clock, can=DECIDES) as desk:
        issue = await the_issue(desk)
        assert (await desk.snooze_says(issue.id)).startswith("zabbix: ")
        until = clock.now() + timedelta(hours=2)
        await desk.snooze(issue.id, "tech1", until, "later")
        assert [len(mute.told), len(zabbix.told)] == [0, 1]
        await desk.acknowledge(issue.id, "tech1")
        assert len(mute.told) == 1


async def test_what_is_left_of_what_a_source_did_is_said(tmp_path: Path) -> None:
    clock = FakeClock()
    zabbix = Kept("zabbix", clock)
    async with bench(tmp_path, [zabbix], clock=clock, can=DECIDES) as desk:
        issue = await the_issue(desk)
        await desk.snooze(issue.id, "tech1", clock.now() + timedelta(hours=2), "later")
        zabbix.refusal, zabbix.did_it = DoneInPart("web01 stays in another maintenance."), True
        said = await refusal(DeskErrorKind.PARTLY, asyncio.ensure_future(desk.wake(issue.id, "tech1")))
        assert said == "Awake here; zabbix: web01 stays in another maintenance."
        assert (await the_issue(desk)).snoozed_until is None


class Tardy(Kept):
    """Says yes at once, and does it a moment after it was asked how things are."""

    async def acknowledge(self, native: str, key: str, by: str, text: SafeText) -> None:
        await super().acknowledge(native, key, by, text)
        self._late, self.handling = self.handling, {}

    def come_true(self) -> None:
        self.handling = self._late
        self._renew()


async def test_what_a_source_does_a_moment_later_is_seen_before_its_next_turn(tmp_path: Path) -> None:
    clock = FakeClock()
    source = Tardy("probe", clock)
    async with bench(tmp_path, [source], clock=clock, can=DECIDES) as desk:
        issue = await the_issue(desk)
        await desk.acknowledge(issue.id, "tech1")
        await clock.advance(0.5)
        source.come_true()
        assert (await the_issue(desk)).handled == ()
        await clock.advance(EFFECT_S)
        assert [word.acked for _, word in (await the_issue(desk)).handled] == [True]


async def test_a_source_that_does_not_answer_is_not_waited_for_for_ever(tmp_path: Path) -> None:
    """F-08, F-78."""
    clock = FakeClock()
    source = Kept("probe", clock)
    source.refusal = HANG
    async with bench(tmp_path, [source], clock=clock, can=DECIDES) as desk:
        issue = await the_issue(desk)
        asking = asyncio.ensure_future(desk.acknowledge(issue.id, "tech1"))
        with pytest.raises(DeskError) as error:
            await through(clock, asking)
        assert f"No answer within {DEADLINE_S:.0f} s. Asked again, it says that it has not." in error.value.sentence
        assert len(source.told) == 1


async def test_while_one_source_is_slow_other_issues_are_decided(tmp_path: Path) -> None:
    clock = FakeClock()
    source = Two("probe", clock)
    source.refusal = HANG
    async with bench(tmp_path, [source], clock=clock, can=DECIDES) as desk:
        slow, other = (await desk.picture()).issues.values()
        asking = asyncio.ensure_future(desk.acknowledge(slow.id, "tech1"))
        await desk.claim(other.id, "tech2")
        assert (await desk.picture()).issues[other.id].owner == "tech2"
        assert not asking.done()
        asking.cancel()
        await asyncio.gather(asking, return_exceptions=True)


async def test_what_the_credentials_do_not_permit_is_not_asked_for(tmp_path: Path) -> None:
    clock = FakeClock()
    source = Kept("probe", clock)
    source.lacks = (Can.ACKNOWLEDGE,)
    async with bench(tmp_path, [source], clock=clock, can=DECIDES) as desk:
        issue = await the_issue(desk)
        await desk.acknowledge(issue.id, "tech1")
        assert (source.told, (await the_issue(desk)).acked_by) == ([], "tech1")


async def test_what_was_decided_where_nothing_can_be_told_is_undone_there(tmp_path: Path) -> None:
    clock = FakeClock()
    source = Kept("probe", clock)
    async with bench(tmp_path, [source], clock=clock) as desk:
        await source.acknowledge("web01", NGINX, "Admin", source.snooze_says("", ""))
        await desk.refresh()
        asking = asyncio.ensure_future(desk.unacknowledge((await the_issue(desk)).id, "tech1"))
        assert (await refusal(DeskErrorKind.REFUSED, asking)).startswith("That was decided in probe, which cannot be")


async def test_a_mistake_of_an_adapter_is_its_own_and_is_said_as_unknown(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    clock = FakeClock()
    source = Kept("probe", clock)
    source.refusal = ValueError("a slip")
    async with bench(tmp_path, [source], clock=clock, can=DECIDES) as desk:
        asking = asyncio.ensure_future(desk.acknowledge((await the_issue(desk)).id, "tech1"))
        with pytest.raises(DeskError) as error:
            await through(clock, asking)
        assert "The probe adapter met an error of its own" in error.value.sentence
        assert "when it was told to acknowledge" in caplog.text


async def test_nothing_is_told_that_is_not_on_record(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """F-62."""
    clock = FakeClock()
    source = Kept("probe", clock)

    def full(*_: object) -> None:
        raise StoreError("The disk is full.")

    async with bench(tmp_path, [source], clock=clock, can=DECIDES) as desk:
        monkeypatch.setattr(AuditLog, "append", full)
        issue = await the_issue(desk)
        for asking in (desk.acknowledge(issue.id, "tech1"), desk.close_issue(issue.id, "tech1", "done")):
            await refusal(DeskErrorKind.UNAVAILABLE, asyncio.ensure_future(asking))
        assert source.told == []


async def acked_and_told(desk: InProcessDesk) -> IssueId:
    issue = await the_issue(desk)
    await desk.acknowledge(issue.id, "tech1")
    return issue.id


async def test_what_is_taken_back_in_the_source_later_is_open_again(tmp_path: Path) -> None:
    clock = FakeClock()
    source = Kept("probe", clock)
    async with bench(tmp_path, [source], clock=clock, can=DECIDES) as desk:
        name = await acked_and_told(desk)
        source.handling.clear()
        await clock.advance(SETTLED.total_seconds() / 2)
        assert (await the_issue(desk)).acked_by == "tech1"
        await clock.advance(SETTLED.total_seconds() + 60)
        assert (await the_issue(desk)).state is IssueState.OPEN
        assert name not in desk._engine.fleet.marks


async def test_after_a_restart_the_source_can_still_take_it_back(tmp_path: Path) -> None:
    clock = FakeClock()
    source = Kept("probe", clock)
    async with bench(tmp_path, [source], clock=clock, can=DECIDES) as desk:
        await acked_and_told(desk)
    source.handling.clear()
    desk = await desk_over(polled_by([source], 30.0, DECIDES), CONFIG, places_in(tmp_path), clock)
    try:
        await desk.first_round()
        assert (await the_issue(desk)).acked_by == "tech1"
        await clock.advance(SETTLED.total_seconds() + 60)
        assert (await the_issue(desk)).state is IssueState.OPEN
    finally:
        await desk.close()


async def test_what_others_began_there_and_waking_does_not_end_is_said(tmp_path: Path) -> None:
    clock = FakeClock()
    source = Kept("probe", clock)
    async with bench(tmp_path, [source], clock=clock, can=DECIDES) as desk:
        source.begun_by_others("web01", NGINX)
        await desk.refresh()
        asking = asyncio.ensure_future(desk.wake((await the_issue(desk)).id, "tech1"))
        said = await refusal(DeskErrorKind.PARTLY, asking)
        assert said == "probe goes on to say that it is quiet: what others began there is ended there."
        assert (await the_issue(desk)).state is IssueState.SNOOZED
