"""A screen that renders of what it shows only the lines that are to be painted."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any, Final

from textual._compositor import ChopsUpdate, Compositor
from textual.geometry import Region
from textual.screen import Screen
from textual.strip import Strip
from textual.widget import Widget

FEW: Final = 12
"""Up to so many regions are looked at one by one; more are rather one area."""


class LeanCompositor(Compositor):
    """Textual's renders everything in the smallest rectangle around all that changed. A clock above and an age below
    make that the whole screen, every second."""

    def __init__(self) -> None:
        super().__init__()
        self._wanted: tuple[Region, ...] = ()

    def render_partial_update(self) -> ChopsUpdate | None:
        self._wanted = tuple(self._dirty_regions) if len(self._dirty_regions) <= FEW else ()
        try:
            return super().render_partial_update()
        finally:
            self._wanted = ()

    def _get_renders(self, crop: Region | None = None) -> Iterable[tuple[Region, Region, list[Strip]]]:
        """Where a widget is, the part of it that is rendered, and its lines there; front to back. What lies behind a
        widget is not rendered."""
        if not self._wanted:
            yield from super()._get_renders(crop)
            return
        open_areas = self._wanted
        for widget, (region, clip) in self.visible_widgets.items():
            seen = region.intersection(clip)
            parts = [(area, area.intersection(seen)) for area in open_areas]
            for _, part in parts:
                if part:
                    lines = Region(seen.x, part.y, seen.width, part.height)
                    yield region, lines, widget.render_lines(lines.translate((-region.x, -region.y)))
            open_areas = tuple(area for area, part in parts if part != area)
            if not open_areas:
                return


class LeanScreen(Screen[None]):
    """What is up around the clock is one of these; dialogs come and go."""

    def __init__(self, *args: Any, **words: Any) -> None:
        super().__init__(*args, **words)
        self._compositor = LeanCompositor()

    def paint(self, widgets: Iterable[Widget]) -> None:
        """Paint now what these want painted. Left to Textual it takes four messages and two more turns of a timer,
        which once a second is most of what an idle screen costs."""
        if not self.is_current or self.app._batch_count or self._layout_required or self._scroll_required:
            return  # what lies over it, or where things go, comes first: Textual does all of it in its order
        for widget in self._compositor.visible_widgets.keys() & widgets:
            if widget._repaint_required and not widget._layout_required and not widget._scroll_required:
                widget._repaint_required = False
                self._dirty_widgets.add(widget)
        if self._dirty_widgets:
            self._on_timer_update()
