"""What technicians say about an issue: acknowledge, claim, snooze, note."""

from __future__ import annotations

from backends.desk.protocol import DeskError
from backends.fleet.model import Issue, IssueState, SafeText, safe
from tui.flows.stage import Stage, told
from widgets.dialogs.form import Field, Form
from widgets.present.age import full_time, parse_span
from widgets.present.issues import where

REASON_LONGEST = 200
NOTE_LONGEST = 2000


async def acknowledge(stage: Stage, issue: Issue) -> None:
    """Take note of it; a second time takes that back."""
    try:
        if issue.state is IssueState.ACKED:
            await stage.desk.unacknowledge(issue.id, stage.by)
            stage.say(SafeText(f"No longer acknowledged: {_named(issue)}."))
        else:
            await stage.desk.acknowledge(issue.id, stage.by)
            stage.say(SafeText(f"Acknowledged: {_named(issue)}."))
    except DeskError as error:
        told(stage, error)


async def claim(stage: Stage, issue: Issue) -> None:
    """Take it on; a second time lets it go."""
    try:
        await stage.desk.claim(issue.id, stage.by)
    except DeskError as error:
        told(stage, error)
        return
    stage.say(SafeText(f"{'Let go' if issue.owner == stage.by else 'Claimed'}: {_named(issue)}."))


async def snooze(stage: Stage, issue: Issue) -> None:
    """Put it to sleep until a time, for a reason; what sleeps is woken."""
    try:
        if issue.state is IssueState.SNOOZED:
            await stage.desk.wake(issue.id, stage.by)
            stage.say(SafeText(f"Awake again: {_named(issue)}."))
            return
        form = Form(
            SafeText(f"Snooze {_named(issue)}"),
            SafeText(f"{where(issue)}: {issue.title}. It wakes earlier when it gets worse."),
            (
                Field(label="For how long (30m, 4h, 2d, 1w)", value="4h", check=_check_span),
                Field(label="Why", check=_check_reason),
            ),
            "Snooze",
            boot_s=stage.boot_s,
            dead_s=stage.dead_s,
        )
        answer = await stage.ask(form)
        span = parse_span(answer[0]) if answer else None
        if answer is None or span is None:
            return
        until = stage.now() + span
        await stage.desk.snooze(issue.id, stage.by, until, answer[1])
        stage.say(SafeText(f"Snoozed until {full_time(until, stage.zone)}: {_named(issue)}."))
    except DeskError as error:
        told(stage, error)


async def note(stage: Stage, issue: Issue) -> None:
    """Write something down for the next person."""
    form = Form(
        SafeText(f"Note on {_named(issue)}"),
        SafeText(f"{where(issue)}: {issue.title}"),
        (Field(label="What the next person should know", check=_check_note),),
        "Write down",
        boot_s=stage.boot_s,
        dead_s=stage.dead_s,
    )
    answer = await stage.ask(form)
    if answer is None:
        return
    try:
        await stage.desk.note(issue.id, stage.by, answer[0])
    except DeskError as error:
        told(stage, error)
        return
    stage.say(SafeText(f"Noted on {_named(issue)}."))


def _named(issue: Issue) -> SafeText:
    return issue.device_name or safe(issue.source)


def _check_span(text: str) -> str:
    return "" if parse_span(text) else "Say how long as 30m, 4h, 2d or 1w."


def _check_reason(text: str) -> str:
    if not text.strip():
        return "A snooze needs a reason."
    return "" if len(text) <= REASON_LONGEST else f"That is longer than {REASON_LONGEST} characters."


def _check_note(text: str) -> str:
    if not text.strip():
        return "Nothing is written yet."
    return "" if len(text) <= NOTE_LONGEST else f"That is longer than {NOTE_LONGEST} characters."
