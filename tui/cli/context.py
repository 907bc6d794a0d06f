"""What every command needs: a desk for its profile, the filter from its arguments, and the technician's name."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from typing import TypeVar

import click
from backends.fleet.query import Query, QueryError, parse

from backends import bootstrap
from backends.config.schema import Profile
from backends.desk.protocol import Desk, DeskError, DeskErrorKind
from backends.fleet.changes import Picture
from backends.fleet.model import Device, Issue, IssueId

Answer = TypeVar("Answer")

filter_argument = click.argument("words", nargs=-1, metavar="[FILTER]")
"""The filter language of the screen; words of their own are joined by spaces."""

json_option = click.option("--json", "as_json", is_flag=True, help="For programs: the schema rounds/1.")


def query_of(words: tuple[str, ...]) -> Query:
    """The filter that the arguments spell; wrong use where it has an error."""
    try:
        return parse(text_of(words))
    except QueryError as error:
        raise click.UsageError(error.sentence) from error


def text_of(words: tuple[str, ...]) -> str:
    """The arguments as one filter: what the shell kept together as a bare phrase is quoted again."""
    return " ".join(f'"{word}"' if " " in word and '"' not in word and ":" not in word else word for word in words)


@asynccontextmanager
async def one_shot(profile: Profile) -> AsyncIterator[Desk]:
    """The running engine's desk, else one that polls once in this process; closed in the end."""
    desk = await bootstrap.one_shot(profile)
    try:
        yield desk
    finally:
        await desk.close()


@asynccontextmanager
async def attached(profile: Profile) -> AsyncIterator[Desk]:
    """The engine's desk once every source was heard; the engine is started when there is none. For verbs whose work
    outlives the command."""
    desk = await bootstrap.attach(profile)
    try:
        await bootstrap.first_round(desk)
        yield desk
    finally:
        await desk.close()


def ask(profile: Profile, question: Callable[[Desk], Awaitable[Answer]]) -> Answer:
    """Put one question to a desk and return the answer."""

    async def asked() -> Answer:
        async with one_shot(profile) as desk:
            return await question(desk)

    return asyncio.run(asked())


def technician(profile: Profile) -> str:
    """Who acts, by the configuration or the login name."""
    return bootstrap.load_config(profile).technician.name


def find_issue(picture: Picture, text: str) -> Issue:
    """The issue of that id, or of the one id that begins so; raises `DeskError(NOT_FOUND)`."""
    exact = picture.issues.get(IssueId(text.lower()))
    if exact is not None:
        return exact
    close = [issue for issue in picture.issues.values() if len(text) >= 3 and issue.id.startswith(text.lower())]
    if len(close) == 1:
        return close[0]
    how = "more than one issue begins" if close else "no open issue begins"
    raise DeskError(DeskErrorKind.NOT_FOUND, f"{how.capitalize()} with {text!r}; `rounds issues` lists them.")


async def find_device(desk: Desk, text: str) -> Device:
    """The device of that id, or the only one of that name; raises `DeskError(NOT_FOUND)` naming the candidates."""
    devices = await desk.devices()
    exact = [device for device in devices if device.id == text]
    named = exact or [device for device in devices if device.name.casefold() == text.casefold()]
    if len(named) == 1:
        return named[0]
    if not named:
        raise DeskError(DeskErrorKind.NOT_FOUND, f"No device has the id or name {text!r}; `rounds devices` lists them.")
    which = ", ".join(f"{device.id} ({device.client_name})" for device in named[:5])
    raise DeskError(DeskErrorKind.NOT_FOUND, f"{len(named)} devices are named {text!r}: say which by its id: {which}.")
