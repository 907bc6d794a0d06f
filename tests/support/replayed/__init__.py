"""Products that answer on loopback what they once really answered, for what no real server does on demand: every fault
that a server, a proxy or a network can have. One module a kind; `KINDS` names them.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from msgspec import Struct


class Asked(Struct, frozen=True, kw_only=True):
    """One request as it came."""

    method: str
    path: str
    """Without the query."""
    query: str
    headers: Mapping[str, str]
    """By name in lower case."""
    body: bytes


class Said(Struct, frozen=True, kw_only=True):
    """One answer of a healthy server."""

    body: bytes
    status: int = 200
    content_type: str = "application/json"
    headers: Mapping[str, str] = {}


class Replayed(Struct, frozen=True, kw_only=True):
    """A kind of source with a server that plays it."""

    kind: str
    answer: Callable[[Asked], Said]
    """What a healthy server says; every request that a poll makes has an answer."""
    options: Callable[[str], Mapping[str, Any]]
    """The source's table for a server at that address, without kind."""
    devices: int
    """How many devices a healthy poll tells of."""
    secret: str = "t0ken-canary-5e7d"
