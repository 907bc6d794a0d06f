"""What a flow plays on: the desk, somebody to ask, and a place to say what came of it."""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import AbstractContextManager
from datetime import datetime, tzinfo
from typing import Protocol, TypeVar

from backends.desk.protocol import Desk, DeskError
from backends.fleet.model import SafeText
from backends.fleet.run import Run
from widgets.dialogs.dialog import Dialog
from widgets.present.tone import Tone

Answer = TypeVar("Answer")


class Stage(Protocol):
    """The application implements it; tests do with a list of answers."""

    by: str
    """The technician."""
    zone: tzinfo

    @property
    def desk(self) -> Desk:
        """Raises `DeskError(UNAVAILABLE)` while the engine is not there."""
        ...

    def now(self) -> datetime: ...

    def boot_s(self) -> float: ...

    @property
    def dead_s(self) -> float:
        """How long a question takes no answer."""
        ...

    async def ask(self, dialog: Dialog[Answer]) -> Answer | None: ...

    def say(self, sentence: SafeText, tone: Tone = Tone.STRONG) -> None: ...

    async def follow(self, runs: Sequence[Run]) -> None:
        """Show the runs until the technician leaves; they go on without."""
        ...

    def suspended(self) -> AbstractContextManager[None]:
        """The terminal is somebody else's inside."""
        ...

    def run_program(self, argv: Sequence[str]) -> int:
        """In the terminal, until it ends; its exit status."""
        ...

    def run_ours(self, argv: Sequence[str]) -> int:
        """A program of our own, with all of our environment."""
        ...


def told(stage: Stage, error: DeskError) -> None:
    """Say why the desk did not do it."""
    stage.say(error.sentence, Tone.CRITICAL)
