"""What would be done, where, and what it takes to agree to it: fix + aims -> Plan. Pure."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from typing import Final

from backends.fixes.aim import Aim, target_of
from backends.fixes.errors import PlanError
from backends.fixes.guard import Policy, Verdict, judge, judge_number, stricter
from backends.fixes.model import Fix, Proof
from backends.fixes.wording import age, fill, typed_name
from backends.fleet.model import Identity, IssueState
from backends.fleet.run import Consent, Parameter, Plan, PlanTarget
from backends.text import SafeText, safe, safe_lines

PLAN_S: Final = 120.0
"""How long a plan may be agreed to; after that the facts are asked for again."""

LONGEST_VALUE: Final = 4096


def make_plan(
    fix: Fix,
    aims: Sequence[Aim],
    *,
    plan_id: str,
    by: str,
    now: datetime,
    policy: Policy,
    given: Mapping[str, str] | None = None,
    replaces: Plan | None = None,
) -> Plan:
    """The plan of `fix` on every aim. A refusal by a guard is a plan too; `PlanError` is raised for no target and for
    parameters that are unknown, missing or do not fit."""
    aims = list({aim.device.id: aim for aim in aims}.values())
    if not aims:
        raise PlanError("No device was named: name at least one.")
    _refuse_unknown(fix, given or {})
    targets: list[PlanTarget] = []
    cap = None
    risk = fix.risk
    for aim in aims:
        parameters = parameters_for(fix, aim, given or {})
        own_risk = fix.risk_with(parameters)
        verdict = _applies(fix, aim) or judge(fix, own_risk, aim, by=by, now=now, policy=policy)
        targets.append(target_of(aim, parameters, verdict.consent, verdict.reason))
        cap = verdict.max_targets if cap is None else min(cap, verdict.max_targets)
        risk = max(risk, own_risk, key=lambda one: one.rank)
    decided = _strictest(targets, judge_number(len(targets), cap or 0))
    first = targets[0]
    values = _words(fix, targets)
    steps = fix.steps_for(first.platform)
    return Plan(
        id=plan_id,
        fix=fix.id,
        title=fix.title,
        risk=risk,
        by=by,
        made=now,
        expires=now + timedelta(seconds=PLAN_S),
        targets=tuple(targets),
        consent=decided.consent,
        reason=decided.reason,
        type_name=_to_type(aims) if decided.consent is Consent.TYPE_NAME else SafeText(""),
        does=tuple(dict.fromkeys(fill(step.says, values) for step in steps)),
        script=_script(fix, first),
        affects=_affects(fix, targets, values),
        undo=fill(fix.undo, values),
        verify=_verify(fix),
        changed=_all_changes(replaces, aims, by) if replaces is not None else (),
    )


def parameters_for(fix: Fix, aim: Aim, given: Mapping[str, str]) -> dict[str, str]:
    """The value of each parameter, in the fix's order: what was given, else from the issue's evidence, else the
    default. Raises `PlanError` when one is missing or does not fit."""
    return {parameter.name: _checked(parameter, _value(parameter, aim, given), fix) for parameter in fix.parameters}


def compare(target: PlanTarget, aim: Aim | None, by: str) -> tuple[SafeText, ...]:
    """What is different now from what `target` says, in sentences; empty when nothing is."""
    if aim is None:
        return (safe(f"{target.name} is gone."),)
    device = aim.device
    out: list[str] = []
    if device.client != target.client:
        out.append(f"{target.name} belongs to {device.client_name} now, no longer to {target.client_name}.")
    elif device.site != target.site:
        out.append(f"{target.name} moved from {target.site_name} to {device.site_name}.")
    if device.name != target.name:
        out.append(f"{target.name} is called {device.name} now.")
    if device.address != target.address:
        was, now = target.address or "unknown", device.address or "unknown"
        out.append(f"{device.name} has the address {now} now, it was {was}.")
    if device.platform != target.platform:
        out.append(f"{device.name} runs {device.platform or 'an unknown system'} now, it was {target.platform}.")
    if aim.source == target.source and aim.native != target.native:
        out.append(f"{aim.source} has another record of {device.name} now.")
    elif aim.source != target.source:
        out.append(f"{device.name} is reached through {aim.source} now, no longer through {target.source}.")
    out += [f"{device.name} is another machine now: {what}." for what in unlike(target.identity, device.identity)]
    if target.boot_id and device.boot_id and target.boot_id != device.boot_id:
        out.append(f"{device.name} was rebooted since.")
    return tuple(safe(sentence, 512) for sentence in (*out, *_issue_changes(target, aim, by)))


def unlike(before: Identity, now: Identity) -> list[str]:
    """Which evidence says that these are two machines; what either side does not know proves nothing."""
    out = []
    for label, old, new in (
        ("serial number", before.serial, now.serial),
        ("agent id", before.agent, now.agent),
        ("machine id", before.machine, now.machine),
        ("host key", before.host_key, now.host_key),
    ):
        if old and new and old != new:
            out.append(f"its {label} is {safe(new, 80)}, it was {safe(old, 80)}")
    were, are = _marks(before), _marks(now)
    changed = [source for source in were if source in are and are[source] != were[source]]
    out += [
        f"its record in {source} is of {safe(are[source], 80)}, it was of {safe(were[source], 80)}"
        for source in changed
    ]
    return out


def _marks(identity: Identity) -> dict[str, str]:
    """By source."""
    split = (record.partition(":") for record in identity.records)
    return {safe(source, 64): mark for source, _, mark in split}


def _issue_changes(target: PlanTarget, aim: Aim, by: str) -> list[str]:
    if target.issue is None:
        return []
    issue = aim.issue
    if issue is None or issue.state is IssueState.RECOVERED:
        return [f"The problem on {target.name} is over: {target.issue_title}"]
    if issue.owner not in (target.owner, by):
        return [f"{issue.owner} has claimed it since." if issue.owner else f"{target.owner} has let go of it since."]
    return []


def _all_changes(old: Plan, aims: Sequence[Aim], by: str) -> tuple[SafeText, ...]:
    now = {aim.device.id: aim for aim in aims}
    return tuple(sentence for target in old.targets for sentence in compare(target, now.get(target.device), by))


def _refuse_unknown(fix: Fix, given: Mapping[str, str]) -> None:
    names = [parameter.name for parameter in fix.parameters]
    for name in given:
        if name not in names:
            takes = f"it takes {', '.join(names)}" if names else "it takes none"
            raise PlanError(f"{fix.id} has no parameter “{safe(name, 60)}”: {takes}.")


def _value(parameter: Parameter, aim: Aim, given: Mapping[str, str]) -> str:
    if parameter.name in given:
        return given[parameter.name]
    if aim.check is not None and parameter.source == "subject" and aim.check.subject:
        return aim.check.subject
    if aim.check is not None and parameter.source == "target" and aim.check.target:
        return aim.check.target
    return parameter.default


def _checked(parameter: Parameter, value: str, fix: Fix) -> str:
    if not value:
        raise PlanError(
            f"{fix.id} needs a value for “{parameter.name}” ({parameter.label}): add --param {parameter.name}=…."
        )
    # Controls are refused before the pattern is looked at, whatever it allows: a NUL ends an argument early, a newline
    # ends a line of whatever reads it next, and a lone surrogate cannot be sent at all.
    if any(unicodedata.category(char) in ("Cc", "Cs") for char in value):
        raise PlanError(f"The value for “{parameter.name}” has control characters in it: {safe(value, 80)}.")
    if len(value) > LONGEST_VALUE or not re.fullmatch(parameter.pattern, value):
        what = f"“{parameter.name}” ({parameter.label})"
        raise PlanError(f"“{safe(value, 80)}” is no value that {fix.id} takes for {what}.")
    return value


def _applies(fix: Fix, aim: Aim) -> Verdict | None:
    if not fix.fits(aim.source, aim.native):
        reason = f"{fix.source} does not offer {fix.title} on {aim.device.name}: it is left alone."
        return Verdict(consent=Consent.REFUSE, reason=safe(reason))
    if fix.steps_for(aim.device.platform):
        return None
    platform = aim.device.platform or "an unknown system"
    reason = f"{fix.title} has no steps for {platform}: {aim.device.name} is left alone."
    return Verdict(consent=Consent.REFUSE, reason=safe(reason))


def _strictest(targets: Sequence[PlanTarget], of_number: Verdict) -> Verdict:
    verdict = Verdict(consent=targets[0].consent, reason=targets[0].reason)
    for target in targets[1:]:
        verdict = stricter(verdict, Verdict(consent=target.consent, reason=target.reason))
    return stricter(verdict, of_number)


def _to_type(aims: Sequence[Aim]) -> SafeText:
    return typed_name(aims[0].device) if len(aims) == 1 else SafeText(f"{len(aims)} devices")


def _words(fix: Fix, targets: Sequence[PlanTarget]) -> dict[str, str]:
    """What stands for `{parameter}` and `{device}` in the plan's texts."""
    values = {"device": targets[0].name if len(targets) == 1 else f"{len(targets)} devices"}
    for parameter in fix.parameters:
        each = {target.parameters[parameter.name] for target in targets}
        values[parameter.name] = each.pop() if len(each) == 1 else f"its own {parameter.label.lower()}"
    return values


def _affects(fix: Fix, targets: Sequence[PlanTarget], values: Mapping[str, str]) -> SafeText:
    said = fill(fix.affects, values)
    clients = dict.fromkeys(target.client_name for target in targets)
    if len(targets) == 1:
        return said
    where = f"{len(clients)} clients" if len(clients) > 1 else next(iter(clients))
    return safe(f"{said} {len(targets)} devices of {where}: the first alone, then the others if it works.".strip(), 512)


def _verify(fix: Fix) -> SafeText:
    if fix.proof is Proof.NEW_BOOT:
        return safe(f"The device has to answer with a new boot id within {age(fix.verify_within_s)}.")
    return safe(f"The check is asked again, for up to {age(fix.verify_within_s)}.")


def _script(fix: Fix, target: PlanTarget) -> SafeText:
    steps = fix.steps_for(target.platform)
    if fix.own is not None:
        said = [f"{parameter.label}: {safe(target.parameters[parameter.name])}" for parameter in fix.parameters]
        return safe_lines("\n".join([fix.about, *said]))
    lines = [f"# ${index} = {safe(value)}" for index, value in enumerate(target.parameters.values(), 1)]
    return safe_lines("\n".join(lines + [step.script for step in steps]))
