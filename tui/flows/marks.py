"""What technicians say about issues (acknowledge, claim, snooze, note) and ask of their sources (close, check again):
about one, or about all that were marked."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Sequence

from backends.desk.protocol import DeskError, DeskErrorKind
from backends.fleet.model import Issue, IssueState, SafeText, safe
from tui.flows.stage import Stage, told
from widgets.dialogs.form import Field, Form
from widgets.present.age import full_time, parse_span
from widgets.present.issues import count_word, where
from widgets.present.tone import Tone

REASON_LONGEST = 200
NOTE_LONGEST = 2000
SAID = 3
"""Of so many issues is said what a snooze would do in their sources."""

Issues = Sequence[Issue]


async def acknowledge(stage: Stage, issues: Issues) -> None:
    """Take note of them; when all are acknowledged already that is taken back."""
    fresh = [issue for issue in issues if issue.state is not IssueState.ACKED]
    if fresh:
        await _each(stage, fresh, lambda issue: stage.desk.acknowledge(issue.id, stage.by), SafeText("Acknowledged"))
    else:
        await _each(
            stage,
            issues,
            lambda issue: stage.desk.unacknowledge(issue.id, stage.by),
            SafeText("No longer acknowledged"),
        )


async def claim(stage: Stage, issues: Issues) -> None:
    """Take them on; when all are one's own already they are let go."""
    others = [issue for issue in issues if issue.owner != stage.by]
    done = SafeText("Claimed" if others else "Let go")
    await _each(stage, others or issues, lambda issue: stage.desk.claim(issue.id, stage.by), done)


async def snooze(stage: Stage, issues: Issues) -> None:
    """Put them to sleep until a time, for a reason; when all are asleep they are woken."""
    awake = [issue for issue in issues if issue.state is not IssueState.SNOOZED]
    if not awake:
        await _each(stage, issues, lambda issue: stage.desk.wake(issue.id, stage.by), SafeText("Awake again"))
        return
    try:
        there = await _there(stage, awake)
    except DeskError as error:
        told(stage, error)
        return
    form = Form(
        SafeText(f"Snooze {_named(awake)}"),
        SafeText(f"{_about(awake)}. It wakes earlier when it gets worse.{there}"),
        (
            Field(label=SafeText("For how long (30m, 4h, 2d, 1w)"), value="4h", check=_check_span),
            Field(label=SafeText("Why"), check=_check_reason),
        ),
        SafeText("Snooze"),
        boot_s=stage.boot_s,
        dead_s=stage.dead_s,
    )
    answer = await stage.ask(form)
    span = parse_span(answer[0]) if answer else None
    if answer is None or span is None:
        return
    until, reason = stage.now() + span, answer[1]
    done = SafeText(f"Snoozed until {full_time(until, stage.zone)}")
    await _each(stage, awake, lambda issue: stage.desk.snooze(issue.id, stage.by, until, reason), done)


async def _there(stage: Stage, issues: Issues) -> SafeText:
    """What a snooze would do in the sources; of many issues that of the first few."""
    said = [says for issue in issues[:SAID] if (says := await stage.desk.snooze_says(issue.id))]
    more = f" So for {len(issues) - SAID} more." if said and len(issues) > SAID else ""
    return SafeText("".join(f"\n{says}" for says in said) + more)


async def close(stage: Stage, issues: Issues) -> None:
    """Close them in their sources; what a source goes on to see comes back."""
    form = Form(
        SafeText(f"Close {_named(issues)}"),
        SafeText(f"{_about(issues)}. It is closed in its source, and comes back when it is still so."),
        (Field(label=SafeText("Why it can be closed"), check=_check_closing),),
        SafeText("Close it"),
        boot_s=stage.boot_s,
        dead_s=stage.dead_s,
    )
    answer = await stage.ask(form)
    if answer is None:
        return
    text = answer[0]
    await _each(stage, issues, lambda issue: stage.desk.close_issue(issue.id, stage.by, text), SafeText("Closed"))


async def recheck(stage: Stage, issues: Issues) -> None:
    """Have their sources check them again now."""
    done = SafeText("Asked to check again now")
    await _each(stage, issues, lambda issue: stage.desk.recheck(issue.id, stage.by), done)


async def note(stage: Stage, issues: Issues) -> None:
    """Write something down for the next person."""
    form = Form(
        SafeText(f"Note on {_named(issues)}"),
        SafeText(_about(issues)),
        (Field(label=SafeText("What the next person should know"), check=_check_note),),
        SafeText("Write down"),
        boot_s=stage.boot_s,
        dead_s=stage.dead_s,
    )
    answer = await stage.ask(form)
    if answer is None:
        return
    text = answer[0]
    await _each(stage, issues, lambda issue: stage.desk.note(issue.id, stage.by, text), SafeText("Noted on"))


async def _each(stage: Stage, issues: Issues, act: Callable[[Issue], Awaitable[None]], done: SafeText) -> None:
    """Do it to one after the other and say what came of it. What one of them refuses does not keep the others; without
    an engine it ends at once."""
    refused: list[DeskError] = []
    for issue in issues:
        try:
            await act(issue)
        except DeskError as error:
            refused.append(error)
            if error.kind is DeskErrorKind.UNAVAILABLE:
                break
    if len(issues) == 1 and refused:
        told(stage, refused[0])
        return
    sentence = f"{done}{'' if done.endswith(' on') else ':'} {_named(issues)}."
    if refused:
        # What a source did not take counts here all the same.
        missed = sum(error.kind is not DeskErrorKind.PARTLY for error in refused)
        went = count_word(len(issues) - missed, "issue") if missed < len(issues) else "none"
        sentence = f"{done}: {went} of {len(issues)}. {refused[0].sentence}"
    stage.say(SafeText(sentence), Tone.CRITICAL if refused else Tone.STRONG)


def _named(issues: Issues) -> SafeText:
    if len(issues) > 1:
        return count_word(len(issues), "issue")
    return issues[0].device_name or safe(issues[0].source)


def _about(issues: Issues) -> SafeText:
    """What a question is about: the issue, or the devices of the first few of many."""
    if len(issues) == 1:
        return SafeText(f"{where(issues[0])}: {issues[0].title}")
    names = [SafeText(f"{one.client_name} {one.device_name or safe(one.source)}") for one in issues[:4]]
    more = f" and {len(issues) - len(names)} more" if len(issues) > len(names) else ""
    return SafeText(f"{', '.join(names)}{more}")


def _check_span(text: str) -> SafeText:
    return SafeText("" if parse_span(text) else "Say how long as 30m, 4h, 2d or 1w.")


def _check_reason(text: str) -> SafeText:
    if not text.strip():
        return SafeText("A snooze needs a reason.")
    return SafeText("" if len(text) <= REASON_LONGEST else f"That is longer than {REASON_LONGEST} characters.")


def _check_closing(text: str) -> SafeText:
    if not text.strip():
        return SafeText("Closing needs a reason.")
    return SafeText("" if len(text) <= REASON_LONGEST else f"That is longer than {REASON_LONGEST} characters.")


def _check_note(text: str) -> SafeText:
    if not text.strip():
        return SafeText("Nothing is written yet.")
    return SafeText("" if len(text) <= NOTE_LONGEST else f"That is longer than {NOTE_LONGEST} characters.")
