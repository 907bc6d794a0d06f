"""What is wanted before a fix may run, as a table."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from msgspec.structs import replace

from backends.config.schema import Guard
from backends.fixes.aim import Aim
from backends.fixes.guard import judge, judge_number, policy_of
from backends.fixes.own import fix_of
from backends.fleet.model import Freshness, RunId, SourceName, safe
from backends.fleet.query import QueryError
from backends.fleet.run import Consent, OwnFix, Risk, Run, RunState
from tests.support.fixes import NOW, a_device, a_fix, a_policy, an_aim


def a_run(state: RunState) -> Run:
    device = a_device()
    return Run(
        id=RunId("r-1"),
        plan="p-1",
        fix=a_fix().id,
        title=safe("Reboot"),
        risk=Risk.DISRUPTIVE,
        device=device.id,
        device_name=device.name,
        client=device.client,
        client_name=device.client_name,
        site=device.site,
        site_name=device.site_name,
        source=device.sources[0],
        native=device.natives[0],
        address=device.address,
        state=state,
        by="tech2",
        planned=NOW - timedelta(minutes=4),
        started=NOW - timedelta(minutes=3),
    )


def verdict_of(risk: Risk = Risk.DISRUPTIVE, *guards: Guard, aim: Aim | None = None, **policy: Any) -> Any:
    return judge(a_fix(), risk, aim or an_aim(), by="tech1", now=NOW, policy=a_policy(*guards, **policy))


@pytest.mark.parametrize(
    ("risk", "consent"),
    [(Risk.SAFE, Consent.CONFIRM), (Risk.DISRUPTIVE, Consent.CONFIRM), (Risk.DESTRUCTIVE, Consent.TYPE_NAME)],
)
def test_without_guards_the_risk_decides(risk: Risk, consent: Consent) -> None:
    assert verdict_of(risk).consent is consent


@pytest.mark.parametrize(
    ("risk", "asked", "consent"),
    [
        (Risk.SAFE, Consent.NONE, Consent.NONE),
        (Risk.DISRUPTIVE, Consent.NONE, Consent.CONFIRM),
        (Risk.DESTRUCTIVE, Consent.NONE, Consent.TYPE_NAME),
        (Risk.DESTRUCTIVE, Consent.CONFIRM, Consent.TYPE_NAME),
        (Risk.SAFE, Consent.TYPE_NAME, Consent.TYPE_NAME),
        (Risk.SAFE, Consent.REFUSE, Consent.REFUSE),
    ],
)
def test_a_guard_asks_for_more_but_never_for_less_than_the_risk(risk: Risk, asked: Consent, consent: Consent) -> None:
    assert verdict_of(risk, Guard(match="*", consent=asked)).consent is consent


def test_the_first_guard_that_matches_decides() -> None:
    guards = (
        Guard(match="client:other", consent=Consent.REFUSE),
        Guard(match="*", consent=Consent.TYPE_NAME),
        Guard(match="*", consent=Consent.REFUSE),
    )
    assert verdict_of(Risk.SAFE, *guards, matching=False).consent is Consent.TYPE_NAME


def test_a_refusing_guard_gives_its_reason() -> None:
    reason = verdict_of(Risk.SAFE, Guard(match="*", consent=Consent.REFUSE, reason="Quarter end")).reason
    assert reason == "The guard “*” does not allow this. Quarter end."


@pytest.mark.parametrize(
    ("hours", "inside", "refused"),
    [("outside", True, True), ("outside", False, False), ("inside", True, False), ("inside", False, True)],
)
def test_a_guard_holds_a_fix_to_its_hours(hours: str, inside: bool, refused: bool) -> None:
    """F-21."""
    verdict = verdict_of(Risk.SAFE, Guard(match="*", hours=hours), inside=inside)
    assert (verdict.consent is Consent.REFUSE) is refused


def test_hours_without_configured_business_hours_refuse() -> None:
    aim = replace(an_aim(), client=None)
    assert "none are configured" in verdict_of(Risk.SAFE, Guard(match="*", hours="outside"), aim=aim).reason


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"seen": NOW - timedelta(minutes=5)}, "web01 was last seen 5 min ago"),
        ({"freshness": Freshness.SILENT}, "too old to act on"),
        ({"freshness": Freshness.STALE}, "too old to act on"),
        ({"seen": None}, "has never been seen"),
    ],
)
def test_facts_that_are_too_old_refuse(changes: dict[str, Any], words: str) -> None:
    """F-17."""
    verdict = verdict_of(aim=an_aim(a_device(**changes)))
    assert verdict.consent is Consent.REFUSE
    assert words in verdict.reason


def test_what_a_source_does_by_itself_is_for_devices_too_that_are_away() -> None:
    aim = an_aim(a_device(freshness=Freshness.SILENT, seen=None))
    for away, consent in ((True, Consent.CONFIRM), (False, Consent.REFUSE)):
        fix = fix_of(SourceName("rmm"), OwnFix(id="wake", title=safe("Wake"), away=away))
        assert judge(fix, fix.risk, aim, by="tech1", now=NOW, policy=policy_of(())).consent is consent


@pytest.mark.parametrize("state", [RunState.APPROVED, RunState.RUNNING])
def test_a_run_in_flight_holds_its_device_and_says_who_and_since_when(state: RunState) -> None:
    """F-18."""
    verdict = verdict_of(aim=an_aim(busy=a_run(state)))
    assert verdict.consent is Consent.REFUSE
    assert "tech2 is running “Reboot” on web01, started 3 min ago" in verdict.reason


def test_an_unknown_run_holds_its_device_until_it_is_checked() -> None:
    assert "check that run first (r-1)" in verdict_of(aim=an_aim(busy=a_run(RunState.UNKNOWN))).reason


def test_a_look_alike_has_to_be_named_by_its_id() -> None:
    """F-37."""
    assert verdict_of(Risk.SAFE, aim=an_aim(a_device(look_alike=True))).consent is Consent.TYPE_NAME


@pytest.mark.parametrize(
    ("owner", "consent"), [("", Consent.NONE), ("tech1", Consent.NONE), ("tech2", Consent.CONFIRM)]
)
def test_what_somebody_else_has_claimed_is_asked_about(owner: str, consent: Consent) -> None:
    aim = an_aim()
    assert aim.issue is not None
    aim = replace(aim, issue=replace(aim.issue, owner=owner))
    assert verdict_of(Risk.SAFE, Guard(match="*", consent=Consent.NONE), aim=aim).consent is consent


@pytest.mark.parametrize(
    ("number", "cap", "consent"),
    [
        (1, 25, Consent.NONE),
        (5, 25, Consent.NONE),
        (6, 25, Consent.TYPE_NAME),
        (25, 25, Consent.TYPE_NAME),
        (26, 25, Consent.REFUSE),
        (2, 1, Consent.REFUSE),
    ],
)
def test_the_number_of_devices_has_rules_of_its_own(number: int, cap: int, consent: Consent) -> None:
    """F-22."""
    assert judge_number(number, cap).consent is consent


@pytest.mark.parametrize(
    ("match", "fits"),
    [
        ("*", True),
        ("client:acme kind:server risk>=disruptive", True),
        ("client:acme risk>=destructive", False),
        ("client:baker", False),
        ("fix:restart-service site:hq", True),
        ("-client:acme", False),
        ("platform:linux", True),
    ],
)
def test_guards_speak_the_filter_language(match: str, fits: bool) -> None:
    policy = policy_of((Guard(match=match, consent=Consent.REFUSE),))
    verdict = judge(a_fix(), Risk.DISRUPTIVE, an_aim(), by="tech1", now=NOW, policy=policy)
    assert (verdict.consent is Consent.REFUSE) is fits


@pytest.mark.parametrize(("hour", "refused"), [(9, True), (19, False)])
def test_guards_know_business_hours(hour: int, refused: bool) -> None:
    policy = policy_of((Guard(match="*", hours="outside"),))
    now = NOW.replace(hour=hour)
    aim = an_aim(a_device(seen=now))
    verdict = judge(a_fix(), Risk.DISRUPTIVE, aim, by="tech1", now=now, policy=policy)
    assert (verdict.consent is Consent.REFUSE) is refused


def test_a_guard_that_is_no_filter_is_told_at_once() -> None:
    with pytest.raises(QueryError):
        policy_of((Guard(match="clint:acme"),))
