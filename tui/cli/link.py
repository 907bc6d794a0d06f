"""`--low-bandwidth`, before any command that opens a screen or behind it."""

from __future__ import annotations

from typing import Final

import click

ABOUT: Final = "For a slow link: 16 colours, and changes once a second at most."
_KEY: Final = "tui.low_bandwidth"

low_bandwidth_option = click.option("--low-bandwidth", is_flag=True, help=ABOUT)


def spare(ctx: click.Context, low_bandwidth: bool) -> None:
    """It was said before the command."""
    ctx.meta[_KEY] = low_bandwidth


def spared(ctx: click.Context, low_bandwidth: bool = False) -> bool:
    """Whether it was said before the command or behind it."""
    return low_bandwidth or bool(ctx.meta.get(_KEY))
