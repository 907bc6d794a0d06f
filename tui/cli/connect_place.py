"""Choosing how a source's devices are placed, each way with the tree that it makes of what is really there."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final

import click
import tomli
from msgspec.structs import replace

from backends.api import ConfigurationError, SourceError
from backends.bootstrap import connecting
from backends.bootstrap.connecting import Met, Way
from backends.config.schema import Profile, SourceConfig
from backends.fleet.model import Client, ClientId, safe
from backends.fleet.tree import Tree
from tui.cli.asks import Asks
from tui.cli.connect_words import tree_lines

NONE: Final = "none"
_NAMED: Final = 6
"""So many values of a fact are named."""


@dataclass(frozen=True, slots=True)
class Wish:
    """What options said of the placement."""

    place: str = ""
    """A number of the list, `none`, or a rule as TOML."""
    client: str = ""
    site: str = ""

    @property
    def one_client(self) -> dict[str, str]:
        """What the table says of everything that no rule places."""
        return {key: value for key, value in (("client", self.client), ("site", self.site)) if value}


Clients = Mapping[ClientId, Client]


@dataclass(frozen=True, slots=True)
class Ground:
    """What placing needs: the source as it answered, and as whom."""

    asks: Asks
    profile: Profile
    source: SourceConfig
    clients: Clients
    secret: str

    async def tree(self, options: Mapping[str, Any]) -> Tree:
        """What these options make of it. Raises `ConfigurationError` and `SourceError`."""
        source = replace(self.source, options={**self.source.options, **options})
        return await connecting.tree(self.profile, source, self.clients, self.secret)


async def placed(  # noqa: PLR0917 - what a source is known by
    asks: Asks, profile: Profile, source: SourceConfig, clients: Clients, secret: str, met: Met, wish: Wish
) -> tuple[dict[str, Any], Tree]:
    """What goes into the source's table, and the tree that it makes. Raises `click.UsageError` for a wish that cannot
    be, and `SourceError`."""
    ground = Ground(asks, profile, source, clients, secret)
    if wish.site and not wish.client:
        raise click.UsageError("--site belongs to a client: say --client as well")
    if not met.tree.devices:
        return wish.one_client, met.tree
    if wish.place and not wish.place.isdecimal():
        return await _wished(ground, wish)
    if wish.client and not wish.place:
        return await _shown(ground, wish.one_client)
    ways = await connecting.ways(profile, source, clients, secret, met)
    if wish.place:
        if not 1 <= int(wish.place) <= len(ways):
            raise click.UsageError(f"--place: there are {len(ways)} ways to place its devices, or none, or a rule")
        return await _shown(ground, {**ways[int(wish.place) - 1].options, **wish.one_client})
    return await _chosen(ground, ways, met)


async def _wished(ground: Ground, wish: Wish) -> tuple[dict[str, Any], Tree]:
    options = {} if wish.place == NONE else {"place": _option(wish.place)}
    return await _shown(ground, {**options, **wish.one_client})


async def _shown(ground: Ground, options: dict[str, Any]) -> tuple[dict[str, Any], Tree]:
    try:
        tree = await ground.tree(options)
    except ConfigurationError as error:
        raise click.UsageError(f"{error.key}: {error.sentence}") from error
    for line in tree_lines(tree):
        ground.asks.tell(line)
    return options, tree


async def _chosen(ground: Ground, ways: list[Way], met: Met) -> tuple[dict[str, Any], Tree]:
    """Choose from a list, look at the tree, and choose again until it is right."""
    asks = ground.asks
    choices = [safe(f"{way.says}: {way.tree.says}") for way in ways]
    extra = [_one_client, _own_rule]
    choices += [safe("everything belongs to one client"), safe("by a rule of your own")]
    if not met.tree.placed:
        extra.append(_nowhere)
        choices.append(safe("leave it: its devices stay under Unplaced until a rule places them"))
    default = 0 if ways or not asks.alone else len(choices) - 1
    asks.tell(safe("To which client and site do its devices belong?"))
    while True:
        number = await asks.choose("Place them", choices, default)
        options = dict(ways[number].options) if number < len(ways) else await extra[number - len(ways)](asks, met)
        try:
            tree = ways[number].tree if number < len(ways) else await ground.tree(options)
        except (ConfigurationError, SourceError) as error:
            asks.tell(
                safe(f"{error.key}: {error.sentence}" if isinstance(error, ConfigurationError) else error.sentence)
            )
            continue
        for line in tree_lines(tree):
            asks.tell(line)
        if asks.alone or await asks.agree("", "Place them so?", default=True):
            return options, tree


async def _one_client(asks: Asks, met: Met) -> dict[str, Any]:  # noqa: ARG001 - one of several ways to ask
    client = await asks.ask("client", "Client")
    return {"client": client, "site": await asks.ask("site", "Site", default="HQ")}


async def _own_rule(asks: Asks, met: Met) -> dict[str, Any]:
    facts = met.introduction.facts if met.introduction is not None else {}
    for name, values in facts.items():
        more = f" … ({len(values):,})" if len(values) > _NAMED else ""
        asks.tell(safe(f"  {safe(name, 60)}: {', '.join(safe(value, 40) for value in values[:_NAMED])}{more}"))
    text = await asks.ask("", "Rule, such as { hostgroup = '^Clients/(?P<client>[^/]+)' }", valid=_toml)
    return {"place": _option(text)}


async def _nowhere(asks: Asks, met: Met) -> dict[str, Any]:  # noqa: ARG001 - see above
    return {}


def _toml(text: str) -> str:
    try:
        tomli.loads(f"place = {text}")
    except (tomli.TOMLDecodeError, ValueError, RecursionError) as error:
        raise ValueError(f"This is not TOML: {safe(str(error), 120)}.") from None
    return text


def _option(text: str) -> Any:
    try:
        return tomli.loads(f"place = {_toml(text)}")["place"]
    except ValueError as error:
        raise click.UsageError(f"--place: {error}") from error
