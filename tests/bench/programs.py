"""What is measured, each program in a terminal of its own, and on how much; `ROUNDS_BENCH=long` is more and longer."""

from __future__ import annotations

import os
import sys
from collections.abc import Callable
from pathlib import Path

from msgspec import Struct

from tests.support.meter import Meter
from tests.support.office import ROOT, ROUNDS, Office

LONG = os.environ.get("ROUNDS_BENCH") == "long"
DEVICES = (1_000, 10_000, 100_000) if LONG else (1_000,)
SIZES = ((80, 24), (160, 50), (300, 80)) if LONG else ((160, 50),)

Say = Callable[[str], None]
"""Prints a line of figures."""


class Programs(Struct):
    office: Office

    def bare(self) -> Meter:
        return self._open("-m", "tests.bench.bare_app")

    def ours(self, picture: Path, changes: float, size: tuple[int, int]) -> Meter:
        return self._open("-m", "tests.bench.changing_app", str(picture), str(changes), size=size)

    def table(self, picture: Path, changes: float, size: tuple[int, int]) -> Meter:
        return self._open("-m", "tests.bench.table_app", str(picture), str(changes), size=size)

    def rounds(self, *arguments: str, size: tuple[int, int] = (160, 50), **more: str) -> Meter:
        return self._open(*ROUNDS[1:], *arguments, size=size, **more)

    def _open(self, *arguments: str, size: tuple[int, int] = (160, 50), **more: str) -> Meter:
        environment = {**self.office.environment, "COLORTERM": "truecolor", **more}
        return Meter([sys.executable, *arguments], environment, size, str(ROOT))
