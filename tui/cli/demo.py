"""The options of the demo fleet, shared by `rounds demo` and by the engine that serves it."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from functools import wraps
from typing import Any, Final

import click

from backends.config.schema import DemoOptions

_DEFAULT: Final = DemoOptions()


def _iso(ctx: click.Context, parameter: click.Parameter, value: str) -> str:  # noqa: ARG001 - click's signature
    if value:
        try:
            when = datetime.fromisoformat(value)
        except ValueError:
            raise click.BadParameter(f"{value!r} is no ISO time such as 2026-03-02T09:30:00Z.") from None
        if when.tzinfo is None:
            raise click.BadParameter(f"{value!r} has no time zone: end it with Z.")
    return value


_OPTIONS: Final = (
    click.option("--seed", type=int, default=_DEFAULT.seed, show_default=True, help="Another fleet, another story."),
    click.option(
        "--clients", type=click.IntRange(1, 2_000), default=_DEFAULT.clients, show_default=True, help="Companies."
    ),
    click.option(
        "--devices", type=click.IntRange(1, 200_000), default=_DEFAULT.devices, show_default=True, help="Machines."
    ),
    click.option("--speed", type=click.FloatRange(0.01, 1_000), default=_DEFAULT.speed, help="Story seconds a second."),
    click.option("--at", callback=_iso, default=_DEFAULT.at, help="ISO time at which the story stands still."),
    click.option("--hostile", is_flag=True, help="Names and messages that try to operate the terminal."),
    click.option("--faults", is_flag=True, help="Sources that fail in every way."),
    click.option("--here/--no-here", default=_DEFAULT.here, show_default=True, help="This machine as one site."),
    click.option("--changes", type=click.FloatRange(0, 5_000), default=_DEFAULT.changes, help="More changes a second."),
)


def demo_options(body: Callable[..., Any]) -> Callable[..., Any]:
    """Adds the options to a command and hands them over as one `DemoOptions` named `demo`."""

    @wraps(body)
    def collected(*args: Any, **words: Any) -> Any:
        chosen = {name: words.pop(name) for name in DemoOptions.__struct_fields__ if name in words}
        return body(*args, demo=DemoOptions(**chosen), **words)

    for option in reversed(_OPTIONS):
        collected = option(collected)
    return collected
