"""Whether an agreement is one, and whether what was agreed to is still so. Asked in the core for every way in. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime

from backends.fixes.aim import Aim
from backends.fixes.errors import Changed, Refused
from backends.fixes.guard import Policy, judge, rank
from backends.fixes.model import Fix
from backends.fixes.plan import compare
from backends.fixes.wording import ago
from backends.fleet.model import DeviceId
from backends.fleet.run import Consent, Plan


def check_agreement(plan: Plan, *, confirmed: bool, typed: str) -> None:
    """Raises `Refused` when the plan asks for more than was given."""
    if plan.consent is Consent.REFUSE:
        raise Refused(plan.reason)
    if plan.consent is Consent.TYPE_NAME and typed.strip() != plan.type_name:
        raise Refused(f"Type “{plan.type_name}” to agree to this.")
    if plan.consent is Consent.CONFIRM and not confirmed:
        raise Refused("This has to be confirmed first.")


def check_still_so(plan: Plan, fix: Fix, aims: Mapping[DeviceId, Aim | None], *, now: datetime, policy: Policy) -> None:
    """Compare every target with what is known now, and ask the guards again. Raises `Changed` and `Refused`."""
    if now >= plan.expires:
        raise Changed(f"This plan was made {ago(plan.made, now)} and has expired: look at a new one.")
    for target in plan.targets:
        aim = aims.get(target.device)
        changed = compare(target, aim, plan.by)
        if changed or aim is None:
            raise Changed(" ".join(changed))
        verdict = judge(fix, fix.risk_with(target.parameters), aim, by=plan.by, now=now, policy=policy)
        if verdict.consent is Consent.REFUSE:
            raise Refused(verdict.reason)
        if rank(verdict.consent) > rank(plan.consent):
            raise Changed(verdict.reason)
