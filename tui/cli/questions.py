"""Questions on the command line: each has an option that answers it, so that nothing needs a terminal."""

from __future__ import annotations

import sys
from collections.abc import Callable, Sequence

import click


def asks() -> bool:
    """Whether there is somebody to ask."""
    return sys.stdin.isatty() and sys.stderr.isatty()


def answer(
    given: str, question: str, option: str, *, default: str = "", valid: Callable[[str], str] | None = None
) -> str:
    """`given`, else the answer to `question`, checked by `valid` (raises ValueError with a sentence, else returns the
    value). Wrong use when there is nobody to ask."""
    if given or not asks():
        if not given and not default:
            raise click.UsageError(f"Without a terminal this needs {option}.")
        value = given or default
        try:
            return valid(value) if valid else value
        except ValueError as error:
            raise click.UsageError(f"{option}: {error}") from error
    while True:
        value = str(click.prompt(question, default=default or None, err=True)).strip()
        try:
            return valid(value) if valid else value
        except ValueError as error:
            click.echo(str(error), err=True)


def agreed(question: str, *, given: bool) -> bool:
    """Consent: given by an option, or asked for; nobody to ask is no consent."""
    return given or (asks() and bool(click.confirm(question, default=False, err=True)))


def choice(given: str, question: str, option: str, choices: Sequence[str], default: str) -> str:
    def valid(value: str) -> str:
        if value not in choices:
            raise ValueError(f"Say one of {', '.join(choices)}.")
        return value

    return answer(given, f"{question} ({', '.join(choices)})", option, default=default, valid=valid)


def typed_secret(question: str) -> str:
    """A secret typed without echo, or the first line of standard input; never an argument."""
    if sys.stdin.isatty():
        return str(click.prompt(question, hide_input=True, err=True))
    return sys.stdin.readline().rstrip("\n")
