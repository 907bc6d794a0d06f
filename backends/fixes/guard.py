"""What has to be agreed to before a fix may touch a device: the configuration's guards, then rules that hold always.
Pure: the same facts, the same answer."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from typing import Final

from msgspec import Struct

from backends.config.schema import Guard
from backends.fixes.aim import Aim, target_of
from backends.fixes.model import Fix
from backends.fixes.wording import age, ago
from backends.fleet.hours import open_at, parse_hours
from backends.fleet.model import Freshness
from backends.fleet.query import Context, parse
from backends.fleet.run import Consent, PlanTarget, Risk, RunState
from backends.text import SafeText, safe

DEFAULT_CONSENT: Final = {
    Risk.SAFE: Consent.CONFIRM,
    Risk.DISRUPTIVE: Consent.CONFIRM,
    Risk.DESTRUCTIVE: Consent.TYPE_NAME,
}
"""Where no guard says otherwise."""

LEAST_CONSENT: Final = {
    Risk.SAFE: Consent.NONE,
    Risk.DISRUPTIVE: Consent.CONFIRM,
    Risk.DESTRUCTIVE: Consent.TYPE_NAME,
}
"""No guard can ask for less: no single key does harm."""

MAX_TARGETS: Final = 25
"""Devices in one plan where no guard says otherwise."""

MANY_TARGETS: Final = 5
"""With more than these, their number is to be typed."""

Matches = Callable[[str, PlanTarget, Context], bool]
"""Whether a guard's `match` fits a target; the context tells the fix and its risk."""

InHours = Callable[[str, datetime], bool]
"""Whether a moment lies within business hours as configured."""


class Policy(Struct, frozen=True, kw_only=True):
    """The configuration's guards and how to read them."""

    guards: tuple[Guard, ...]
    matches: Matches
    in_hours: InHours


def policy_of(guards: tuple[Guard, ...]) -> Policy:
    """The guards of a configuration; raises `QueryError` for one whose `match` is no filter."""
    queries = {guard.match: parse(guard.match) for guard in guards}
    return Policy(
        guards=guards,
        matches=lambda text, target, context: queries[text].matches(target, context),
        in_hours=lambda hours, when: open_at(parse_hours(hours), when),
    )


class Verdict(Struct, frozen=True, kw_only=True):
    """What is wanted for one target."""

    consent: Consent
    reason: SafeText = SafeText("")
    max_targets: int = MAX_TARGETS


def judge(fix: Fix, risk: Risk, aim: Aim, *, by: str, now: datetime, policy: Policy) -> Verdict:
    """What the guards want before `fix` may touch the device of `aim`. The first refusal wins, then the strictest
    consent; the reason is that of what decided."""
    target, context = target_of(aim, {}, Consent.REFUSE), Context(me=by, now=now, risk=risk, fix=fix.id)
    guard = next((one for one in policy.guards if policy.matches(one.match, target, context)), None)
    cap = guard.max_targets if guard is not None and guard.max_targets is not None else MAX_TARGETS
    refusal = _held(aim, now) or _old(fix, aim, now) or (_guarded(guard, aim, now, policy) if guard else "")
    if refusal:
        return Verdict(consent=Consent.REFUSE, reason=safe(refusal, 512), max_targets=cap)
    consent, reason = _asked(guard, risk)
    for least, why in _at_least(risk, aim, by):
        if rank(least) > rank(consent):
            consent, reason = least, why
    return Verdict(consent=consent, reason=safe(reason, 512), max_targets=cap)


def judge_number(number: int, cap: int) -> Verdict:
    """What is wanted because of the number of devices alone."""
    if number > cap:
        reason = f"{number} devices are more than the {cap} that one plan may have: take fewer at a time."
        return Verdict(consent=Consent.REFUSE, reason=safe(reason), max_targets=cap)
    if number > MANY_TARGETS:
        reason = f"{number} devices at once: type their number; the first one runs alone before the others."
        return Verdict(consent=Consent.TYPE_NAME, reason=safe(reason), max_targets=cap)
    return Verdict(consent=Consent.NONE, max_targets=cap)


def stricter(one: Verdict, other: Verdict) -> Verdict:
    """The one that wants more; the first of two that want the same."""
    return other if rank(other.consent) > rank(one.consent) else one


def rank(consent: Consent) -> int:
    """0 asks for nothing."""
    return list(Consent).index(consent)


def _held(aim: Aim, now: datetime) -> str:
    """Why another run keeps this one off the device."""
    run = aim.busy
    if run is None:
        return ""
    since = run.started or run.planned
    name = aim.device.name
    if run.state is RunState.UNKNOWN:
        return (
            f"{run.by} ran “{run.title}” on {name} {ago(since, now)}, and nobody knows whether it worked: "
            f"check that run first ({run.id})."
        )
    return (
        f"{run.by} is running “{run.title}” on {name}, started {ago(since, now)}: wait until it has ended ({run.id})."
    )


def _old(fix: Fix, aim: Aim, now: datetime) -> str:
    """Why the facts are too old to act on. What a source does by itself does not go by how the device is."""
    if fix.own is not None and fix.own.away:
        return ""
    device = aim.device
    if device.seen is None:
        return f"{device.name} has never been seen: nothing is run on a device that nobody knows."
    seconds = (now - device.seen).total_seconds()
    if device.freshness is not Freshness.FRESH or seconds > fix.fresh_s:
        return f"{device.name} was last seen {age(seconds)} ago: that is too old to act on. Refresh, then plan again."
    return ""


def _guarded(guard: Guard, aim: Aim, now: datetime, policy: Policy) -> str:
    """Why a guard refuses."""
    because = f" {guard.reason.rstrip('.')}." if guard.reason else ""
    if guard.consent is Consent.REFUSE:
        return f"The guard “{guard.match}” does not allow this.{because}"
    if not guard.hours:
        return ""
    hours = aim.client.hours if aim.client is not None else ""
    name = aim.device.client_name
    if not hours:
        return f"The guard “{guard.match}” goes by the business hours of {name}, and none are configured: add them."
    inside = policy.in_hours(hours, now)
    if inside != (guard.hours == "inside"):
        return (
            f"The guard “{guard.match}” allows this only {guard.hours} the business hours of {name} ({hours}).{because}"
        )
    return ""


def _asked(guard: Guard | None, risk: Risk) -> tuple[Consent, str]:
    """What is asked for before the rules that hold always."""
    if guard is not None and guard.consent is not None:
        return guard.consent, guard.reason or f"The guard “{guard.match}” asks for it."
    return DEFAULT_CONSENT[risk], _RISK_REASON[risk]


_RISK_REASON: Final = {
    Risk.SAFE: "Safe: it can be undone, or nobody notices.",
    Risk.DISRUPTIVE: "Disruptive: somebody may notice.",
    Risk.DESTRUCTIVE: "Destructive: something is gone for good.",
}


def _at_least(risk: Risk, aim: Aim, by: str) -> list[tuple[Consent, str]]:
    """Consents that no guard can lower, each with its reason."""
    device, issue = aim.device, aim.issue
    wanted = [(LEAST_CONSENT[risk], _RISK_REASON[risk])]
    if device.look_alike:
        wanted.append((Consent.TYPE_NAME, f"Another device looks like {device.name}: type the id of the one you mean."))
    if issue is not None and issue.owner not in ("", by):
        wanted.append((Consent.CONFIRM, f"{issue.owner} has claimed this issue."))
    return wanted
