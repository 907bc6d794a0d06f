"""`rounds fix`: the same fixes under the same guards as on the screen."""

from __future__ import annotations

import asyncio
import sys
from collections.abc import Mapping
from textwrap import indent

import click

from backends.config.schema import Profile
from backends.desk.protocol import Approval, Desk, DeskError, DeskErrorKind, EngineLost
from backends.fleet.model import DeviceId, FixId, IssueId, RunId
from backends.fleet.run import Consent, Plan, Run, RunState, Verified
from backends.text import safe_lines
from tui.cli import items
from tui.cli.context import ask, attached, find_device, json_option, one_shot, technician
from tui.cli.tables import table

UNKNOWN = 3
"""Exit status of a run that may have run."""
_LOST = "The engine was lost on the way: it may have run, and is not repeated. `rounds runs` tells what is known."


@click.group()
def fix() -> None:
    """List, show, plan and run fixes."""


@fix.command("list")
@json_option
@click.pass_obj
def list_fixes(profile: Profile, *, as_json: bool) -> None:
    """The fixes that rounds knows."""
    cards = ask(profile, lambda desk: desk.fixes())
    if as_json:
        at = ask(profile, lambda desk: desk.picture()).at
        click.echo(items.envelope(at, map(items.fix_item, cards)))
        return
    rows = [(card.id, card.risk.value, ", ".join(card.families), card.title, card.about) for card in cards]
    click.echo(table(("FIX", "RISK", "ANSWERS", "TITLE", "WHAT IT DOES"), rows))


@fix.command()
@click.argument("fix_id", metavar="ID")
@json_option
@click.pass_obj
def show(profile: Profile, fix_id: str, *, as_json: bool) -> None:
    """One fix, with its parameters and the scripts that it runs."""
    found = [card for card in ask(profile, lambda desk: desk.fixes()) if card.id == fix_id]
    if not found:
        raise DeskError(DeskErrorKind.NOT_FOUND, f"There is no fix {fix_id!r}; `rounds fix list` lists them.")
    card = found[0]
    if as_json:
        click.echo(items.dump({"schema": items.SCHEMA, **items.fix_item(card), "scripts": card.scripts}))
        return
    click.echo(f"{card.title} ({card.id}), {card.risk.value}\n{card.about}")
    for parameter in card.parameters:
        default = f", default {parameter.default}" if parameter.default else ""
        origin = f", taken from the issue's {parameter.source}" if parameter.source else ""
        click.echo(f"  --param {parameter.name}=…  {parameter.label}{default}{origin}")
    if card.source is not None:
        click.echo(f"Run by {card.source}, by its own means\nVerified: {card.verify}")
        return
    click.echo(f"Platforms: {', '.join(card.platforms)}\nUndo: {card.undo or 'none'}\nVerified: {card.verify}")
    for platforms, script in card.scripts.items():
        click.echo(f"\nScript for {platforms}; the parameters are $1, $2 …\n" + indent(script.strip("\n"), "    "))


_target_options = (
    click.argument("fix_id", metavar="ID"),
    click.argument("targets", nargs=-1, required=True, metavar="TARGET..."),
    click.option("--param", "parameters", multiple=True, metavar="NAME=VALUE", help="A parameter; may be repeated."),
    json_option,
)


@fix.command()
@_target_options[0]
@_target_options[1]
@_target_options[2]
@_target_options[3]
@click.pass_obj
def plan(
    profile: Profile, fix_id: str, targets: tuple[str, ...], parameters: tuple[str, ...], *, as_json: bool
) -> None:
    """What would run where. A TARGET is a device (id or unique name) or an open issue (id)."""

    async def planned() -> Plan:
        async with one_shot(profile) as desk:
            return await _plan(desk, fix_id, targets, technician(profile), _parameters(parameters))

    made = asyncio.run(planned())
    click.echo(_shown(made, as_json=as_json))


@fix.command()
@_target_options[0]
@_target_options[1]
@_target_options[2]
@_target_options[3]
@click.option("--dry-run", is_flag=True, help="Plan only; run nothing.")
@click.option("--yes", is_flag=True, help="Confirm without asking; needed without a terminal.")
@click.option(
    "--confirm", "typed", default="", metavar="NAME", help="The name that a guarded or destructive plan asks for."
)
@click.pass_context
def run(
    ctx: click.Context,
    fix_id: str,
    targets: tuple[str, ...],
    parameters: tuple[str, ...],
    typed: str,
    *,
    as_json: bool,
    dry_run: bool,
    yes: bool,
) -> None:
    """Plan, ask, run, verify. Exit status: 0 fixed, 1 failed or not fixed, 3 unknown (it may have run)."""
    profile: Profile = ctx.obj
    by = technician(profile)

    async def done() -> list[Run]:
        async with attached(profile) as desk:
            made = await _plan(desk, fix_id, targets, by, _parameters(parameters))
            if dry_run:
                click.echo(_shown(made, as_json=as_json))
            else:
                click.echo(describe(made), err=True)
            if made.consent is Consent.REFUSE:
                raise DeskError(DeskErrorKind.REFUSED, made.reason)
            if dry_run:
                return []
            approval = await asyncio.to_thread(_consent, made, typed, yes=yes)
            sent.append(made)
            started = await desk.approve(made.id, approval)
            return [await _follow(desk, one, quiet=as_json) for one in started]

    sent: list[Plan] = []
    try:
        runs = asyncio.run(done())
    except EngineLost:
        if not sent:
            raise
        click.echo(_LOST, err=True)
        ctx.exit(UNKNOWN)
    except KeyboardInterrupt:
        if sent:
            click.echo("What was started goes on in the engine: `rounds runs` tells what comes of it.", err=True)
        raise
    if as_json and runs:
        click.echo(items.dump({"schema": items.SCHEMA, "items": [items.run_item(one) for one in runs]}))
    ctx.exit(exit_status(runs))


@fix.command()
@click.argument("run_id", metavar="RUN")
@click.pass_context
def check(ctx: click.Context, run_id: str) -> None:
    """Ask for the evidence of an unknown RUN again; afterwards it no longer blocks its device."""

    async def checked() -> Run:
        async with attached(ctx.obj) as desk:
            return await desk.check_run(RunId(run_id))

    one = asyncio.run(checked())
    click.echo(outcome(one), err=True)
    ctx.exit(0 if one.verified is Verified.FIXED else 1)


def _parameters(words: tuple[str, ...]) -> dict[str, str]:
    out: dict[str, str] = {}
    for word in words:
        name, equals, value = word.partition("=")
        if not equals or not name:
            raise click.UsageError(f"--param takes NAME=VALUE, not {word!r}.")
        out[name] = value
    return out


def _shown(made: Plan, *, as_json: bool) -> str:
    return items.dump({"schema": items.SCHEMA, **items.plan_item(made)}) if as_json else describe(made)


async def _plan(desk: Desk, fix_id: str, targets: tuple[str, ...], by: str, parameters: Mapping[str, str]) -> Plan:
    """Resolves each target to a device; a single issue id also gives the plan its parameters."""
    picture = await desk.picture()
    devices: list[DeviceId] = []
    issue: IssueId | None = None
    for target in targets:
        # Whole ids only: a slip in a device's name must not become another device's issue.
        found = picture.issues.get(IssueId(target.lower()))
        if found is None:
            devices.append((await find_device(desk, target, "open issue or device")).id)
        elif found.device is None:
            raise DeskError(DeskErrorKind.WRONG_USE, f"Issue {target} is on a source, which no fix can run on.")
        else:
            issue = found.id
            devices.append(found.device)
    if issue is not None and len(devices) > 1:
        raise click.UsageError("An issue is planned alone; several targets are named by their devices.")
    return await desk.plan(FixId(fix_id), devices, by, issue, parameters)


def _consent(made: Plan, typed: str, *, yes: bool) -> Approval:
    asks = sys.stdin.isatty() and sys.stderr.isatty()
    if made.consent is Consent.TYPE_NAME:
        if not typed and asks:
            typed = click.prompt(f"Type {made.type_name} to run it", default="", show_default=False, err=True)
        if not typed:
            raise DeskError(DeskErrorKind.REFUSED, f"This plan asks for a name: add --confirm {made.type_name}.")
        return Approval(confirmed=True, typed=typed)
    if made.consent is Consent.CONFIRM and not yes:
        if not asks:
            raise DeskError(DeskErrorKind.REFUSED, "Without a terminal a run needs --yes.")
        if not click.confirm("Run it?", default=False, err=True):
            raise click.Abort
    return Approval(confirmed=True)


async def _follow(desk: Desk, started: Run, *, quiet: bool) -> Run:
    """Print the live output (standard output is data) and wait until the outcome is verified."""
    async for piece in desk.output(started.id):
        if not quiet:
            click.echo(piece.text, nl=False)
    ended = await desk.run(started.id)
    click.echo(outcome(ended), err=True)
    return ended


def outcome(run: Run) -> str:
    return f"{run.client_name} · {run.device_name}: {run.state.value}, {run.verified.value}. {run.sentence}"


def exit_status(runs: list[Run]) -> int:
    if any(run.state is RunState.UNKNOWN for run in runs):
        return UNKNOWN
    good = all(run.state is RunState.SUCCEEDED and run.verified is Verified.FIXED for run in runs)
    return 0 if good else 1


def describe(made: Plan) -> str:
    """The plan for people: where first, then what."""
    lines = [f"{made.title} · {made.risk.value}"]
    for target in made.targets:
        where = f"{target.client_name} / {target.site_name} / {target.name} ({target.address}) by {target.source}"
        about = f" · for: {target.issue_title}" if target.issue_title else ""
        refusal = f" · refused: {target.reason}" if target.consent is Consent.REFUSE else ""
        lines.append(f"  on  {where}{about}{refusal}")
    lines += [f"  do  {step}" for step in made.does]
    if made.affects:
        lines.append(f"  affects  {made.affects}")
    lines += [f"  undo  {made.undo or 'cannot be undone'}", f"  verified by  {made.verify}"]
    lines += [f"  changed  {change}" for change in made.changed]
    if made.consent is Consent.REFUSE:
        lines.append(f"  refused  {made.reason}")
    return safe_lines("\n".join(lines))
