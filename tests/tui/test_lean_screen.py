"""Only what is to be painted is rendered, and it looks as if everything had been."""

from __future__ import annotations

import random
from collections.abc import Collection

import pytest
from rich.segment import Segment
from textual._compositor import ChopsUpdate, Compositor
from textual.app import App, ComposeResult
from textual.containers import Horizontal
from textual.geometry import Region
from textual.strip import Strip
from textual.widget import Widget

from tui.frames import _of_chops
from tui.lean_screen import FEW, LeanCompositor, LeanScreen


class Lines(Widget):
    """Says in each line which it is, and remembers those that it was asked for."""

    def __init__(self, name: str) -> None:
        super().__init__(id=name)
        self.rendered: list[int] = []

    def render_line(self, y: int) -> Strip:
        return Strip([Segment(f"{self.id} {y} " * self.size.width)]).crop(0, self.size.width)

    def render_lines(self, crop: Region) -> list[Strip]:
        self.rendered += crop.line_range
        return super().render_lines(crop)


class Laid(LeanScreen):
    def compose(self) -> ComposeResult:
        with Horizontal():
            yield Lines("left")
            yield Lines("right")
        yield Lines("foot")
        yield Lines("over")


class Shown(App[None]):
    CSS = """
    Laid { layers: below above; }
    #left { width: 20; } #right { width: 1fr; }
    #foot { dock: bottom; height: 2; }
    #over { layer: above; offset: 10 3; width: 25; height: 4; }
    """

    def get_default_screen(self) -> LeanScreen:
        return Laid()


def _painted(compositor: LeanCompositor, dirty: Collection[Region], *, lean: bool) -> dict[tuple[int, int], Strip]:
    compositor._dirty_regions = set(dirty)
    render = compositor.render_partial_update if lean else lambda: Compositor.render_partial_update(compositor)
    update = render()
    assert isinstance(update, ChopsUpdate)
    return {(y, x): strip for y, _, pieces in _of_chops(update) for x, strip in pieces}


@pytest.mark.parametrize("many", [1, 3, FEW, FEW + 5])
async def test_what_is_painted_is_what_rendering_everything_paints(many: int) -> None:
    app = Shown()
    async with app.run_test(size=(60, 20)):
        compositor = app.screen._compositor
        assert isinstance(compositor, LeanCompositor)
        whole = app.screen.size.region
        chance = random.Random(many)
        for _ in range(40):
            corners = [(chance.randrange(60), chance.randrange(20)) for _ in range(many)]
            dirty = [Region(x, y, chance.randint(1, 30), chance.randint(1, 4)).intersection(whole) for x, y in corners]
            assert _painted(compositor, dirty, lean=True) == _painted(compositor, dirty, lean=False)


async def test_neither_what_lies_between_two_changes_nor_what_lies_behind_them_is_rendered() -> None:
    app = Shown()
    async with app.run_test(size=(60, 20)):
        compositor = app.screen._compositor
        assert isinstance(compositor, LeanCompositor)
        widgets = {str(one.id): one for one in app.screen.query(Lines)}
        for one in widgets.values():
            one.rendered.clear()
        _painted(compositor, [Region(0, 1, 20, 1), Region(0, 18, 60, 1), Region(12, 4, 5, 1)], lean=True)
        assert {name: set(one.rendered) for name, one in widgets.items()} == {
            "left": {1}, "right": set(), "foot": {0}, "over": {1},
        }  # fmt: skip


async def test_what_wants_to_be_painted_is_painted_now_if_it_can_be_seen() -> None:
    app = Shown()
    async with app.run_test(size=(60, 20)) as pilot:
        screen = app.screen
        assert isinstance(screen, LeanScreen)
        left, right = app.query_one("#left", Lines), app.query_one("#right", Lines)
        right.display = False
        await pilot.pause()
        for one in (left, right):
            one.rendered.clear()
            one.refresh(Region(0, 1, 5, 1))
        screen.paint((left, right))
        assert (left.rendered, right.rendered) == ([1], [])
        assert not left._repaint_required
        assert screen._compositor._dirty_regions == set()


async def test_where_something_is_to_be_laid_out_first_all_is_left_to_textual() -> None:
    app = Shown()
    async with app.run_test(size=(60, 20)) as pilot:
        screen = app.screen
        assert isinstance(screen, LeanScreen)
        left = app.query_one("#left", Lines)
        left.rendered.clear()
        left.refresh(Region(0, 1, 5, 1))
        screen._layout_required = True
        screen.paint((left,))
        assert left.rendered == []
        screen.check_idle()
        await pilot.pause()
        assert 1 in left.rendered
