"""`rounds engine`: the engine in the foreground, for a service or a hub; front ends start it so when they need it."""

from __future__ import annotations

import asyncio

import click

from backends import bootstrap
from backends.config.schema import DemoOptions, Profile
from tui.cli.demo import demo_options


@click.command()
@click.option("--stay", is_flag=True, help="Stay when the last screen has left.")
@demo_options
@click.pass_context
def engine(ctx: click.Context, *, stay: bool, demo: DemoOptions) -> None:
    """Run the engine of this profile in the foreground. Ends by itself when the last screen has left."""
    profile: Profile = ctx.obj
    if profile.demo is not None:
        profile = Profile(name=profile.name, config=profile.config, demo=demo)
    ctx.exit(asyncio.run(bootstrap.serve(profile, stay=stay)))


@click.command()
@click.pass_obj
def reload(profile: Profile) -> None:
    """Have the running engine read the configuration again. With an error in it nothing is changed."""

    async def told() -> str:
        desk = await bootstrap.connect(profile)
        if desk is None:
            return "No engine of this profile runs; the next one goes by the configuration as it is then."
        try:
            return await desk.reload()
        finally:
            await desk.close()

    click.echo(asyncio.run(told()), err=True)
