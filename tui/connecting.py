"""What the screen knows of connecting sources, which a program of its own does in the same terminal."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Final

from msgspec import Struct

STOPPED: Final = 130
"""The exit status of a dialogue that was left without an answer."""


class Connecting(Struct, frozen=True, kw_only=True):
    """What can be connected from the screen, and by which program."""

    kinds: Callable[[], Mapping[str, str]]
    """Each with a word about it."""
    argv: Callable[[str], Sequence[str]]
    """The program that connects a source of that kind in this terminal."""
