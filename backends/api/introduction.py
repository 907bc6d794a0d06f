"""What a source asks for when it is connected, and what it then says of itself."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Protocol, runtime_checkable

from msgspec import Struct

from backends.fleet.model import SafeText


class Right(Struct, frozen=True, kw_only=True):
    """Something that the account may or may not do at the source."""

    what: SafeText
    """In a few words: `acknowledge problems`."""
    granted: bool | None
    """None where that cannot be told without doing it."""
    remedy: SafeText = SafeText("")
    """What to change there when it is wanted."""


class Introduction(Struct, frozen=True, kw_only=True):
    """What a source says of itself when it is connected or examined."""

    product: SafeText
    """With its version: `Zabbix 6.0.14`."""
    account: SafeText = SafeText("")
    """As whom we are known there."""
    rights: tuple[Right, ...] = ()
    facts: Mapping[str, tuple[str, ...]] = {}
    """What there is to place devices by: names of facts with the values that are really there, at most 500 each."""


@runtime_checkable
class Introduces(Protocol):
    """The source can say what it is and what it lets us do."""

    async def introduce(self) -> Introduction:
        """Asks, and changes nothing. Raises `SourceError`."""
        ...


class Question(Struct, frozen=True, kw_only=True):
    """What `rounds connect KIND` asks for one option. The module that an entry point names may have `QUESTIONS`, a
    tuple of these, in the order in which they are asked; the secret, the name and the placement are asked for
    anyway."""

    key: str
    """The option's key in the source's table."""
    text: str
    """The question: `Address of the web page`."""
    default: str = ""
    choices: tuple[str, ...] = ()
    optional: bool = False
    """An empty answer leaves the option out."""


class Access(Struct, frozen=True, kw_only=True):
    """What kind of secret a source wants. The module may have `ACCESS`; without it no secret is asked for."""

    text: str
    """What it is called where it is made: `API token`."""
    optional: bool = False
    hint: str = ""
    """Where it is made, in a sentence."""
