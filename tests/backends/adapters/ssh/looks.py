"""Recorded and hand-made outputs of a look, and how to read one."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from pathlib import Path

from backends.adapters.ssh.parse import Moment, parse
from backends.adapters.ssh.watch import Watch
from backends.fleet.host import HostFacts

MARK = "=M="
DATA = Path(__file__).parent / "data"
ASKED = datetime(2026, 1, 5, 8, 0, 0, tzinfo=UTC)
MOMENT = Moment(asked=ASKED, first=ASKED + timedelta(seconds=0.2), at=ASKED + timedelta(seconds=0.5))


def output(name: str) -> bytes:
    return (DATA / f"{name}.txt").read_bytes()


def facts(name: str, **watched: tuple[str, ...]) -> HostFacts:
    return parse(output(name), MARK, MOMENT, Watch(**watched))
