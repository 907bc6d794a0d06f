"""Asking one agent: tries that wait longer and ask for less, and walks of tables with an end."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Mapping, Sequence
from functools import partial
from typing import Final, Protocol

from msgspec import Struct

from backends.adapters.snmp import ber, messages
from backends.adapters.snmp.ber import Malformed, Oid, Value
from backends.adapters.snmp.messages import Answer, Bind
from backends.adapters.snmp.usm import Trouble
from backends.adapters.snmp.wire import Wire

FULL: Final = 40
"""Variables in one answer: as many as fit into a datagram of 1,472 bytes with the longest of names."""
_ABREAST: Final = 8
"""Columns that are walked at a time."""
_SHARES: Final = (0.15, 0.25, 0.4)
"""How long the tries of one request wait, of the time for the whole look."""

Index = tuple[int, ...]
Row = dict[str, Value]


class Speech(Protocol):
    """How requests are wrapped, and answers unwrapped."""

    def said(self, request: bytes) -> bytes: ...
    def heard(self, data: bytes) -> Answer | None: ...


class TooMuch(Exception):  # noqa: N818 - an answer, not a mistake
    """The agent cannot answer so much at a time; the pace is slower now."""


class Refusal(Exception):  # noqa: N818 - an answer, not a mistake
    """The agent answers that it does not: an error status of RFC 3416."""

    def __init__(self, status: int) -> None:
        super().__init__(f"error status {status}")
        self.status = status


class Pace(Struct):
    """How much an agent can be asked at a time; learnt, and kept from look to look."""

    binds: int = FULL
    clean: int = 0
    """Looks in a row without a loss."""

    def slower(self) -> None:
        self.binds, self.clean = max(1, self.binds // 4), 0

    def looked(self) -> None:
        """A look came to its end: after ten of them more is dared again."""
        self.clean += 1
        if self.clean % 10 == 0:
            self.binds = min(FULL, self.binds * 2)


class Table(Struct):
    """The rows that were read, by index."""

    rows: dict[Index, Row] = {}
    cut: bool = False
    """There are more than were asked for."""
    late: bool = False
    """The time was over before all were read."""


class Session:
    """Requests to one agent until `end_s` of the loop's time. Raises `TimeoutError`, `OSError`, `Refusal` and what
    the speech raises."""

    def __init__(self, wire: Wire, speech: Speech, pace: Pace, seconds: float, end_s: float) -> None:
        self._wire = wire
        self._speech = speech
        self._pace = pace
        self._seconds = seconds
        self._end_s = end_s
        self.requests = 0
        self.answers = 0

    async def get(self, wanted: Mapping[str, Oid]) -> Row:
        """What single variables hold, by the names they are given; those that are not there are left out."""
        found: Row = {}
        names = list(wanted)
        while names:
            some = names[: self._pace.binds]
            try:
                answer = await self._asked(partial(messages.get, oids=[wanted[name] for name in some]))
            except TooMuch:
                continue
            held = {oid: held for oid, _, held in answer.binds if held is not None}
            found.update((name, held[wanted[name]]) for name in some if wanted[name] in held)
            names = names[len(some) :]
        return found

    async def table(self, columns: Mapping[str, Oid], most: int) -> Table:
        """The rows of a table, at most so many. Time that runs out gives what was read until then."""
        table = Table()
        names = list(columns)
        try:
            for at in range(0, len(names), _ABREAST):
                walk = _Walk({name: columns[name] for name in names[at : at + _ABREAST]}, table, most)
                while walk.after:
                    walk.take(*await self._bulk(walk.after, walk.left))
        except TimeoutError:
            table.late = True
        return table

    async def _bulk(self, after: Sequence[Oid], left: int) -> tuple[int, Sequence[Bind]]:
        """How many of the variables `after` were asked for, and what comes after them."""
        while True:
            count = min(len(after), self._pace.binds)
            each = max(1, min(self._pace.binds // count, left))
            try:
                answer = await self._asked(partial(messages.bulk, oids=after[:count], repetitions=each))
            except TooMuch:
                continue
            return count, answer.binds

    async def _asked(self, request: Callable[[int], bytes]) -> Answer:
        """One request, three times at most. Raises `TooMuch` when less should be asked for."""
        loop = asyncio.get_running_loop()
        number = messages.new_number()
        message = self._speech.said(request(number))
        resent = False
        for turn, share in enumerate(_SHARES):
            try:
                answer = await self._answer(message, number, min(share * self._seconds, self._end_s - loop.time()))
            except Trouble as trouble:
                if resent or trouble.why != "time" or not trouble.signed:
                    raise
                # Its clock is another one than we thought, which it has proven: say it again by that.
                resent, message = True, self._speech.said(request(number))
                answer = await self._answer(message, number, min(share * self._seconds, self._end_s - loop.time()))
            except TimeoutError:
                if self._end_s <= loop.time():
                    raise
                if turn and self.answers and self._pace.binds > 1:
                    break
                continue
            self.answers += 1
            if answer.error == messages.TOO_BIG and self._pace.binds > 1:
                break
            if answer.error:
                raise Refusal(answer.error)
            return answer
        else:
            raise TimeoutError
        self._pace.slower()
        raise TooMuch

    async def _answer(self, message: bytes, number: int, wait_s: float) -> Answer:
        def mine(data: bytes) -> Answer | None:
            answer = self._speech.heard(data)
            fits = answer is not None and answer.kind == messages.RESPONSE and answer.number == number
            return answer if fits else None

        if wait_s <= 0:
            raise TimeoutError
        self.requests += 1
        return await self._wire.ask(message, mine, wait_s)


class _Walk:
    """Some columns of one table, read side by side, row after row."""

    def __init__(self, columns: Mapping[str, Oid], table: Table, most: int) -> None:
        self._table = table
        self._most = most
        self._open = [_Column(name, base, Oid(base)) for name, base in columns.items()]

    @property
    def after(self) -> list[Oid]:
        """Behind which variables to go on; empty at the end."""
        return [column.last for column in self._open]

    @property
    def left(self) -> int:
        """How many rows may still come, one more than are kept: whether there are more is worth knowing."""
        return self._most + 1 - min(column.rows for column in self._open)

    def take(self, count: int, binds: Sequence[Bind]) -> None:
        """What came after the first `count` of the open columns, in turn."""
        asked, ended = self._open[:count], set[str]()
        if not binds:
            ended.update(column.name for column in asked)
        for at, bind in enumerate(binds):
            column = asked[at % count]
            if column.name not in ended and not self._keep(column, *bind):
                ended.add(column.name)
        # Those that were asked go to the back: where one variable at a time is asked for, each gets its turn.
        self._open = [*self._open[count:], *(column for column in asked if column.name not in ended)]

    def _keep(self, column: _Column, oid: Oid, tag: int, held: Value) -> bool:
        """Whether the column goes on."""
        if tag == ber.END or not oid.startswith(column.base) or len(oid) == len(column.base):
            return False
        try:
            index = ber.arcs(oid[len(column.base) :])
        except Malformed:
            return False
        if index <= column.index:  # an agent that goes in circles
            return False
        if column.rows >= self._most:
            self._table.cut = True
            return False
        column.last, column.index, column.rows = oid, index, column.rows + 1
        if held is not None:
            self._table.rows.setdefault(index, {})[column.name] = held
        return True


class _Column(Struct):
    name: str
    base: Oid
    last: Oid
    index: Index = ()
    rows: int = 0
