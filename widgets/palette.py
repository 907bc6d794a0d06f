"""The tones as styles: one component class a tone, the same in every widget that draws by the line."""

from __future__ import annotations

from rich.style import Style
from textual.widget import Widget

from widgets.present.tone import Tone

TONE_CLASSES = frozenset(f"tone--{tone.value}" for tone in Tone)
"""For `COMPONENT_CLASSES`; the styles themselves are in `tui/styles/tones.tcss`."""


class Palette:
    """The styles of one widget, looked up once until its styles change."""

    def __init__(self, widget: Widget) -> None:
        self._widget = widget
        self._styles: dict[str, Style] = {}

    def clear(self) -> None:
        self._styles.clear()

    def __getitem__(self, name: str) -> Style:
        style = self._styles.get(name)
        if style is None:
            style = self._styles[name] = self._widget.get_component_rich_style(name, partial=True)
        return style

    def tone(self, tone: Tone) -> Style:
        return self[f"tone--{tone.value}"]
