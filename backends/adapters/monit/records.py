"""What Monit tells, typed. Names and numbers as in its page `/_status?format=xml&level=full` (5.33)."""

from __future__ import annotations

import math
from typing import Final

from msgspec import Struct

from backends.adapters.monit.markup import Element
from backends.api import FaultKind, SourceError

FILE_SYSTEM, PROCESS, HOST, SYSTEM, PROGRAM = 0, 3, 4, 5, 7
WATCHED, STARTING = 1, 2
"""Bits of `monitor`; 4 is waiting for its own time."""
SKIPS: Final = 1, 2
"""Kinds of `every` that count cycles."""


class Service(Struct, frozen=True, kw_only=True):
    """One `check` of the file monitrc."""

    kind: int
    name: str
    collected: float
    """When it was last looked at, by the clock there; 0 is never."""
    status: int
    """Bits of what is wrong; 0 is well."""
    hint: int
    """Those of them that are changes and no failures."""
    monitor: int
    pending: int
    """An action that is still to be done; 0 is none."""
    cycles: float
    """It is looked at every so many cycles; infinite where that goes by the calendar."""
    block_percent: float | None = None
    inode_percent: float | None = None
    output: str = ""
    """What a program printed last."""
    port: str = ""
    """`host:number` of the first connection that is tried."""
    load: float | None = None
    memory_percent: float | None = None
    swap_percent: float | None = None


class Status(Struct, frozen=True, kw_only=True):
    """One answer of one Monit."""

    id: str
    version: str
    host: str
    poll_s: float
    """Length of a cycle."""
    platform: str = ""
    release: str = ""
    services: tuple[Service, ...] = ()
    spoiled: int = 0


def status_of(root: Element) -> Status:
    """Raises `SourceError` for a document that is not Monit's."""
    server = root.find("server")
    if root.tag != "monit" or server is None:
        raise SourceError(FaultKind.PROTOCOL, "The XML that it answers with is not Monit's; check the address.")
    services, spoiled = [], 0
    for element in root.each("service"):
        try:
            services.append(_service(element))
        except ValueError:
            spoiled += 1
    return Status(
        id=_text(server, "id"),
        version=_text(server, "version"),
        host=_text(server, "localhostname"),
        poll_s=_amount(server, "poll") or 120.0,
        platform=_text(root, "platform/name"),
        release=_text(root, "platform/release"),
        services=tuple(services),
        spoiled=spoiled,
    )


def _service(element: Element) -> Service:
    """Raises `ValueError`."""
    name = _text(element, "name")
    if not name:
        raise ValueError("a service without a name")
    host = _text(element, "port/hostname")
    return Service(
        kind=int(element.attributes.get("type", "")),
        name=name,
        collected=float(_whole(element, "collected_sec")),
        status=_whole(element, "status"),
        hint=_whole(element, "status_hint", 0),
        monitor=_whole(element, "monitor"),
        pending=_whole(element, "pendingaction", 0),
        cycles=_cycles(element),
        block_percent=_amount(element, "block/percent"),
        inode_percent=_amount(element, "inode/percent"),
        output=_text(element, "program/output"),
        port=f"{host}:{_text(element, 'port/portnumber')}" if host else "",
        load=_amount(element, "system/load/avg01"),
        memory_percent=_amount(element, "system/memory/percent"),
        swap_percent=_amount(element, "system/swap/percent"),
    )


def _cycles(element: Element) -> float:
    kind = _whole(element, "every/type", 0)
    if kind == 0:
        return 1.0
    return max(1.0, float(_whole(element, "every/number", 1))) if kind in SKIPS else math.inf


def _text(element: Element, path: str) -> str:
    found = element.find(path)
    return found.text.strip() if found is not None else ""


def _whole(element: Element, path: str, missing: int | None = None) -> int:
    """Raises `ValueError`."""
    text = _text(element, path)
    if not text and missing is not None:
        return missing
    number = int(text) if len(text) < 20 else -1
    if not 0 <= number < 2**53:
        raise ValueError(path)
    return number


def _amount(element: Element, path: str) -> float | None:
    """None for what is no number, or negative."""
    try:
        number = float(_text(element, path))
    except ValueError:
        return None
    return number if math.isfinite(number) and number >= 0 else None
