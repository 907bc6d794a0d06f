"""The tones as styles: one class a tone, the same in every widget that draws by the line.

Textual would look up every component class of every widget whenever a style may have changed, the first time before
anything is on the screen. Here a class is looked up when something is painted in it.
"""

from __future__ import annotations

from rich.style import Style
from textual.dom import DOMNode
from textual.widget import Widget

from widgets.present.tone import Tone

TONE_CLASSES = frozenset(f"tone--{tone.value}" for tone in Tone)
"""The styles themselves are in `tui/styles/tones.tcss`."""


class Palette:
    """The styles of one widget, looked up once until its styles change."""

    def __init__(self, widget: Widget) -> None:
        self._widget = widget
        self._styles: dict[str, Style] = {}
        self._base: Style | None = None

    def restyled(self) -> bool:
        """Styles may have changed: look up those that were used. Whether one is another."""
        before, base = self._styles, self._base
        self._styles, self._base = {}, None
        if base is None:
            return bool(before)
        return self.base != base or any(self[name] != style for name, style in before.items())

    @property
    def base(self) -> Style:
        """The widget's own style, which those of its parts are laid over."""
        if self._base is None:
            self._base = self._widget.rich_style
        return self._base

    def __getitem__(self, name: str) -> Style:
        style = self._styles.get(name)
        if style is None:
            part = DOMNode(classes=name)
            part._attach(self._widget)
            self._widget.app.stylesheet.apply(part)
            style = self._styles[name] = part.styles.partial_rich_style
        return style

    def tone(self, tone: Tone) -> Style:
        return self[f"tone--{tone.value}"]
