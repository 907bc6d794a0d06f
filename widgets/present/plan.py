"""A plan in words, so that whoever agrees knows what will run where, and what else notices."""

from __future__ import annotations

from typing import Final

from msgspec import Struct

from backends.fleet.looks import odd_letters
from backends.fleet.model import safe
from backends.fleet.run import Consent, Offer, Plan, PlanTarget, Risk
from widgets.present.card import Card
from widgets.present.row import EMPTY, Cell, Column, Line, Row, SafeText, gutter, line, plain, since
from widgets.present.tone import HEALTH_TONE, RISK_TONE, Tone, health_word

TARGETS_SHOWN = 12
ACCEPT: Final = {
    Risk.SAFE: SafeText("Run it"),
    Risk.DISRUPTIVE: SafeText("Run it, users may notice"),
    Risk.DESTRUCTIVE: SafeText("Run it for good"),
}
SCRIPT_LINES = 4
"""A longer script is named, not shown."""

MENU_COLUMNS = (
    Column(name=EMPTY, width=1),
    Column(name=SafeText("Fix"), width=20, grow=1),
    Column(name=SafeText("Risk"), width=12),
)


class PlanText(Struct, frozen=True, kw_only=True):
    """What the question about a plan shows."""

    title: SafeText
    card: Card
    refused: bool
    type_name: SafeText
    accept: SafeText


def plan_text(plan: Plan) -> PlanText:
    refused = plan.consent is Consent.REFUSE
    lines: list[Line] = [line("Changed", Cell(change, Tone.WARNING)) for change in plan.changed]
    if refused:
        lines.append(line("Refused", Cell(plan.reason or SafeText("A guard says no."), Tone.CRITICAL)))
    lines += _targets(plan)
    lines += [line("Does" if not number else "", Cell(step)) for number, step in enumerate(plan.does)]
    lines.append(line("Risk", plain(plan.risk.value, RISK_TONE[plan.risk])))
    for label, text in (
        ("Affects", plan.affects),
        ("Undo", plan.undo or SafeText("There is no way back.")),
        ("Proof", plan.verify),
    ):
        if text:
            lines.append(line(label, Cell(text)))
    if plan.reason and not refused:
        lines.append(line("Guard", Cell(plan.reason, Tone.WARNING)))
    lines += _script(plan.script, safe(plan.fix))
    return PlanText(
        title=SafeText(f"{'Refused: ' if refused else ''}{plan.title}"),
        card=Card((), tuple(lines)),
        refused=refused,
        type_name=plan.type_name if plan.consent is Consent.TYPE_NAME else EMPTY,
        accept=ACCEPT[plan.risk],
    )


def _targets(plan: Plan) -> list[Line]:
    lines = []
    for number, target in enumerate(plan.targets[:TARGETS_SHOWN]):
        lines += _target(target, SafeText("On" if not number else ""), plan.reason)
    if len(plan.targets) > TARGETS_SHOWN:
        lines.append(line("", plain(f"and {len(plan.targets) - TARGETS_SHOWN} more", Tone.WARNING)))
    return lines


def _target(target: PlanTarget, label: SafeText, reason: SafeText) -> list[Line]:
    """Client first: the same device name exists at other clients."""
    lines = [
        line(
            label,
            plain(f"{target.client_name}/{target.site_name}", Tone.STRONG),
            plain("  ·  "),
            Cell(target.name, Tone.STRONG),
            plain(f"  {target.address}" if target.address and target.address != target.name else "", Tone.DIM),
            plain("  "),
            Cell(health_word(target.health), HEALTH_TONE[target.health]),
            *((plain("  seen ", Tone.DIM), since(target.seen)) if target.seen else ()),
        ),
        line("", plain(f"device {safe(target.device)} by {safe(target.source)}", Tone.DIM)),
    ]
    if odd := odd_letters(target.name):
        lines.append(line("Careful", plain("letters in that name only look Latin: ", Tone.WARNING), Cell(odd)))
    if target.issue_title:
        lines.append(line("", plain("for ", Tone.DIM), Cell(target.issue_title)))
    if target.owner:
        lines.append(line("", plain(f"claimed by {safe(target.owner)}", Tone.WARNING)))
    if target.parameters:
        pairs = "  ".join(f"{safe(name)} = {safe(value)}" for name, value in target.parameters.items())
        lines.append(line("", plain(pairs, Tone.ACCENT)))
    if target.reason and target.reason != reason:
        lines.append(line("", Cell(target.reason, Tone.WARNING)))
    return lines


def _script(script: SafeText, fix: SafeText) -> list[Line]:
    texts = [text for text in script.split("\n") if text.strip()]
    if len(texts) > SCRIPT_LINES:
        return [line("Script", plain(f"{len(texts)} lines, to be read with `rounds fix show {fix}`", Tone.DIM))]
    return [line("Script" if not number else "", gutter(text)) for number, text in enumerate(texts)]


def offer_row(number: int, offer: Offer) -> Row:
    """For the menu of fixes."""
    return Row(
        key=str(number - 1),
        cells=(plain(str(number), Tone.ACCENT), Cell(offer.title), plain(offer.risk.value, RISK_TONE[offer.risk])),
    )
