"""Opens the screen: what has to be true of the terminal before Textual is imported, and the exit status after it."""

from __future__ import annotations

import gc
import os
import sys
from collections.abc import Awaitable, Callable
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from backends.config.schema import Config
    from backends.desk.protocol import Desk
    from backends.fleet.changes import Picture

NO_TERMINAL: Final = 69
"""EX_UNAVAILABLE: standard input or standard error is no terminal."""

_SETTINGS: Final = {
    "TEXTUAL_FPS": "120",  # a key press waits for the next frame slot; updates are batched by the bridge instead
    "TEXTUAL_ANIMATIONS": "none",
}


def run(
    open_desk: Callable[[], Awaitable[Desk]],
    first: Picture | None,
    config: Config,
    title: str = "",
    views_only: bool = False,
) -> int:
    """Show the screen until it is left; the exit status. `first` is painted before `open_desk` is awaited."""
    if not (sys.stdin.isatty() and sys.stderr.isatty()):
        sys.stderr.write("rounds: the screen needs a terminal; for programs there is `rounds issues --json`.\n")
        return NO_TERMINAL
    clean_environment()
    gc.disable()  # nothing that is imported is garbage: looking for some takes a tenth of the time to the first frame
    from tui.rounds import Rounds  # noqa: PLC0415 - Textual reads the environment when it is imported

    app = Rounds(open_desk, first, config, title=title, views_only=views_only)
    gc.freeze()
    gc.enable()
    app.run()
    return app.return_code or 0


def clean_environment() -> None:
    """Textual obeys variables before any code of ours runs (keys to press, a driver to import): ours only."""
    for name in [name for name in os.environ if name.startswith("TEXTUAL_")]:
        del os.environ[name]
    os.environ.update(_SETTINGS)
