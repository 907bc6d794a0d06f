"""What the server is told of alerts, and its agents of checks."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any, Final
from urllib.parse import quote

from backends.adapters.tactical_rmm.calls import NotPermitted, told_to
from backends.adapters.tactical_rmm.hands import Hands
from backends.adapters.tactical_rmm.reading import Key
from backends.adapters.tactical_rmm.records import Alert
from backends.api import Can, NotSent, OutcomeUnknown, SafeText, Timing, safe
from backends.http.client import HttpClient

ALERTS: Final = "can_manage_alerts"
CHECKS: Final = "can_run_checks"
_DAY_S: Final = 86400.0


class Acts:
    """Snoozes and resolves the alerts behind a condition, all at once; has checks run."""

    def __init__(self, client: HttpClient, timing: Timing, hands: Hands) -> None:
        self._client = client
        self._timing = timing
        self._hands = hands
        self.behind: Mapping[Key, Sequence[Alert]] = {}
        """Alerts by agent and condition, as they were told last."""
        self.lacking: set[Can] = set()
        """What was refused for want of a right."""

    def snooze_says(self, key: Key) -> SafeText:
        """Empty where there is no alert: nothing is done there."""
        alerts = self.behind.get(key, ())
        if not alerts:
            return SafeText("")
        which = f"alert {alerts[0].id}" if len(alerts) == 1 else f"alerts {', '.join(str(one.id) for one in alerts)}"
        return safe(f"Snoozes {which} in Tactical RMM, rounded up to whole days")

    async def snooze(self, key: Key, until: datetime) -> None:
        """Raises `NotSent` and `OutcomeUnknown`, as all of these."""
        days = max(1, math.ceil((until - self._timing.now()).total_seconds() / _DAY_S))
        await self._decide(key, "snooze", {"snooze_days": days}, Can.SNOOZE)

    async def resolve(self, key: Key) -> None:
        await self._decide(key, "resolve", {}, Can.CLOSE)

    async def unsnooze(self, key: Key) -> None:
        """For several at once there is no request: one after the other."""
        alerts = self._alerts(key)
        for number, alert in enumerate(alerts):
            try:
                await self._tell("PUT", f"/alerts/{alert.id}/", {"type": "unsnooze"}, ALERTS, Can.SNOOZE)
            except NotSent as error:
                if number == 0:
                    raise
                raise OutcomeUnknown(f"{number} of its {len(alerts)} alerts are awake again, then: {error}") from error

    async def run_checks(self, agent: str) -> None:
        await self._hands.ping(agent)
        await self._tell("POST", f"/checks/{quote(agent, safe='')}/run/", {}, CHECKS, Can.RECHECK)

    async def _decide(self, key: Key, what: str, more: Mapping[str, Any], can: Can) -> None:
        ids = [alert.id for alert in self._alerts(key)]
        if len(ids) == 1:
            await self._tell("PUT", f"/alerts/{ids[0]}/", {"type": what, **more}, ALERTS, can)
        else:
            await self._tell("POST", "/alerts/bulk/", {"bulk_action": what, "alerts": ids, **more}, ALERTS, can)

    def _alerts(self, key: Key) -> Sequence[Alert]:
        alerts = self.behind.get(key, ())
        if not alerts:
            raise NotSent("Tactical RMM has no alert of this.")
        return alerts

    async def _tell(self, method: str, path: str, body: Mapping[str, Any], needs: str, can: Can) -> None:
        try:
            await told_to(self._client, method, path, body, needs=needs)
        except NotPermitted:
            self.lacking.add(can)
            raise
