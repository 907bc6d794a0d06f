"""Decisions that a scripted source takes, as a monitoring server does: it remembers them, and its readings tell."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from datetime import datetime
from enum import Enum
from typing import Final

import msgspec

from backends.api import Can, Check, Handling, NotSent, Reading, SafeText, safe
from backends.fleet.model import CheckState


class Hang(Enum):
    """An answer that never comes."""

    FOR_EVER = "for ever"


HANG: Final = Hang.FOR_EVER

_ACKED: Final = ("acked", "acked_by", "acked_at")
_QUIET: Final = ("quiet", "quiet_until", "quiet_by")


class ScriptedDecisions:
    """Acknowledges, puts to rest, closes and checks again; every request is noted."""

    def __init__(self) -> None:
        self.told: list[tuple[str, ...]] = []
        """Every request about a condition: the verb, native id, key, and what came with it."""
        self.refusal: Exception | Hang | None = None
        """What comes of the next requests instead of an answer."""
        self.did_it = False
        """Whether a request without an answer was carried out all the same."""
        self.handling: dict[tuple[str, str], Handling] = {}
        """What was decided, by native id and key."""
        self.mended: set[tuple[str, str]] = set()
        """Conditions that were closed."""
        self.lacks: tuple[Can, ...] = ()
        """What its readings say that these credentials do not permit."""
        self._others: set[tuple[str, str]] = set()

    async def acknowledge(self, native: str, key: str, by: str, text: SafeText) -> None:
        def change(word: Handling) -> Handling:
            return msgspec.structs.replace(word, acked=True, acked_by=safe(by), text=text)

        await self._decide(("acknowledge", native, key, by, text), change)

    async def unacknowledge(self, native: str, key: str, by: str) -> None:
        await self._decide(("unacknowledge", native, key, by), lambda word: _without(word, _ACKED))

    def snooze_says(self, native: str, key: str) -> SafeText:
        return safe(f"A downtime of {key} on {native}")

    async def snooze(self, native: str, key: str, by: str, until: datetime, reason: SafeText) -> None:
        def change(word: Handling) -> Handling:
            return msgspec.structs.replace(word, quiet=True, quiet_until=until, quiet_by=safe(by), text=reason)

        await self._decide(("snooze", native, key, by, until.isoformat(), reason), change)

    async def wake(self, native: str, key: str, by: str) -> None:
        def change(word: Handling) -> Handling:
            return word if (native, key) in self._others else _without(word, _QUIET)

        await self._decide(("wake", native, key, by), change)

    def begun_by_others(self, native: str, key: str) -> None:
        """Somebody else puts it to rest, by what only they can end."""
        self._others.add((native, key))
        word = self.handling.get((native, key), Handling())
        self.handling[native, key] = msgspec.structs.replace(word, quiet=True, quiet_by=SafeText("others"))

    async def close_problem(self, native: str, key: str, by: str, text: SafeText) -> None:
        await self._asked(("close", native, key, by, text), lambda: self.mended.add((native, key)))

    async def recheck(self, native: str, key: str) -> None:
        await self._asked(("recheck", native, key), lambda: None)

    def knows(self, native: str) -> bool:
        """Whether there is such a device."""
        raise NotImplementedError

    def with_decisions(self, reading: Reading) -> Reading:
        """The reading, with what was decided about its checks."""
        return msgspec.structs.replace(
            reading, checks=tuple(map(self._decided, reading.checks)), lacks=reading.lacks or self.lacks
        )

    def _decided(self, check: Check) -> Check:
        name = (check.native, check.key)
        if name in self.mended:
            return msgspec.structs.replace(check, state=CheckState.OK, summary=SafeText(""))
        word = self.handling.get(name, Handling())
        return msgspec.structs.replace(check, handling=word) if word != Handling() else check

    async def _decide(self, call: tuple[str, ...], change: Callable[[Handling], Handling]) -> None:
        _, native, key, *_ = call

        def do() -> None:
            self.handling[native, key] = change(self.handling.get((native, key), Handling()))

        await self._asked(call, do)

    async def _asked(self, call: tuple[str, ...], do: Callable[[], None]) -> None:
        self.told.append(call)
        if not self.knows(call[1]):
            raise NotSent(f"{safe(call[1])} is not known here.")
        if self.refusal is None or self.did_it:
            do()
        if isinstance(self.refusal, Exception):
            raise self.refusal
        if self.refusal is HANG:
            await asyncio.Event().wait()


def _without(word: Handling, fields: tuple[str, ...]) -> Handling:
    return msgspec.structs.replace(word, text=SafeText(""), **{name: getattr(Handling(), name) for name in fields})
