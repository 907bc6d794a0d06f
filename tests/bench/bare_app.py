"""The least that Textual can show: what every figure of a start is compared with."""

from __future__ import annotations

from textual.app import App, ComposeResult
from textual.widgets import Static


class Bare(App[None]):
    def compose(self) -> ComposeResult:
        yield Static("One line.")


if __name__ == "__main__":
    Bare().run()
