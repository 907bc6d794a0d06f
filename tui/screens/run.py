"""One or more runs as they go: what they print, how they end, and whether the evidence agrees."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from typing import TYPE_CHECKING, ClassVar

from textual import events
from textual.app import ComposeResult

from backends.desk.protocol import DeskError
from backends.fleet.model import RunId, safe
from backends.fleet.run import Run, RunState, Verified
from widgets.card_view import CardView
from widgets.line_bar import LineBar
from widgets.output_log import OutputLog
from widgets.overlay import Overlay
from widgets.present.card import Card
from widgets.present.row import Cell, Line, Tone, line, plain, since
from widgets.present.tone import outcome

if TYPE_CHECKING:
    from tui.bridge import Updated
    from tui.screens.host import Host


class RunScreen(Overlay[None]):
    """Leaving it leaves the runs alone: they go on in the engine."""

    CSS_PATH = "../styles/run.tcss"
    BINDINGS: ClassVar = []

    def __init__(self, host: Host, runs: Sequence[Run]) -> None:
        super().__init__()
        self.host = host
        self.runs: dict[RunId, Run] = {run.id: run for run in runs}
        # Held, not looked up: pictures come before the screen is composed and output after it was taken down.
        self._card = CardView(host.now, id="run-card")
        self._heading = LineBar(host.now, id="run-heading")
        self._output = OutputLog(id="output")
        self._hints = LineBar(host.now, id="run-hints")

    def compose(self) -> ComposeResult:
        yield self._card
        yield self._heading
        yield self._output
        yield self._hints

    def on_mount(self) -> None:
        self._heading.show((plain("Output", Tone.STRONG),))
        self._draw()
        self._output.focus()
        for run in self.runs:
            self.run_worker(self._listen(run), group=f"output-{run}")
        self.set_interval(1.0, self._card.tick)

    def show(self, update: Updated) -> None:
        """Another picture: how the runs stand now."""
        for run in self.runs:
            if run in update.picture.runs:
                self.runs[run] = update.picture.runs[run]
        self._draw()

    def on_key(self, event: events.Key) -> None:
        if event.key in ("escape", "q", "ctrl+c"):
            event.stop()
            self.dismiss()
        elif event.key == "v" and self._doubtful():
            event.stop()
            self.run_worker(self._check(), group="check")

    async def _listen(self, run: RunId) -> None:
        try:
            async for piece in self.host.desk.output(run):
                self._output.write(piece.text)
                await asyncio.sleep(0)  # output without a pause leaves room for keys
            self.runs[run] = await self.host.desk.run(run)
        except DeskError as error:
            self._heading.show((Cell(error.sentence, Tone.CRITICAL),))
        self._draw()

    async def _check(self) -> None:
        try:
            for run in self._doubtful():
                self.runs[run] = await self.host.desk.check_run(run)
        except DeskError as error:
            self._heading.show((Cell(error.sentence, Tone.CRITICAL),))
        self._draw()

    def _doubtful(self) -> list[RunId]:
        return [name for name, run in self.runs.items() if run.state is RunState.UNKNOWN and not run.checked]

    def _draw(self) -> None:
        lines: list[Line] = []
        for run in self.runs.values():
            lines += run_lines(run)
        runs = list(self.runs.values())
        head = (plain(runs[0].title, Tone.STRONG), plain(f" by {safe(runs[0].by)}", Tone.DIM)) if runs else ()
        self._card.show(Card(head, tuple(lines)))
        ended = all(run.state.ended for run in runs)
        word = "Esc leaves" if ended else "Esc leaves, the run goes on"
        check = (plain("v", Tone.ACCENT), plain(" look whether it ran   ", Tone.DIM)) if self._doubtful() else ()
        self._hints.show((*check, plain(word, Tone.DIM)))


def run_lines(run: Run) -> list[Line]:
    """Where it runs, how it stands, what came out."""
    word, tone = outcome(run)
    began = run.started or run.planned
    lines = [
        line(
            "On",
            plain(f"{run.client_name}/{run.site_name}", Tone.STRONG),
            plain("  ·  "),
            Cell(run.device_name, Tone.STRONG),
            plain(f"  {run.address}", Tone.DIM),
        ),
        line(
            "Outcome",
            Cell(word, tone),
            plain("   began ", Tone.DIM),
            since(began),
        ),
    ]
    if run.sentence:
        lines.append(line("Result", Cell(run.sentence)))
    if run.state is RunState.UNKNOWN and not run.checked:
        lines.append(
            line("", plain("Something was sent and no answer came. It is not repeated by itself.", Tone.WARNING))
        )
    elif run.state is RunState.SUCCEEDED and run.verified is Verified.PENDING:
        lines.append(line("", plain("The evidence is being asked for again.", Tone.ACCENT)))
    return lines
