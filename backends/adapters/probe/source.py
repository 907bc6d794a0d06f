"""The `probe` source: what can be seen from this machine with nothing but the network. No secret, nothing installed."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from typing import Final

from backends import __version__
from backends.adapters.probe.named import addresses_of
from backends.adapters.probe.options import probe_options
from backends.adapters.probe.ping import PingLook
from backends.adapters.probe.pinger import NoPing, Pinger
from backends.adapters.probe.target import AT_ONCE, TargetPart
from backends.api import Introduction, Part, Reading, Right, SourceError, SourceSettings, joined, safe
from backends.fleet.addresses import as_address

NAME_S: Final = 5.0
_ASKED: Final = 50
"""So many names are looked up when it introduces itself."""
_SAID: Final = 3


class ProbeSource:
    """`Adapter`, `Spreads` and `Introduces`."""

    def __init__(self, settings: SourceSettings) -> None:
        """Raises `ConfigurationError`."""
        self.name = settings.name
        self._pinger = Pinger()
        places = asyncio.Semaphore(AT_ONCE)
        planned = probe_options(settings, self._pinger)
        self._parts = tuple(
            TargetPart(settings.name, one.target, one.looks, settings.timing, places) for one in planned
        )
        self._pinged = tuple(
            one.target.address for one in planned if any(isinstance(look, PingLook) for look in one.looks)
        )

    def parts(self) -> Sequence[Part]:
        return self._parts

    async def poll(self) -> Reading:
        """All targets at once, for whoever does not poll the parts."""
        return joined(await asyncio.gather(*(part.poll() for part in self._parts)))

    async def close(self) -> None:
        self._pinger.close()
        await asyncio.gather(*(part.close() for part in self._parts))

    async def introduce(self) -> Introduction:
        """Raises `SourceError` where the name of no target is known."""
        found = await self._found()
        try:
            self._pinger.permitted()
            how, remedy = self._pinger.how(), ""
        except NoPing as error:
            how, remedy = "", str(error)
        return Introduction(
            product=safe(f"rounds {__version__}"),
            account=safe(f"this machine, {how}" if how else "this machine"),
            rights=(
                Right(what=safe("ping"), granted=not remedy, remedy=safe(remedy, 400), reading=bool(self._pinged)),
                *found,
            ),
        )

    async def _found(self) -> Sequence[Right]:
        """Whether the targets that are names are known here. Raises `SourceError` where there is no other target."""
        names = [one for one in self._pinged if as_address(one) is None][:_ASKED]
        answers = await asyncio.gather(*(addresses_of(name, NAME_S) for name in names), return_exceptions=True)
        errors = [answer for answer in answers if isinstance(answer, SourceError)]
        if errors and len(errors) == len(self._pinged):
            raise errors[0]
        remedy = safe(" ".join(error.sentence for error in errors[:_SAID]), 512)
        return [Right(what=safe("find every target"), granted=not errors, remedy=remedy, reading=True)] if names else []
