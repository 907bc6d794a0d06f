"""`rounds snapshot`: one frame of the screen as text on standard output, or as a picture in a file."""

from __future__ import annotations

import asyncio
import re
from pathlib import Path
from typing import TYPE_CHECKING, Final

import click
from click.core import ParameterSource
from msgspec.structs import replace

from backends import bootstrap
from backends.config.schema import DemoOptions, Profile
from backends.config.themes import unknown_theme
from tui.cli.context import FILTER_HELP, Filtered, filter_argument, query_of, text_of
from tui.cli.demo import still_options

if TYPE_CHECKING:
    from tui.snapshot import Frame, Shot

_SIZE: Final = re.compile(r"(\d{1,4})[x×](\d{1,4})")
_SMALLEST: Final = (20, 5)
_LARGEST: Final = (1000, 400)

WHEN: Final = "2026-03-02T09:04:31Z"
"""Where `--at` is left out: four and a half minutes into the story, when an uplink is down and the rest goes on."""


def _size(ctx: click.Context, parameter: click.Parameter, value: str) -> tuple[int, int]:  # noqa: ARG001 - click's
    found = _SIZE.fullmatch(value)
    size = (int(found[1]), int(found[2])) if found else (0, 0)
    if not (_SMALLEST[0] <= size[0] <= _LARGEST[0] and _SMALLEST[1] <= size[1] <= _LARGEST[1]):
        raise click.BadParameter(f"{value!r} is no size from 20x5 to 1000x400, such as 160x50.")
    return size


def _theme(ctx: click.Context, parameter: click.Parameter, value: str) -> str:  # noqa: ARG001 - click's signature
    if value and (sentence := unknown_theme(value)):
        raise click.BadParameter(sentence)
    return value


@click.command(cls=Filtered, epilog=FILTER_HELP)
@filter_argument
@click.option("--size", callback=_size, default="160x50", show_default=True, help="Columns and lines.")
@click.option("--svg", type=click.Path(dir_okay=False), default="", help="Draw it into this file instead.")
@click.option("--theme", callback=_theme, default="", help="Another theme than the configured one.")
@click.option("--keys", default="", help='Keys pressed first, as in "j j enter"; none of them can do anything.')
@click.option("--wall", is_flag=True, help="The wall instead of the screen.")
@click.option("--demo", "on_demo", is_flag=True, help="On the demo fleet, as do the options that follow.")
@still_options
@click.pass_context
def snapshot(
    ctx: click.Context,
    words: tuple[str, ...],
    *,
    size: tuple[int, int],
    svg: str,
    theme: str,
    keys: str,
    wall: bool,
    on_demo: bool,
    demo: DemoOptions,
) -> None:
    """Print one frame of the screen as text, or draw it as a picture with --svg. It only looks.

    On the demo fleet the story stands still, so that the same options give the same frame.
    """
    profile: Profile = ctx.obj
    query_of(words)
    on_demo = on_demo or profile.demo is not None or _chosen(ctx)
    from tui.app import clean_environment  # noqa: PLC0415 - Textual is loaded for a screen only

    clean_environment()
    from tui.snapshot import Shot  # noqa: PLC0415

    shot = Shot(size=size, keys=keys.split(), query=text_of(words), theme=theme, wall=wall)
    frame = asyncio.run(_frame(shot, profile, replace(demo, at=demo.at or WHEN) if on_demo else None))
    if not svg:
        click.echo(frame.text)
        return
    try:
        Path(svg).write_text(frame.svg, encoding="utf-8")
    except OSError as error:
        raise click.ClickException(f"{svg} cannot be written: {error.strerror}.") from None


def _chosen(ctx: click.Context) -> bool:
    """Whether an option of the demo was given."""
    return any(ctx.get_parameter_source(name) is ParameterSource.COMMANDLINE for name in DemoOptions.__struct_fields__)


async def _frame(shot: Shot, profile: Profile, demo: DemoOptions | None) -> Frame:
    from tui.snapshot import live, standing  # noqa: PLC0415

    if demo is not None:
        return await standing(shot, demo)
    config = bootstrap.load_config(profile)
    return await live(shot, config, await bootstrap.one_shot(profile, views_only=True))
