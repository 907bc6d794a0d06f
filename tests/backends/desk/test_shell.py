"""A shell on a device is opened by the technician's own terminal, and is on record."""

from __future__ import annotations

from pathlib import Path

import pytest

from backends.api import NotSent
from backends.desk.protocol import DeskError, DeskErrorKind
from backends.engine.clock import SystemClock
from tests.support.bench import Kept, bench
from tests.support.doomed import WEB01


class WithShell(Kept):
    """A source that can open a shell, unless it says why not."""

    why_not = ""

    def shell(self, native: str) -> tuple[str, ...]:
        if self.why_not:
            raise NotSent(self.why_not)
        return ("ssh", "-p", "22", native)


async def test_the_program_is_named_and_put_on_record(tmp_path: Path) -> None:
    async with bench(tmp_path, [WithShell("probe", SystemClock())]) as desk:
        command = await desk.shell(WEB01, "tech1")
        assert (command.title, command.argv) == ("Acme / HQ / web01", ("ssh", "-p", "22", "web01"))
        assert [(record.event, record.by, record.subject) for record in await desk.audit()] == [
            ("shell-opened", "tech1", WEB01)
        ]


async def test_why_it_cannot_be_opened_is_said_and_nothing_recorded(tmp_path: Path) -> None:
    source = WithShell("probe", SystemClock())
    source.why_not = "Its host key is not known yet."
    async with bench(tmp_path, [source]) as desk:
        with pytest.raises(DeskError, match="host key is not known") as error:
            await desk.shell(WEB01, "tech1")
        assert error.value.kind is DeskErrorKind.REFUSED
        assert await desk.audit() == []
