"""The command line in this process, on sources that tests make up, and an oracle for what it prints."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import Any

import pytest
from msgspec import Struct

from backends import bootstrap
from backends.bootstrap.assembly import desk_over
from backends.config.schema import Config, Profile
from backends.desk.inprocess import InProcessDesk
from backends.engine.clock import SystemClock
from backends.testing import ScriptedAdapter
from backends.text import is_safe
from tests.support.bench import CONFIG, places_in, polled_by
from tui.cli.main import run


class Said(Struct):
    """What one command said, and its exit status."""

    out: str
    err: str
    status: int

    @property
    def obeyed(self) -> list[str]:
        """Characters that a terminal would obey, or that nobody would see: nothing of the kind may be printed."""
        return obeyed(self.out) + obeyed(self.err)


def obeyed(text: str) -> list[str]:
    return [hex(ord(char)) for char in text if char != "\n" and not is_safe(char)]


class CommandLine:
    """Each command gets a desk of its own over the same sources and the same folder, as one-shot commands do."""

    def __init__(
        self,
        monkeypatch: pytest.MonkeyPatch,
        capsys: pytest.CaptureFixture[str],
        folder: Path,
        sources: Sequence[ScriptedAdapter],
        config: Config = CONFIG,
    ) -> None:
        self.folder, self.sources, self.config = folder, sources, config
        self._capsys = capsys
        self.every_s = 30.0
        self.spoil: Callable[[InProcessDesk], Any] = lambda desk: desk
        """Gives the desk that a command is handed instead."""
        monkeypatch.setattr(bootstrap, "one_shot", self._desk)
        monkeypatch.setattr(bootstrap, "attach", self._desk)
        monkeypatch.setattr(bootstrap, "load_config", lambda profile: self.config)

    async def _desk(self, profile: Profile, **_: object) -> InProcessDesk:
        sources = polled_by(self.sources, self.every_s)
        desk = await desk_over(sources, self.config, places_in(self.folder), SystemClock())
        await desk.first_round()
        spoilt: InProcessDesk = self.spoil(desk)
        return spoilt

    def say(self, *argv: str) -> Said:
        """Run one command."""
        self._capsys.readouterr()
        status = run(argv)
        out, err = self._capsys.readouterr()
        return Said(out, err, status)

    def on_desk(self, deed: Callable[[InProcessDesk], Any]) -> Any:
        """Do something with a desk, as a command would."""

        async def done() -> Any:
            desk = await self._desk(Profile())
            try:
                return await deed(desk)
            finally:
                await desk.close()

        return asyncio.run(done())


def lines(text: str) -> Iterator[str]:
    return iter(text.splitlines())
