"""Lends the terminal to `rounds connect`, which asks, tries and writes, and has the engine take the new source in."""

from __future__ import annotations

from collections.abc import Sequence

from backends.fleet.model import SafeText, safe
from tui.connecting import STOPPED
from tui.flows.stage import Stage
from widgets.present.tone import Tone


async def connect_source(stage: Stage, kind: str, argv: Sequence[str]) -> None:
    with stage.suspended():
        try:  # in here: whoever leaves the lent terminal by an error is never given it back
            status, problem = stage.run_ours(argv), ""
        except (OSError, ValueError) as error:
            status, problem = -1, str(getattr(error, "strerror", None) or error)
    if problem:
        stage.say(safe(f"The dialogue could not be started: {problem}."), Tone.CRITICAL)
    elif status == 0:
        stage.say(safe(f"A {kind} source was added: `:sources` shows how it answers."))
    elif status == STOPPED:
        stage.say(SafeText("Stopped: nothing was connected."), Tone.WARNING)
    else:
        stage.say(SafeText("Nothing was connected."), Tone.WARNING)
