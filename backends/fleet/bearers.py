"""Who bears which evidence, kept small: `place` of the evidence to the keys of the sightings, several keys to a place.

A dict of a few hundred thousand numbers to tuples takes ten times the memory of the numbers, and is copied as a whole
whenever a device is renamed. Here are sorted rows of numbers beside rows of keys, in shares that fleets have in common
until one is written to.
"""

from __future__ import annotations

from array import array
from bisect import bisect_left, bisect_right
from typing import Final

from backends.fleet.evidence import PLACE_BITS
from backends.fleet.identity import Key

_SHARE_BITS: Final = 8
"""A fleet of a hundred thousand devices has thirteen hundred places a share."""
_SHIFT: Final = PLACE_BITS - _SHARE_BITS

Share = tuple["array[int]", list[Key]]
"""Places, rising, and who bears the evidence at each; one place as often as somebody does, in the order of coming."""
_NOBODY: Final[Share] = (array("Q"), [])


class Bearers:
    """The places of a fleet that is being changed."""

    __slots__ = ("_own", "shares")

    def __init__(self, shares: dict[int, Share]) -> None:
        self.shares = shares
        """By the first bits of the places in them. Those that were handed in are never written to."""
        self._own: set[int] = set()

    def of(self, place: int) -> list[Key]:
        """Who bears that evidence, in the order of coming."""
        places, keys = self.shares.get(place >> _SHIFT, _NOBODY)
        return keys[bisect_left(places, place) : bisect_right(places, place)]

    def add(self, place: int, key: Key) -> None:
        """`key` must not be there yet: to look for it among ten thousand of one name would take too long."""
        places, keys = self._writable(place >> _SHIFT)
        at = bisect_right(places, place)
        places.insert(at, place)
        keys.insert(at, key)

    def remove(self, place: int, key: Key) -> None:
        """Nothing happens when it is not there."""
        places, keys = self.shares.get(place >> _SHIFT, _NOBODY)
        try:
            at = keys.index(key, bisect_left(places, place), bisect_right(places, place))
        except ValueError:
            return
        places, keys = self._writable(place >> _SHIFT)
        del places[at], keys[at]

    def _writable(self, name: int) -> Share:
        if name not in self._own:
            if not self._own:
                self.shares = dict(self.shares)
            self._own.add(name)
            places, keys = self.shares.get(name, _NOBODY)
            self.shares[name] = places[:], keys[:]
        return self.shares[name]
