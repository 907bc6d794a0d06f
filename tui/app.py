"""Opens the screen: what has to be true of the terminal before Textual is imported, and the exit status after it."""

from __future__ import annotations

import gc
import os
import sys
from collections.abc import Awaitable, Callable
from typing import TYPE_CHECKING, Final

from tui.terminal import Colours, Sight, here

if TYPE_CHECKING:
    from backends.config.schema import Config
    from backends.desk.protocol import Desk
    from backends.fleet.changes import Picture
    from tui.connecting import Connecting
    from tui.opening import Opening

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
    *,
    low_bandwidth: bool = False,
    opening: Opening | None = None,
    connecting: Connecting | None = None,
) -> int:
    """Show the screen until it is left; the exit status. `first` is painted before `open_desk` is awaited."""
    sight = here(low_bandwidth=low_bandwidth)
    if sight.refused:
        sys.stderr.write(f"rounds: {sight.refused}\n")
        return NO_TERMINAL
    clean_environment(sight)
    gc.disable()  # nothing that is imported is garbage: looking for some takes a tenth of the time to the first frame
    from tui.pace import PACE, UNHURRIED  # noqa: PLC0415 - Textual reads the environment when it is imported
    from tui.rounds import Rounds  # noqa: PLC0415

    pace = UNHURRIED if low_bandwidth else PACE
    app = Rounds(
        open_desk, first, config, title=title, views_only=views_only, pace=pace, sight=sight, connecting=connecting
    )
    app.opening = opening
    gc.freeze()
    gc.enable()
    app.run()
    return app.return_code or 0


def clean_environment(sight: Sight = Sight()) -> None:  # noqa: B008 - frozen
    """Textual obeys variables before any code of ours runs (keys to press, a driver to import): ours only."""
    for name in [name for name in os.environ if name.startswith("TEXTUAL_")]:
        del os.environ[name]
    os.environ.update(_SETTINGS)
    os.environ.pop("NO_COLOR", None)
    if sight.colours is Colours.NONE:
        os.environ["NO_COLOR"] = "1"
    else:
        os.environ["TEXTUAL_COLOR_SYSTEM"] = sight.colours.value
    if sight.simple:
        os.environ["TEXTUAL_DISABLE_KITTY_KEY"] = "1"  # it would print the question for that protocol
