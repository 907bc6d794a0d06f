"""The wall's one screen: verdict and clock, counts, tiles, and which page of how many this is. Nothing on it acts."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, tzinfo
from typing import ClassVar, Final

from msgspec import Struct
from textual.app import ComposeResult
from textual.containers import Horizontal
from textual.geometry import Size as Room

from backends.fleet.changes import Picture
from backends.fleet.model import SafeText, safe
from backends.fleet.query import Context, Query
from backends.fleet.scope import has_all_issues, narrowed
from backends.fleet.tally import counts_of
from tui.bridge import Link, Updated
from tui.lean_screen import LeanScreen
from widgets.line_bar import LineBar
from widgets.present.age import full_time
from widgets.present.counts import count_cells
from widgets.present.row import EMPTY, Cell, Tone, plain
from widgets.present.signal import alarm, calm, silence_of
from widgets.present.tiles import Size, tiles_of
from widgets.present.verdict import verdict_cells
from widgets.present.wall_page import Shown
from widgets.tile_wall import TileWall

PAGE_S: Final = 15.0
"""How long a page stays; the first one, with the worst, twice as long."""

HOLD_S: Final = 300.0
"""Pages that somebody stopped turn again after this: nobody comes back to a wall."""

SMALLEST: Final = Room(40, 10)

KEYS: Final[tuple[tuple[SafeText, SafeText], ...]] = (
    (SafeText("→"), SafeText("next page")),
    (SafeText("←"), SafeText("previous")),
    (SafeText("space"), SafeText("hold")),
    (SafeText("q"), SafeText("leave")),
)


class Scope(Struct, frozen=True):
    """The part of the fleet that this wall is for."""

    query: Query
    me: str = ""

    def of(self, picture: Picture, now: datetime) -> Picture:
        return picture if self.query.everything else narrowed(picture, self.query, Context(me=self.me, now=now))


class WallScreen(LeanScreen, inherit_bindings=False):
    """Composes, and decides which page is shown."""

    CSS_PATH = "../styles/wall.tcss"
    BINDINGS: ClassVar = []
    AUTO_FOCUS = ""
    ALLOW_SELECT = False

    def __init__(
        self, now: Callable[[], datetime], boot_s: Callable[[], float], zone: tzinfo, scope: Scope, title: SafeText
    ) -> None:
        super().__init__()
        self._now, self._boot_s, self._zone, self._scope, self._title = now, boot_s, zone, scope, title
        self._picture = Picture(seq=0, at=now())
        self.link, self._why = Link.CONNECTING, EMPTY
        self._turned = boot_s()
        self._held: float | None = None
        self._large: frozenset[str] = frozenset()
        self._aging: tuple[LineBar | TileWall, ...] = ()
        """What shows ages."""

    def compose(self) -> ComposeResult:
        with Horizontal(id="top"):
            yield LineBar(self._now, id="verdict")
            yield LineBar(self._now, id="clock")
        yield LineBar(self._now, id="counts")
        yield TileWall(self._now, id="tiles")
        yield LineBar(self._now, id="foot")
        yield LineBar(self._now, id="too-small")

    def on_mount(self) -> None:
        self.bar("too-small").show((plain(f"rounds wall needs {SMALLEST.width}×{SMALLEST.height}.", Tone.WARNING),))
        self._aging = (*self.query(LineBar), self.tiles)
        self._draw()
        self.tick()
        self.set_interval(1.0, self.tick)

    def on_resize(self) -> None:
        self.set_class(self.size.width < SMALLEST.width or self.size.height < SMALLEST.height, "small")
        self.call_after_refresh(self._draw)

    def bar(self, name: str) -> LineBar:
        return self.query_one(f"#{name}", LineBar)

    @property
    def tiles(self) -> TileWall:
        return self.query_one(TileWall)

    @property
    def picture(self) -> Picture:
        return self._picture

    # -- what is shown ----------------------------------------------------------------------------------------

    def show(self, update: Updated) -> None:
        """Another picture, from the bridge."""
        self._picture, self.link, self._why = update.picture, update.link, update.sentence
        if self.is_mounted:
            self._draw()

    def tick(self) -> None:
        """A second went by."""
        self.bar("clock").show((plain(full_time(self._now(), self._zone)[11:], Tone.STRONG),))
        self._rotate()
        for widget in self._aging:
            widget.tick()
        self.paint(self._aging)

    def _draw(self) -> None:
        now = self._now()
        part = self._scope.of(self._picture, now)
        silence = silence_of(self._picture, vouched=self.link is Link.LIVE)
        tiles = tuple(tiles_of(part))
        poster = None
        if silence is not None:
            poster = alarm(silence, self._reason(), now, self._zone)
        elif not tiles:
            poster = calm(part, now, all_issues=has_all_issues(self._scope.query))
        self.tiles.show(Shown(picture=part, tiles=tiles, poster=poster, old=silence is not None))
        self._show_worse(frozenset(tile.key for tile in tiles if tile.size is Size.LARGE))
        counts = counts_of(part)
        verdict = verdict_cells(part, now, None, self._zone, counts)
        self.bar("verdict").show((plain(f"{self._title}   ", Tone.DIM), *verdict))
        self.bar("counts").show(*count_cells(counts, part.sources.values(), self.app.size.width))
        self._draw_foot()

    def _reason(self) -> SafeText:
        if self.link is Link.LIVE:
            return SafeText("no source is heard; what is shown is old.")
        if self.link is Link.CONNECTING:
            return SafeText("looking for the engine.")
        return SafeText(f"{self._why} Connecting again.")

    # -- pages ------------------------------------------------------------------------------------------------

    def turn(self, by: int) -> None:
        self._turned = self._boot_s()
        self.tiles.turn_to(self.tiles.page + by)
        self._draw_foot()

    def hold(self) -> None:
        """Stop the pages, or let them turn again."""
        self._held = None if self._held is not None else self._boot_s()
        self._turned = self._boot_s()
        self._draw_foot()

    def _rotate(self) -> None:
        now = self._boot_s()
        if self._held is not None:
            if now - self._held >= HOLD_S:
                self.hold()
            return
        stays = PAGE_S if self.tiles.page else 2 * PAGE_S
        if self.tiles.pages > 1 and now - self._turned >= stays:
            self.turn(1)

    def _show_worse(self, large: frozenset[str]) -> None:
        """Something became critical that was not: the first page, at once."""
        worse, self._large = large - self._large, large
        if worse and self.tiles.page:
            self.turn(-self.tiles.page)

    def _draw_foot(self) -> None:
        page = f"page {self.tiles.page + 1}/{self.tiles.pages}"
        held = (plain(" · held", Tone.WARNING),) if self._held is not None else ()
        scope = self._scope.query
        only = () if scope.everything else (plain(f" · only {safe(scope.text, 60)}", Tone.ACCENT),)
        keys = [cell for key, word in KEYS for cell in (plain(key, Tone.ACCENT), plain(f" {word}  ", Tone.DIM))]
        shown: tuple[Cell, ...] = (plain(page, Tone.STRONG), *held, *only)
        self.bar("foot").show(shown, keys)
