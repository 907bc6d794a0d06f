"""The command line in this process, over a desk in memory, without a terminal."""

from __future__ import annotations

import io
import json
from collections.abc import AsyncIterator, Mapping, Sequence
from pathlib import Path
from typing import Any

import pytest
from msgspec import Struct
from msgspec.structs import replace

from backends import bootstrap
from backends.config.schema import Config, Profile, Technician
from backends.desk.protocol import NO_DEVICES, Interest
from backends.fixes.library import load_library
from backends.fleet.changes import Changes
from backends.fleet.model import Device, RunId, safe
from backends.fleet.query import Context, parse
from backends.fleet.run import AuditReport, FixCard, Run, RunOutput, RunState, Verified
from tests.support import pictures
from tests.support.desk import MemoryDesk
from tui.cli.main import run


class Said(Struct):
    """What one command printed, and its exit status."""

    out: str
    err: str
    status: int

    @property
    def json(self) -> Any:
        return json.loads(self.out)

    @property
    def lines(self) -> list[Any]:
        return [json.loads(line) for line in self.out.splitlines()]


class CommandDesk(MemoryDesk):
    """A desk whose runs end as they are told to, and whose changes come to an end."""

    def __init__(self) -> None:
        super().__init__()
        self.ends = (RunState.SUCCEEDED, Verified.FIXED)
        self.to_come: list[Changes] = []
        """What `--watch` sees after the picture."""
        self.report = AuditReport(ok=True, records=2, head="11", sentence=safe("The record is whole."))
        self.approvals = 0

    async def devices(self, query: str = "", limit: int = 0) -> list[Device]:
        wanted = parse(query)
        context = Context(me="tech1", now=pictures.NOW)
        return [one for one in pictures.DEVICES.values() if wanted.matches(one, context)]

    async def runs(self, query: str = "", limit: int = 200) -> list[Run]:
        wanted = parse(query)
        context = Context(me="tech1", now=pictures.NOW)
        return [run for run in self.picture_now.runs.values() if wanted.matches(run, context)][:limit]

    async def fixes(self) -> list[FixCard]:
        return [fix.card for fix in load_library().values()]

    async def audit_verify(self) -> AuditReport:
        return self.report

    async def changes(self, interest: Interest = NO_DEVICES) -> AsyncIterator[Changes]:
        async for first in super().changes(interest):
            yield first
            break
        for one in self.to_come:
            yield one

    async def output(self, run: RunId) -> AsyncIterator[RunOutput]:
        async for piece in super().output(run):
            yield piece
        state, verified = self.ends
        ended: Run = replace(self.picture_now.runs[run], state=state, verified=verified)
        self.put_run(ended)


class Commands:
    """Calling it runs one command on `desk`."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], home: Path) -> None:
        self.desk, self.home = CommandDesk(), home
        self._monkeypatch, self._capsys = monkeypatch, capsys
        for name, folder in (("XDG_CONFIG_HOME", "config"), ("XDG_STATE_HOME", "state"), ("XDG_RUNTIME_DIR", "run")):
            (home / folder).mkdir(mode=0o700)
            monkeypatch.setenv(name, str(home / folder))
        monkeypatch.setenv("HOME", str(home))
        monkeypatch.setenv("COLUMNS", "200")
        self.configure(Config(technician=Technician(name="tech1", zone="UTC"), clients={}, sources=()))

        async def reached(profile: Profile, **_: object) -> CommandDesk:
            return self.desk

        monkeypatch.setattr(bootstrap, "one_shot", reached)
        monkeypatch.setattr(bootstrap, "attach", reached)

    def configure(self, config: Config) -> None:
        self._monkeypatch.setattr(bootstrap, "load_config", lambda profile: config)

    def __call__(self, *argv: str, stdin: str = "") -> Said:
        self._monkeypatch.setattr("sys.stdin", io.StringIO(stdin))
        self._capsys.readouterr()
        status = run(argv)
        out, err = self._capsys.readouterr()
        return Said(out, err, status)


def documented(page: Path, first: str) -> Mapping[str, Sequence[str]]:
    """The rows of a table in the documentation: the first cell, and the words in backquotes of the second."""
    rows: dict[str, Sequence[str]] = {}
    for line in page.read_text(encoding="utf-8").partition(f"| {first} |")[2].splitlines()[2:]:
        if not line.startswith("|"):
            break
        name, _, about = line.strip("| ").partition("|")
        rows[name.strip(" `")] = [word for part in about.split("`")[1::2] for word in part.split()]
    return rows
