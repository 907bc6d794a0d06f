"""The commands that open the screen: `rounds` itself and `rounds demo`."""

from __future__ import annotations

import os
import sys
from typing import TYPE_CHECKING

import click

from backends import bootstrap
from backends.config.schema import DemoOptions, Profile
from tui.cli.demo import demo_options
from tui.cli.failure import BAD_INPUT

if TYPE_CHECKING:
    from backends.desk.protocol import Desk


def open_screen(profile: Profile) -> int:
    """Open the screen until the technician leaves. Returns the exit status."""
    if why := unfit_terminal():
        sys.stderr.write(f"rounds: {why}\n")
        return BAD_INPUT
    config = bootstrap.load_config(profile)
    first = bootstrap.last_picture(profile)

    async def open_desk() -> Desk:
        return await bootstrap.attach(profile)

    from tui.app import run  # noqa: PLC0415 - Textual is loaded for a screen only

    return run(open_desk, first, config, title="demo" if profile.demo else "")


def unfit_terminal() -> str:
    """Why no screen can be opened here, as a sentence; empty where one can."""
    if not (sys.stdin.isatty() and sys.stderr.isatty() and sys.stdout.isatty()):
        return "the screen needs a terminal; `rounds status` and `rounds issues --json` do not."
    if os.environ.get("TERM") == "dumb":
        return "this terminal (TERM=dumb) can show no screen; `rounds status` and the lists work."
    return ""


@click.command()
@demo_options
@click.pass_context
def demo(ctx: click.Context, *, demo: DemoOptions) -> None:
    """Open the screen on a seeded imaginary fleet with a story; its fixes work on it."""
    profile: Profile = ctx.obj
    ctx.exit(open_screen(Profile(name=profile.name, config=profile.config, demo=demo)))
