"""A plain Textual program that shows payloads as they are: what the oracle over a terminal's bytes has to fail.

python -m tests.support.unguarded
"""

from __future__ import annotations

import sys
from pathlib import Path

from textual.app import App, ComposeResult
from textual.content import Content
from textual.pilot import Pilot
from textual.widgets import Static

from backends.adapters.demo.hostile import PAYLOADS

SHOWN = {
    name: text
    for name, text in PAYLOADS
    if name in {"clear screen", "cursor hidden", "title", "c1 csi", "delete and null", "cursor report", "override"}
}


def command() -> list[str]:
    start = f"import sys; sys.path.insert(0, {str(Path(__file__).parents[2])!r})"
    return [sys.executable, "-c", f"{start}; from tests.support.unguarded import main; main()"]


class Unguarded(App[None]):
    ENABLE_COMMAND_PALETTE = False

    def compose(self) -> ComposeResult:
        for name, text in SHOWN.items():
            yield Static(Content(f"<{name}>{text}"), markup=False)


async def leave(pilot: Pilot[None]) -> None:
    await pilot.pause()
    pilot.app.call_after_refresh(pilot.app.exit)


def main() -> None:
    Unguarded().run(auto_pilot=leave)
