"""Somebody who is asked, one question at a time, wherever they sit."""

from __future__ import annotations

import contextlib
import signal
import sys
from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Final, Protocol

import click

from backends.fleet.model import SafeText, safe
from tui.cli.questions import asks

NOTHING: Final = "-"
"""What is typed to take back an answer."""
YES: Final = "yes"
"""The key of the last question of all: whether it is to be written."""
OPTIONS: Final = {"url": "--url", "secret": "--secret", "name": "--name", "client": "--client", "site": "--site"}
"""Keys with an option of their own."""

Valid = Callable[[str], str]
"""Gives the value, or raises `ValueError` with a sentence."""


class Asks(Protocol):
    """Each question has a key, under which an option may have answered it already; such an answer counts once, and
    what is asked again is asked in earnest."""

    @property
    def alone(self) -> bool:
        """Nobody is there: what no option answers cannot be asked, and what went wrong is the end."""
        ...

    def answered(self, key: str) -> bool:
        """Whether an option has answered it, and that did not count yet."""
        ...

    async def ask(
        self, key: str, question: str, *, default: str = "", optional: bool = False, valid: Valid | None = None
    ) -> str:
        """A text; empty only where it is `optional`."""
        ...

    async def ask_secret(self, question: str, *, optional: bool = False) -> str:
        """Without showing it."""
        ...

    async def choose(self, question: str, choices: Sequence[SafeText], default: int = 0) -> int:
        """The place of one of them; the default where nobody is there."""
        ...

    async def agree(self, key: str, question: str, *, default: bool = False) -> bool:
        """Consent; where nobody is there, only what an option gave."""
        ...

    def tell(self, line: SafeText) -> None: ...


class Prompts:
    """On the command line: what the options gave, then whoever sits at the terminal."""

    def __init__(self, given: Mapping[str, str], *, yes: bool) -> None:
        self._given = {key: value for key, value in given.items() if value}
        self._yes = yes

    @property
    def alone(self) -> bool:
        return not asks()

    def answered(self, key: str) -> bool:
        return key in self._given

    async def ask(
        self, key: str, question: str, *, default: str = "", optional: bool = False, valid: Valid | None = None
    ) -> str:
        given = self._given.pop(key, "")
        if given or self.alone:
            return _checked(key, given or default, optional=optional, valid=valid)
        hint = " (empty: none)" if optional and not default else f" ({NOTHING}: none)" if optional else ""
        while True:
            with interruptible():
                text = str(click.prompt(question + hint, default=default, show_default=bool(default), err=True))
            text = "" if optional and text.strip() == NOTHING else text.strip()
            if not text and not optional:
                continue
            try:
                return valid(text) if valid and text else text
            except ValueError as error:
                self.tell(safe(str(error)))

    async def ask_secret(self, question: str, *, optional: bool = False) -> str:
        hint = " (empty: none)" if optional else ""
        while True:
            with interruptible():
                if sys.stdin.isatty():
                    text = str(click.prompt(question + hint, default="", show_default=False, hide_input=True, err=True))
                else:
                    text = sys.stdin.readline().rstrip("\n")
            if text or optional:
                return text
            if self.alone:
                raise click.UsageError(
                    f"Without a terminal give the {question} on standard input, or --secret env:NAME"
                )

    async def choose(self, question: str, choices: Sequence[SafeText], default: int = 0) -> int:
        for number, text in enumerate(choices, 1):
            self.tell(safe(f"  {number}  {text}"))
        if self.alone:
            return default

        def valid(text: str) -> str:
            if not text.isdecimal() or not 1 <= int(text) <= len(choices):
                raise ValueError(f"Say a number from 1 to {len(choices)}.")
            return text

        return int(await self.ask("", question, default=str(default + 1), valid=valid)) - 1

    async def agree(self, key: str, question: str, *, default: bool = False) -> bool:
        if (key == YES and self._yes) or self._given.pop(key, ""):
            return True
        if self.alone:
            return False
        with interruptible():
            return bool(click.confirm(question, default=default, err=True))

    def tell(self, line: SafeText) -> None:
        click.echo(line, err=True)


@contextlib.contextmanager
def interruptible() -> Iterator[None]:
    """While somebody types, ctrl+c is theirs: a running event loop would wait for the line to end."""
    try:
        before = signal.signal(signal.SIGINT, signal.default_int_handler)
    except ValueError:  # not in the main thread
        yield
        return
    try:
        yield
    finally:
        signal.signal(signal.SIGINT, before)


def _checked(key: str, value: str, *, optional: bool, valid: Valid | None) -> str:
    option = OPTIONS.get(key, f"--set {key}=…")
    if not value and not optional:
        raise click.UsageError(f"Without a terminal this needs {option}")
    try:
        return valid(value) if valid and value else value
    except ValueError as error:
        raise click.UsageError(f"{option}: {error}") from error
