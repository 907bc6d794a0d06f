"""`rounds audit`: the record of who did what."""

from __future__ import annotations

import click
import msgspec

from backends.config.schema import Profile
from tui.cli import items
from tui.cli.context import ask, json_option
from tui.cli.tables import table

_ALL = 1_000_000


@click.group()
def audit() -> None:
    """Show, verify or export the record of who did what."""


@audit.command()
@click.option("--limit", type=click.IntRange(1), default=50, show_default=True)
@json_option
@click.pass_obj
def show(profile: Profile, limit: int, *, as_json: bool) -> None:
    """The latest records, newest first."""
    records = ask(profile, lambda desk: desk.audit(limit))
    if as_json:
        now = ask(profile, lambda desk: desk.picture()).at
        click.echo(items.envelope(now, [msgspec.to_builtins(record) for record in records]))
        return
    rows = [
        (
            str(record.seq),
            f"{record.at:%Y-%m-%d %H:%M:%S}",
            record.by,
            record.event,
            record.subject,
            " ".join(f"{key}={value}" for key, value in record.data.items()),
        )
        for record in records
    ]
    click.echo(table(("SEQ", "TIME (UTC)", "BY", "EVENT", "SUBJECT", "DATA"), rows))


@audit.command()
@json_option
@click.pass_context
def verify(ctx: click.Context, *, as_json: bool) -> None:
    """Check the whole chain; exit status 2 names the first record that does not fit."""
    report = ask(ctx.obj, lambda desk: desk.audit_verify())
    click.echo(items.dump({"schema": items.SCHEMA, **msgspec.to_builtins(report)}) if as_json else report.sentence)
    ctx.exit(0 if report.ok else 2)


@audit.command()
@click.pass_obj
def export(profile: Profile) -> None:
    """Every record as JSON lines, oldest first."""
    for record in reversed(ask(profile, lambda desk: desk.audit(_ALL))):
        click.echo(items.line(record))
