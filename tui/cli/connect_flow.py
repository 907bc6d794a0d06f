"""The dialogue that connects a source: ask, try, say what was found, place, show what would be written, write.

Until the last question is answered with yes nothing is kept: no secret, no line of configuration.
"""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final, TypeAlias

import click

from backends import bootstrap, secrets
from backends.api import SourceError
from backends.config.load import NAME
from backends.config.paths import places
from backends.config.schema import Config, Profile
from backends.config.write import Addition, add, addition
from backends.desk.protocol import DeskError
from backends.fleet.model import safe
from backends.fleet.naming import ClientNames, free_key, named_id
from backends.fleet.tree import Tree
from tui.cli.asks import YES, Asks
from tui.cli.connect_meet import KEYRING, Meeting, Secret, where_else
from tui.cli.connect_place import Wish, placed

EVERY: Final = "30s"
Addable: TypeAlias = tuple[str, str, Mapping[str, Any]]
"""A table for the configuration: its group, its name, its keys."""


@dataclass(frozen=True, slots=True)
class Draft:
    """A source that answers and is placed, and is not yet written."""

    table: Mapping[str, Any]
    tree: Tree
    secret: Secret


async def connect(asks: Asks, profile: Profile, meeting: Meeting, wish: Wish) -> None:
    """All of it. Raises `click.Abort` where it is not agreed to, and whatever cannot be asked again."""
    path = places(profile).config
    config = bootstrap.load_config(profile)
    met = await meeting.met(config)
    source = meeting.source(config)
    options, tree = await placed(asks, profile, source, config.clients, meeting.secret.value, met, wish)
    named, key = _named(config, str(options.get("client", "")))
    options |= {"client": key} if key else {}
    draft = Draft(table={"kind": source.kind, **source.options, **options}, tree=tree, secret=meeting.secret)
    name = await _name(asks, config, source.kind)
    clients = [*named, *await _clients(asks, config, tree, key)]
    while True:
        what = _addition(path, name, draft, clients)
        asks.tell(safe(f"This will be added to {path}:", 400))
        for line in what.text.splitlines():
            asks.tell(safe(f"  {line}", 400))
        if not await asks.agree(YES, "Write it?"):
            if asks.alone:
                raise click.UsageError("Without a terminal this needs --yes")
            raise click.Abort
        try:
            await _keep(name, draft.secret, what)
            break
        except SourceError as error:  # the keyring refuses
            if asks.alone:
                raise
            asks.tell(error.sentence)
            draft = Draft(draft.table, draft.tree, await where_else(asks, "the secret"))
    asks.tell(safe(f"Added source {name} to {path}. {await told_engine(profile)}", 600))


async def _name(asks: Asks, config: Config, kind: str) -> str:
    taken = {source.name for source in config.sources}

    def valid(text: str) -> str:
        if not NAME.fullmatch(text):
            raise ValueError("A name has letters, digits, dots, dashes and underscores only.")
        if text in taken:
            raise ValueError(f"There is a source {text} already; say another name.")
        return text

    free = next(name for number in range(1, 1000) if (name := kind if number == 1 else f"{kind}-{number}") not in taken)
    return await asks.ask("name", "Name of the source", default=free, valid=valid)


def _named(config: Config, client: str) -> tuple[list[Addable], str]:
    """The key of the client that the technician named, and its table where the configuration has none."""
    if not client:
        return [], ""
    known = ClientNames(config.clients).configured(client)
    if known is not None:
        return [], known.id
    key = free_key(client, config.clients)
    return [_client(key, client)], key


def _client(key: str, name: str) -> Addable:
    return "clients", key, {"name": name, "contract": "managed"}


async def _clients(asks: Asks, config: Config, tree: Tree, named: str) -> list[Addable]:
    """Tables for clients that the configuration does not have, if they are wanted."""
    known = {*config.clients, named}
    new = [one for one in tree.clients if one.id not in known and named_id(one.name) == one.id]
    if not new:
        return []
    asks.tell(safe("A client needs no table; with one it can have a contract, business hours and an SLA."))
    what = f"{len(new):,} clients" if len(new) > 1 else f"client {new[0].name}"
    if not await asks.agree("clients", f"Add a table for {what} too?"):
        return []
    keys: list[str] = []
    for one in new:
        keys.append(free_key(one.name, {*known, *keys}))
    return [_client(key, one.name) for key, one in zip(keys, new, strict=True)]


def _addition(path: Path, name: str, draft: Draft, clients: list[Addable]) -> Addition:
    table = dict(draft.table)
    if draft.secret.ref.kind != KEYRING.kind:
        table["secret"] = f"{draft.secret.ref.kind}:{draft.secret.ref.value}"
    return addition(path, [*clients, ("sources", name, {**table, "every": EVERY})])


async def _keep(name: str, secret: Secret, what: Addition) -> None:
    """The secret and the table, or neither."""
    stored = bool(secret.value) and secret.ref.kind == KEYRING.kind
    if stored:
        await secrets.store(name, secret.value)
    try:
        await asyncio.to_thread(add, what)
    except BaseException:
        if stored:
            await secrets.delete(name)
        raise


async def told_engine(profile: Profile) -> str:
    """Have a running engine take it in; what came of that, in a sentence."""
    try:
        desk = await bootstrap.connect(profile)
        if desk is None:
            return "`rounds` shows it."
        try:
            return str(await desk.reload())
        finally:
            await desk.close()
    except DeskError as error:
        return f"The running engine did not take it in: {error.sentence}"
