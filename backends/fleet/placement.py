"""Which client and site a device of a source belongs to: one rule language for all sources, `place` in its table.

A source tells what it knows of a device as *facts*, each a name with any number of values: `hostgroup`, `tag.client`,
`label.site`, `host`. A rule is a table of regular expressions over facts; all of them have to be found, and their named
groups `client`, `site` and `device` say the names; of several values that fit, the one that says most. A rule may also
say them outright, `{group}` for what was found:

    place = { hostgroup = '^Clients/(?P<client>[^/]+)/(?P<site>[^/]+)$' }
    place = [ { tag.customer = '(?P<client>.+)', tag.location = '(?P<site>.+)' },
              { hostgroup = ['^client-(?P<client>.+)$', '^site-(?P<site>.+)$'] },
              { host = '^(?P<who>[a-z]+)-', client = "{who}", site = "HQ" } ]

The first rule that gives a client decides. What no rule places is `UNPLACED`: shown, counted, never dropped, and never
taken for the same device as another source's.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import Any, Final

from msgspec import Struct

from backends.fleet.model import UNPLACED, Client, ClientId, SafeText, SiteId, SourceName, safe, slug
from backends.fleet.naming import ClientNames, named_id

Facts = Mapping[str, Sequence[str]]
"""What a source says of one device, by name of the fact; the values in the order in which they are to be tried."""

SITE: Final = "Main"
"""The site where a client is known and the site is not."""
LONGEST_VALUE: Final = 256
"""Longer values are cut before they are compared: a pattern must not take seconds."""
_SAID: Final[tuple[str, ...]] = ("client", "site", "device")
_GROUP: Final = re.compile(r"\{([A-Za-z_][A-Za-z0-9_]*)\}")


class PlacementError(Exception):
    """A rule is wrong. `key` is its place below the source's table: `place[1].hostgroup`."""

    def __init__(self, key: str, sentence: str) -> None:
        super().__init__(sentence)
        self.key = key
        self.sentence = sentence


class Place(Struct, frozen=True, kw_only=True):
    """Where a device belongs."""

    client: ClientId
    client_name: SafeText
    site: SiteId
    site_name: SafeText
    device: SafeText = SafeText("")
    """The device's name, where a rule says it; else empty."""

    @property
    def placed(self) -> bool:
        return self.client != UNPLACED


class Rule(Struct, frozen=True, kw_only=True):
    """Patterns that all have to be found, and what is then said outright."""

    patterns: tuple[tuple[str, re.Pattern[str]], ...]
    said: Mapping[str, str]

    def found(self, facts: Facts) -> dict[str, str] | None:
        """The names `client`, `site`, `device` as far as the rule gives them; None when it does not fit or gives no
        client."""
        groups: dict[str, str] = {}
        for name, pattern in self.patterns:
            hits = [hit for value in facts.get(name, ()) if (hit := pattern.search(value[:LONGEST_VALUE]))]
            if not hits:
                return None
            told = max(({key: value for key, value in hit.groupdict().items() if value} for hit in hits), key=len)
            groups.update(told)
        names: dict[str, str] = {name: groups[name] for name in _SAID if name in groups}
        names.update((name, _GROUP.sub(lambda hit: groups.get(hit[1], ""), text)) for name, text in self.said.items())
        names = {name: text.strip() for name, text in names.items() if text.strip()}
        return names if "client" in names else None


class Placement:
    """The rules of one source, with the clients of the configuration."""

    def __init__(self, source: SourceName, rules: Sequence[Rule], clients: Mapping[ClientId, Client]) -> None:
        self.rules = tuple(rules)
        self._source = source
        self._names = ClientNames(clients)

    @property
    def facts(self) -> frozenset[str]:
        """The names of the facts that the rules look at, so that a source asks for no others."""
        return frozenset(name for rule in self.rules for name, _ in rule.patterns)

    def place(self, facts: Facts) -> Place:
        """Where the device with these facts belongs; unplaced where no rule says it."""
        for rule in self.rules:
            if (names := rule.found(facts)) is not None:
                return self._at(names["client"], names.get("site", SITE), names.get("device", ""))
        return Place(
            client=UNPLACED,
            client_name=safe("Unplaced"),
            site=SiteId(f"{UNPLACED}/{slug(self._source)}"),
            site_name=safe(self._source),
        )

    def _at(self, client: str, site: str, device: str) -> Place:
        key, name = self._client(client)
        return Place(
            client=key,
            client_name=name,
            site=SiteId(f"{key}/{named_id(site)}"),
            site_name=safe(site),
            device=safe(device),
        )

    def _client(self, name: str) -> tuple[ClientId, SafeText]:
        key, shown = self._names.meant(name)
        if key == UNPLACED and self._names.configured(name) is None:
            key = ClientId(f"{UNPLACED}-{slug(self._source)}")  # a client that is called so, not one of ours
        return key, shown


def placement(
    options: Mapping[str, Any],
    source: SourceName,
    clients: Mapping[ClientId, Client],
    known: Sequence[str],
    usual: Sequence[Mapping[str, Any]] = (),
) -> Placement:
    """The placement that a source's table asks for: its `place`, else `usual`; then its own `client` and `site`, where
    it has them, for everything else. `known` are the facts that the source tells; one that ends with a dot stands for
    all names that begin so (`tag.`). Raises `PlacementError`."""
    value = options.get("place")
    tables = _tables(value) if value is not None else list(usual)
    many = len(tables) > 1
    rules = [_rule(table, f"place[{n}]" if many else "place", known) for n, table in enumerate(tables)]
    client, site = (_text(options, key, key) for key in ("client", "site"))
    if client:
        rules.append(Rule(patterns=(), said={"client": client, "site": site or SITE}))
    elif site:
        raise PlacementError("site", "A site belongs to a client: say client as well, or leave both to place.")
    return Placement(source, rules, clients)


def _tables(value: object) -> list[Mapping[str, Any]]:
    tables = [value] if isinstance(value, Mapping) else value
    if not isinstance(tables, list | tuple) or not all(isinstance(table, Mapping) for table in tables):
        raise PlacementError("place", "A placement is a table of patterns, or a list of such tables.")
    return list(tables)


def _rule(table: Mapping[str, Any], at: str, known: Sequence[str]) -> Rule:
    said = {name: _text(table, name, f"{at}.{name}") for name in _SAID if name in table}
    patterns = [(name, _pattern(text, f"{at}.{name}")) for name, text in _flat(table, at) if name not in said]
    for name, _ in patterns:
        if not any(name == one or (one.endswith(".") and name.startswith(one)) for one in known):
            there = ", ".join(f"{one}NAME" if one.endswith(".") else one for one in known)
            raise PlacementError(
                f"{at}.{name}", f"This source tells nothing called {safe(name, 60)}; it tells {there}."
            )
    groups = {group for _, pattern in patterns for group in pattern.groupindex}
    for name, text in said.items():
        for group in _GROUP.findall(text):
            if group not in groups:
                raise PlacementError(f"{at}.{name}", f"No pattern of this rule has a group called {group}.")
    if "client" not in groups | said.keys():
        raise PlacementError(at, "This rule names no client: put (?P<client>…) into a pattern, or say client outright.")
    return Rule(patterns=tuple(patterns), said=said)


def _flat(table: Mapping[str, Any], at: str, before: str = "") -> list[tuple[str, str]]:
    """`tag.client` as TOML reads it, a table in a table, is one fact."""
    out: list[tuple[str, str]] = []
    for key, value in table.items():
        name = f"{before}{key}"
        if isinstance(value, Mapping):
            out += _flat(value, at, f"{name}.")
        elif isinstance(value, list | tuple) and value:
            out += [(name, _text({name: one}, name, f"{at}.{name}")) for one in value]
        else:
            out.append((name, _text({name: value}, name, f"{at}.{name}")))
    return out


def _text(table: Mapping[str, Any], key: str, at: str) -> str:
    value = table.get(key, "")
    if not isinstance(value, str):
        raise PlacementError(at, "This has to be a text in quotes.")
    return value


def _pattern(text: str, at: str) -> re.Pattern[str]:
    try:
        return re.compile(text)
    except (re.error, RecursionError, OverflowError) as error:
        raise PlacementError(at, f"This is no regular expression: {safe(str(error), 120)}.") from None
