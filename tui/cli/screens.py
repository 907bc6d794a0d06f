"""The commands that open the screen: `rounds` itself and `rounds demo`."""

from __future__ import annotations

import functools
import sys
from collections.abc import Mapping
from typing import TYPE_CHECKING

import click

from backends import bootstrap
from backends.config.schema import DemoOptions, Profile
from tui.cli.demo import demo_options
from tui.cli.failure import BAD_INPUT
from tui.cli.link import low_bandwidth_option, spared
from tui.connecting import Connecting
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
    title = "demo" if profile.demo else ""
    opening = opened(bootstrap.last_glance(profile), title, terminal)
    first = bootstrap.last_picture(profile)

    async def open_desk() -> Desk:
        return await bootstrap.attach(profile)

    from tui.app import run  # noqa: PLC0415 - Textual is loaded for a screen only

    connecting = None if profile.demo else Connecting(kinds=_kinds, argv=functools.partial(_connect_argv, profile))

    try:
        return run(
            open_desk, first, config, title=title, low_bandwidth=low_bandwidth, opening=opening, connecting=connecting
        )
    finally:
        opening.close()


@functools.cache
def _kinds() -> Mapping[str, str]:
    from backends.registry import connectable  # noqa: PLC0415 - looks through what is installed

    return dict.fromkeys(connectable(), "")


def _connect_argv(profile: Profile, kind: str) -> list[str]:
    """`rounds connect KIND` with this profile, as the same program."""
    config = ["--config", profile.config] if profile.config else []
    return [sys.executable, "-P", "-m", "tui", "--profile", profile.name, *config, "connect", kind]


@click.command()
@low_bandwidth_option
@demo_options
@click.pass_context
def demo(ctx: click.Context, *, low_bandwidth: bool, demo: DemoOptions) -> None:
    """Open the screen on a seeded imaginary fleet with a story; its fixes work on it."""
    profile: Profile = ctx.obj
    profile = Profile(name=profile.name, config=profile.config, demo=demo)
    ctx.exit(open_screen(profile, low_bandwidth=spared(ctx, low_bandwidth)))
