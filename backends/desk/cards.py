"""What is asked for when somebody looks at one device or one issue: the card, and the fixes that apply."""

from __future__ import annotations

from collections.abc import Mapping

from backends.desk.aims import Aims
from backends.engine.engine import Engine
from backends.fixes.model import Fix
from backends.fixes.offers import offers_for_device, offers_for_issue
from backends.fleet.fleet import Fleet
from backends.fleet.model import Device, DeviceId, FixId, IssueId, Note
from backends.fleet.run import DeviceCard, Offer, Run, SourceVoice
from backends.store.store import Store

RUNS_SEARCHED = 500
"""Latest runs of the whole fleet among which those of one device are looked for."""
RUNS_SHOWN = 20
EPISODES_SHOWN = 50


class Cards:
    """Puts cards together from the fleet and the store."""

    def __init__(self, engine: Engine, store: Store, aims: Aims, fixes: Mapping[FixId, Fix]) -> None:
        self._engine = engine
        self._store = store
        self._aims = aims
        self._fixes = fixes

    async def card(self, device: DeviceId) -> DeviceCard:
        """Raises `DeskError(NOT_FOUND)`."""
        self._aims.device(device)
        runs = await self._store.runs(RUNS_SEARCHED)
        open_issues = self._engine.fleet.issues_of(device)
        notes: list[Note] = []
        for issue in open_issues:
            if issue.notes:
                notes += await self._store.notes(issue.id)
        known = self._aims.device(device)  # it may be gone by now
        fleet = self._engine.fleet
        episodes = [one for issue in fleet.issues_of(device) for one in fleet.episodes.get(issue.id, ())]
        return DeviceCard(
            at=self._engine.clock.now(),
            device=known,
            checks=fleet.checks_of(device),
            voices=_voices(fleet, known),
            offers={issue.id: self.offers(issue.id) for issue in fleet.issues_of(device)},
            fixes=self._device_offers(device),
            runs=_of_device(device, fleet, runs)[:RUNS_SHOWN],
            notes=tuple(sorted(notes, key=lambda note: note.at)),
            episodes=tuple(sorted(episodes, key=lambda one: one.began, reverse=True)[:EPISODES_SHOWN]),
        )

    def offers(self, issue: IssueId) -> tuple[Offer, ...]:
        """Fixes that answer the issue. Raises `DeskError(NOT_FOUND)`."""
        known = self._aims.issue(issue)
        aim = self._aims.first(known.device, issue) if known.device is not None else None
        return offers_for_issue(self._fixes.values(), aim) if aim is not None else ()

    def _device_offers(self, device: DeviceId) -> tuple[Offer, ...]:
        aim = self._aims.first(device)
        return offers_for_device(self._fixes.values(), aim) if aim is not None else ()


def _voices(fleet: Fleet, device: Device) -> tuple[SourceVoice, ...]:
    return tuple(
        SourceVoice(
            source=fleet.sources[told.sighting.source],
            name=told.sighting.name,
            seen=told.sighting.seen,
            health=told.sighting.health,
        )
        for told in fleet.told_of(device)
    )


def _of_device(device: DeviceId, fleet: Fleet, stored: list[Run]) -> tuple[Run, ...]:
    """Latest first; what is in the fleet is never older than what is in the store."""
    runs = {run.id: run for run in stored} | fleet.runs
    mine = [run for run in runs.values() if run.device == device]
    return tuple(sorted(mine, key=lambda run: run.planned, reverse=True))
