"""The `uptime-kuma` source: one request a poll, read only."""

from __future__ import annotations

import msgspec

from backends.adapters.uptime_kuma.monitors import Told, told
from backends.adapters.uptime_kuma.options import KumaOptions
from backends.adapters.uptime_kuma.reading import facts_of, reading_of
from backends.api import Introduction, Reading, Right, SourceSettings, safe

_MOST = 500


class KumaSource:
    """`Adapter` and `Introduces`."""

    def __init__(self, settings: SourceSettings, options: KumaOptions) -> None:
        self.name = settings.name
        self._timing = settings.timing
        self._options = options
        self._skew_s: float | None = None

    async def poll(self) -> Reading:
        """Raises `SourceError`."""
        found = await self._ask()
        options = self._options
        days = (options.warn_days, options.crit_days)
        reading = reading_of(found, self.name, options.placement, self._timing.now(), days)
        return msgspec.structs.replace(reading, skew_s=self._skew_s)

    async def close(self) -> None:
        await self._options.http.close()

    async def introduce(self) -> Introduction:
        """Raises `SourceError`."""
        found = await self._ask()
        facts: dict[str, set[str]] = {}
        for monitor in found.monitors:
            for name, values in facts_of(monitor).items():
                facts.setdefault(str(safe(name, 80)), set()).update(value for value in values if value)
        return Introduction(
            product=safe(f"Uptime Kuma {found.version}".strip(), 60),
            account=safe(self._options.user or "API key", 60),
            rights=(Right(what=safe("read monitors"), granted=True, reading=True),),
            facts={name: tuple(sorted(values)[:_MOST]) for name, values in sorted(facts.items()) if values},
        )

    async def _ask(self) -> Told:
        answer = await self._options.http.request("GET", "metrics")
        self._skew_s = answer.skew_s
        return told(answer.body)
