"""Rows under keys, their order, and a cursor that holds on to a key. Knows nothing of painting.

New facts of a row take its place at once. Rows that came or went, and another order, wait until they are settled: the
list must not move between the look and the key.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from widgets.present.row import Row


class KeyedRows:
    def __init__(self, rows: Iterable[Row] = (), cursor: str | None = None) -> None:
        self.rows = {row.key: row for row in rows}
        self.order: list[str] = list(self.rows)
        self.places = {key: place for place, key in enumerate(self.order)}
        self.cursor = cursor if cursor in self.rows else self.order[0] if self.order else None
        self.near = self.places.get(self.cursor or "", 0)
        """Where the cursor was last, for the next movement after its row went."""
        self._begun = bool(self.order)
        """The cursor goes to the first row by itself once, when the first rows come; never again."""
        self._waiting: tuple[str, ...] | None = None
        self._gone: set[str] = set()

    @property
    def waiting(self) -> bool:
        """Whether another order has to be settled."""
        return self._waiting is not None

    def patch(self, rows: Iterable[Row], gone: Iterable[str], order: Sequence[str] | None = None) -> list[Row]:
        """New facts, keys that left, and the order of all keys after that. Gives the rows that are new or different."""
        changed = []
        self._gone.update(gone)
        for row in rows:
            self._gone.discard(row.key)
            self.rows[row.key] = row
            changed.append(row)
        if order is None:
            order = [key for key in self.order if key not in self._gone]
        self._waiting = None if list(order) == self.order and not self._gone else tuple(order)
        return changed

    def replace(self, rows: Iterable[Row]) -> list[Row]:
        """All rows in their order. Gives the rows that are new or different."""
        fresh = {row.key: row for row in rows}
        known = self.rows
        changed = [row for key, row in fresh.items() if known.get(key) is not row and known.get(key) != row]
        back = self._gone & fresh.keys()
        self._gone -= back
        return self.patch(changed, [key for key in known if key not in fresh], tuple(fresh))

    def settle(self) -> list[int]:
        """Take on the waiting order. Gives the places that look different; the cursor is None when its row went."""
        if self._waiting is None:
            return []
        before, order = self.order, [key for key in self._waiting if key in self.rows and key not in self._gone]
        for key in self._gone:
            self.rows.pop(key, None)
        self._waiting = None
        self._gone.clear()
        self.order, self.places = order, {key: place for place, key in enumerate(order)}
        if self.cursor is not None and self.cursor not in self.places:
            self.cursor = None
        if not self._begun and order:
            self.cursor, self._begun = order[0], True
        if self.cursor is not None:
            self.near = self.places[self.cursor]
        longest = max(len(before), len(order))
        return [place for place in range(longest) if before[place : place + 1] != order[place : place + 1]]

    def step(self, by: int) -> str | None:
        """The key that many rows down, or up; the first step after the row went lands where it was."""
        start = self.near if self.cursor is not None else self.near - (by > 0)
        return self.at(start + by)

    def at(self, place: int) -> str | None:
        """The key at a place, or at the nearest there is."""
        return self.order[max(0, min(place, len(self.order) - 1))] if self.order else None

    def select(self, key: str | None) -> None:
        """Put the cursor on `key`; on nothing when it is not shown."""
        self.cursor = key if key is not None and key in self.places else None
        if self.cursor is not None:
            self.near, self._begun = self.places[self.cursor], True
