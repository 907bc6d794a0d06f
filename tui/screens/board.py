"""What the fleet screen shows: the place one is at, the picture, and what was asked for beside it."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import tzinfo
from typing import TYPE_CHECKING, Final

from msgspec.structs import replace

from backends.fleet.changes import Picture
from backends.fleet.model import ClientId, Device, DeviceId, SafeText, safe
from backends.fleet.run import DeviceCard, Offer
from backends.fleet.tally import Counts, Tally, waiting
from tui.aim import Aim
from tui.bridge import Link, Updated
from tui.filtering import Filter
from tui.listing import Asked, Fetched, Lister
from tui.narrowing import ENOUGH
from tui.place import HOME, Noun, Place
from tui.screens.aiming import aim_at, aim_at_client, device_of, offers_of
from tui.screens.canvas import Canvas
from tui.screens.cards import card_of
from tui.screens.looking import Looking
from tui.screens.times import Telling, zone_of_fact
from widgets.present.card import Times
from widgets.present.client_list import ClientList
from widgets.present.counts import count_cells
from widgets.present.hint import first_steps
from widgets.present.row import Cell, Column, Row, Tone, plain, since
from widgets.present.runs import news
from widgets.present.sorting import Sort, in_order_of
from widgets.present.verdict import verdict_cells

if TYPE_CHECKING:
    from tui.screens.host import Host

_OWN_ORDER: Final = {Noun.ISSUES: "by urgency", Noun.RUNS: "latest first"}


class Board:
    def __init__(self, host: Host) -> None:
        self.host = host
        self.place = HOME
        self.trail: list[tuple[Place, str | None]] = []
        """The places above, each with the row the cursor was on."""
        self.picture = Picture(seq=0, at=host.now())
        self.link, self.sentence = Link.CONNECTING, SafeText("")
        self.fetched = Fetched()
        self.card: DeviceCard | None = None
        """Of the device that the cursor was on last."""
        self._facts: Mapping[str, object] = {}
        self._columns: tuple[Column, ...] = ()
        self._sorts: dict[Noun, Sort] = {}
        """The order that was asked for, as long as the screen is open."""
        self.telling = Telling.AGES
        self._filter, self._typing = Filter("", host.by), False
        self._lister = Lister()
        self._whole = True
        """Whether no row of the list is left out."""
        self._rows: tuple[Row, ...] = ()
        self._client_list, self._sides = ClientList(), tuple[Row, ...]()
        self._tally = Tally(host.began)
        self._counts = Counts()
        self._listed_as = SafeText("")
        self._looking = Looking(host, self)
        self._canvas: Canvas | None = None
        self._welcomed = False

    @property
    def canvas(self) -> Canvas:
        assert self._canvas is not None  # noqa: S101 - there is one before anything is drawn
        return self._canvas

    def mounted(self, canvas: Canvas) -> None:
        self._canvas = canvas
        self._looking.begin(canvas)
        self.draw(fresh=True)

    # -- facts come in ----------------------------------------------------------------------------------------

    def update(self, update: Updated) -> None:
        was_live, before = self.link is Link.LIVE, self.picture
        self.picture, self.link, self.sentence = update.picture, update.link, update.sentence
        if self._canvas is None:
            return
        shown = self.fact()
        self.draw()
        if self.link is not Link.LIVE:
            return
        if not was_live:
            self.look()
        else:
            self._hear_news(before, shown)
        if not self._welcomed and any(one.devices.total for one in self.picture.sites.values()):
            self._welcome()

    def _hear_news(self, before: Picture, shown: object) -> None:
        """Say what others did, and have the card follow what the cursor is on."""
        if shown is not self.fact():
            self.look_closer(at_once=True)
        if (said := news(before, self.picture, self.host.by)) is not None:
            self.host.say(*said)

    def _welcome(self) -> None:
        """Somebody who has only this machine, with nothing open on it, sees it at once: its checks, live."""
        self._welcomed = True
        if first_steps(self.picture) and not self.picture.issues and self.place == HOME and not self.trail:
            self._looking.only_device()

    def found_only(self, device: Device) -> None:
        if self.place == HOME and not self.trail:
            self.go(Place(noun=Noun.CHECKS, device=device.id, name=device.name))

    def tick(self) -> None:
        if self.link is Link.LIVE and self._looking.due:
            self.look()

    def look(self) -> None:
        """Ask for what is beside the picture: the list's own facts, and the card."""
        self._looking.list_of(self.place)
        self.look_closer(at_once=True)

    def look_closer(self, *, at_once: bool = False) -> None:
        self._looking.card_of(self.device, 0.0 if at_once else self.host.pace.settle_s)

    @property
    def device(self) -> DeviceId | None:
        """The device that the cursor is about."""
        return device_of(self.fact(), self.place)

    def found(self, place: Place, fetched: Fetched) -> None:
        if place == self.place:
            self.fetched = fetched
            self.draw()

    def found_card(self, device: DeviceId, card: DeviceCard) -> None:
        if device == self.device:
            self.card = card
            self.draw_card()
            self.canvas.hint()

    async def refresh(self) -> None:
        """Have the sources asked now."""
        await self._looking.refresh()

    # -- going about ------------------------------------------------------------------------------------------

    def go(self, place: Place) -> None:
        """One level down."""
        self.trail.append((self.place, self.canvas.list.cursor_key))
        self._arrive(place, None)

    def jump(self, place: Place) -> None:
        """There at once, from wherever one is: one level up from it is the first list."""
        first = self.trail[:1] or [(self.place, self.canvas.list.cursor_key)]
        self.trail = [] if place == HOME else first
        self._arrive(place, None)

    def back(self) -> None:
        if self.place.query:
            self.narrow("")
        elif self.trail:
            self._arrive(*self.trail.pop())

    def narrow(self, query: str, *, typing: bool = False) -> None:
        """Raises `FilterError`, and then leaves everything as it was. While it is being typed, the first rows of very
        many will do; `typed` ends that."""
        self._filter, self._typing = Filter(query, self.host.by), typing
        self.place = replace(self.place, query=query)
        # Another list, asked for: the cursor stays on its row where that matches, else it is on the first one.
        self.draw(fresh=True, cursor=self.canvas.list.cursor_key)

    def typed(self) -> None:
        """Nothing is typed any more: all rows are wanted."""
        self._typing = False
        if not self._whole:
            self.draw(fresh=True, cursor=self.canvas.list.cursor_key)

    def _arrive(self, place: Place, cursor: str | None) -> None:
        self.place, self._filter, self._typing = place, Filter(place.query, self.host.by), False
        known = self.card if self.card is not None and self.card.device.id == place.device else None
        self.fetched = Fetched(card=known)
        self.draw(fresh=True, cursor=cursor)
        if self.link is Link.LIVE:
            self.look()

    # -- what is under the cursor -----------------------------------------------------------------------------

    def moved(self) -> None:
        self.draw_card()
        self.canvas.hint()
        self.look_closer()

    def fact(self) -> object:
        """What the cursor of the list is on; None when that is gone."""
        key = self.canvas.list.cursor_key
        return self._facts.get(key) if key is not None else None

    def aim(self, *, of_clients: bool) -> Aim | None:
        key = self.canvas.clients.cursor_key if of_clients else self.canvas.list.cursor_key
        if key is None:
            return None
        if of_clients:
            return aim_at_client(key, self.picture)
        return aim_at(key, self.fact(), self.place, self.picture, self._offers())

    def aims(self, *, of_clients: bool) -> tuple[Aim, ...]:
        """The marked rows as they are now; without marks the one under the cursor."""
        marked = () if of_clients else self.canvas.list.marked
        if not marked:
            one = self.aim(of_clients=of_clients)
            return (one,) if one is not None else ()
        aims = (aim_at(key, self._facts.get(key), self.place, self.picture, ()) for key in marked)
        return tuple(aim for aim in aims if aim is not None)

    # -- the list itself --------------------------------------------------------------------------------------

    @property
    def columns(self) -> tuple[Column, ...]:
        return self._columns

    @property
    def sort(self) -> Sort | None:
        return self._sorts.get(self.place.noun)

    def sort_by(self, column: SafeText) -> None:
        """In the order of that column, the other way round when it is that already; an empty name is the list's own."""
        before = self.sort
        if not column:
            self._sorts.pop(self.place.noun, None)
        else:
            again = before is not None and before.column == column
            self._sorts[self.place.noun] = Sort(column, again and before is not None and not before.reverse)
        # Another list, asked for: the cursor stays on its row.
        self.draw(fresh=True, cursor=self.canvas.list.cursor_key)

    def tell_times(self, telling: Telling) -> None:
        self.telling = telling
        zone_of = self._zone_of if telling is Telling.SITE else None
        for table in (self.canvas.list, self.canvas.clients):
            table.set_times(absolute=telling is not Telling.AGES, zone_of=zone_of)

    def _zone_of(self, key: str) -> tzinfo:
        fact = self._facts.get(key) or self.picture.clients.get(ClientId(key))
        return zone_of_fact(fact, self.picture, self.host.zone)

    def _offers(self) -> tuple[Offer, ...]:
        fact = self.fact()
        return offers_of(fact, self._known(fact), self.picture.issues.values())

    def _known(self, fact: object) -> DeviceCard | None:
        device = device_of(fact, self.place)
        return self.card if self.card is not None and self.card.device.id == device else None

    # -- drawing ----------------------------------------------------------------------------------------------

    def draw(self, *, fresh: bool = False, cursor: str | None = None) -> None:
        now = self.host.now()
        listed = self._lister.listed(
            Asked(
                place=self.place,
                picture=self.picture,
                fetched=self.fetched,
                chosen=self._filter,
                now=now,
                enough=ENOUGH if self._may_be_short() else 0,
                upto=self.canvas.list.cursor_key,
            )
        )
        self._facts, self._columns, self._whole = listed.facts, listed.columns, listed.whole
        rows = in_order_of(listed.rows, listed.columns, self.sort)
        table = self.canvas.list
        if fresh:
            table.show(listed.columns, rows, cursor, listed.empty, self.sort)
        else:
            table.empty = listed.empty
            if rows is not self._rows:
                table.replace(rows)
        self._rows = rows
        self._counts = self._tally.of(self.picture)
        if (sides := self._client_list.of(self.picture, waiting(self._counts))) is not self._sides:
            self._sides = sides
            self.canvas.clients.replace(sides)
        self._listed_as = listed.heading
        self.draw_heading()
        self.canvas.bar("verdict").show(self._verdict())
        self.draw_counts()
        self.draw_card()
        self.canvas.hint()

    def _may_be_short(self) -> bool:
        """Whether the first rows of the list's own order will do. A mark is not let go for a row that was left out."""
        return self._typing and self.sort is None and not self.canvas.list.marked

    def draw_counts(self) -> None:
        counts = self.canvas.bar("counts")
        counts.show(*count_cells(self._counts, self.picture.sources.values(), counts.app.size.width))

    def draw_card(self) -> None:
        fact = self.fact()
        times = Times(self.host.now(), self.host.zone)
        self.canvas.card.show(card_of(fact, self.picture, self._known(fact), self._offers(), times))

    def draw_heading(self) -> None:
        """What is listed, how it was narrowed and sorted, and how many rows are marked."""
        marked = len(self.canvas.list.marked)
        cells = self._heading(self._listed_as)
        if marked:
            cells += (plain(f" · {marked} marked", Tone.ACCENT),)
        self.canvas.bar("heading").show(cells, first_steps(self.picture))

    def _heading(self, heading: SafeText) -> tuple[Cell, ...]:
        places = (*(place for place, _ in self.trail[1:]), self.place)
        names = [place.name for place in places if place.name]
        cells = [plain(f"{name} › ", Tone.ACCENT) for name in names] + [Cell(heading, Tone.STRONG)]
        own = SafeText(_OWN_ORDER.get(self.place.noun, ""))
        order = SafeText(f"by {self.sort.column}") if self.sort else own
        cells.append(plain(f" · {order}" if order else "", Tone.ACCENT if self.sort else Tone.PLAIN))
        if self.place.query:
            cells.append(plain(f" · /{safe(self.place.query)}", Tone.ACCENT))
        return tuple(cells)

    def _verdict(self) -> tuple[Cell, ...]:
        name = plain(f"{self.host.title_text}   ", Tone.DIM)
        if self.link is Link.LIVE:
            return (name, *verdict_cells(self.picture, self.host.now(), self.host.began, self.host.zone, self._counts))
        known = (plain(" What is shown was last known "), since(self.picture.at, Tone.PLAIN), plain("."))
        if self.link is Link.CONNECTING:
            return (name, plain("Looking for the engine.", Tone.ACCENT), *(known if self.picture.sites else ()))
        return (name, plain("Engine lost, reconnecting. ", Tone.CRITICAL), Cell(self.sentence), *known)
