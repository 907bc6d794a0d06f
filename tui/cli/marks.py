"""What technicians say about an issue (`ack claim snooze note`) and ask of its sources (`close recheck`)."""

from __future__ import annotations

import asyncio
import re
from collections.abc import Awaitable, Callable
from datetime import UTC, datetime, timedelta

import click

from backends.config.schema import Profile
from backends.desk.protocol import Desk
from backends.fleet.model import Issue
from tui.cli.context import attached, find_issue, technician

_SPAN = re.compile(r"(\d{1,4})([mhdw])")
_SECONDS = {"m": 60, "h": 3_600, "d": 86_400, "w": 604_800}

Verb = Callable[[Desk, Issue, str], Awaitable[str]]
"""Does one thing to an issue in somebody's name; returns what to say."""


def until(text: str, now: datetime) -> datetime:
    """When a snooze ends: a span (`30m 4h 2d 1w`) or an ISO time; raises ValueError with a sentence."""
    if span := _SPAN.fullmatch(text):
        return now + timedelta(seconds=int(span[1]) * _SECONDS[span[2]])
    try:
        when = datetime.fromisoformat(text)
    except ValueError:
        raise ValueError(f"{text!r} is no time: say 30m, 4h, 2d, or an ISO time.") from None
    aware = when.astimezone(UTC)
    if aware <= now:
        raise ValueError(f"{text!r} is in the past: say 30m, 4h, 2d, or a later time.")
    return aware


def _do(profile: Profile, issue_text: str, verb: Verb) -> None:
    async def done() -> str:
        async with attached(profile) as desk:
            issue = find_issue(await desk.picture(), issue_text)
            return await verb(desk, issue, technician(profile))

    click.echo(asyncio.run(done()), err=True)


def _where(issue: Issue) -> str:
    return f"{issue.device_name or issue.source}: {issue.title}"


@click.command()
@click.argument("issue")
@click.argument("text", nargs=-1)
@click.option("--undo", is_flag=True, help="Take the acknowledgement back.")
@click.pass_obj
def ack(profile: Profile, issue: str, text: tuple[str, ...], *, undo: bool) -> None:
    """Acknowledge ISSUE (its id, or the beginning of it), with a note TEXT if you like."""

    async def verb(desk: Desk, found: Issue, by: str) -> str:
        if undo:
            await desk.unacknowledge(found.id, by)
            return f"No longer acknowledged: {_where(found)}"
        await desk.acknowledge(found.id, by, " ".join(text))
        return f"Acknowledged: {_where(found)}"

    _do(profile, issue, verb)


@click.command()
@click.argument("issue")
@click.pass_obj
def claim(profile: Profile, issue: str) -> None:
    """Take ISSUE; claiming your own lets it go."""

    async def verb(desk: Desk, found: Issue, by: str) -> str:
        await desk.claim(found.id, by)
        return f"Let go: {_where(found)}" if found.owner == by else f"Yours: {_where(found)}"

    _do(profile, issue, verb)


@click.command()
@click.argument("issue")
@click.argument("end", required=False, default="")
@click.argument("reason", nargs=-1)
@click.option("--wake", is_flag=True, help="End the snooze now.")
@click.pass_obj
def snooze(profile: Profile, issue: str, end: str, reason: tuple[str, ...], *, wake: bool) -> None:
    """Put ISSUE to sleep until END (30m, 4h, 2d, or an ISO time) for a REASON."""
    if not wake and not (end and reason):
        raise click.UsageError("A snooze needs an end and a reason: rounds snooze ISSUE 4h waiting for the spare disk.")

    async def verb(desk: Desk, found: Issue, by: str) -> str:
        if wake:
            await desk.wake(found.id, by)
            return f"Awake: {_where(found)}"
        try:
            when = until(end, datetime.now(UTC))
        except ValueError as error:
            raise click.UsageError(str(error)) from error
        if says := await desk.snooze_says(found.id):
            click.echo(says, err=True)
        await desk.snooze(found.id, by, when, " ".join(reason))
        return f"Snoozed until {when:%Y-%m-%d %H:%M} UTC: {_where(found)}"

    _do(profile, issue, verb)


@click.command()
@click.argument("issue")
@click.argument("text", nargs=-1, required=True)
@click.pass_obj
def note(profile: Profile, issue: str, text: tuple[str, ...]) -> None:
    """Write TEXT down on ISSUE."""

    async def verb(desk: Desk, found: Issue, by: str) -> str:
        await desk.note(found.id, by, " ".join(text))
        return f"Noted on {_where(found)}"

    _do(profile, issue, verb)


@click.command()
@click.argument("issue")
@click.argument("text", nargs=-1, required=True)
@click.pass_obj
def close(profile: Profile, issue: str, text: tuple[str, ...]) -> None:
    """Close the problem of ISSUE in its sources, by hand; TEXT says why."""

    async def verb(desk: Desk, found: Issue, by: str) -> str:
        await desk.close_issue(found.id, by, " ".join(text))
        return f"Closed: {_where(found)}"

    _do(profile, issue, verb)


@click.command()
@click.argument("issue")
@click.pass_obj
def recheck(profile: Profile, issue: str) -> None:
    """Have the sources of ISSUE check it again now."""

    async def verb(desk: Desk, found: Issue, by: str) -> str:
        await desk.recheck(found.id, by)
        return f"Asked to check again now: {_where(found)}"

    _do(profile, issue, verb)
