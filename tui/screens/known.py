"""What can be named in the lines that are typed: clients, sites, devices, sources, owners, commands, views."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Mapping
from functools import cached_property

from msgspec import Struct

from backends.fleet.changes import Picture
from backends.fleet.model import ClientId, Device, SafeText, SiteId, safe
from tui.commands.command import Command
from tui.place import Noun, Place

NAMED = {"client": Noun.CLIENTS, "site": Noun.SITES, "device": Noun.DEVICES, "source": Noun.SOURCES}
"""`:client acme`: the noun of one thing, and the list that it stands in."""


class Name(Struct, frozen=True, kw_only=True):
    """Something that has a name and a place of its own."""

    kind: str
    """The noun of one: `client`."""
    text: SafeText
    whole: SafeText
    """With its client and site before it, where others may have the same name; else the name again."""
    also: tuple[str, ...] = ()
    """What else it is called, in small letters: its id, a site's own name."""
    about: SafeText
    place: Place

    def is_called(self, wanted: str) -> bool:
        return wanted in self.spellings

    @property
    def spellings(self) -> frozenset[str]:
        """All that it is called, in small letters."""
        return frozenset((self.text.casefold(), self.whole.casefold(), *self.also))


class Choice(Struct, frozen=True, kw_only=True):
    """A word with one of some names behind it: `:view mine`, `:theme dark`."""

    word: str
    about: str
    names: Callable[[], Mapping[str, str]]
    """Each with a word about it."""
    choose: Callable[[str], None]
    one: str = ""
    """What one of the names is, where the word does not say it."""

    @property
    def noun(self) -> str:
        return self.one or self.word


class Known:
    """As things were when the line was opened; devices are learned while one types."""

    def __init__(
        self,
        picture: Picture,
        commands: Iterable[type[Command]] = (),
        choices: Iterable[Choice] = (),
        devices: Iterable[Device] = (),
    ) -> None:
        self.commands = {command.id: command for command in commands}
        self.choices = {choice.word: choice for choice in choices}
        self._picture = picture
        self._spelled: Counter[tuple[str, str]] | None = None
        self._devices = {name.place.device: name for name in self._of_issues(picture)}
        self.learn(devices)

    def learn(self, devices: Iterable[Device]) -> None:
        self._spelled = None
        for one in devices:
            place = Place(noun=Noun.CHECKS, device=one.id, name=one.name)
            self._devices[one.id] = _device(one.name, one.id, SafeText(f"{one.client_name}/{one.site_name}"), place)

    def written(self, name: Name) -> str:
        """As it is written in a line, its noun before it, so that it is taken for nothing and nobody else."""
        if self._spelled is None:
            self._spelled = Counter((one.kind, word) for one in self.names for word in one.spellings)
        for word in (name.text, name.whole):
            if self._spelled[name.kind, word.casefold()] == 1:
                return f"{name.kind} {quoted(word)}"
        return f"{name.kind} {quoted(name.also[0] if name.also else name.text)}"

    @property
    def names(self) -> tuple[Name, ...]:
        return (*self._fixed, *self._devices.values())

    @cached_property
    def _fixed(self) -> tuple[Name, ...]:
        clients = (_client(one.id, one.name) for one in self._picture.clients.values())
        sites = (_site(one.id, one.name, one.client_name, one.client) for one in self._picture.sites.values())
        sources = (
            Name(
                kind="source",
                text=safe(one.name),
                whole=safe(one.name),
                about=SafeText(f"source · {safe(one.kind, 20)}"),
                place=Place(noun=Noun.DEVICES, source=one.name, name=safe(one.name)),
            )
            for one in self._picture.sources.values()
        )
        return (*clients, *sites, *sources)

    @staticmethod
    def _of_issues(picture: Picture) -> Iterable[Name]:
        for issue in picture.issues.values():
            if issue.device is not None and issue.device_name:
                place = Place(noun=Noun.CHECKS, device=issue.device, name=issue.device_name)
                where = SafeText(f"{issue.client_name}/{issue.site_name}")
                yield _device(issue.device_name, issue.device, where, place)

    @cached_property
    def values(self) -> Mapping[str, tuple[str, ...]]:
        """By field of the filter language, what the picture knows of."""
        picture = self._picture
        devices = tuple(dict.fromkeys(name.text for name in self._devices.values()))
        found: dict[str, Iterable[str]] = {
            "client": (one.name for one in picture.clients.values()),
            "site": (one.name for one in picture.sites.values()),
            "source": (safe(one.name) for one in picture.sources.values()),
            "owner": ("me", "none", *(issue.owner for issue in picture.issues.values() if issue.owner)),
            "by": (by for issue in picture.issues.values() for by in (issue.acked_by, issue.snoozed_by) if by),
            "family": (issue.family for issue in picture.issues.values()),
            "name": devices,
            "device": devices,
            "host": devices,
        }
        return {field: tuple(dict.fromkeys(map(safe, values))) for field, values in found.items()}


def _client(key: ClientId, name: SafeText) -> Name:
    place = Place(noun=Noun.SITES, client=key, name=name)
    return Name(kind="client", text=name, whole=name, also=(key.casefold(),), about=SafeText("client"), place=place)


def _site(key: SiteId, name: SafeText, of: SafeText, client: ClientId) -> Name:
    whole = SafeText(f"{of}/{name}")
    place = Place(noun=Noun.DEVICES, client=client, site=key, name=whole)
    also = (key.casefold(), name.casefold())
    return Name(kind="site", text=whole, whole=whole, also=also, about=SafeText("site"), place=place)


def _device(name: SafeText, key: str, where: SafeText, place: Place) -> Name:
    return Name(
        kind="device",
        text=name,
        whole=SafeText(f"{where}/{name}"),
        also=(key.casefold(),),
        about=SafeText(f"device · {where}"),
        place=place,
    )


def quoted(text: str) -> str:
    """In quotes where it has to be."""
    if " " not in text and text[:1] not in "\"'":
        return text
    return f"'{text}'" if '"' in text else f'"{text}"'


def unquoted(text: str) -> str:
    """Without its quotes; the closing one may not be there yet."""
    if text[:1] and text[0] in "\"'":
        return text[1:-1] if len(text) > 1 and text.endswith(text[0]) else text[1:]
    return text
