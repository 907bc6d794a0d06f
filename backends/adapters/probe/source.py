"""The `probe` source: what can be seen from this machine with nothing but the network. No secret, nothing installed."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence

from backends import __version__
from backends.adapters.probe.options import probe_options
from backends.adapters.probe.ping import PingLook
from backends.adapters.probe.pinger import NoPing, Pinger
from backends.adapters.probe.target import AT_ONCE, TargetPart
from backends.api import Introduction, Part, Reading, Right, SourceSettings, joined, safe


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
        self._pings = any(isinstance(look, PingLook) for one in planned for look in one.looks)

    def parts(self) -> Sequence[Part]:
        return self._parts

    async def poll(self) -> Reading:
        """All targets at once, for whoever does not poll the parts."""
        return joined(await asyncio.gather(*(part.poll() for part in self._parts)))

    async def close(self) -> None:
        self._pinger.close()
        await asyncio.gather(*(part.close() for part in self._parts))

    async def introduce(self) -> Introduction:
        try:
            self._pinger.permitted()
            how, remedy = self._pinger.how(), ""
        except NoPing as error:
            how, remedy = "", str(error)
        return Introduction(
            product=safe(f"rounds {__version__}"),
            account=safe(f"this machine, {how}" if how else "this machine"),
            rights=(Right(what=safe("ping"), granted=not remedy, remedy=safe(remedy, 400), reading=self._pings),),
        )
