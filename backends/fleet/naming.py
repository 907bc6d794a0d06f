"""Which client or site a name means: two names that differ in more than case and the space around them are never one.

    Acme Dental -> acme-dental      A-B -> a--b      A&B -> a-b~d34lxt7p

An id says its name as far as it can be read back from it; where it cannot, a digest of the name is behind it. It
depends on nothing but the name, and so is the same after a restart and in whatever order names are met.
"""

from __future__ import annotations

import base64
import hashlib
import re
from collections.abc import Collection, Mapping
from typing import Final

from backends.fleet.model import Client, ClientId, SafeText, safe, slug

_WORDS: Final = re.compile(r"(?:[^\W_]|\.)+(?:[ -](?:[^\W_]|\.)+)*")
"""Words of letters, digits and dots, one space or one dash between them."""


def named_id(name: str) -> str:
    """The id that a name has by itself; `unnamed~…` where there is no letter or digit in it."""
    plain = _plain(name)
    if _WORDS.fullmatch(plain):
        return plain.replace("-", "--").replace(" ", "-")
    return f"{slug(plain)}~{_digest(plain)}"


def free_key(name: str, taken: Collection[str]) -> ClientId:
    """A key for the table of a client of that name, none of those that are `taken`."""
    key = slug(name)
    return ClientId(f"{key}-{_digest(_plain(name))}" if key in taken else key)


class ClientNames:
    """What names of clients mean beside the clients of the configuration."""

    def __init__(self, clients: Mapping[ClientId, Client]) -> None:
        self._clients = clients
        self._by_name = {_plain(client.name): client for client in reversed([*clients.values()])}

    def configured(self, name: str) -> Client | None:
        """The client of the configuration that is meant: the name is its key, or its name, or becomes its key by
        itself. It is not meant where its key only looks so: made of its own name, which says something else."""
        plain = _plain(name)
        known = self._clients.get(ClientId(plain)) or self._by_name.get(plain)
        if known is None:
            known = self._clients.get(ClientId(named_id(name)))
            if known is not None and slug(known.name) == known.id and _plain(known.name) not in (known.id, plain):
                return None
        return known

    def meant(self, name: str) -> tuple[ClientId, SafeText]:
        """The id and the name of the client, whether it is configured or not."""
        known = self.configured(name)
        if known is not None:
            return known.id, known.name
        key = named_id(name)
        return ClientId(f"{key}~{_digest(_plain(name))}" if key in self._clients else key), safe(name)


def _plain(name: str) -> str:
    """The name as it is shown, so that what is written by hand after what is seen means the same."""
    return safe(name.strip()).lower()


def _digest(plain: str) -> str:
    digest = hashlib.blake2b(plain.encode("utf-8", "replace"), digest_size=5).digest()
    return base64.b32encode(digest).decode("ascii").lower()
