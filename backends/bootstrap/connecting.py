"""The steps of connecting a source, without a terminal: what its kind asks, what the source then
says of itself, what certificate it shows, and the tree that each placement would make. Nothing is written here.
"""

from __future__ import annotations

import asyncio
from collections.abc import Iterator, Mapping
from typing import Any, Final

from msgspec import Struct
from msgspec.structs import replace

from backends import registry
from backends.api import (
    Access,
    Adapter,
    ConfigurationError,
    FaultKind,
    Introduces,
    Introduction,
    Question,
    Reading,
    Right,
    SourceError,
)
from backends.bootstrap.trial import mistake, on_trial, polled
from backends.config.schema import Profile, SourceConfig
from backends.fleet.model import Client, ClientId, SafeText, safe
from backends.fleet.proposing import Proposal, proposals
from backends.fleet.tree import Tree, tree_of
from backends.http.shown import Shown

DEADLINE_S: Final = 60.0
"""For a whole poll, which may be a large one."""
INTRODUCTION_S: Final = 30.0
MOST_PROPOSALS: Final = 4
"""Each costs the source one more poll."""


class Kind(Struct, frozen=True, kw_only=True):
    """A kind of source, and what it asks for."""

    name: str
    questions: tuple[Question, ...]
    access: Access | None
    """The secret; None where it has none."""


class Met(Struct, frozen=True, kw_only=True):
    """What a source said when it was asked for the first time."""

    introduction: Introduction | None
    readings: tuple[Reading, ...]
    tree: Tree

    @property
    def product(self) -> SafeText:
        versions = [reading.version for reading in self.readings if reading.version]
        return (self.introduction.product if self.introduction else SafeText("")) or next(iter(versions), SafeText(""))


class Unread(SourceError):  # noqa: N818 - an outcome, not a mistake
    """The source said what it is, and then could not be read."""

    def __init__(self, error: SourceError, rights: tuple[Right, ...]) -> None:
        super().__init__(error.kind, error.sentence, retry_after_s=error.retry_after_s)
        self.rights = rights


class Way(Struct, frozen=True, kw_only=True):
    """One way to place the devices, with the tree that it makes."""

    says: SafeText
    options: Mapping[str, Any]
    """What it puts into the source's table: `place`, or nothing."""
    tree: Tree


def kind_of(name: str) -> Kind:
    """Loads that kind and no other. Raises `RegistryError`."""
    questions, access = registry.asked_of(name)
    return Kind(name=name, questions=questions, access=access)


async def met(profile: Profile, source: SourceConfig, clients: Mapping[ClientId, Client], secret: str | None) -> Met:
    """Open the source with the secret in memory, have it introduce itself, poll it once, and close it. Raises
    `ConfigurationError`, `RegistryError` and `SourceError`."""
    try:
        async with on_trial(profile, source, clients, secret) as adapter:
            said = None
            if isinstance(adapter, Introduces):
                async with asyncio.timeout(INTRODUCTION_S):
                    said = await adapter.introduce()
            readings = tuple(await _read(adapter, said))
    except (ConfigurationError, SourceError, registry.RegistryError):
        raise
    except TimeoutError:
        raise SourceError(FaultKind.TIMEOUT, f"{source.kind} did not answer completely in time; try again.") from None
    except Exception as error:
        raise mistake(source.kind, error) from error
    return Met(introduction=said, readings=readings, tree=_tree(readings))


async def _read(adapter: Adapter, said: Introduction | None) -> list[Reading]:
    try:
        return await polled(adapter, DEADLINE_S)
    except SourceError as error:
        if said is None:
            raise
        raise Unread(error, said.rights) from error


async def introduction(
    profile: Profile, source: SourceConfig, clients: Mapping[ClientId, Client], deadline_s: float
) -> Introduction | None:
    """What a configured source says of itself; None for a kind that says nothing. Raises as `met` does."""
    try:
        async with asyncio.timeout(deadline_s), on_trial(profile, source, clients) as adapter:
            return await adapter.introduce() if isinstance(adapter, Introduces) else None
    except (ConfigurationError, SourceError, registry.RegistryError):
        raise
    except TimeoutError:
        raise SourceError(FaultKind.TIMEOUT, f"It did not say within {deadline_s:g} s what it permits.") from None
    except Exception as error:
        raise mistake(source.kind, error) from error


async def tree(profile: Profile, source: SourceConfig, clients: Mapping[ClientId, Client], secret: str | None) -> Tree:
    """What the source shows with the placement that its table has. Raises as `met` does."""
    try:
        async with on_trial(profile, source, clients, secret) as adapter:
            return _tree(await polled(adapter, DEADLINE_S))
    except TimeoutError:
        raise SourceError(FaultKind.TIMEOUT, f"{source.kind} did not answer completely in time; try again.") from None


async def ways(
    profile: Profile, source: SourceConfig, clients: Mapping[ClientId, Client], secret: str | None, first: Met
) -> list[Way]:
    """Ways to place the devices by what is really there, what places most of them first. Raises as `met` does."""
    found: list[Way] = []
    if first.tree.placed:
        found.append(Way(says=safe("by the usual rules of its kind"), options={}, tree=first.tree))
    there = first.introduction.facts if first.introduction is not None else {}
    for proposal in proposals(there)[:MOST_PROPOSALS]:
        options = {"place": written(proposal)}
        grown = await tree(profile, replace(source, options={**source.options, **options}), clients, secret)
        if grown.placed and all(grown != other.tree for other in found):
            found.append(Way(says=proposal.says, options=options, tree=grown))
    return sorted(found, key=lambda way: -way.tree.placed)


def written(proposal: Proposal) -> Any:
    """The proposal as `place` has it: one table, or a list of several."""
    return dict(proposal.rules[0]) if len(proposal.rules) == 1 else [dict(rule) for rule in proposal.rules]


def checked(address: str) -> str:
    """The address as it was typed. Raises `ValueError` with a sentence where it is none."""
    from backends.http.client import address as parsed  # noqa: PLC0415 - loads httpx

    try:
        parsed(address)
    except ConfigurationError as error:
        raise ValueError(error.sentence) from None
    return address


async def strangers(options: Mapping[str, Any]) -> list[Shown]:
    """The certificates, each once, that servers in this table show and nobody vouches for. Raises
    `ConfigurationError`."""
    from backends.http.strangers import stranger_at  # noqa: PLC0415 - only where TLS is in the way
    from backends.http.tls import Trust  # noqa: PLC0415

    given = {name: options[name] for name in ("ca_file", "fingerprint", "server_name") if name in options}
    trust = Trust(**{name: str(value) for name, value in given.items()})
    shown = await asyncio.gather(*(stranger_at(url, trust) for url in _addresses(options)))
    return list({one.fingerprint: one for one in shown if one is not None}.values())


def _addresses(options: Mapping[str, Any]) -> Iterator[str]:
    """Every address over TLS in the table itself: those in tables of their own have trust of their own."""
    for value in options.values():
        for text in value if isinstance(value, list | tuple) else [value]:
            if isinstance(text, str) and text.startswith("https://"):
                yield text


def _tree(readings: list[Reading] | tuple[Reading, ...]) -> Tree:
    return tree_of(sighting for reading in readings for sighting in reading.sightings)
