"""What is found quickly, of a device of which a source says what it said before, is what building it anew finds."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from random import Random

import pytest
from msgspec.structs import replace

from backends.fleet.decisions import with_fix, with_mark
from backends.fleet.fleet import Fleet
from backends.fleet.freshness import aged
from backends.fleet.merge import fold
from backends.fleet.model import (
    Can,
    Check,
    CheckState,
    Client,
    ClientId,
    FixId,
    Freshness,
    Handling,
    Health,
    Mark,
    SafeText,
    Severity,
    SlaTarget,
    Source,
    SourceName,
    safe,
)
from backends.fleet.reading import Reading
from backends.fleet.run import OwnFix
from backends.fleet.start import begun
from tests.support.facts import at, check, folded, only_device, only_issue, reading, sighting

NATIVES = ("1", "2")
FAMILIES = ("reachable", "disk", "load")
STATES = (CheckState.OK, CheckState.WARNING, CheckState.CRITICAL, CheckState.CRITICAL)
CLIENT = Client(
    id=ClientId("acme"),
    name=SafeText("Acme"),
    sla=(SlaTarget(severity=Severity.HIGH, respond_s=60.0, resolve_s=7200.0),),
)
SOURCES = [
    Source(name=SourceName(name), kind=name, state=Freshness.STALE, capabilities=(Can.RUN_OWN,))
    for name in ("zabbix", "rmm")
]
OWN = OwnFix(id="clean", title=safe("Clean up"), families=("disk",))

Round = tuple[float, Reading]


def lived_through(chance: Random) -> list[Round]:
    """Readings one after the other: most of what a source says is what it said before."""
    rounds: list[Round] = []
    before: dict[str, Reading] = {}
    now_s = 0.0
    for _ in range(chance.randint(3, 10)):
        now_s += chance.choice([1.0, 10.0, 25.0, 90.0, 4000.0, 40 * 86400.0])
        source = "zabbix" if chance.random() < 0.9 else "rmm"
        before[source] = one = _next(chance, before.get(source), source, at(now_s))
        rounds.append((now_s, one))
    return rounds


def _next(chance: Random, before: Reading | None, source: str, now: datetime) -> Reading:
    seen, told = [], []
    for native in NATIVES:
        how = chance.choice(["as before", "as before", "in other words", "a little", "anew"])
        known = [one for one in before.sightings if one.native == native] if before else []
        if not known or how == "anew":
            health = chance.choice([Health.OK, Health.OK, Health.DOWN, Health.MAINTENANCE])
            seen.append(sighting(native, source=source, seen=now, health=health, serial=f"SERIAL{native}"))
            told += _checks(chance, native, source, now)
        elif before is not None:
            seen.append(replace(known[0], seen=now))
            told += [_again(chance, one, now, how) for one in before.checks if one.native == native]
    return replace(
        reading(seen, told, source=source, when=now),
        lacks=(Can.RUN_OWN,) if chance.random() < 0.1 else (),
        fixes=chance.choice([None, None, None, (OWN,), ()]),
    )


def _checks(chance: Random, native: str, source: str, now: datetime) -> list[Check]:
    began = chance.choice([None, at(-50), at(-50), at(5000)])
    families = [family for family in FAMILIES if chance.random() < 0.7]
    return [
        replace(
            check(native, family, chance.choice(STATES), source=source, since=began, seen=now),
            handling=Handling(acked=True) if chance.random() < 0.1 else None,
        )
        for family in families
    ]


def _again(chance: Random, one: Check, now: datetime, how: str) -> Check:
    one = replace(one, seen=now)
    if how == "in other words":
        return replace(one, summary=safe(f"now {now}"), advice=safe(f"{now}"), value=now.timestamp())
    if how == "a little":
        change = chance.choice(
            [
                {"severity": Severity.INFO},
                {"since": at(-90)},
                {"state": CheckState.OK},
                {"state": CheckState.CRITICAL},
                {"handling": Handling(quiet=True, quiet_until=at(4100))},
                {"target": "other"},
                {"seen": at(-1)},
            ]
        )
        return replace(one, **change)  # type: ignore[arg-type]
    return one


def lived(rounds: Sequence[Round], chance: Random) -> list[Fleet]:
    """Fleets after each round, and a moment later; now and then somebody decides about an issue, or a fix counts."""
    fleet, out = begun({CLIENT.id: CLIENT}, SOURCES, at()), []
    for now_s, one in rounds:
        out.append(fleet := fold(fleet, one))
        chosen, what = chance.random(), chance.random()
        if fleet.issues:
            name = sorted(fleet.issues)[int(chosen * len(fleet.issues))]
            if what < 0.1:
                fleet = with_mark(fleet, Mark(issue=name, owner="tech1"), at(now_s))
            elif what < 0.2:
                fleet = with_mark(fleet, Mark(issue=name, snoozed_by="tech1", snoozed_until=at(now_s + 60)), at(now_s))
            elif what < 0.3:
                fleet = with_fix(fleet, name, FixId("clean"))
        out.append(fleet := aged(fleet, at(now_s + 0.5)))
    return out


@pytest.mark.parametrize("seed", range(10))
def test_what_is_told_again_is_what_is_built_anew(seed: int) -> None:
    chance = Random(seed)
    for _ in range(40):
        rounds, decisions = lived_through(chance), chance.random()

        quickly = lived(rounds, Random(decisions))
        with pytest.MonkeyPatch.context() as patch:
            patch.setattr("backends.fleet.telling.told_again", lambda *_: False)
            anew = lived(rounds, Random(decisions))

        for one, other in zip(quickly, anew, strict=True):
            assert one.issues == other.issues
            assert one == other


@pytest.mark.parametrize("summary", ["it is 1", "it is 2"])
def test_a_device_with_issues_is_not_built_anew_for_another_time_or_text(
    summary: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    def told(seconds: float, text: str) -> Reading:
        now = at(seconds)
        return reading([sighting(seen=now)], [check(seen=now, summary=text)], when=now)

    fleet = folded(told(0, "it is 1"))
    monkeypatch.delattr("backends.fleet.telling.rebuild")

    fleet = fold(fleet, told(30, summary))

    assert only_device(fleet).seen == at(30)
    assert (only_issue(fleet).title, only_issue(fleet).seen) == (summary, at(30))


def test_a_device_whose_issue_came_back_is_counted_anew_when_it_is_told_of_again() -> None:
    def told(days: float, state: CheckState) -> Reading:
        now = at(days * 86400)
        return reading([sighting(seen=now)], [check(state=state, seen=now)], when=now)

    bad, well = CheckState.CRITICAL, CheckState.OK
    twice = folded(told(0, bad), told(1, well), told(2, bad), told(3, bad))

    assert only_issue(twice).times == 2
    assert only_issue(folded(told(40, bad), fleet=twice)).times == 1
