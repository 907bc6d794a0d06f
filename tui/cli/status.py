"""`rounds status`: verdict and counts. Exit status of monitoring plug-ins: 0 ok, 1 warning, 2 critical, 3 unknown."""

from __future__ import annotations

import click
import msgspec
from backends.fleet.query import Context
from backends.fleet.verdict import verdict

from backends.config.schema import Profile
from backends.desk.protocol import Desk
from backends.fleet.changes import Picture
from tui.cli import items
from tui.cli.context import ask, filter_argument, json_option, query_of, technician


@click.command()
@filter_argument
@json_option
@click.pass_context
def status(ctx: click.Context, words: tuple[str, ...], *, as_json: bool) -> None:
    """Print the verdict and the counts over what FILTER matches; the exit status says how bad it is."""
    profile: Profile = ctx.obj
    query = query_of(words)

    async def question(desk: Desk) -> Picture:
        return await desk.picture()

    picture = ask(profile, question)
    if words:
        picture = narrowed(picture, query.matches, Context(me=technician(profile), now=picture.at))
    found = verdict(picture, picture.at)
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


def narrowed(picture: Picture, matches: object, context: Context) -> Picture:
    """The picture of the sites and issues that match; every source stays, since a dead one hides what matches."""
    assert callable(matches)  # noqa: S101 - handed in by us
    return Picture(
        seq=picture.seq,
        at=picture.at,
        clients=picture.clients,
        sites={key: site for key, site in picture.sites.items() if matches(site, context)},
        issues={key: issue for key, issue in picture.issues.items() if matches(issue, context)},
        sources=picture.sources,
        runs=picture.runs,
    )
