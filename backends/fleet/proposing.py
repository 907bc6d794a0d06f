"""Placement rules that fit the names that are really there: groups in paths, tags and labels that speak of clients.

Given what a source says that exists (`Introduction.facts`), `proposals` gives rules worth trying, most telling first. A
person chooses, after a look at the tree that each would make; nothing is placed by a guess alone.
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from typing import Any, Final

from msgspec import Struct

from backends.text import SafeText, safe

Values = Mapping[str, Sequence[str]]
"""Values that there are, by name of the fact."""

_CLIENT: Final = ("client", "customer", "tenant", "company", "organization", "organisation", "org", "account", "kunde")
_SITE: Final = ("site", "location", "office", "branch", "standort", "datacenter", "place")
_ROOTS: Final = frozenset({"clients", "customers", "client", "customer", "tenants", "companies", "kunden", "msp"})
_NO_ROOTS: Final = frozenset({"templates", "template", "hypervisors"})
"""What monitoring servers sort by themselves."""
_SEPARATORS: Final = "-_. "
_FEWEST: Final = 2
"""A word that stands before a single name is no pattern."""


class Proposal(Struct, frozen=True, kw_only=True):
    """One way to place devices."""

    rules: tuple[Mapping[str, Any], ...]
    """Tables as `place` has them in the configuration."""
    says: SafeText
    """What it goes by: `host groups Clients/CLIENT/SITE`."""


def proposals(there: Values) -> list[Proposal]:
    """Ways that fit, most telling first; empty where nothing speaks of clients."""
    found = [*_by_native(there), *_by_names(there), *_by_paths(there), *_by_prefixes(there)]
    distinct: list[Proposal] = []
    for one in found:
        if one.rules not in [other.rules for other in distinct]:
            distinct.append(one)
    return distinct


def _by_native(there: Values) -> Iterable[Proposal]:
    """Facts that are called client and site outright: the product knows them itself."""
    if there.get("client_name"):
        table = {"client_name": "(?P<client>.+)"}
        if there.get("site_name"):
            table["site_name"] = "(?P<site>.+)"
        yield Proposal(rules=(table,), says=safe("the clients and sites that it has itself"))


def _by_names(there: Values) -> Iterable[Proposal]:
    """Tags, labels and variables with a telling name."""
    for name in _called(there, _CLIENT):
        family = name.rpartition(".")[0]
        site = next((one for one in _called(there, _SITE) if one.rpartition(".")[0] == family), None)
        client_alone = _table({name: "(?P<client>.+)"})
        if site is None:
            yield Proposal(rules=(client_alone,), says=safe(f"{name} is the client"))
        else:
            both = _table({name: "(?P<client>.+)", site: "(?P<site>.+)"})
            yield Proposal(rules=(both, client_alone), says=safe(f"{name} is the client, {site} the site"))


def _called(there: Values, words: Sequence[str]) -> list[str]:
    """Facts with values whose last part is one of `words`, in the order of the words."""
    return [
        name
        for word in words
        for name in sorted(there)
        if there[name] and "." in name and name.rpartition(".")[2].casefold() == word
    ]


def _by_paths(there: Values) -> Iterable[Proposal]:
    """Names like `Clients/Acme/HQ`."""
    for fact, values in sorted(there.items()):
        roots: dict[str, set[tuple[str, ...]]] = defaultdict(set)
        for value in values:
            root, *below = value.split("/")
            if below and root.casefold() not in _NO_ROOTS and all(part.strip() for part in below):
                roots[root].add(tuple(below))
        ranked = sorted(roots, key=lambda root: (root.casefold() not in _ROOTS, -len(roots[root]), root))
        for root in ranked[:3]:
            yield from _below(fact, root, roots[root])


def _below(fact: str, root: str, below: set[tuple[str, ...]]) -> Iterable[Proposal]:
    clients = {parts[0] for parts in below}
    if len(clients) < _FEWEST and root.casefold() not in _ROOTS:
        return
    if any(len(parts) > 1 for parts in below):
        pattern = f"^{re.escape(root)}/(?P<client>[^/]+)(?:/(?P<site>[^/]+))?"
        yield Proposal(rules=(_table({fact: pattern}),), says=safe(f"{_spoken(fact)} {root}/CLIENT/SITE"))
    elif root.casefold() in _ROOTS:
        pattern = f"^{re.escape(root)}/(?P<client>[^/]+)"
        yield Proposal(rules=(_table({fact: pattern}),), says=safe(f"{_spoken(fact)} {root}/CLIENT"))
    else:
        return


def _by_prefixes(there: Values) -> Iterable[Proposal]:
    """Names like `client-acme`, with `site-hq` beside them."""
    for fact, values in sorted(there.items()):
        client, site = (_prefix(values, words) for words in (_CLIENT, _SITE))
        if client is None:
            continue
        pattern = f"^{re.escape(client)}(?P<client>.+)$"
        alone = _table({fact: pattern})
        if site is None:
            yield Proposal(rules=(alone,), says=safe(f"{_spoken(fact)} {client}CLIENT"))
        else:
            both = _table({fact: [pattern, f"^{re.escape(site)}(?P<site>.+)$"]})
            yield Proposal(rules=(both, alone), says=safe(f"{_spoken(fact)} {client}CLIENT and {site}SITE"))


def _prefix(values: Iterable[str], words: Sequence[str]) -> str | None:
    """`client-`, where several values begin so."""
    found: dict[str, int] = defaultdict(int)
    for value in values:
        for word in words:
            before, rest = value[: len(word)], value[len(word) :]
            if before.casefold() == word and len(rest) > 1 and rest[0] in _SEPARATORS:
                found[value[: len(word) + 1]] += 1
    return max(found, key=lambda prefix: (found[prefix], prefix)) if found else None


def _table(flat: Mapping[str, str | list[str]]) -> dict[str, Any]:
    """`tag.client` as a table in a table, which is how TOML writes it."""
    out: dict[str, Any] = {}
    for name, pattern in flat.items():
        *path, last = name.split(".")
        inner = out
        for step in path:
            inner = inner.setdefault(step, {})
        inner[last] = pattern
    return out


def _spoken(fact: str) -> str:
    return {"hostgroup": "host groups", "host": "host names", "folder": "folders"}.get(fact, fact)
