"""What is asked for when somebody looks at one device or one issue: the card, and the fixes that apply."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence

from backends.desk.aims import Aims
from backends.desk.catalogue import Catalogue
from backends.desk.histories import Histories
from backends.desk.opinions import Opinions
from backends.engine.engine import Engine
from backends.fixes.aim import Aim
from backends.fixes.model import Fix
from backends.fixes.offers import offers_for_device, offers_for_issue
from backends.fleet.fleet import Fleet
from backends.fleet.identity import Key
from backends.fleet.model import Check, Device, DeviceId, IssueId, Note, issue_id
from backends.fleet.nearby import near
from backends.fleet.run import DeviceCard, Offer, Run, SourceVoice
from backends.fleet.trend import Trend
from backends.store.store import Store

_Offers = Callable[[Iterable[Fix], Aim], tuple[Offer, ...]]

RUNS_SEARCHED = 500
"""Latest runs of the whole fleet among which those of one device are looked for."""
RUNS_SHOWN = 20
EPISODES_SHOWN = 50


class Cards:
    """Puts cards together from the fleet and the store."""

    def __init__(
        self,
        engine: Engine,
        store: Store,
        aims: Aims,
        *,
        histories: Histories,
        fixes: Catalogue,
        opinions: Opinions,
    ) -> None:
        self._engine = engine
        self._store = store
        self._aims = aims
        self._histories = histories
        self._fixes = fixes
        self._opinions = opinions

    async def card(self, device: DeviceId) -> DeviceCard:
        """Raises `DeskError(NOT_FOUND)`."""
        looked = self._aims.device(device)
        await self._histories.looked(_keys(looked), self._engine.fleet.checks_of(device))
        runs = await self._store.runs(RUNS_SEARCHED)
        open_issues = self._engine.fleet.issues_of(device)
        notes: list[Note] = []
        for issue in open_issues:
            if issue.notes:
                notes += await self._store.notes(issue.id)
        known = self._aims.device(device)  # it may be gone by now
        fleet = self._engine.fleet
        now = self._engine.clock.now()
        checks = fleet.checks_of(device)
        conditions = {issue_id(device, check.key) for check in checks} | {one.id for one in fleet.issues_of(device)}
        episodes = [one for name in conditions for one in fleet.episodes.get(name, ())]
        told = _latest(fleet, runs)
        return DeviceCard(
            at=now,
            device=known,
            checks=checks,
            voices=_voices(fleet, known),
            offers={issue.id: self.offers(issue.id) for issue in fleet.issues_of(device)},
            fixes=self._offered(device, None, offers_for_device),
            runs=tuple(run for run in told if run.device == device)[:RUNS_SHOWN],
            notes=tuple(sorted(notes, key=lambda note: note.at)),
            episodes=tuple(sorted(episodes, key=lambda one: one.began, reverse=True)[:EPISODES_SHOWN]),
            trends=self._trends(known, checks),
            nearby=near(fleet, known, told, now),
            opinion=self._opinions.last(device),
        )

    def _trends(self, device: Device, checks: Sequence[Check]) -> tuple[Trend, ...]:
        """Of the checks that there are now."""
        told = {(check.source, check.native, check.key) for check in checks}
        trends = self._engine.trends.of(_keys(device))
        return tuple(trend for trend in trends if (trend.source, trend.native, trend.key) in told)

    def offers(self, issue: IssueId) -> tuple[Offer, ...]:
        """Fixes that answer the issue. Raises `DeskError(NOT_FOUND)`."""
        known = self._aims.issue(issue)
        if known.device is None:
            return ()
        return self._offered(known.device, issue, offers_for_issue)

    def _offered(self, device: DeviceId, issue: IssueId | None, offers: _Offers) -> tuple[Offer, ...]:
        """Bundled fixes by the best way, then what each source of the device runs by its own means."""
        aim = self._aims.first(device, issue)
        found = offers(self._fixes.bundled.values(), aim) if aim is not None else ()
        for own in self._aims.ways(device, issue):
            found += offers(self._fixes.of(own.source).values(), own)
        return found


def _voices(fleet: Fleet, device: Device) -> tuple[SourceVoice, ...]:
    return tuple(
        SourceVoice(
            source=fleet.sources[told.standing.source],
            name=told.standing.name,
            seen=told.seen,
            health=told.standing.health,
        )
        for told in fleet.told_of(device)
    )


def _keys(device: Device) -> list[Key]:
    return list(zip(device.sources, device.natives, strict=True))


def _latest(fleet: Fleet, stored: list[Run]) -> list[Run]:
    """Latest first; what is in the fleet is never older than what is in the store."""
    runs = {run.id: run for run in stored} | fleet.runs
    return sorted(runs.values(), key=lambda run: run.planned, reverse=True)
