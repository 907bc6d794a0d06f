"""What technicians decided, told to Zabbix: `event.acknowledge`, `maintenance.create`, `task.create`.

Before each, what is open now is read again: an answer of half a minute ago may be over. What is sent is sent once.
Everything that we write there carries our name, and that of the technician.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from datetime import datetime
from typing import Any, Final

import httpx
import msgspec

from backends.adapters.zabbix import asks
from backends.adapters.zabbix.access import Access
from backends.adapters.zabbix.begun import MARK, Begun, of_host, prefix, still
from backends.adapters.zabbix.conditions import ACKNOWLEDGE, SUPPRESS, UNACKNOWLEDGE, UNSUPPRESS
from backends.adapters.zabbix.reading import Ground
from backends.adapters.zabbix.records import Item, Maintenance, Problem, whole
from backends.adapters.zabbix.session import Refusal, Session
from backends.adapters.zabbix.version import Version
from backends.api import DoneInPart, FaultKind, NotSent, OutcomeUnknown, SourceError, Timing, safe
from backends.fleet.model import SafeText

CLOSE: Final = 1
MESSAGE: Final = 4
LONGEST: Final = 2000
"""Characters of a message; Zabbix takes 2048."""
NAME_LONGEST: Final = 128
"""Characters of a maintenance's name."""
CHECKABLE: Final = frozenset({"0", "3", "5", "10", "11", "12", "13", "14", "15", "16", "19", "20", "21", "22"})
"""Types of items that the server asks for itself: agent, simple, internal, external, database, IPMI, SSH, Telnet,
calculated, JMX, HTTP, SNMP, script, browser."""
DEPENDENT: Final = "18"
_NOT_SENT: Final = frozenset(
    {
        FaultKind.REFUSED,
        FaultKind.NAME,
        FaultKind.TLS,
        FaultKind.CREDENTIALS,
        FaultKind.FORBIDDEN,
        FaultKind.RATE_LIMITED,
        FaultKind.SECRET,
        FaultKind.CONFIGURATION,
    }
)
"""Faults with which nothing can have been done."""

Grounds = Mapping[tuple[str, str], Ground]


class Acts:
    """`Acknowledges`, `Snoozes`, `Closes` and `Rechecks` of one source."""

    def __init__(
        self,
        session: Session,
        timing: Timing,
        begun: Begun,
        grounds: Callable[[], Grounds],
        access: Callable[[], Access],
    ) -> None:
        self._session = session
        self._timing = timing
        self._begun = begun
        self._grounds = grounds
        self._access = access

    async def acknowledge(self, native: str, key: str, by: str, text: SafeText) -> None:
        problems = [one for one in await self._open(native, key) if one.acknowledged != "1"]
        if problems:
            await self._mark(problems, ACKNOWLEDGE, self._message(by, text))

    async def unacknowledge(self, native: str, key: str, by: str) -> None:
        problems = [one for one in await self._open(native, key) if one.acknowledged == "1"]
        if problems:
            await self._mark(problems, UNACKNOWLEDGE, self._message(by, "not acknowledged any more"))

    async def close_problem(self, native: str, key: str, by: str, text: SafeText) -> None:
        ground = self._ground(native, key)
        problems = await self._open(native, key)
        if not ground.manual_close:
            raise NotSent(
                "The trigger of this problem does not permit to close it by hand; it ends by itself when its cause is "
                "gone, or permit it there (Allow manual close)."
            )
        await self._mark(problems, CLOSE, self._message(by, text or "closed"))

    def snooze_says(self, native: str, key: str) -> SafeText:
        ground = self._grounds().get((native, key))
        host = ground.host if ground else safe(native)
        version = self._session.known_version
        if version is not None and not version.suppresses:
            return safe(
                f"A maintenance of the whole host {host} in Zabbix, which quiets all its problems: single ones can be "
                "suppressed from 6.2 on"
            )
        if ground is not None and not ground.eventids:
            return SafeText("")  # the availability of a host is no problem there
        many = f" ({len(ground.eventids)} of them)" if ground and len(ground.eventids) > 1 else ""
        return safe(f"A suppression of this problem{many} of {host} in Zabbix")

    async def snooze(self, native: str, key: str, by: str, until: datetime, reason: SafeText) -> None:
        version = await self._version()
        ends = int(until.timestamp() + (self._session.skew_s or 0.0))
        if not version.suppresses:
            await self._maintain(native, key, by, ends, reason)
            return
        problems = await self._open(native, key)
        message = self._message(by, f"{reason} (until {until:%Y-%m-%d %H:%M} UTC)")
        await self._mark(problems, SUPPRESS, message, suppress_until=ends)

    async def wake(self, native: str, key: str, by: str) -> None:
        version = await self._version()
        if not version.suppresses:
            await self._end_maintenance(native, key)
            return
        asleep = [
            one
            for one in await self._open(native, key)
            if any(part.maintenanceid in ("", "0") for part in one.suppression_data)
        ]
        ours = [one for one in asleep if _ours(one)]
        if asleep and not ours:
            raise NotSent("This problem was suppressed in Zabbix by somebody else; end it there.")
        if ours:
            await self._mark(ours, UNSUPPRESS, self._message(by, "awake again"))

    async def recheck(self, native: str, key: str) -> None:
        ids = self._ground(native, key).itemids or await self._of_life(native)
        asked = await self._checkable(ids)
        if not asked:
            raise NotSent(
                "The values behind this are sent to Zabbix by the device itself: there is nothing that the server "
                "could ask for."
            )
        await self._send("task.create", [{"type": 6, "request": {"itemid": item}} for item in asked])

    def _ground(self, native: str, key: str) -> Ground:
        """Raises `NotSent`."""
        ground = self._grounds().get((native, key))
        if ground is None:
            raise NotSent("Zabbix does not tell of this any more; look again.")
        return ground

    async def _open(self, native: str, key: str) -> list[Problem]:
        """The open problems behind a check, as they are now. Raises `NotSent`."""
        eventids = self._ground(native, key).eventids
        if not eventids:
            raise NotSent(
                "This is no problem in Zabbix but the availability of the host: there is nothing to acknowledge, "
                "close or suppress there."
            )
        problems = await self._read("problem.get", asks.events(await self._version(), eventids), Problem)
        if not problems:
            raise NotSent("This problem is over in Zabbix; look again.")
        return problems

    async def _mark(self, problems: Sequence[Problem], bit: int, message: str, **more: Any) -> None:
        params: dict[str, Any] = {"eventids": [one.eventid for one in problems], "action": bit, **more}
        if message and self._access().may("add_problem_comments"):
            params |= {"action": bit | MESSAGE, "message": message}
        await self._send("event.acknowledge", params)

    async def _maintain(self, native: str, key: str, by: str, ends: int, reason: SafeText) -> None:
        """6.0: one of the whole host, from this minute on."""
        host = self._ground(native, key).host
        begins = int(self._timing.now().timestamp() + (self._session.skew_s or 0.0)) // 60 * 60
        lasts = max(300, -(-(ends - begins) // 60) * 60)  # whole minutes, and five of them at least
        self._begun.made()
        await self._send(
            "maintenance.create",
            {
                "name": f"{prefix(native, key)} {host}"[: NAME_LONGEST - 11] + f" {begins}",
                "description": self._message(by, reason),
                "active_since": begins,
                "active_till": begins + lasts,
                "hosts": [{"hostid": native}],
                "timeperiods": [{"timeperiod_type": 0, "start_date": begins, "period": lasts}],
            },
        )

    async def _end_maintenance(self, native: str, key: str) -> None:
        asked = {
            "output": ["maintenanceid", "name", "description", "active_since", "active_till"],
            "hostids": [native],
            "selectHosts": ["hostid"],
            "search": {"name": of_host(native)},
            "startSearch": True,
        }
        found = await self._read("maintenance.get", asked, Maintenance)
        ours = [one for one in found if one.name.startswith(of_host(native)) and one.alone == native]
        over = [one for one in ours if one.name.startswith(prefix(native, key) + " ")]
        if over:
            await self._send("maintenance.delete", [one.maintenanceid for one in over])
        left = [one for one in ours if one not in over]
        if said := still(left, self._timing.now(), self._session.skew_s or 0.0):
            ground = self._grounds().get((native, key))
            raise DoneInPart(f"{ground.host if ground else 'The host'} {said}")

    async def _of_life(self, native: str) -> list[str]:
        """The items that tell whether a host answers. Raises `NotSent`."""
        asked = {"hostids": [native], "output": ["itemid", "key_", "type"], "monitored": True}
        asked |= {"search": {"key_": ["icmpping", "agent.ping"]}, "searchByAny": True, "startSearch": True}
        return [item.itemid for item in await self._read("item.get", asked, Item)]

    async def _checkable(self, ids: Sequence[str]) -> list[str]:
        """Those of them that the server asks for itself; for dependent items the ones that they depend on."""
        found: dict[str, None] = {}
        left = list(ids)
        for _ in range(4):  # dependent items go three levels deep
            if not left:
                break
            asked = {"itemids": left, "output": ["itemid", "type", "master_itemid", "status"]}
            items = await self._read("item.get", asked, Item)
            found.update((item.itemid, None) for item in items if item.type in CHECKABLE and item.status == "0")
            left = [item.master_itemid for item in items if item.type == DEPENDENT and whole(item.master_itemid)]
        return list(found)

    async def _version(self) -> Version:
        try:
            return await self._session.version()
        except SourceError as error:
            raise NotSent(error.sentence) from error

    async def _read(self, method: str, params: Any, kind: type[Any]) -> list[Any]:
        try:
            return (await self._session.records(method, params, kind))[0]
        except SourceError as error:
            raise NotSent(error.sentence) from error

    async def _send(self, method: str, params: Any) -> None:
        await sent(self._session, method, params, msgspec.Raw)

    @staticmethod
    def _message(by: str, text: str) -> str:
        return f"{by} ({MARK}): {text}"[:LONGEST] if text else f"{by} ({MARK})"


async def sent(session: Session, method: str, params: Any, kind: type[Any], *, deadline_s: float | None = None) -> Any:
    """One call that changes something. Raises `NotSent` or `OutcomeUnknown`."""
    try:
        return await session.call(method, params, kind, deadline_s=deadline_s)
    except Refusal as refusal:
        raise NotSent(refusal.sentence) from refusal
    except SourceError as error:
        if error.kind in _NOT_SENT or isinstance(error.__cause__, httpx.ConnectError | httpx.ConnectTimeout):
            raise NotSent(error.sentence) from error
        raise OutcomeUnknown(f"{error.sentence} It may have been done: look in Zabbix.") from error


def _ours(problem: Problem) -> bool:
    """Whether the latest suppression by hand was ours."""
    acts = sorted(problem.acknowledges, key=lambda act: whole(act.clock) or 0)
    last = next((act for act in reversed(acts) if act.did(SUPPRESS)), None)
    return last is not None and f"({MARK}): " in last.message
