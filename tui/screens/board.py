"""What the fleet screen shows: the place one is at, the picture, and what was asked for beside it."""

from __future__ import annotations

import asyncio
from functools import partial
from typing import TYPE_CHECKING, Final

from textual.worker import WorkType

from backends.desk.protocol import DeskError
from backends.fleet.changes import Picture
from backends.fleet.model import Check, Client, ClientId, Device, DeviceId, Issue, SafeText, Site, Source, safe
from backends.fleet.run import DeviceCard, Offer, Run
from tui.aim import Aim
from tui.bridge import Link, Updated
from tui.filtering import Filter
from tui.listing import Asked, Fetched, Lister
from tui.place import HOME, Noun, Place
from tui.screens.cards import card_of
from widgets.card_view import CardView
from widgets.line_bar import LineBar
from widgets.present import clients
from widgets.present.card import Times
from widgets.present.counts import count_line
from widgets.present.hint import first_steps
from widgets.present.row import Cell, Tone, plain
from widgets.present.verdict import verdict

if TYPE_CHECKING:
    from tui.screens.fleet import FleetScreen
    from tui.screens.host import Host

LOOK_AGAIN_S: Final = 5.0
"""How often what was asked for beside the picture is asked for again while somebody looks at it."""

SETTLE_S: Final = 0.12
"""The cursor rests this long on a row before its device is asked for."""


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
        self._facts: dict[str, object] = {}
        self._filter = Filter("", host.by)
        self._lister = Lister()
        self._looked = 0.0
        self._screen: FleetScreen | None = None

    @property
    def screen(self) -> FleetScreen:
        assert self._screen is not None  # noqa: S101 - mounted before anything is shown
        return self._screen

    def mounted(self, screen: FleetScreen) -> None:
        self._screen = screen
        self.draw(fresh=True)

    # -- facts come in ----------------------------------------------------------------------------------------

    def update(self, update: Updated) -> None:
        was_live = self.link is Link.LIVE
        self.picture, self.link, self.sentence = update.picture, update.link, update.sentence
        if self._screen is None:
            return
        self.draw()
        if self.link is Link.LIVE and not was_live:
            self.look()

    def tick(self) -> None:
        if self.link is Link.LIVE and self.host.boot_s() - self._looked >= LOOK_AGAIN_S:
            self.look()

    def look(self) -> None:
        """Ask for what is beside the picture: the list's own facts, and the card."""
        self._looked = self.host.boot_s()
        work: WorkType[None] = partial(self._fetch_list, self.place)
        self.screen.run_worker(work, group="list", exclusive=True)
        self.look_closer(0.0)

    def look_closer(self, after_s: float = SETTLE_S) -> None:
        aim = self.aim(of_clients=False)
        if aim is not None and aim.device is not None:
            work: WorkType[None] = partial(self._fetch_card, aim.device, after_s)
            self.screen.run_worker(work, group="card", exclusive=True)

    async def _fetch_list(self, place: Place) -> None:
        desk = self.host.reachable
        if desk is None:
            return
        try:
            match place.noun:
                case Noun.DEVICES:
                    fetched = Fetched(devices=tuple(await desk.devices()))
                case Noun.CHECKS if place.device is not None:
                    fetched = Fetched(card=await desk.device(place.device))
                case Noun.RUNS:
                    fetched = Fetched(runs=tuple(await desk.runs()))
                case Noun.AUDIT:
                    fetched = Fetched(audit=tuple(await desk.audit()))
                case _:
                    return
        except DeskError as error:
            self.host.say(error.sentence, Tone.CRITICAL)
            return
        if place == self.place:
            self.fetched = fetched
            self.draw()

    async def _fetch_card(self, device: DeviceId, after_s: float) -> None:
        if after_s:
            await asyncio.sleep(after_s)
        desk = self.host.reachable
        if desk is None:
            return
        try:
            card = await desk.device(device)
        except DeskError:
            return  # it went in the meantime; its row will go as well
        aim = self.aim(of_clients=False)
        if aim is not None and aim.device == device:
            self.card = card
            self.draw_card()
            self.screen.hint()

    async def refresh(self) -> None:
        """Ask the sources now."""
        try:
            await self.host.desk.refresh()
        except DeskError as error:
            self.host.say(error.sentence, Tone.CRITICAL)
            return
        self.host.say(SafeText("Asked every source again."))
        self.look()

    # -- going about ------------------------------------------------------------------------------------------

    def go(self, place: Place, *, remember: bool = True) -> None:
        if remember:
            self.trail.append((self.place, self.screen.list.cursor_key))
        self._arrive(place, None)

    def back(self) -> None:
        if self.place.query:
            self.narrow("")
        elif self.trail:
            self._arrive(*self.trail.pop())

    def narrow(self, query: str) -> None:
        """Raises `FilterError`, and then leaves everything as it was."""
        self._filter = Filter(query, self.host.by)
        self.place = Place(**{name: getattr(self.place, name) for name in Place.__struct_fields__} | {"query": query})
        self.draw()

    def below(self, aim: Aim) -> Place:
        """One level down from the row."""
        match aim.noun:
            case Noun.CLIENTS if not aim.key:
                return HOME
            case Noun.CLIENTS:
                return Place(noun=Noun.SITES, client=aim.client, name=aim.name)
            case Noun.SITES:
                return Place(noun=Noun.DEVICES, client=aim.client, site=aim.site, name=aim.name)
            case Noun.SOURCES:
                return Place(noun=Noun.DEVICES, source=aim.source, name=aim.name)
            case _:
                return Place(noun=Noun.CHECKS, device=aim.device, name=aim.name)

    def _arrive(self, place: Place, cursor: str | None) -> None:
        self.place, self._filter = place, Filter(place.query, self.host.by)
        if place.noun in (Noun.DEVICES, Noun.CHECKS, Noun.RUNS, Noun.AUDIT):
            known = self.card if self.card and self.card.device.id == place.device else None
            self.fetched = Fetched(card=known)
        self.draw(fresh=True, cursor=cursor)
        if self.link is Link.LIVE:
            self.look()

    # -- what is under the cursor -----------------------------------------------------------------------------

    def moved(self) -> None:
        self.draw_card()
        self.screen.hint()
        self.look_closer()

    def aim(self, *, of_clients: bool) -> Aim | None:
        if of_clients:
            key = self.screen.clients.cursor_key
            known = self.picture.clients.get(ClientId(key)) if key else None
            if key is None:
                return None
            name = known.name if known else SafeText("")
            return Aim(noun=Noun.CLIENTS, key=key, client=known.id if known else None, name=name)
        key = self.screen.list.cursor_key
        return _aim(key, self._facts.get(key), self.place, self.offers()) if key is not None else None

    def offers(self) -> tuple[Offer, ...]:
        """The fixes that stand numbered on the card now."""
        key = self.screen.list.cursor_key
        fact = self._facts.get(key) if key is not None else None
        known = self._known(fact)
        if known is None:
            return ()
        if isinstance(fact, Issue):
            return known.offers.get(fact.id, ())
        if isinstance(fact, Check):
            ids = [
                issue.id
                for issue in self.picture.issues.values()
                if issue.device == known.device.id and issue.key == fact.key
            ]
            return known.offers.get(ids[0], ()) if ids else ()
        return known.fixes

    def _known(self, fact: object) -> DeviceCard | None:
        device = fact.device if isinstance(fact, Issue) else fact.id if isinstance(fact, Device) else self.place.device
        return self.card if self.card is not None and self.card.device.id == device else None

    # -- drawing ----------------------------------------------------------------------------------------------

    def draw(self, *, fresh: bool = False, cursor: str | None = None) -> None:
        listed = self._lister.listed(
            Asked(
                place=self.place,
                picture=self.picture,
                fetched=self.fetched,
                chosen=self._filter,
                now=self.host.now(),
            )
        )
        self._facts = listed.facts
        table = self.screen.list
        if fresh:
            table.show(listed.columns, listed.rows, cursor, listed.empty)
        else:
            table.empty = listed.empty
            table.replace(listed.rows)
        sums = clients.ClientSums(self.picture)
        rows = [clients.client_row(one, sums) for one in clients.in_order(self.picture, sums)]
        self.screen.clients.replace([clients.all_row(self.picture), *rows])
        self._bar("heading").show(self._heading(listed.heading), first_steps(self.picture))
        self._bar("verdict").show(self._verdict())
        self._bar("counts").show(count_line(self.picture))
        self.draw_card()
        self.screen.hint()

    def draw_card(self) -> None:
        key = self.screen.list.cursor_key
        fact = self._facts.get(key) if key is not None else None
        times = Times(self.host.now(), self.host.zone)
        self.screen.query_one(CardView).show(card_of(fact, self.picture, self._known(fact), self.offers(), times))

    def _heading(self, heading: SafeText) -> tuple[Cell, ...]:
        places = (*(place for place, _ in self.trail[1:]), self.place)
        names = [place.name for place in places if place.name]
        cells = [plain(f"{name} › ", Tone.ACCENT) for name in names] + [Cell(heading, Tone.STRONG)]
        if self.place.query:
            cells.append(plain(f" · /{safe(self.place.query)}", Tone.ACCENT))
        return tuple(cells)

    def _verdict(self) -> tuple[Cell, ...]:
        name = plain(f"{self.host.title_text}   ", Tone.DIM)
        if self.link is Link.LIVE:
            return (name, verdict(self.picture, self.host.now()))
        since = (plain(" What is shown was last known "), Cell(since=self.picture.at), plain(" ago."))
        if self.link is Link.CONNECTING:
            return (name, plain("Looking for the engine.", Tone.ACCENT), *(since if self.picture.seq else ()))
        return (name, plain("Engine lost, reconnecting. ", Tone.CRITICAL), Cell(self.sentence), *since)

    def _bar(self, name: str) -> LineBar:
        return self.screen.query_one(f"#{name}", LineBar)


def _aim(key: str, fact: object, place: Place, offers: tuple[Offer, ...]) -> Aim | None:
    noun = place.noun
    match fact:
        case Issue():
            name = fact.device_name or safe(fact.source)
            return Aim(noun=noun, key=key, issue=fact, device=fact.device, name=name, client=fact.client, offers=offers)
        case Device():
            return Aim(noun=noun, key=key, device=fact.id, name=fact.name, client=fact.client, offers=offers)
        case Check():
            return Aim(noun=noun, key=key, device=place.device, name=fact.label, offers=offers)
        case Site():
            return Aim(noun=noun, key=key, client=fact.client, site=fact.id, name=fact.name)
        case Client():
            return Aim(noun=noun, key=key, client=fact.id, name=fact.name)
        case Source():
            return Aim(noun=noun, key=key, source=fact.name, name=safe(fact.name))
        case Run():
            return Aim(noun=noun, key=key, run=fact, device=fact.device, name=fact.title)
    return None if fact is None else Aim(noun=noun, key=key)
