"""What a source sees of a machine at one moment: its good day, the story's troubles, what fixes changed."""

from __future__ import annotations

import math
from collections.abc import Iterable
from datetime import datetime, timedelta
from functools import lru_cache
from typing import TYPE_CHECKING

from msgspec import structs

from backends.adapters.demo.acts import BOOT_S, Act, Acts
from backends.adapters.demo.cures import cured, done
from backends.adapters.demo.gauges import AGENT_FAMILIES, Gauge, gauges_of
from backends.adapters.demo.luck import letters, number
from backends.adapters.demo.machines import RMM, Machine
from backends.adapters.demo.moment import Moment
from backends.adapters.demo.story import Story
from backends.adapters.demo.trouble import Trouble
from backends.adapters.demo.values import Values
from backends.fleet.model import (
    Check,
    CheckState,
    Client,
    Health,
    Identity,
    SafeText,
    Severity,
    Sighting,
    SourceName,
    safe,
)

if TYPE_CHECKING:
    from backends.adapters.demo.hostile import Mask

JOB = "job"


class Eye:
    """Looks at machines through one source."""

    def __init__(self, story: Story, acts: Acts, mask: Mask | None, values: Values) -> None:
        self._story = story
        self._world = story.world
        self._acts = acts
        self._mask = mask
        self._values = values

    def see(self, machine: Machine, name: str, voice: str, at: Moment) -> tuple[Sighting, list[Check]]:
        """What the source of that name tells; `voice` is the part that it plays among the machine's sources, if any."""
        acts = self._effective(machine.index)
        present = self.present(machine.index, at)
        lost = self._lost(present, acts, at)
        native = self.native(machine, voice)
        source = SourceName(name)
        sighting = self._sighting(machine, source, voice=voice, native=native, acts=acts, lost=lost, at=at)
        if lost is not None:
            known = [lost, *(trouble for trouble in present if _outlives(trouble) and _speaks(machine, voice, JOB))]
            return sighting, [self._trouble(machine, trouble, source, native, at=at) for trouble in known]
        checks: list[Check] = []
        troubles = {trouble.key: trouble for trouble in present}
        for gauge in self._gauges(machine):
            trouble = troubles.pop(gauge.key, None)
            if not _speaks(machine, voice, gauge.family):
                continue
            if trouble is None:
                checks.append(self._well(machine, gauge, source, native, at))
            else:
                checks.append(self._trouble(machine, trouble, source, native, at=at, gauge=gauge))
        checks += [
            self._trouble(machine, trouble, source, native, at=at)
            for trouble in troubles.values()
            if _speaks(machine, voice, trouble.family)
        ]
        return sighting, checks

    def measured(self, machine: Machine, key: str, at: Moment) -> tuple[str, float | None]:
        """The unit and the value of one check as it is at that moment; no value while the machine does not answer, or
        where there is none."""
        present = self.present(machine.index, at)
        gauge = next((one for one in self._gauges(machine) if one.key == key), None)
        trouble = next((one for one in reversed(present) if self._key(machine, one) == key), None)
        unit = trouble.unit if trouble is not None else gauge.unit if gauge is not None else ""
        if self._lost(present, self._effective(machine.index), at) is not None:
            return unit, None
        if trouble is not None:
            return unit, trouble.says(at.t, self._values.jitter(machine.index, at.t))[1]
        if gauge is None or gauge.low is None:
            return unit, None
        return unit, max(self._values.value(machine.index, gauge, gauge.low, at.t), self._filled(machine, key, at.t))

    def _filled(self, machine: Machine, key: str, t: float) -> float:
        """What fills up had been filling before anybody called that a trouble; so it was before the story began."""
        coming = [
            trouble.value_at(t) or 0.0
            for trouble in self._story.troubles(machine.index, t)
            if t < trouble.start <= 0.0 and trouble.slope > 0.0 and self._key(machine, trouble) == key
        ]
        return round(max(coming), 1) if coming else -math.inf

    def _key(self, machine: Machine, trouble: Trouble) -> str:
        subject = trouble.subject if self._mask is None else self._mask.subject(machine.index, trouble.subject)
        return f"{trouble.family}/{subject}" if subject else trouble.family

    def _gauges(self, machine: Machine) -> tuple[Gauge, ...]:
        return gauges_of(machine.kind, machine.platform, machine.role, self._world.large)

    def present(self, machine: int, at: Moment) -> list[Trouble]:
        """The troubles that are upon it now, fixes considered."""
        acts = self._effective(machine)
        temper = self._story.tempers.get(machine, "")
        return [
            trouble
            for trouble in self._story.troubles(machine, at.t)
            if trouble.present(at.t) and not any(cured(trouble, act, temper, at) for act in acts)
        ]

    def answers(self, machine: int, at: Moment) -> bool:
        return self._lost(self.present(machine, at), self._effective(machine), at) is None

    def boots(self, machine: int, at: Moment) -> tuple[str, datetime]:
        """Boot id and boot time."""
        seed = self._world.seed
        booted = at.epoch - timedelta(seconds=3600 + number(seed, "booted", machine) % (90 * 86_400))
        restarts = self._story.restarts(machine, at.t)
        # Marked by the story's times and the acts' own, which are the same for every source.
        marks = [f"{moment:.3f}" for moment in restarts[-1:]]
        if restarts:
            booted = at.real(restarts[-1])
        for act in self._effective(machine):
            if act.action == "reboot" and done(act, at):
                marks.append(act.at.isoformat())
                booted = max(booted, act.at + timedelta(seconds=BOOT_S / at.speed))
        text = letters(32, seed, "boot", machine, len(restarts), *marks)
        return f"{text[:8]}-{text[8:12]}-{text[12:16]}-{text[16:20]}-{text[20:]}", booted

    def _effective(self, machine: int) -> tuple[Act, ...]:
        """What was done to it, without scripts that failed half-way."""
        return () if self._story.tempers.get(machine) == "fails" else self._acts.of(machine)

    def native(self, machine: Machine, voice: str) -> str:
        """The machine's id at one of its sources; at a source that knows everybody it is the first one's."""
        native = machine.natives[machine.sources.index(voice) if voice else 0]
        return native if self._mask is None else self._mask.native(machine.index, native)

    def clients(self, machines: Iterable[Machine]) -> tuple[Client, ...]:
        """The companies that these machines belong to."""
        known = [(number, self._world.companies[number].client) for number in sorted({one.company for one in machines})]
        if self._mask is None:
            return tuple(client for _, client in known)
        mask = self._mask
        return tuple(structs.replace(client, name=safe(mask.client(number, client.name))) for number, client in known)

    def identity(self, machine: Machine, voice: str) -> Identity:
        agent = self.native(machine, RMM) if voice in ("", RMM) and RMM in machine.sources else ""
        return Identity(serial=machine.serial, macs=machine.macs, agent=agent)

    def _lost(self, present: list[Trouble], acts: tuple[Act, ...], at: Moment) -> Trouble | None:
        for act in acts:
            if act.action == "reboot" and act.at <= at.now < act.at + timedelta(seconds=BOOT_S / at.speed):
                return _BOOTING
        return next((trouble for trouble in present if trouble.down), None)

    def _sighting(
        self,
        machine: Machine,
        source: SourceName,
        *,
        voice: str,
        native: str,
        acts: tuple[Act, ...],
        lost: Trouble | None,
        at: Moment,
    ) -> Sighting:
        company = self._world.companies[machine.company].client
        branch = self._world.branches[machine.branch]
        boot, booted = self.boots(machine.index, at) if machine.platform else ("", None)
        seen = at.now
        if lost is not None:
            seen = at.real(lost.since(at.t)) if lost is not _BOOTING else acts[-1].at
        mask = self._mask
        return Sighting(
            source=source,
            native=native,
            client=company.id,
            client_name=company.name if mask is None else safe(mask.client(machine.company, company.name)),
            site=branch.id,
            site_name=branch.name if mask is None else safe(mask.site(machine.branch, branch.name)),
            name=safe(machine.name if mask is None else mask.machine(machine.index, machine.name)),
            kind=machine.kind,
            platform=machine.platform,
            address=machine.address,
            health=Health.OK if lost is None else Health.DOWN,
            boot_id=boot,
            booted=booted,
            identity=self.identity(machine, voice),
            system=machine.system,
            seen=seen,
            partial=lost is not None,
        )

    def _well(self, machine: Machine, gauge: Gauge, source: SourceName, native: str, at: Moment) -> Check:
        value = None
        if gauge.low is not None:
            value = self._values.value(machine.index, gauge, gauge.low, at.t)
        return Check(
            source=source,
            native=native,
            family=gauge.family,
            subject=gauge.subject,
            label=gauge.label,
            state=CheckState.OK,
            value=value,
            unit=gauge.unit,
            warn=gauge.warn,
            crit=gauge.crit,
            seen=at.now,
        )

    def _trouble(
        self,
        machine: Machine,
        trouble: Trouble,
        source: SourceName,
        native: str,
        *,
        at: Moment,
        gauge: Gauge | None = None,
    ) -> Check:
        state, severity = trouble.state_at(at.t)
        words, value = trouble.says(at.t, self._values.jitter(machine.index, at.t))
        if self._mask is not None:
            words = self._mask.words(machine.index, words)
        label = _label(trouble.label) if trouble.label or gauge is None else gauge.label
        return Check(
            source=source,
            native=native,
            family=trouble.family,
            subject=trouble.subject if self._mask is None else self._mask.subject(machine.index, trouble.subject),
            label=label or _label(trouble.family.capitalize()),
            state=state,
            severity=severity,
            summary=safe(words),
            advice=_label(trouble.advice),
            value=value,
            unit=trouble.unit,
            warn=trouble.warn,
            crit=trouble.crit,
            since=at.real(trouble.since(at.t)) if trouble is not _BOOTING else None,
            seen=at.now,
            target=trouble.target,
        )


_BOOTING = Trouble(
    family="reachable",
    label="Reachable",
    state=CheckState.CRITICAL,
    severity=Severity.WARNING,
    summary="Does not answer: it is starting anew",
    down=True,
)


@lru_cache(maxsize=4096)
def _label(text: str) -> SafeText:
    return safe(text)


def _speaks(machine: Machine, voice: str, family: str) -> bool:
    """Whether that source has a word on it: two who know a machine share the work, and both knock at its door."""
    if not voice or len(machine.sources) == 1 or family == "reachable":
        return True
    return (family in AGENT_FAMILIES) == (voice == machine.sources[1])


def _outlives(trouble: Trouble) -> bool:
    """What became of a job is known to the tool that ran it, whether the machine answers or not."""
    return trouble.family == JOB
