"""What Monit does with its services when it is told to: its own fixes, and a look out of its turn."""

from __future__ import annotations

from typing import Final

from backends.adapters.monit.calls import Calls, done
from backends.adapters.monit.records import PROCESS, STARTING, WATCHED, Service
from backends.api import Emit, Executed, NotSent, OutcomeUnknown, OwnFix, SourceError, Timing, safe
from backends.fleet.run import Parameter, Risk
from backends.http.outcome import outcome_of

DEADLINE_S: Final = 90.0
"""For one action with the programs that it runs; Monit itself gives a program 30 s."""
LOOK_S: Final = (0.3, 2.0)
"""First and longest time between two looks."""
_WATCHES: Final = ("start", "restart", "monitor")
"""Actions after which it is watched; after the others it is not."""
_SERVICE: Final = Parameter(name="service", label=safe("Service"), pattern=r"[^\x00-\x1f\x7f]{1,120}", source="target")
_TABLE: Final = (
    ("restart", "Restart the service by Monit", "Monit stops and starts it.", Risk.DISRUPTIVE),
    ("start", "Start the service by Monit", "Monit starts it, and watches it from then on.", Risk.DISRUPTIVE),
    (
        "stop",
        "Stop the service by Monit",
        "Monit stops it, and does not watch it any more: it stays stopped.",
        Risk.DISRUPTIVE,
    ),
    ("monitor", "Have Monit watch the service", "Monit watches it again.", Risk.SAFE),
    ("unmonitor", "Have Monit leave the service alone", "Monit neither watches nor restarts it.", Risk.SAFE),
)
_ANY: Final = ("service", "check", "disk", "inode", "load", "memory", "swap", "clock")
FIXES: Final = tuple(
    OwnFix(
        id=action,
        title=safe(title),
        about=safe(about),
        risk=risk,
        families=("service",) if risk is Risk.DISRUPTIVE else _ANY,
        parameters=(_SERVICE,),
        deadline_s=DEADLINE_S,
    )
    for action, title, about, risk in _TABLE
)


class Acts:
    """Tells one Monit, once for each act."""

    def __init__(self, calls: Calls, timing: Timing) -> None:
        self._calls = calls
        self._timing = timing

    async def recheck(self) -> None:
        """Have all services looked at now. Raises `NotSent` and `OutcomeUnknown`."""
        await self._tell("_runtime", "validate")

    async def perform(self, fix: str, name: str, emit: Emit) -> Executed:
        """Raises `NotSent` and `OutcomeUnknown`; never tries twice."""
        if fix not in {one.id for one in FIXES}:
            raise NotSent(f"Monit has no action {safe(fix, 40)}.")
        before = await self._service(name)
        if before is None:
            raise NotSent(f"Monit has no service {safe(name, 80)} there (any more).")
        await self._tell(name, fix)
        after = await self._result(name, fix, before)
        well = _well(after, fix)
        state = "is watched" if after.monitor else "is not watched"
        emit(f"Monit did it: {name} {state}, status {after.status}.\n".encode("utf-8", "replace"))
        return Executed(exit=0 if well else 1)

    async def _tell(self, page: str, action: str) -> None:
        try:
            ticket = await self._calls.ticket()
        except SourceError as error:
            raise NotSent(error.sentence) from error
        if not ticket.may_act:
            raise NotSent(self._read_only())
        try:
            status = await self._calls.send(page, action, ticket.token)
        except SourceError as error:
            raise outcome_of(error) from error
        if status == 404:
            raise NotSent(f"Monit has no service {safe(page, 80)} there (any more).")
        if status == 403:
            raise NotSent(self._read_only())
        if not done(status):
            raise NotSent(f"Monit refuses to {action} {safe(page, 80)}. (HTTP {status})")

    def _read_only(self) -> str:
        return (
            f"Our user may only read at {self._calls.client.origin}: take `read-only` from it behind `allow` of "
            "`set httpd` in monitrc, and reload Monit."
        )

    async def _service(self, name: str) -> Service | None:
        """Raises `NotSent`."""
        try:
            return _named(name, (await self._calls.status()).services)
        except SourceError as error:
            raise NotSent(error.sentence) from error

    async def _result(self, name: str, fix: str, before: Service) -> Service:
        """Look until it is done, and looked at again where it is watched. A look that fails is no result."""
        ends, pause_s, trouble = self._timing.boot_s() + DEADLINE_S, LOOK_S[0], ""
        while self._timing.boot_s() < ends:
            try:
                found = _named(name, (await self._calls.status()).services)
                trouble = ""
            except SourceError as error:
                found, trouble = None, f" {error.sentence}"
            if found is not None and _finished(found, fix, before):
                return found
            if found is not None and not found.pending:
                trouble = " It is done there, but the service was not looked at again since."
            await self._timing.sleep(pause_s)
            pause_s = min(2 * pause_s, LOOK_S[1])
        raise OutcomeUnknown(
            f"Monit took it, and has not finished within {DEADLINE_S:.0f} s; look there what became of it.{trouble}"
        )


def _named(name: str, services: tuple[Service, ...]) -> Service | None:
    return next((one for one in services if one.name == name), None)


def _finished(found: Service, fix: str, before: Service) -> bool:
    if found.pending:
        return False
    if fix not in _WATCHES:
        return found.monitor == 0
    return bool(found.monitor & WATCHED) and not found.monitor & STARTING and found.collected > before.collected


def _well(after: Service, fix: str) -> bool:
    return fix in ("stop", "unmonitor", "monitor") or after.kind != PROCESS or not after.status
