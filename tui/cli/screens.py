"""The commands that open the screen: `rounds` itself and `rounds demo`."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING

import click

from backends import bootstrap
from backends.config.schema import DemoOptions, Profile
from tui.cli.demo import demo_options
from tui.cli.failure import BAD_INPUT
from tui.cli.link import low_bandwidth_option, spared
from tui.opening import opened
from tui.terminal import here

if TYPE_CHECKING:
    from backends.desk.protocol import Desk


def open_screen(profile: Profile, *, low_bandwidth: bool = False) -> int:
    """Open the screen until the technician leaves. Returns the exit status."""
    terminal = here()
    if terminal.refused:
        sys.stderr.write(f"rounds: {terminal.refused}\n")
        return BAD_INPUT
    config = bootstrap.load_config(profile)
    first = bootstrap.last_picture(profile)
    title = "demo" if profile.demo else ""
    opening = opened(first, title, terminal)

    async def open_desk() -> Desk:
        return await bootstrap.attach(profile)

    from tui.app import run  # noqa: PLC0415 - Textual is loaded for a screen only

    try:
        return run(open_desk, first, config, title=title, low_bandwidth=low_bandwidth, opening=opening)
    finally:
        opening.close()


@click.command()
@low_bandwidth_option
@demo_options
@click.pass_context
def demo(ctx: click.Context, *, low_bandwidth: bool, demo: DemoOptions) -> None:
    """Open the screen on a seeded imaginary fleet with a story; its fixes work on it."""
    profile: Profile = ctx.obj
    profile = Profile(name=profile.name, config=profile.config, demo=demo)
    ctx.exit(open_screen(profile, low_bandwidth=spared(ctx, low_bandwidth)))
