"""`rounds … --watch` as a program whose lines are read: what changed since, waited for by what it says."""

from __future__ import annotations

import json
import os
import select
import subprocess
import time
from collections.abc import Callable, Mapping, Sequence
from types import TracebackType
from typing import Any

HOPELESS_S = 90.0


class Following:
    """A running list command with `--watch`; leave the `with` block to end it. It keeps an engine alive."""

    def __init__(self, argv: Sequence[str], environment: Mapping[str, str], cwd: str) -> None:
        self.facts: dict[str, dict[str, Any]] = {}
        """The latest item of each fact that is there, by its name (or id where it has none)."""
        self.seen: dict[str, list[str]] = {}
        """Every different time at which each fact was seen, in order."""
        self._rest = b""
        self._process = subprocess.Popen(
            [*argv, "--watch"], cwd=cwd, env=dict(environment), stdout=subprocess.PIPE, stdin=subprocess.DEVNULL
        )

    def __enter__(self) -> Following:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._process.kill()
        self._process.wait()
        if self._process.stdout is not None:
            self._process.stdout.close()

    def until(self, holds: Callable[[], bool], what: str, deadline_s: float = HOPELESS_S) -> None:
        """Read lines until `holds`; fails with what is known when it is hopeless."""
        end = time.monotonic() + deadline_s
        while not holds():
            if time.monotonic() > end or not self._read():
                raise AssertionError(f"never saw {what}; status {self._process.poll()}; known: {self.facts}")

    def until_seen_again(self, names: Sequence[str], times: int) -> None:
        """Until each of them was seen that many times more than now."""
        goal = {name: len(self.seen.get(name, ())) + times for name in names}
        self.until(
            lambda: all(len(self.seen.get(name, ())) >= count for name, count in goal.items()),
            f"{', '.join(names)} seen {times} times more",
        )

    def _read(self) -> bool:
        """Take what there is, waiting at most a second; False when the command has ended."""
        assert self._process.stdout is not None
        readable, _, _ = select.select([self._process.stdout], [], [], 1.0)
        if not readable:
            return True
        piece = os.read(self._process.stdout.fileno(), 1 << 16)
        *lines, self._rest = (self._rest + piece).split(b"\n")
        for line in lines:
            self._take(json.loads(line))
        return bool(piece)

    def _take(self, line: dict[str, Any]) -> None:
        item = line["item"]
        if line["change"] == "gone":
            self.facts = {name: fact for name, fact in self.facts.items() if fact.get("id", name) != item["id"]}
            return
        name = item.get("name") or item["id"]
        self.facts[name] = item
        times = self.seen.setdefault(name, [])
        if item.get("seen") and item["seen"] not in times[-1:]:
            times.append(item["seen"])
