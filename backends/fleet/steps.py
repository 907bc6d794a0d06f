"""Work on a large fleet in steps: whoever drives it may do something else between two of them.

A step is as long as some hundred devices take. What is in the making is nobody else's until all steps are done.
"""

from __future__ import annotations

from collections.abc import Generator, Iterable, Iterator
from itertools import islice
from typing import Final, TypeVar

Item = TypeVar("Item")
Result = TypeVar("Result")

Steps = Generator[None, None, Result]
"""Yields between two steps, and returns what came of them."""

STEP: Final = 500
"""Devices, or as much work as with so many."""


def finished(steps: Steps[Result]) -> Result:
    """All steps at once."""
    while True:
        try:
            next(steps)
        except StopIteration as end:
            result: Result = end.value
            return result


def parted(items: Iterable[Item], times: int = 1) -> Iterator[list[Item]]:
    """The items in lists for one step each; `times` as many where each is little work."""
    rest = iter(items)
    while part := list(islice(rest, times * STEP)):
        yield part
