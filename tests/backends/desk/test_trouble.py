"""A store that cannot be written: everything is still seen, it is said, and nothing is done without its record."""

from __future__ import annotations

from pathlib import Path

import pytest

from backends.desk.protocol import Approval, DeskError, DeskErrorKind
from backends.engine.trouble import STORE
from backends.fleet.run import Consent
from backends.store import audit
from backends.store.errors import StoreError
from backends.store.store import Store
from backends.testing import FakeClock
from tests.support.bench import Kept, bench, written
from tests.support.doomed import RESTART, WEB01


@pytest.fixture
def spoiled(tmp_path: Path) -> Path:
    """Where the journal should be, there is a folder."""
    (tmp_path / "journal.db").mkdir(mode=0o700)
    return tmp_path


async def test_what_is_seen_is_seen_all_the_same_and_the_trouble_is_an_issue(spoiled: Path) -> None:
    """F-83."""
    clock = FakeClock()
    async with bench(spoiled, [Kept("probe", clock)], clock=clock) as desk:
        await clock.advance(5)
        picture = await desk.picture()
        assert "nginx has stopped" in [issue.title for issue in picture.issues.values()]
        assert picture.sources[STORE].fault is not None
        assert [issue.source for issue in picture.issues.values() if issue.family == "source"] == [STORE]


async def test_nothing_is_run_and_nothing_decided(spoiled: Path) -> None:
    """F-62, F-83."""
    clock = FakeClock()
    source = Kept("probe", clock)
    async with bench(spoiled, [source], clock=clock) as desk:
        issue = next(one for one in (await desk.picture()).issues.values() if one.device is not None)
        for asking in (desk.claim(issue.id, "tech1"), desk.plan(RESTART, [WEB01], "tech1")):
            with pytest.raises(DeskError) as error:
                await asking
            assert error.value.kind is DeskErrorKind.UNAVAILABLE
        assert (await desk.picture()).issues[issue.id].owner == ""
        assert source.executed == []


async def test_when_it_can_be_written_again_everything_works_without_a_restart(spoiled: Path) -> None:
    clock = FakeClock()
    async with bench(spoiled, [Kept("probe", clock)], clock=clock) as desk:
        await clock.advance(5)
        (spoiled / "journal.db").rmdir()
        for _ in range(300):
            await clock.advance(1)
            await written(desk)
            if STORE not in (await desk.picture()).sources:
                break
        picture = await desk.picture()
        assert STORE not in picture.sources
        assert [issue.title for issue in picture.issues.values()] == ["nginx has stopped"]
        assert (await desk.plan(RESTART, [WEB01], "tech1")).targets


async def test_no_run_without_its_audit_record(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """F-62."""
    clock = FakeClock()
    source = Kept("probe", clock)
    async with bench(tmp_path, [source], clock=clock) as desk:
        plan = await desk.plan(RESTART, [WEB01], "tech1")

        def full(descriptor: int, content: bytes) -> None:
            raise OSError(28, "No space left on device")

        monkeypatch.setattr(audit, "_write_durably", full)
        with pytest.raises(DeskError) as error:
            await desk.approve(plan.id, Approval(confirmed=True))
        assert error.value.kind is DeskErrorKind.UNAVAILABLE
        assert source.executed == []


async def test_records_that_were_lost_are_told_and_on_record_and_fixes_still_run(tmp_path: Path) -> None:
    (tmp_path / "journal.db").write_bytes(b"garbage" * 1000)
    clock = FakeClock()
    async with bench(tmp_path, [Kept("probe", clock)], clock=clock) as desk:
        await clock.advance(5)
        fault = (await desk.picture()).sources[STORE].fault
        assert fault is not None
        assert "journal.db was damaged" in fault.sentence
        assert "check before you repeat one" in fault.sentence
        assert [(record.event, record.by) for record in await desk.audit()] == [("store-damaged", "rounds")]
        assert (await desk.plan(RESTART, [WEB01], "tech1")).consent is not Consent.REFUSE


async def test_a_journal_that_cannot_be_read_does_not_pass_for_an_empty_one(spoiled: Path) -> None:
    store = Store.open(spoiled)
    try:
        with pytest.raises(StoreError):
            await store.unsettled_runs()
    finally:
        await store.close()
