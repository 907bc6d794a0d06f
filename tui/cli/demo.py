"""The options of the demo fleet, shared by `rounds demo` and by the engine that serves it."""

from __future__ import annotations

from collections.abc import Callable, Iterable
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


_OPTIONS: Final = {
    "seed": click.option(
        "--seed", type=int, default=_DEFAULT.seed, show_default=True, help="Another fleet, another story."
    ),
    "clients": click.option(
        "--clients", type=click.IntRange(1, 2_000), default=_DEFAULT.clients, show_default=True, help="Companies."
    ),
    "devices": click.option(
        "--devices", type=click.IntRange(1, 200_000), default=_DEFAULT.devices, show_default=True, help="Machines."
    ),
    "speed": click.option(
        "--speed", type=click.FloatRange(0.01, 1_000), default=_DEFAULT.speed, help="Story seconds a second."
    ),
    "at": click.option("--at", callback=_iso, default=_DEFAULT.at, help="ISO time at which the story stands still."),
    "hostile": click.option("--hostile", is_flag=True, help="Names and messages that try to operate the terminal."),
    "faults": click.option("--faults", is_flag=True, help="Sources that fail in every way."),
    "here": click.option(
        "--here/--no-here", default=_DEFAULT.here, show_default=True, help="This machine as one site."
    ),
    "changes": click.option(
        "--changes", type=click.FloatRange(0, 5_000), default=_DEFAULT.changes, help="More changes a second."
    ),
}

_STILL: Final = ("at", "seed", "clients", "devices", "hostile", "faults")
"""Those that mean something where the story stands still."""


def demo_options(body: Callable[..., Any]) -> Callable[..., Any]:
    """Adds the options to a command and hands them over as one `DemoOptions` named `demo`."""
    return _with(_OPTIONS.values(), body)


def still_options(body: Callable[..., Any]) -> Callable[..., Any]:
    """As `demo_options`, for one frame of it: `demo.at` is empty unless it was chosen."""
    return _with([_OPTIONS[name] for name in _STILL], body)


def _with(options: Iterable[Callable[..., Any]], body: Callable[..., Any]) -> Callable[..., Any]:
    @wraps(body)
    def collected(*args: Any, **words: Any) -> Any:
        chosen = {name: words.pop(name) for name in DemoOptions.__struct_fields__ if name in words}
        return body(*args, demo=DemoOptions(**chosen), **words)

    for option in reversed([*options]):
        collected = option(collected)
    return collected
