"""`rounds wall`: the whole fleet on a screen that only shows. Made to be a forced command over SSH."""

from __future__ import annotations

import gc
import os
import sys
from typing import TYPE_CHECKING, NoReturn

import click

from backends import bootstrap
from backends.config.schema import Profile
from backends.desk.protocol import DeskError, DeskErrorKind, Views
from backends.fleet.query import Query
from backends.fleet.scope import unanswerable
from tui.cli.context import FILTER_HELP, Filtered, filter_argument, query_of
from tui.cli.failure import REFUSED
from tui.cli.link import low_bandwidth_option, spared
from tui.surroundings import hostile, scrub
from tui.terminal import Sight, here

if TYPE_CHECKING:
    from tui.wall import Wall


@click.command(cls=Filtered, epilog=FILTER_HELP)
@filter_argument
@low_bandwidth_option
@click.pass_context
def wall(ctx: click.Context, words: tuple[str, ...], *, low_bandwidth: bool) -> int:
    """Show what FILTER matches, worst first, on a screen that cannot change anything; it leaves by `q`."""
    if found := hostile():
        _refuse(
            f"The wall does not start with {' and '.join(found)} in its environment, which can put other code into it:"
            f" start it with `env {' '.join(f'-u {name}' for name in found)} rounds wall`."
        )
    sight = here(low_bandwidth=spared(ctx, low_bandwidth))
    if sight.refused:
        raise DeskError(DeskErrorKind.WRONG_USE, sight.refused)
    query = query_of(words)
    if never := unanswerable(query):
        raise click.UsageError(f"A wall cannot be filtered by {', '.join(never)}: no issue and no device has it.")
    return _shown(_made(ctx.obj, query, sight))


def _refuse(sentence: str) -> NoReturn:
    if sys.flags.inspect:  # this interpreter would stay and ask for commands after the program has ended
        sys.stderr.write(f"rounds: {sentence}\n")
        os._exit(REFUSED)
    raise DeskError(DeskErrorKind.REFUSED, sentence)


def _made(profile: Profile, query: Query, sight: Sight = Sight()) -> Wall:  # noqa: B008 - frozen
    config = bootstrap.load_config(profile)
    first = bootstrap.last_picture(profile)

    async def open_views() -> Views:
        return await bootstrap.attach(profile, views_only=True)

    scrub(sight)
    gc.disable()  # as for the screen: nothing that is imported is garbage
    from tui.wall import Wall  # noqa: PLC0415 - Textual reads the environment when it is imported

    return Wall(open_views, first, config, query, title="demo wall" if profile.demo else "", sight=sight)


def _shown(wall: Wall) -> int:
    gc.freeze()
    gc.enable()
    wall.run(
        mouse=False
    )  # a wall takes no clicks; whoever sits at it may still mark text with the terminal's own means
    return wall.return_code or 0
