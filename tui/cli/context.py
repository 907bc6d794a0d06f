"""What every command needs: a desk for its profile, the filter from its arguments, and the technician's name."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from typing import Final, TypeVar

import click

from backends import bootstrap
from backends.config.schema import Profile
from backends.desk.protocol import Desk, DeskError, DeskErrorKind
from backends.fleet.changes import Picture
from backends.fleet.model import Device, Issue, IssueId
from backends.fleet.query import Query, QueryError, parse

Answer = TypeVar("Answer")

SHORTEST = 3
"""An id may be shortened to so many characters."""

filter_argument = click.argument("words", nargs=-1, metavar="[FILTER]")
"""The filter language of the screen; words of their own are joined by spaces."""

json_option = click.option("--json", "as_json", is_flag=True, help="For programs: the schema rounds/1.")


class Filtered(click.Command):
    """A command with a FILTER: a word such as `-acked` is part of it, and no option."""

    def parse_args(self, ctx: click.Context, args: list[str]) -> list[str]:
        options: list[str] = []
        words: list[str] = []
        valued = {name for one in self.params if isinstance(one, click.Option) and not one.is_flag for name in one.opts}
        rest = iter(args)
        for arg in rest:
            if arg == "--":
                words += rest
            elif arg.startswith("--") or arg == "-h":
                options.append(arg)
                if arg in valued:
                    options += [value for value in [next(rest, None)] if value is not None]
            else:
                words.append(arg)
        return super().parse_args(ctx, [*options, "--", *words])


FILTER_HELP: Final = (
    "FILTER is the language of the screen's `/`, for example: 'sev>=high' client:acme -acked 'age>2h' 'disk full'. "
    "Words match anywhere, `-` negates, and the shell wants quotes around `>` and blanks. A field that does not exist "
    "is an error that names those that do."
)


def query_of(words: tuple[str, ...]) -> Query:
    """The filter that the arguments spell; wrong use where it has an error."""
    try:
        return parse(text_of(words))
    except QueryError as error:
        raise click.UsageError(error.sentence) from error


def text_of(words: tuple[str, ...]) -> str:
    """The arguments as one filter: what the shell kept together as a bare phrase is quoted again."""
    return " ".join(f'"{word}"' if " " in word and not _SPELLED & set(word) else word for word in words)


_SPELLED: Final = frozenset('":<>=')
"""What has one of these is a filter already."""


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
    close = [issue for issue in picture.issues.values() if issue.id.startswith(text.lower())]
    if len(close) == 1 and len(text) >= SHORTEST:
        return close[0]
    if close and len(text) < SHORTEST:
        said = f"An issue's id may be shortened to {SHORTEST} characters, not to {text!r}"
    else:
        said = f"{'More than one' if close else 'No open'} issue begins with {text!r}"
    raise DeskError(DeskErrorKind.NOT_FOUND, f"{said}; `rounds issues` lists them.")


async def find_device(desk: Desk, text: str, noun: str = "device") -> Device:
    """The device of that id, or the only one of that name; raises `DeskError(NOT_FOUND)` naming the candidates."""
    devices = await desk.devices()
    exact = [device for device in devices if device.id == text]
    named = exact or [device for device in devices if device.name.casefold() == text.casefold()]
    if len(named) == 1:
        return named[0]
    if not named:
        raise DeskError(DeskErrorKind.NOT_FOUND, f"No {noun} has the id or name {text!r}; `rounds devices` lists them.")
    which = ", ".join(f"{device.id} ({device.client_name}/{device.site_name})" for device in named[:5])
    which += f" and {len(named) - 5} more" if len(named) > 5 else ""
    raise DeskError(DeskErrorKind.NOT_FOUND, f"{len(named)} devices are named {text!r}: say which by its id: {which}.")
