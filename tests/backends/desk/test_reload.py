"""Reading the configuration again: only what is different is touched, and an error changes nothing."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from msgspec.structs import replace

from backends.bootstrap.assembly import assembled, desk_over
from backends.config.load import parse
from backends.config.paths import places, secure
from backends.config.schema import Config, Guard, Profile
from backends.desk.inprocess import InProcessDesk
from backends.desk.protocol import Approval, DeskError, DeskErrorKind, Interest
from backends.desk.reloading import Recipe, Wanted
from backends.engine.clock import SystemClock
from backends.engine.polling import Polled
from backends.fixes.guard import policy_of
from backends.fleet.model import FixId, Freshness, Source, SourceName, device_id
from backends.fleet.run import Consent
from backends.testing import HANG, ScriptedAdapter
from tests.support.bench import CONFIG, Kept, places_in, sick
from tests.support.eventually import until


class Office:
    """A configuration that may be changed, and whatever was opened by it."""

    def __init__(self) -> None:
        self.opened: list[ScriptedAdapter] = []
        self.means: dict[str, object] = {"one": 1, "two": 1}
        self.config: Config = CONFIG
        self.error = ""
        self.silent = False
        """What is opened from now on does not answer."""

    def wanted(self) -> Wanted:
        sources = {
            SourceName(name): Recipe(means=means, kind="scripted", open=lambda name=name: self.open(name))  # type: ignore[misc]
            for name, means in self.means.items()
        }
        guards = self.config.guards
        return Wanted(
            clients=self.config.clients,
            sources=sources,
            policy=policy_of(guards),
            policy_means=guards,
            me=self.config.technician.name,
        )

    def open(self, name: str) -> tuple[Polled, Source]:
        adapter = ScriptedAdapter(name, HANG) if self.silent else Kept(name, SystemClock())
        self.opened.append(adapter)
        known = Source(
            name=SourceName(name), kind="scripted", state=Freshness.STALE, every_s=30.0, capabilities=("run fixes",)
        )
        return Polled(adapter, 30.0), known

    async def read(self) -> Wanted:
        if self.error:
            raise DeskError(DeskErrorKind.REFUSED, self.error)
        return self.wanted()


@pytest.fixture
def office() -> Office:
    return Office()


@pytest.fixture
async def desk(office: Office, tmp_path: Path) -> AsyncIterator[InProcessDesk]:
    wanted = office.wanted()
    sources = [recipe.open() for recipe in wanted.sources.values()]
    desk = await desk_over(sources, CONFIG, places_in(tmp_path), SystemClock(), wanted=wanted, read=office.read)
    await desk.first_round()
    yield desk
    await desk.close()


async def states(desk: InProcessDesk) -> dict[str, Freshness]:
    return {name: source.state for name, source in (await desk.picture()).sources.items()}


async def test_a_new_source_is_opened_and_polled_and_no_other(office: Office, desk: InProcessDesk) -> None:
    office.means["three"] = 1
    assert await desk.reload() == "The engine has taken the configuration in: 1 source new."
    await until(lambda: office.opened[-1].polls > 0)
    await desk.refresh(SourceName("three"))
    assert await states(desk) == dict.fromkeys(("one", "two", "three"), Freshness.FRESH)
    assert [adapter.name for adapter in office.opened] == ["one", "two", "three"]


async def test_a_source_that_was_taken_out_is_closed_and_gone(office: Office, desk: InProcessDesk) -> None:
    del office.means["one"]
    assert "1 source gone" in await desk.reload()
    assert office.opened[0].closed
    picture = await desk.picture(Interest(devices=True))
    assert set(picture.sources) == {"two"}
    assert {source for device in picture.devices.values() for source in device.sources} == {"two"}
    with pytest.raises(DeskError, match="no source one"):
        await desk.refresh(SourceName("one"))


async def test_a_changed_source_is_opened_again_and_keeps_its_last_facts_as_stale(
    office: Office, desk: InProcessDesk
) -> None:
    office.means["one"], office.silent = 2, True
    assert "1 source opened again" in await desk.reload()
    assert office.opened[0].closed
    picture = await desk.picture(Interest(devices=True))
    assert picture.devices[device_id(SourceName("one"), "web01")].freshness is Freshness.STALE
    assert (await states(desk))["two"] is Freshness.FRESH
    office.means["one"], office.silent = 3, False
    await desk.reload()
    await desk.refresh(SourceName("one"))
    assert (await states(desk))["one"] is Freshness.FRESH


async def test_an_error_changes_nothing_and_is_said(office: Office, desk: InProcessDesk) -> None:
    office.error, office.means = "line 3: no such kind", {}
    with pytest.raises(DeskError, match="line 3: no such kind"):
        await desk.reload()
    assert await states(desk) == dict.fromkeys(("one", "two"), Freshness.FRESH)
    assert not any(adapter.closed for adapter in office.opened)


async def test_the_same_again_is_nothing(office: Office, desk: InProcessDesk) -> None:
    assert await desk.reload() == "Nothing in the configuration is different."
    assert len(office.opened) == 2


async def test_new_guards_hold_from_now_on(office: Office, desk: InProcessDesk) -> None:
    office.config = replace(CONFIG, guards=(Guard(match="*", consent=Consent.REFUSE, reason="not today"),))
    assert await desk.reload() == "The engine has taken the configuration in."
    (issue, *_) = (await desk.picture()).issues.values()
    assert issue.device is not None
    plan = await desk.plan(FixId("restart-service"), [issue.device], "tech1", issue.id)
    assert (plan.consent, "not today" in plan.reason) == (Consent.REFUSE, True)


async def test_while_a_fix_is_under_way_no_source_is_closed(office: Office, desk: InProcessDesk) -> None:
    (issue, *_) = (await desk.picture()).issues.values()
    assert issue.device is not None
    by_name = {adapter.name: adapter for adapter in office.opened}
    adapter = by_name[issue.sources[0]]
    adapter.outcome = HANG
    plan = await desk.plan(FixId("restart-service"), [issue.device], "tech1", issue.id)
    await desk.approve(plan.id, Approval(confirmed=True))
    office.means = {}
    with pytest.raises(DeskError, match="A fix is under way"):
        await desk.reload()
    assert set(await states(desk)) == {"one", "two"}


async def test_all_sources_may_go_and_others_come(office: Office, desk: InProcessDesk) -> None:
    office.means = {}
    await desk.reload()
    assert await states(desk) == {}
    office.means = {"four": 1}
    await desk.reload()
    await desk.refresh()
    assert await states(desk) == {"four": Freshness.FRESH}


async def test_a_file_with_an_error_is_told_by_line_and_key(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    for name in ("XDG_CONFIG_HOME", "XDG_STATE_HOME", "XDG_RUNTIME_DIR"):
        monkeypatch.setenv(name, str(tmp_path / name))
    where = places(Profile())
    secure(where)
    where.config.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    where.config.touch(0o600)
    where.config.write_text('[technician]\nname = "tech1"\n')
    desk = await assembled(Profile(), parse(where.config.read_text(), str(where.config)), where, lambda: None)
    try:
        where.config.write_text('[technician]\nname = "tech1"\n[sources.x]\nkind = "nope"\n')
        with pytest.raises(DeskError, match=r'config\.toml:4: .*no kind of source "nope"'):
            await desk.reload()
        where.config.write_text('[technician]\nname = "tech2"\n[sources.here]\nkind = "local"\n')
        assert await desk.reload() == "The engine has taken the configuration in: 1 source new, 1 source gone."
    finally:
        await desk.close()


async def test_what_is_still_read_of_a_source_that_is_gone_brings_it_not_back(
    office: Office, desk: InProcessDesk
) -> None:
    del office.means["one"]
    await desk.reload()
    desk._engine.heard(sick("one", SystemClock().now()))
    assert set((await desk.picture()).sources) == {"two"}
