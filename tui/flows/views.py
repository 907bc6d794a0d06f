"""Keeping a filter under a name: for this session at once, and in the configuration where that can be changed."""

from __future__ import annotations

import asyncio
import re
from collections.abc import MutableMapping
from pathlib import Path
from typing import Final

from backends.fleet.model import safe
from tui.flows.stage import Stage
from widgets.present.tone import Tone

NAME: Final = re.compile(r"[\w.-]{1,40}")


class ViewError(Exception):
    """It cannot be kept; the message says why."""


def check_view(name: str, query: str, views: MutableMapping[str, str], *, over: bool) -> None:
    """Raises `ViewError`."""
    if not query.strip():
        raise ViewError("There is no filter to save: `/` narrows the list first.")
    if not NAME.fullmatch(name):
        raise ViewError("Give the view a name of letters, digits, dots and dashes: `:save mine`.")
    if name in views and not over:
        raise ViewError(f"There is a view {name} already; `:save! {name}` replaces it.")


async def keep_view(stage: Stage, views: MutableMapping[str, str], file: str, name: str, query: str) -> None:
    """`file` is the configuration; empty when there is none."""
    views[name] = query
    if not file:
        stage.say(safe(f"View {name} is kept for this session; `rounds init` writes a configuration to keep it in."))
        return
    from backends.config.write import ConfigError, PathRefused, add_view  # noqa: PLC0415 - tomlkit, when it is needed

    try:
        await asyncio.to_thread(add_view, Path(file), name, query)
    except ConfigError as error:
        why: str = error.problems[0].sentence
    except PathRefused as error:
        why = error.unsafe.sentence
    except OSError as error:
        why = f"The configuration cannot be written: {error.strerror}."
    else:
        stage.say(safe(f"View {name} is kept: `:view {name}` shows it."))
        return
    stage.say(safe(f"View {name} is kept for this session only. {why}"), Tone.WARNING)
