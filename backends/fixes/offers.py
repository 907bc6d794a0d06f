"""Which fixes apply to an issue or a device, parameters filled in. The first offer is the next best action. Pure."""

from __future__ import annotations

from collections.abc import Iterable

from backends.fixes.aim import Aim
from backends.fixes.errors import PlanError
from backends.fixes.model import Fix
from backends.fixes.plan import parameters_for
from backends.fleet.run import Offer

DEVICE_FAMILY = "device"
"""The family of fixes that are for a device as such."""


def offers_for_issue(fixes: Iterable[Fix], aim: Aim) -> tuple[Offer, ...]:
    """Fixes that answer the aim's issue on this device, mildest first."""
    if aim.issue is None:
        return ()
    return _offers(fixes, aim, aim.issue.family)


def offers_for_device(fixes: Iterable[Fix], aim: Aim) -> tuple[Offer, ...]:
    """Fixes for the device as such, mildest first."""
    return _offers(fixes, aim, DEVICE_FAMILY)


def _offers(fixes: Iterable[Fix], aim: Aim, family: str) -> tuple[Offer, ...]:
    offers: list[Offer] = []
    for fix in fixes:
        if family not in fix.families or not fix.steps_for(aim.device.platform):
            continue
        if not fix.fits(aim.source, aim.native):
            continue
        try:
            parameters = parameters_for(fix, aim, {})
        except PlanError:
            continue  # the evidence does not tell what to act on
        offers.append(Offer(fix=fix.id, title=fix.title, risk=fix.risk_with(parameters), parameters=parameters))
    return tuple(sorted(offers, key=lambda offer: (offer.risk.rank, offer.fix)))
