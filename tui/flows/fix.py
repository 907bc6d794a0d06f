"""The fix loop: choose, plan, agree, run, watch, and see it verified."""

from __future__ import annotations

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


async def choose_fix(stage: Stage, aim: Aim) -> None:
    """Ask which of the offered fixes, then go on with its plan."""
    try:
        offers = aim.offers or await _offers(stage, aim)
    except DeskError as error:
        told(stage, error)
        return
    if not offers:
        stage.say(SafeText("No fix is offered here. `o` opens a shell where one can be opened."), Tone.WARNING)
        return
    rows = [offer_row(number, offer) for number, offer in enumerate(offers, 1)]
    menu = Menu(
        SafeText(f"Fixes for {aim.name}"), MENU_COLUMNS, rows, boot_s=stage.boot_s, dead_s=0.0
    )  # choosing opens a plan and harms nothing: no dead time
    chosen = await stage.ask(menu)
    if chosen is not None:
        await run_fix(stage, aim, offers[int(chosen)])


async def run_fix(stage: Stage, aim: Aim, offer: Offer) -> None:
    """Show the plan of `offer` on exactly the device that was aimed at; start it at most once when agreed to."""
    if aim.device is None:
        stage.say(SafeText("There is no device here to run a fix on."), Tone.WARNING)
        return
    try:
        plan = await _plan(stage, aim, offer)
        while True:
            typed = await stage.ask(PlanDialog(plan_text(plan), stage.now, boot_s=stage.boot_s, dead_s=stage.dead_s))
            if typed is None or plan.consent is Consent.REFUSE:
                return
            try:
                runs = await stage.desk.approve(plan.id, Approval(confirmed=True, typed=typed))
            except DeskError as error:
                if error.kind is not DeskErrorKind.CHANGED:
                    raise
                plan = await _plan(stage, aim, offer)
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


async def _plan(stage: Stage, aim: Aim, offer: Offer) -> Plan:
    assert aim.device is not None  # noqa: S101 - the caller has looked
    issue = aim.issue.id if aim.issue else None
    return await stage.desk.plan(offer.fix, [aim.device], stage.by, issue, offer.parameters)


async def _offers(stage: Stage, aim: Aim) -> tuple[Offer, ...]:
    if aim.issue is not None:
        return tuple(await stage.desk.offers(aim.issue.id))
    if aim.device is not None:
        return (await stage.desk.device(aim.device)).fixes
    return ()
