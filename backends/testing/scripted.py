"""A source that plays a script, and devices that count what is done to them."""

from __future__ import annotations

import asyncio
from datetime import datetime

import msgspec

from backends.api import Emit, Executed, Identity, NotSent, Reading, Script, Sighting, SourceName, safe
from backends.fleet.model import RunId
from backends.testing.decided import HANG, Hang, ScriptedDecisions

__all__ = ["HANG", "Answer", "Hang", "ScriptedAdapter"]

Answer = Reading | Exception | Hang


class ScriptedAdapter(ScriptedDecisions):
    """A source that gives its answers in order, the last one for ever. Runs fixes and counts them as a device would."""

    def __init__(self, name: str, *script: Answer) -> None:
        super().__init__()
        self.name = SourceName(name)
        self.script: list[Answer] = list(script)
        self.polls = 0
        self.under_way = 0
        """Polls that have begun and not ended."""
        self.most_under_way = 0
        """More than one would be an overlap."""
        self.closed = 0
        self.executed: list[tuple[str, Script, RunId]] = []
        """Every step that reached a device, with its native id."""
        self.outcome: Executed | Exception | Hang = Executed(exit=0)
        self.output = b""
        self.repaired: Reading | None = None
        """What it answers, whatever the script says, once a step has reached a device."""
        self.identities: dict[str, tuple[Identity, str]] = {}
        """Who answers at a native id, and its boot id, where it is not what the last reading said."""

    async def poll(self) -> Reading:
        number, self.polls = self.polls, self.polls + 1
        self.under_way += 1
        self.most_under_way = max(self.most_under_way, self.under_way)
        try:
            return self.with_decisions(await _played(self._answer(number)))
        finally:
            self.under_way -= 1

    async def close(self) -> None:
        self.closed += 1

    async def identify(self, native: str) -> tuple[Identity, str]:
        if native in self.identities:
            return self.identities[native]
        sighting = self._sightings().get(native)
        if sighting is None:
            raise NotSent(f"{safe(native)} is not known here.")
        return sighting.identity, sighting.boot_id

    async def execute(self, native: str, script: Script, run: RunId, emit: Emit) -> Executed:
        self.executed.append((native, script, run))
        if self.output:
            emit(self.output)
        if isinstance(self.outcome, Exception):
            raise self.outcome
        if self.outcome is HANG:
            await asyncio.Event().wait()
        assert isinstance(self.outcome, Executed)  # noqa: S101 - as above
        return self.outcome

    async def look(self, native: str) -> Reading:
        """The current answer of the script, cut down to one device."""
        reading = self.with_decisions(await _played(self._answer(max(self.polls - 1, 0))))
        return msgspec.structs.replace(
            reading,
            sightings=tuple(sighting for sighting in reading.sightings if sighting.native == native),
            checks=tuple(check for check in reading.checks if check.native == native),
            complete=False,
            covers=(native,),
        )

    def knows(self, native: str) -> bool:
        return native in self._sightings()

    def last_at(self) -> datetime:
        """The time of the script's last reading."""
        return max(answer.at for answer in self.script if isinstance(answer, Reading))

    def _answer(self, number: int) -> Answer:
        if self.executed and self.repaired is not None:
            return self.repaired
        return self.script[min(number, len(self.script) - 1)]

    def _sightings(self) -> dict[str, Sighting]:
        readings = [answer for answer in self.script if isinstance(answer, Reading)]
        return {sighting.native: sighting for reading in readings for sighting in reading.sightings}


async def _played(answer: Answer) -> Reading:
    if isinstance(answer, Exception):
        raise answer
    if isinstance(answer, Hang):
        await asyncio.Event().wait()
    assert isinstance(answer, Reading)  # noqa: S101 - what is neither of these is a reading
    return answer
