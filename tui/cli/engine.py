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
