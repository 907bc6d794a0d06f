"""What is said while a source is connected: pure functions from what it told to lines."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from typing import Final

from backends.api import Introduction, Right
from backends.bootstrap.connecting import Met
from backends.fleet.model import SafeText, safe
from backends.fleet.remarks import remarks
from backends.fleet.sources import answered
from backends.fleet.tree import Tree
from backends.http.shown import Shown

CLIENTS: Final = 12
SITES: Final = 6
DEVICES: Final = 5
"""Of each so many are named, the others counted."""


def report(met: Met) -> Iterator[SafeText]:
    """What answered, as whom we are known, what we may, and what it shows."""
    account = met.introduction.account if met.introduction else ""
    yield safe(f"{met.product or 'It'} answers{f'; we are known there as {account}' if account else ''}.")
    if met.introduction is not None and met.introduction.rights:
        yield safe(f"The account {may(met.introduction)}", 1500)
        yield from (safe(f"  {line}", 500) for line in missing(met.introduction.rights))
    yield safe(f"It shows {met.tree.says}." if met.tree.devices else NO_DEVICES)
    for reading in met.readings:
        yield from remarks(answered(None, reading))


NO_DEVICES: Final = "It shows no device at all: give the account the right to read them, or correct its filter."


def may(introduction: Introduction) -> str:
    """`may acknowledge problems. It may not run scripts.`"""
    said = []
    for granted, verb in ((True, "may"), (False, "may not"), (None, "may, as far as can be told,")):
        found = [right.what for right in introduction.rights if right.granted is granted]
        if found:
            said.append(f"{verb} {listed(found)}.")
    return " It ".join(said)


def listed(words: Sequence[str]) -> str:
    """In a row, so that it shows where each begins."""
    return ("; " if any("," in word for word in words) else ", ").join(words)


def missing(rights: Iterable[Right]) -> Iterator[SafeText]:
    """What is not permitted, each with its remedy."""
    for right in rights:
        if right.granted is False and right.remedy:
            yield safe(f"To {right.what}: {right.remedy}", 500)


def tree_lines(tree: Tree) -> Iterator[SafeText]:
    """The clients with their sites, as many as can be looked at, and what is left over."""
    for client in tree.clients[:CLIENTS]:
        yield safe(f"  {client.name} ({_devices(client.devices)})")
        for name, count in client.sites[:SITES]:
            yield safe(f"    {name} ({count:,})")
        if len(client.sites) > SITES:
            yield safe(f"    and {len(client.sites) - SITES:,} more sites")
    if len(tree.clients) > CLIENTS:
        yield safe(f"  and {len(tree.clients) - CLIENTS:,} more clients")
    if tree.unplaced:
        more = ", …" if len(tree.unplaced) > DEVICES else ""
        yield safe(f"  Unplaced ({_devices(len(tree.unplaced))}): {', '.join(tree.unplaced[:DEVICES])}{more}")


def certificate_lines(shown: Shown) -> Iterator[SafeText]:
    """A certificate as somebody has to see it who is to trust it."""
    yield safe("Nobody who is known here vouches for this server. It shows this certificate:")
    yield safe(f"  SHA-256  {shown.in_pairs}")
    yield safe(f"  for      {', '.join(shown.names[:6]) or shown.subject}")
    yield safe(f"  issuer   {'itself' if shown.issuer == shown.subject else shown.issuer}")
    yield safe(f"  valid    {shown.begins:%Y-%m-%d} to {shown.ends:%Y-%m-%d}")


def _devices(count: int) -> str:
    return f"{count:,} device" if count == 1 else f"{count:,} devices"
