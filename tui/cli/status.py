"""`rounds status`: verdict and counts. Exit status of monitoring plug-ins: 0 ok, 1 warning, 2 critical, 3 unknown."""

from __future__ import annotations

import click
import msgspec

from backends.config.schema import Profile
from backends.desk.protocol import NO_DEVICES, Desk, Interest
from backends.fleet.changes import Picture
from backends.fleet.query import Context
from backends.fleet.scope import has_all_issues, narrowed, unanswerable
from backends.fleet.verdict import verdict
from tui.cli import items
from tui.cli.context import FILTER_HELP, Filtered, ask, filter_argument, json_option, query_of, technician


@click.command(cls=Filtered, epilog=FILTER_HELP)
@filter_argument
@json_option
@click.pass_context
def status(ctx: click.Context, words: tuple[str, ...], *, as_json: bool) -> None:
    """Print the verdict and the counts over what FILTER matches; the exit status says how bad it is."""
    profile: Profile = ctx.obj
    query = query_of(words)
    if never := unanswerable(query):
        raise click.UsageError(f"The status cannot be told by {', '.join(never)}: no issue and no device has it.")

    async def question(desk: Desk) -> Picture:
        return await desk.picture(NO_DEVICES if query.everything else Interest(devices=True))

    picture = ask(profile, question)
    if not query.everything:
        picture = narrowed(picture, query, Context(me=technician(profile), now=picture.at))
    found = verdict(picture, picture.at, all_issues=has_all_issues(query))
    if as_json:
        document = {
            "schema": items.SCHEMA,
            "at": items.iso(picture.at),
            "level": found.level.name.lower(),
            "verdict": found.sentence,
            "counts": msgspec.structs.asdict(found.counts),
        }
        click.echo(items.dump(document))
    else:
        click.echo(found.sentence)
        click.echo(found.count_line)
    ctx.exit(int(found.level))
