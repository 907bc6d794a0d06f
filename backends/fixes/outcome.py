"""What becomes of a run, in words and as the next fact. Pure."""

from __future__ import annotations

from datetime import datetime

from msgspec.structs import replace

from backends.fixes.model import Fix
from backends.fixes.wording import fill
from backends.fleet.model import RunId
from backends.fleet.run import Plan, PlanTarget, Run, RunState, Verified
from backends.text import SafeText, safe

SENTENCE_COLUMNS = 512


def done(fix: Fix, run: Run) -> SafeText:
    """What was done: `Restarted nginx on web01`."""
    return fill(fix.done or f"{fix.title} ran on {{device}}", {**run.parameters, "device": run.device_name})


def not_sent(run: Run, why: str) -> str:
    return f"{run.title}: nothing was sent to {run.device_name}. {why}"


def failed(run: Run, why: str) -> str:
    return f"{run.title} failed on {run.device_name}: {why}"


def unknown(run: Run, why: str) -> str:
    return f"{run.title} may have run on {run.device_name}: {why} It is not repeated; check before anything else."


def concluded(fix: Fix, what: str, verified: Verified, because: str) -> str:
    """What was done, and whether it helped."""
    if verified is Verified.FIXED:
        return f"{what}; {fix.holds or 'the check is ok again'}."
    if verified is Verified.NOT_FIXED:
        return f"{what}, but {fix.lingers or 'the check still reports it'}. {because}".strip()
    return f"{what}; whether it helped is not known. {because}".strip()


def approved(run_id: RunId, plan: Plan, target: PlanTarget) -> Run:
    """A new run of `plan` on one of its targets."""
    return Run(
        id=run_id,
        plan=plan.id,
        fix=plan.fix,
        title=plan.title,
        risk=plan.risk,
        device=target.device,
        device_name=target.name,
        client=target.client,
        client_name=target.client_name,
        site=target.site,
        site_name=target.site_name,
        source=target.source,
        native=target.native,
        address=target.address,
        parameters=target.parameters,
        issue=target.issue,
        issue_key=target.issue_key,
        state=RunState.APPROVED,
        by=plan.by,
        planned=plan.made,
        boot_id=target.boot_id,
    )


def taken_back(run: Run, why: str, now: datetime) -> Run:
    """An approved run that is not sent after all."""
    sentence = safe(not_sent(run, why), SENTENCE_COLUMNS)
    return replace(run, state=RunState.FAILED, verified=Verified.NOT_VERIFIED, ended=now, sentence=sentence)


def left_behind(run: Run, now: datetime) -> Run:
    """A run that an engine which is gone had not brought to its end."""
    if run.state is not RunState.RUNNING:
        return taken_back(run, "The engine ended before.", now)
    sentence = safe(unknown(run, "the engine ended while it ran."), SENTENCE_COLUMNS)
    return replace(run, state=RunState.UNKNOWN, verified=Verified.NOT_VERIFIED, ended=now, sentence=sentence)


def pending(run: Run) -> bool:
    """Whether it has ended and its evidence was not asked for yet."""
    return run.state.ended and run.verified is Verified.PENDING


def unverified(run: Run) -> Run:
    """A run whose evidence an engine which is gone had not asked for."""
    sentence = f"{run.sentence} The engine ended before the evidence was asked for again."
    return replace(run, verified=Verified.NOT_VERIFIED, sentence=safe(sentence, SENTENCE_COLUMNS))


def holds_device(run: Run) -> bool:
    """Whether it keeps other runs off its device: under way, or unknown and not looked at."""
    return not run.settled
