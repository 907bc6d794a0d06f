"""Rows marked to act on together. Marks are keys, like the cursor: they go with their row, and away with it."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence


class Marks:
    def __init__(self) -> None:
        self._keys: set[str] = set()
        self._last: str | None = None
        """Where a range begins."""

    def __len__(self) -> int:
        return len(self._keys)

    def __contains__(self, key: str) -> bool:
        return key in self._keys

    def toggle(self, key: str) -> None:
        self._keys ^= {key}
        self._last = key

    def reach(self, key: str, order: Sequence[str]) -> list[str]:
        """Mark everything from the row that was marked last to `key`, in the order that is shown. Gives what is new."""
        start = self._last if self._last in order else key
        first, last = sorted((order.index(start), order.index(key)))
        return self.add(order[first : last + 1], key)

    def add(self, keys: Iterable[str], last: str | None = None) -> list[str]:
        """Mark `keys`. Gives what is new."""
        new = [key for key in keys if key not in self._keys]
        self._keys.update(new)
        self._last = last
        return new

    def clear(self) -> list[str]:
        """Gives what was marked."""
        gone, self._keys, self._last = list(self._keys), set(), None
        return gone

    def keep(self, shown: Collection[str]) -> None:
        """Nothing is marked that is not shown: a verb acts on what can be seen in the list."""
        self._keys &= set(shown)

    def of(self, order: Iterable[str]) -> tuple[str, ...]:
        """The marked keys in the order of the list."""
        return tuple(key for key in order if key in self._keys) if self._keys else ()
