"""Sources whose parts are devices: what was taken out of the configuration is gone, what does not answer grows old."""

from __future__ import annotations

from pathlib import Path

from backends.api import Part, Reading, SourceError
from backends.bootstrap.assembly import desk_over
from backends.desk.inprocess import InProcessDesk
from backends.desk.reloading import Recipe, Wanted
from backends.engine.clock import Clock
from backends.engine.polling import Polled
from backends.fixes.guard import policy_of
from backends.fleet.model import Freshness, Source, SourceName
from backends.testing import HANG, FakeClock, ScriptedAdapter, a_check, a_sighting
from tests.support.bench import CONFIG, places_in, polled_by

SSH = SourceName("ssh")


class Host:
    """One of the hosts of a source; tells that nginx has stopped there, as long as it answers."""

    fault: SourceError | None = None

    def __init__(self, native: str, clock: Clock, *, answers: bool) -> None:
        self.native = native
        self._clock = clock
        self._silent = ScriptedAdapter(SSH, HANG)
        self._answers = answers

    async def poll(self) -> Reading:
        if not self._answers:
            return await self._silent.poll()
        now = self._clock.now()
        seen, check = a_sighting(SSH, self.native, now), a_check(SSH, self.native, now)
        return Reading(source=SSH, at=now, complete=False, covers=(self.native,), sightings=(seen,), checks=(check,))


class Hosts(ScriptedAdapter):
    """A source that spreads."""

    def __init__(self, clock: Clock, *natives: str, answer: bool = True) -> None:
        super().__init__(SSH, HANG)
        self._parts = [Host(native, clock, answers=answer) for native in natives]

    def parts(self) -> list[Part]:
        return [*self._parts]


async def opened(folder: Path, clock: FakeClock, source: ScriptedAdapter) -> InProcessDesk:
    desk = await desk_over(polled_by([source], 30.0), CONFIG, places_in(folder), clock)
    await clock.advance(5)
    return desk


async def names(desk: InProcessDesk) -> dict[str, Freshness]:
    return {device.name: device.freshness for device in await desk.devices()}


async def test_a_host_that_was_taken_out_is_gone_after_a_restart_and_a_silent_one_is_not(tmp_path: Path) -> None:
    clock = FakeClock()
    desk = await opened(tmp_path, clock, Hosts(clock, "web01", "web02", "web03"))
    assert len(await names(desk)) == len((await desk.picture()).issues) == 3
    await desk.close()
    desk = await opened(tmp_path, clock, Hosts(clock, "web01", "web03", answer=False))
    await clock.advance(100)
    assert await names(desk) == {"web01": Freshness.SILENT, "web03": Freshness.SILENT}
    picture = await desk.picture()
    assert {issue.device_name for issue in picture.issues.values()} == {"web01", "web03"}
    assert picture.sources[SSH].devices == 2
    await desk.close()


async def test_what_is_gone_is_not_remembered_either(tmp_path: Path) -> None:
    clock = FakeClock()
    for natives, answer in ((("web01", "web02"), True), (("web01",), True), (("web01", "web02"), False)):
        desk = await opened(tmp_path, clock, Hosts(clock, *natives, answer=answer))
        shown = await names(desk)
        await desk.close()
    assert set(shown) == {"web01"}


async def test_a_source_that_cannot_be_opened_for_now_forgets_nothing(tmp_path: Path) -> None:
    clock = FakeClock()
    desk = await opened(tmp_path, clock, Hosts(clock, "web01", "web02"))
    await desk.close()
    desk = await opened(tmp_path, clock, ScriptedAdapter(SSH, HANG))
    assert set(await names(desk)) == {"web01", "web02"}
    await desk.close()


async def test_a_host_that_was_taken_out_is_gone_after_a_reload(tmp_path: Path) -> None:
    clock = FakeClock()
    source = Source(name=SSH, kind="ssh", state=Freshness.STALE, every_s=30.0)

    def wanted(*natives: str, answer: bool) -> Wanted:
        recipe = Recipe(
            means=natives, kind="ssh", open=lambda: (Polled(Hosts(clock, *natives, answer=answer), 30.0), source)
        )
        return Wanted(clients=CONFIG.clients, sources={SSH: recipe}, policy=policy_of(()), policy_means=(), me="tech1")

    async def read() -> Wanted:
        return wanted("web02", answer=False)

    before = wanted("web01", "web02", answer=True)
    sources = [recipe.open() for recipe in before.sources.values()]
    desk = await desk_over(sources, CONFIG, places_in(tmp_path), clock, wanted=before, read=read)
    await clock.advance(5)
    assert set(await names(desk)) == {"web01", "web02"}
    await desk.reload()
    await clock.advance(1)
    assert await names(desk) == {"web02": Freshness.STALE}
    picture = await desk.picture()
    assert ([issue.device_name for issue in picture.issues.values()], picture.sources[SSH].devices) == (["web02"], 1)
    await desk.close()
