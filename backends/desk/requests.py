"""What a source can be asked to do about a condition, each with the capability that it takes."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from datetime import datetime

from backends.api import Acknowledges, Adapter, Can, Check, Closes, NotSent, Rechecks, SafeText, Snoozes


@dataclass(frozen=True, slots=True)
class Request:
    """One thing to ask for. `call` raises `NotSent` or `OutcomeUnknown`."""

    name: str
    can: Can
    call: Callable[[Adapter, Check], Awaitable[None]]


def acknowledging(by: str, text: SafeText) -> Request:
    async def call(adapter: Adapter, check: Check) -> None:
        if not isinstance(adapter, Acknowledges):
            raise _cannot(adapter, Can.ACKNOWLEDGE)
        await adapter.acknowledge(check.native, check.key, by, text)

    return Request("acknowledge", Can.ACKNOWLEDGE, call)


def unacknowledging(by: str) -> Request:
    async def call(adapter: Adapter, check: Check) -> None:
        if not isinstance(adapter, Acknowledges):
            raise _cannot(adapter, Can.ACKNOWLEDGE)
        await adapter.unacknowledge(check.native, check.key, by)

    return Request("unacknowledge", Can.ACKNOWLEDGE, call)


def snoozing(by: str, until: datetime, reason: SafeText) -> Request:
    async def call(adapter: Adapter, check: Check) -> None:
        if not isinstance(adapter, Snoozes):
            raise _cannot(adapter, Can.SNOOZE)
        await adapter.snooze(check.native, check.key, by, until, reason)

    return Request("snooze", Can.SNOOZE, call)


def waking(by: str) -> Request:
    async def call(adapter: Adapter, check: Check) -> None:
        if not isinstance(adapter, Snoozes):
            raise _cannot(adapter, Can.SNOOZE)
        await adapter.wake(check.native, check.key, by)

    return Request("wake", Can.SNOOZE, call)


def closing(by: str, text: SafeText) -> Request:
    async def call(adapter: Adapter, check: Check) -> None:
        if not isinstance(adapter, Closes):
            raise _cannot(adapter, Can.CLOSE)
        await adapter.close_problem(check.native, check.key, by, text)

    return Request("close", Can.CLOSE, call)


def rechecking() -> Request:
    async def call(adapter: Adapter, check: Check) -> None:
        if not isinstance(adapter, Rechecks):
            raise _cannot(adapter, Can.RECHECK)
        await adapter.recheck(check.native, check.key)

    return Request("recheck", Can.RECHECK, call)


def _cannot(adapter: Adapter, what: Can) -> NotSent:
    return NotSent(f"{adapter.name} cannot {what}.")
