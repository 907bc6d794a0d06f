"""What the doctor asks sources themselves: as whom they know us, what that account may do, and what it sees."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator, Sequence
from typing import Final

from backends.api import ConfigurationError, Introduction, Right, SourceError
from backends.config.schema import Config, Profile, SourceConfig
from backends.fleet.changes import Picture
from backends.fleet.model import UNPLACED, Device, Freshness, SafeText, SourceName, safe
from backends.registry import RegistryError, connectable
from tui.cli.connect_words import listed
from tui.cli.findings import Finding, Level
from tui.cli.tables import counted

DEADLINE_S: Final = 15.0
"""For all of them, which are asked at the same time."""


def accounts(profile: Profile, config: Config, picture: Picture, devices: Sequence[Device]) -> Iterator[Finding]:
    """For every configured source that answers and can say what it permits. A failure is a finding too."""
    sources = [source for source in config.sources if _answers(picture, source.name) and source.kind in connectable()]
    if not sources:
        return
    for source, said in zip(sources, asyncio.run(_asked(profile, config, sources)), strict=True):
        what = f"source {source.name}"
        if isinstance(said, Introduction):
            yield from _account(what, said, _seen(source.name, devices))
        elif said:
            sentence = safe(f"What its account may do could not be asked: {said}", 600)
            yield Finding(level=Level.WARN, what=what, sentence=sentence)


def _answers(picture: Picture, name: SourceName) -> bool:
    known = picture.sources.get(name)
    return known is not None and known.state is Freshness.FRESH


async def _asked(
    profile: Profile, config: Config, sources: Sequence[SourceConfig]
) -> list[Introduction | SafeText | None]:
    return list(await asyncio.gather(*(_introduced(profile, config, source) for source in sources)))


async def _introduced(profile: Profile, config: Config, source: SourceConfig) -> Introduction | SafeText | None:
    """What it says of itself, or why it does not; None for a kind that has nothing to say."""
    from backends.bootstrap.connecting import introduction  # noqa: PLC0415 - only where there is somebody to ask

    try:
        return await introduction(profile, source, config.clients, DEADLINE_S)
    except ConfigurationError as error:
        return safe(f"{error.key}: {error.sentence}", 512)
    except (SourceError, RegistryError) as error:
        return error.sentence


def _account(what: str, said: Introduction, seen: str) -> Iterator[Finding]:
    rights = [right.what for right in said.rights if right.granted]
    account = f"as {said.account} " if said.account else ""
    may = f"may {listed(rights)}" if rights else "says nothing of what it may"
    sentence = safe(f"{said.product}: rounds {account}{may}; it sees {seen}.", 1000)
    yield Finding(level=Level.OK, what=what, sentence=sentence)
    for right in said.rights:
        if right.granted is False:
            yield _missing(what, right)


def _missing(what: str, right: Right) -> Finding:
    """What is not seen is a warning; what only cannot be done is as it is wanted, or not."""
    sentence, remedy = safe(f"It may not {right.what}."), right.remedy.rstrip(".")
    if not right.reading:
        said = f"If it is wanted: {remedy}." if remedy else ""
        return Finding(level=Level.INFO, what=what, sentence=sentence, remedy=said)
    return Finding(
        level=Level.WARN, what=what, sentence=sentence, remedy=f"{remedy[0].upper()}{remedy[1:]}." if remedy else ""
    )


def _seen(name: SourceName, devices: Sequence[Device]) -> str:
    """`14 clients, 212 devices`."""
    mine = [device for device in devices if name in device.sources]
    clients = {device.client for device in mine} - {UNPLACED}
    return f"{counted(len(clients), 'client')}, {counted(len(mine), 'device')}"
