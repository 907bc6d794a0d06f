"""The fix loop: choose, plan, agree, run, watch, and see it verified."""

from __future__ import annotations

from collections.abc import Sequence

from msgspec.structs import replace

from backends.desk.protocol import Approval, DeskError, DeskErrorKind, EngineLost
from backends.fleet.model import SafeText
from backends.fleet.run import Consent, Offer, Plan
from tui.aim import Aim
from tui.flows.stage import Stage, told
from widgets.dialogs.menu import Menu
from widgets.dialogs.plan import PlanDialog
from widgets.present.plan import MENU_COLUMNS, offer_row, plan_text
from widgets.present.tone import Tone

LOST = SafeText("The engine went away: the fix may have been started. `:runs` tells; it is not repeated by itself.")


async def choose_fix(stage: Stage, aims: Sequence[Aim]) -> None:
    """Ask which of the offered fixes, then go on with its plan. Of several rows only fixes that answer all."""
    try:
        offers = await _common(stage, aims)
    except DeskError as error:
        told(stage, error)
        return
    if not offers:
        many = "No fix answers all of the marked rows." if len(aims) > 1 else "No fix is offered here."
        stage.say(SafeText(f"{many} `o` opens a shell where one can be opened."), Tone.WARNING)
        return
    rows = [offer_row(number, offer) for number, offer in enumerate(offers, 1)]
    name = aims[0].name if len(aims) == 1 else SafeText(f"{len(aims)} marked rows")
    menu = Menu(
        SafeText(f"Fixes for {name}"), MENU_COLUMNS, rows, boot_s=stage.boot_s, dead_s=0.0
    )  # choosing opens a plan and harms nothing: no dead time
    chosen = await stage.ask(menu)
    if chosen is not None:
        await run_fix(stage, aims, offers[int(chosen)])


async def run_fix(stage: Stage, aims: Sequence[Aim], offer: Offer) -> None:
    """Show the plan of `offer` on exactly the devices that were aimed at; start it at most once when agreed to."""
    if any(aim.device is None for aim in aims):
        stage.say(SafeText("There is no device here to run a fix on."), Tone.WARNING)
        return
    try:
        plan = await _plan(stage, aims, offer)
        while True:
            typed = await stage.ask(PlanDialog(plan_text(plan), stage.now, boot_s=stage.boot_s, dead_s=stage.dead_s))
            if typed is None or plan.consent is Consent.REFUSE:
                return
            try:
                runs = await stage.desk.approve(plan.id, Approval(confirmed=True, typed=typed))
            except DeskError as error:
                if error.kind is not DeskErrorKind.CHANGED:
                    raise
                plan = await _plan(stage, aims, offer)
                plan = replace(plan, changed=plan.changed or (error.sentence,))
                continue
            break
    except EngineLost:
        stage.say(LOST, Tone.CRITICAL)
        return
    except DeskError as error:
        told(stage, error)
        return
    await stage.follow(runs)


async def _plan(stage: Stage, aims: Sequence[Aim], offer: Offer) -> Plan:
    """Of one row with the parameters that stood on it; of several, each device's come from its own issue."""
    devices = list(dict.fromkeys(aim.device for aim in aims if aim.device is not None))
    if len(aims) > 1:
        return await stage.desk.plan(offer.fix, devices, stage.by)
    issue = aims[0].issue.id if aims[0].issue else None
    return await stage.desk.plan(offer.fix, devices, stage.by, issue, offer.parameters)


async def _common(stage: Stage, aims: Sequence[Aim]) -> tuple[Offer, ...]:
    """The fixes that are offered on every row, in the order of the first one; a fix that means something else on each
    is named by what it is."""
    first, *rest = [aim.offers or await _offers(stage, aim) for aim in aims]
    by_fix = [{offer.fix: offer for offer in offers} for offers in rest]
    common = [offer for offer in first if all(offer.fix in offers for offers in by_fix)]
    same = [offer for offer in common if all(offers[offer.fix].title == offer.title for offers in by_fix)]
    if len(same) == len(common):
        return tuple(common)
    titles = {card.id: card.title for card in await stage.desk.fixes()}
    return tuple(
        offer if offer in same else replace(offer, title=titles.get(offer.fix, offer.title), parameters={})
        for offer in common
    )


async def _offers(stage: Stage, aim: Aim) -> tuple[Offer, ...]:
    if aim.issue is not None:
        return tuple(await stage.desk.offers(aim.issue.id))
    if aim.device is not None:
        return (await stage.desk.device(aim.device)).fixes
    return ()
