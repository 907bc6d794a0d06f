"""What goes to the terminal, kept to what it does not show yet: of a changed row the changed cells, of a clock a digit.

Textual repaints whole pieces of lines. Here every piece is compared with what was sent for its place before.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence, Set
from itertools import takewhile
from typing import Any, Final

from rich.console import Console, RenderableType
from rich.control import Control
from rich.segment import Segment
from textual import events
from textual._compositor import ChopsUpdate, CompositorUpdate, LayoutUpdate
from textual.app import App
from textual.screen import Screen
from textual.strip import Strip

_CERTAIN: Final = re.compile(
    r"[\x20-\x7e\xa1-\xac\xae-\u02ff\u0370-\u0482\u2010-\u2027\u2030-\u205e\u2190-\u2311\u2500-\u25fc]*"
)
"""Characters that take one column everywhere. A line with others is painted whole: a terminal that takes them for wider
or narrower would else keep bits of what was there before."""

Run = tuple[int, list[Segment]]
"""Cells that follow one another, and the column where they begin."""


class Frames:
    """What the terminal shows, by line and by the column where a piece begins."""

    def __init__(self) -> None:
        self._lines: dict[int, dict[int, Strip]] = {}

    def forget(self) -> None:
        """Nobody knows what the terminal shows: everything is sent again."""
        self._lines.clear()

    def news(self, update: LayoutUpdate | ChopsUpdate) -> Iterator[tuple[int, int, list[Segment]]]:
        """Column, line and segments of what is not shown yet; from now on it is."""
        pieces = _of_layout(update) if isinstance(update, LayoutUpdate) else _of_chops(update)
        for y, cuts, found in pieces:
            line = self._lines.setdefault(y, {})
            if not line.keys() <= cuts:  # the line is cut in another way since
                line.clear()
            for x, strip in found:
                before, line[x] = line.get(x), strip
                if before is not strip:
                    for start, segments in changed(before, strip):
                        yield x + start, y, segments

    def rendered(self, update: LayoutUpdate | ChopsUpdate, console: Console) -> str:
        """The news as the terminal takes them."""
        sequences = []
        for x, y, segments in self.news(update):
            sequences.append(Control.move_to(x, y).segment.text)
            sequences.append(Strip(segments).render(console))
        return "".join(sequences)


class LeanUpdate(CompositorUpdate):
    """An update of the compositor without what the terminal shows already."""

    def __init__(self, sequence: str) -> None:
        self.sequence = sequence

    def render_segments(self, console: Console) -> str:  # noqa: ARG002 - it is rendered already
        return self.sequence


class LeanFrames(App[Any]):
    """Textual's application, but sparing with bytes."""

    def __init__(self, *args: Any, **words: Any) -> None:
        super().__init__(*args, **words)
        self._frames = Frames()

    def forget_frames(self) -> None:
        """Something else may have written to the terminal, or its size is another: paint everything again."""
        self._frames.forget()

    async def on_event(self, event: events.Event) -> None:
        if isinstance(event, events.Resize):
            self.forget_frames()  # what a terminal makes of its lines is its own affair
        await super().on_event(event)

    def _display(self, screen: Screen[Any], renderable: RenderableType | None) -> None:
        if isinstance(renderable, LayoutUpdate | ChopsUpdate) and self._shows_frames:
            lean = LeanUpdate(self._frames.rendered(renderable, self.console))
            cursor = self.screen.outer_size.clamp_offset(self.cursor_position)
            if not lean.sequence and cursor == self._previous_cursor_position:
                return
            renderable = lean  # type: ignore[assignment]
        super()._display(screen, renderable)

    @property
    def _shows_frames(self) -> bool:
        """Whether Textual will send a frame that it is given now; it drops those that it cannot."""
        ready = self._running and not self._closed and not self._batch_count
        return ready and not self.is_headless and self._driver is not None


Pieces = Iterator[tuple[int, Set[int], Iterable[tuple[int, Strip]]]]
"""Line, the columns at which it is cut, and its pieces by column."""


def _of_layout(update: LayoutUpdate) -> Pieces:
    for y, strips in enumerate(update.strips, update.region.y):
        line: dict[int, Strip] = {}
        x = update.region.x
        for strip in strips:
            line[x] = strip
            x += strip.cell_length
        yield y, line.keys(), line.items()


def _of_chops(update: ChopsUpdate) -> Pieces:
    for y, x1, x2 in update.spans:
        line = update.chops[y]
        ends = zip(update.chop_ends[y], line.items(), strict=False)
        yield (
            y,
            line.keys(),
            [
                (x, strip if strip.cell_length <= end - x else strip.crop(0, end - x))
                for end, (x, strip) in ends
                if strip is not None and x < x2 and end > x1
            ],
        )


def changed(before: Strip | None, after: Strip) -> list[Run]:
    """The cells of `after` that look different from those of `before`."""
    new = list(after)
    if before is None or before.cell_length != after.cell_length:
        return [(0, new)]
    old = list(before)
    if old == new:
        return []
    if not (_certain(old) and _certain(new)):
        return [(0, new)]
    if [len(text) for text, _, _ in old] == [len(text) for text, _, _ in new]:
        return _piece_by_piece(old, new)
    return [_middle(old, new)]


def _certain(segments: Iterable[Segment]) -> bool:
    return all(text.isascii() or _CERTAIN.fullmatch(text) for text, _, _ in segments)


def _piece_by_piece(old: Sequence[Segment], new: Sequence[Segment]) -> list[Run]:
    """Where nothing has moved, as in a row of a list."""
    runs: list[Run] = []
    place, reached = 0, -1
    for one, other in zip(old, new, strict=True):
        if one != other:
            lead, left = _trimmed(one, other)
            if place + lead == reached:
                runs[-1][1].append(left)
            else:
                runs.append((place + lead, [left]))
            reached = place + lead + len(left.text)
        place += len(other.text)
    return runs


def _middle(old: Sequence[Segment], new: Sequence[Segment]) -> Run:
    """All between the first and the last cell that look different. Both are equally long."""
    shorter = min(len(old), len(new))
    head = sum(1 for _ in takewhile(lambda pair: pair[0] == pair[1], zip(old, new, strict=False)))
    pairs = zip(reversed(old), reversed(new), strict=False)
    tail = min(sum(1 for _ in takewhile(lambda pair: pair[0] == pair[1], pairs)), shorter - head)
    return sum(len(text) for text, _, _ in new[:head]), list(new[head : len(new) - tail])


def _trimmed(old: Segment, new: Segment) -> tuple[int, Segment]:
    """Of two equally long texts in one style only what differs, and where that begins."""
    if old.style != new.style:
        return 0, new
    length = len(new.text)
    lead = next(place for place in range(length) if old.text[place] != new.text[place])
    end = next(place for place in range(length, 0, -1) if old.text[place - 1] != new.text[place - 1])
    return lead, Segment(new.text[lead:end], new.style)
