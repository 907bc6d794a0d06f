"""`rounds init`, `rounds connect`, `rounds login`: from nothing to a first site, without an editor."""

from __future__ import annotations

import asyncio

import click

from backends import bootstrap
from backends.config.paths import places, secure
from backends.config.schema import Profile
from backends.fleet.model import safe
from tui.cli.failure import BAD_CONFIG
from tui.cli.questions import typed_secret


@click.command()
@click.option("--technician", default="", help="Your name on issues and in the record; the login name by default.")
@click.pass_obj
def init(profile: Profile, technician: str) -> None:
    """Write a first, commented configuration; one that is there is left as it is."""
    from backends.config.load import login_name  # noqa: PLC0415
    from backends.config.write import initial  # noqa: PLC0415

    where = places(profile)
    secure(where)
    initial(where.config, technician or login_name())
    click.echo(
        f"Wrote {where.config}. Next: `rounds connect KIND` adds the first source, such as `rounds connect ssh`.",
        err=True,
    )


class Kinds(click.Group):
    """A command for every kind of source; a kind is loaded when its own command is called, and not before."""

    def list_commands(self, ctx: click.Context) -> list[str]:  # noqa: ARG002 - click's signature
        from backends.registry import connectable  # noqa: PLC0415 - looks through what is installed

        return list(connectable())

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        if cmd_name == "ssh":
            from tui.cli.connect_ssh import command  # noqa: PLC0415 - loads asyncssh

            return command
        if cmd_name not in (kinds := self.list_commands(ctx)):
            raise click.UsageError(f'There is no kind of source "{safe(cmd_name, 64)}"; there are {", ".join(kinds)}')
        from tui.cli.connect_kind import command_of  # noqa: PLC0415 - only for one

        return command_of(cmd_name)

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        with formatter.section("Kinds"):
            formatter.write_dl([(name, f"Add a source of the kind {name}.") for name in self.list_commands(ctx)])


@click.group(cls=Kinds)
def connect() -> None:
    """Add a source with questions; it is tried before anything is written."""


def _wanted(kind: str) -> tuple[str, str]:
    """What secret that kind of source wants, and where it is made."""
    from backends.registry import RegistryError, asked_of  # noqa: PLC0415 - loads the kind

    try:
        _, access = asked_of(kind)
    except RegistryError:
        access = None
    return (safe(access.text, 80), access.hint) if access is not None else ("Secret", "")


@click.command()
@click.argument("source")
@click.option("--forget", is_flag=True, help="Take the secret out of the keyring.")
@click.pass_context
def login(ctx: click.Context, source: str, *, forget: bool) -> None:
    """Store the secret of SOURCE in the keyring: typed without echo, or from standard input."""
    from backends import secrets  # noqa: PLC0415 - loads keyring

    profile: Profile = ctx.obj
    config = bootstrap.load_config(profile)
    found = [one for one in config.sources if one.name == source]
    if not found:
        names = ", ".join(one.name for one in config.sources) or "none"
        raise click.UsageError(f"There is no source {source!r} in the configuration; there is: {names}.")
    if found[0].secret.kind != "keyring":
        click.echo(f"The secret of {source} comes from {found[0].secret.kind}; nothing was stored.", err=True)
        ctx.exit(BAD_CONFIG)
    if forget:
        asyncio.run(secrets.delete(source))
        click.echo(f"The keyring has no secret of {source} any more.", err=True)
        return
    wanted, hint = _wanted(found[0].kind)
    if hint:
        click.echo(safe(hint, 400), err=True)
    value = typed_secret(f"{wanted} of {source}")
    asyncio.run(secrets.store(source, value))
    click.echo(f"The secret of {source} is in the keyring.", err=True)
