"""One host of an `ssh` source: its kept connection, its looks, and what is said of it when it does not answer."""

from __future__ import annotations

import asyncio
import contextlib
from datetime import datetime
from typing import Final

import asyncssh
import msgspec
from msgspec import Struct

from backends.adapters.ssh import failures
from backends.adapters.ssh.dial import Dialer, Line
from backends.adapters.ssh.errand import (
    LOOK_LIMIT,
    Refused,
    TooLarge,
    complaint,
    ended,
    look_input,
    new_mark,
    open_shell,
    run_look,
)
from backends.adapters.ssh.garbled import hides, still_standing
from backends.adapters.ssh.options import HostOptions
from backends.adapters.ssh.parse import Moment, NoLook, parse, parse_who
from backends.adapters.ssh.reach import Budget, named
from backends.adapters.ssh.watch import Watch
from backends.api import (
    Check,
    FaultKind,
    Identity,
    Reading,
    Sighting,
    SourceError,
    SourceName,
    Timing,
    safe,
)
from backends.fleet.busy import Busy
from backends.fleet.host import HostFacts
from backends.fleet.host_checks import checks_of, sighting_of
from backends.fleet.model import CheckState, Health, Severity

_TOP: Final = 10
_NO_WORD_OF_IT: Final = frozenset(
    (
        FaultKind.CREDENTIALS,
        FaultKind.SECRET,
        FaultKind.HOST_KEY_UNKNOWN,
        FaultKind.HOST_KEY_CHANGED,
        FaultKind.FORBIDDEN,
        FaultKind.NAME,
    )
)
"""Faults that say nothing on whether the host itself is up."""


class Answer(Struct, frozen=True, kw_only=True):
    """What came back from one look."""

    output: bytes
    mark: str
    moment: Moment
    said: bytes
    """The beginning of what it wrote on standard error."""
    key: str
    """Fingerprint of the host key of the connection."""


class Host:
    """A `Part`: polled on a loop of its own."""

    def __init__(
        self, source: SourceName, options: HostOptions, dialer: Dialer, timing: Timing, *, deadline_s: float
    ) -> None:
        self.native = options.native
        self.options = options
        self.fault: SourceError | None = None
        self._source = source
        self._dialer = dialer
        self._timing = timing
        self._deadline_s = deadline_s
        self._line: Line | None = None
        self._busy = Busy(options.thresholds.process.cpu)
        self._turn = asyncio.Lock()
        """One look at a time."""
        self._dialing = asyncio.Lock()
        self._last: Sighting | None = None
        self._found: tuple[Check, ...] = ()
        """The checks of the last look, those that still stand from before it included."""
        self._started = timing.now()

    @property
    def at(self) -> str:
        """The host as sentences name it."""
        return named(self.options.address, self.options.port)

    async def poll(self) -> Reading:
        """Never raises `SourceError`: a host that does not answer is a reading, with `fault` beside it."""
        async with self._turn:
            try:
                facts, answer = await self._look()
            except SourceError as error:
                self.fault = error
                return self._failed(error)
            self.fault = None
            reading = self._reading(facts, answer)
            standing = still_standing(self._found, reading.checks, facts.unread)
            self._found = (*reading.checks, *standing)
            return msgspec.structs.replace(reading, checks=self._found)

    async def look(self) -> Reading:
        """Read the host again now. Raises `SourceError`."""
        async with self._turn:
            facts, answer = await self._look()
            reading = self._reading(facts, answer)
            if not hides(facts.unread):
                return reading
            partial = (msgspec.structs.replace(one, partial=True) for one in reading.sightings)
            return msgspec.structs.replace(reading, sightings=tuple(partial))

    async def identify(self) -> tuple[Identity, str]:
        """Who answers there now. Raises `SourceError`."""
        answer = await self._ask("who", Watch())
        try:
            identity, boot_id = parse_who(answer.output, answer.mark)
        except NoLook as error:
            raise failures.no_shell(self.at, self.options.user, answer.said or answer.output[:200]) from error
        return msgspec.structs.replace(identity, host_key=answer.key), boot_id

    async def line(self, budget: Budget) -> tuple[Line, bool]:
        """The kept connection, made anew when it is gone; and whether it is fresh. Raises `SourceError`."""
        async with self._dialing:
            if self._line is not None and not self._line.connection.is_closed():
                return self._line, False
            self._line = None
            self._line = await self._dialer.dial(self.options, budget, failed_before=self.fault is not None)
            return self._line, True

    def hang_up(self, line: Line) -> None:
        """Let go of a connection that is of no use any more."""
        line.connection.abort()
        if self._line is line:
            self._line = None

    async def close(self) -> None:
        line, self._line = self._line, None
        if line is not None:
            line.connection.close()
            with contextlib.suppress(TimeoutError):
                async with asyncio.timeout(2):
                    await line.connection.wait_closed()

    async def _look(self) -> tuple[HostFacts, Answer]:
        answer = await self._ask("all", self.options.watch)
        try:
            facts = parse(answer.output, answer.mark, answer.moment, self.options.watch)
        except NoLook as error:
            raise failures.no_shell(self.at, self.options.user, answer.said or answer.output[:200]) from error
        return facts, answer

    async def _ask(self, mode: str, watch: Watch) -> Answer:
        """One look over the kept connection; a connection that turns out dead is made anew, once."""
        budget = Budget(self._deadline_s)
        line, fresh = await self.line(budget)
        try:
            return await self._ask_over(line, mode, watch, budget)
        except (asyncssh.Error, OSError, Refused) as error:
            self.hang_up(line)
            if fresh:
                raise self._told(error) from error
        line, _ = await self.line(budget)
        try:
            return await self._ask_over(line, mode, watch, budget)
        except (asyncssh.Error, OSError, Refused) as error:
            self.hang_up(line)
            raise self._told(error) from error

    def _told(self, error: Exception) -> SourceError:
        if isinstance(error, Refused):
            return SourceError(FaultKind.FORBIDDEN, f"{self.at} lets us in and gives no session: {error}.")
        return failures.lost(self.at, error.reason if isinstance(error, asyncssh.Error) else "")

    async def _ask_over(self, line: Line, mode: str, watch: Watch, budget: Budget) -> Answer:
        mark = new_mark()
        script = look_input(mark, mode, watch)
        first: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        heard: list[datetime] = []
        first.add_done_callback(lambda _: heard.append(self._timing.now()))
        try:
            async with asyncio.timeout(budget.left()):
                process = await open_shell(line.connection, sudo=self.options.sudo)
                try:
                    asked = self._timing.now()
                    output = await run_look(process, script, first)
                    said = b"" if ended(output, mark) else await complaint(process)
                finally:
                    process.close()
        except TimeoutError as error:
            # Whatever holds it there holds the connection too, or the line is cut: begin anew next time.
            self.hang_up(line)
            raise failures.slow_look(self.at, budget.seconds) from error
        except TooLarge as error:
            self.hang_up(line)
            raise failures.too_large(self.at, LOOK_LIMIT) from error
        finally:
            first.cancel()
        if line.connection.is_closed() and not ended(output, mark):
            raise asyncssh.ConnectionLost("in the middle of the answer")
        now = self._timing.now()
        moment = Moment(asked=asked, first=heard[0] if heard else now, at=now)
        return Answer(output=output, mark=mark, moment=moment, said=said, key=line.key.fingerprint)

    def _reading(self, facts: HostFacts, answer: Answer) -> Reading:
        busy = self._busy.seen(self._timing.boot_s(), facts.processes)
        facts = msgspec.structs.replace(facts, processes=busy[:_TOP])
        options = self.options
        sighting = sighting_of(
            facts,
            source=self._source,
            native=self.native,
            client=options.client,
            client_name=options.client_name,
            site=options.site,
            site_name=options.site_name,
            name=options.name,
            address=options.address,
            host_key=answer.key,
            kind=options.kind,
        )
        self._last = sighting
        took_ms = (answer.moment.at - answer.moment.asked).total_seconds() * 1000
        checks = checks_of(facts, options.thresholds, source=self._source, native=self.native)
        return Reading(
            source=self._source,
            at=facts.at,
            sightings=(sighting,),
            checks=(self._reachable(facts.at, None, f"Answers over SSH in {took_ms:.0f} ms"), *checks),
            complete=False,
            covers=(self.native,),
            quarantined=len(facts.unread),
        )

    def _failed(self, error: SourceError) -> Reading:
        now = self._timing.now()
        options = self.options
        # Refused for wrong credentials, the host itself may be well: that we do not know.
        health = Health.UNKNOWN if error.kind in _NO_WORD_OF_IT else Health.DOWN
        last = self._last or Sighting(
            source=self._source,
            native=self.native,
            client=options.client,
            client_name=options.client_name,
            site=options.site,
            site_name=options.site_name,
            name=safe(options.name or options.address),
            kind=options.kind or "server",
            address=safe(options.address),
            seen=self._started,
        )
        return Reading(
            source=self._source,
            at=now,
            sightings=(msgspec.structs.replace(last, health=health, partial=True),),
            checks=(self._reachable(now, error, error.sentence),),
            complete=False,
            covers=(self.native,),
        )

    def _reachable(self, now: datetime, error: SourceError | None, summary: str) -> Check:
        return Check(
            source=self._source,
            native=self.native,
            family="reachable",
            label=safe("Reachable over SSH"),
            state=CheckState.OK if error is None else _state(error),
            severity=None if error is None else _severity(error),
            summary=safe(summary, 512),
            seen=now,
        )


def _state(error: SourceError) -> CheckState:
    return CheckState.UNKNOWN if error.kind in _NO_WORD_OF_IT else CheckState.CRITICAL


def _severity(error: SourceError) -> Severity | None:
    """Something that a hand must put right in the configuration is no outage; a changed key may be somebody in
    between."""
    if error.kind is FaultKind.HOST_KEY_CHANGED:
        return Severity.CRITICAL
    return Severity.HIGH if error.kind in _NO_WORD_OF_IT else None
