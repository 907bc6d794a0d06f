"""Live output of runs, for whoever follows one: in order, bounded, and never slowed by a follower who does not read."""

from __future__ import annotations

import asyncio
from collections import deque
from typing import Final

from backends.fleet.model import RunId
from backends.fleet.run import RunOutput
from backends.text import SafeText

PIECES: Final = 64
"""Pieces that may wait for one follower; then the oldest are left out, with a mark where they were."""
_GAP: Final = SafeText("…\n")


class Follower:
    """What one front end has not read yet of one run."""

    def __init__(self) -> None:
        self._pieces: deque[RunOutput] = deque()
        self._wake = asyncio.Event()
        self._over = False

    def put(self, piece: RunOutput) -> None:
        if len(self._pieces) >= PIECES:
            self._pieces.popleft()
            first = self._pieces.popleft()
            text = first.text if first.text.startswith(_GAP) else SafeText(_GAP + first.text)
            self._pieces.appendleft(RunOutput(run=first.run, text=text, total_bytes=first.total_bytes))
        self._pieces.append(piece)
        self._wake.set()

    def end(self) -> None:
        self._over = True
        self._wake.set()

    async def next(self) -> RunOutput | None:
        """The next piece, or None when the run has ended and all was read."""
        while not self._pieces and not self._over:
            self._wake.clear()
            await self._wake.wait()
        return self._pieces.popleft() if self._pieces else None


class Outputs:
    """All followers of all runs."""

    def __init__(self) -> None:
        self._followers: dict[RunId, list[Follower]] = {}

    def follow(self, run: RunId) -> Follower:
        follower = Follower()
        self._followers.setdefault(run, []).append(follower)
        return follower

    def leave(self, run: RunId, follower: Follower) -> None:
        followers = self._followers.get(run, [])
        if follower in followers:
            followers.remove(follower)
        if not followers:
            self._followers.pop(run, None)

    def put(self, piece: RunOutput) -> None:
        """A live piece, for those who follow its run."""
        for follower in self._followers.get(piece.run, ()):
            follower.put(piece)

    def end(self, run: RunId | None = None) -> None:
        """The run has ended; or all have, for the desk closes."""
        for name in list(self._followers) if run is None else [run]:
            for follower in self._followers.get(name, ()):
                follower.end()
