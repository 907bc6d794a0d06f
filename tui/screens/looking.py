"""Asks the desk for what is not in the picture, off the way of keys, and hands what comes to who wanted it."""

from __future__ import annotations

from collections.abc import Callable, Coroutine
from functools import partial
from typing import TYPE_CHECKING, Any, Final, Protocol

from backends.desk.protocol import DeskError
from backends.fleet.model import Device, DeviceId, SafeText
from backends.fleet.run import DeviceCard
from tui.listing import Fetched
from tui.place import Place
from tui.screens.canvas import Canvas
from tui.screens.lookup import facts_of
from widgets.present.tone import Tone

if TYPE_CHECKING:
    from tui.screens.host import Host

AGAIN_S: Final = 10.0
"""How often what was asked for is asked for again while somebody looks at it; news of it have it asked for at once."""


class Asker(Protocol):
    """Decides whether what was found is still wanted."""

    def found(self, place: Place, fetched: Fetched) -> None: ...

    def found_card(self, device: DeviceId, card: DeviceCard) -> None: ...

    def found_only(self, device: Device) -> None: ...

    def look(self) -> None: ...


class Looking:
    """One question of a kind at a time: a newer one takes the place of the one before."""

    def __init__(self, host: Host, asker: Asker) -> None:
        self._host, self._asker = host, asker
        self._canvas: Canvas | None = None
        self._asked_s = 0.0

    def begin(self, canvas: Canvas) -> None:
        self._canvas = canvas

    @property
    def due(self) -> bool:
        """Whether it is time to ask again."""
        return self._host.boot_s() - self._asked_s >= AGAIN_S

    def list_of(self, place: Place) -> None:
        """The facts that the list at `place` is made of beside the picture."""
        self._asked_s = self._host.boot_s()
        self._start(partial(self._fetch_list, place), "list")

    def card_of(self, device: DeviceId | None, after_s: float) -> None:
        """The card of a device, when the cursor rests on it so long."""
        if device is not None:
            self._start(partial(self._fetch_card, device, after_s), "card")

    def only_device(self) -> None:
        """The device, where there is only one."""
        self._start(self._fetch_only, "welcome")

    async def refresh(self) -> None:
        """Have the sources asked now."""
        try:
            await self._host.desk.refresh()
        except DeskError as error:
            self._host.say(error.sentence, Tone.CRITICAL)
            return
        self._host.say(SafeText("Asked every source again."))
        self._asker.look()

    def _start(self, work: Callable[[], Coroutine[Any, Any, None]], group: str) -> None:
        if self._canvas is not None:
            self._canvas.run_worker(work, group=group, exclusive=True)

    async def _fetch_list(self, place: Place) -> None:
        desk = self._host.reachable
        if desk is None:
            return
        try:
            fetched = await facts_of(desk, place)
        except DeskError as error:
            self._host.say(error.sentence, Tone.CRITICAL)
            return
        if fetched is not None:
            self._asker.found(place, fetched)

    async def _fetch_card(self, device: DeviceId, after_s: float) -> None:
        if after_s:
            await self._host.pace.sleep(after_s)
        desk = self._host.reachable
        if desk is None:
            return
        try:
            card = await desk.device(device)
        except DeskError:
            return  # it went in the meantime; its row will go as well
        self._asker.found_card(device, card)

    async def _fetch_only(self) -> None:
        desk = self._host.reachable
        try:
            devices = await desk.devices("", 2) if desk is not None else []
        except DeskError:
            return  # the list of issues is there, and says so
        if len(devices) == 1:
            self._asker.found_only(devices[0])
