"""The text format of Prometheus (exposition format 0.0.4), as far as samples go."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Final

from msgspec import Struct

from backends.api import FaultKind, SourceError

_SAMPLE: Final = re.compile(r"([a-zA-Z_:][a-zA-Z0-9_:]*)(?:\{(.*)\})?[ \t]+(\S+)(?:[ \t]+-?[0-9]+)?[ \t\r]*")
_LABEL: Final = re.compile(r'[ \t]*([a-zA-Z_][a-zA-Z0-9_]*)="((?:[^"\\]|\\.)*)"[ \t]*(?:,|$)', re.DOTALL)
_ESCAPED: Final = re.compile(r"\\(.)", re.DOTALL)
LONGEST_LINE: Final = 16_384


class Sample(Struct, frozen=True, kw_only=True):
    name: str
    labels: Mapping[str, str]
    value: float
    """May be NaN or infinite."""


class Spoiled(Struct, frozen=True, kw_only=True):
    """A line that is none of the format."""

    line: str


def lines_of(body: bytes) -> list[str]:
    """Raises `SourceError` for what is no such text, or broke off."""
    text = body.decode("utf-8", "replace")
    if not text.strip():
        raise SourceError(FaultKind.PROTOCOL, "The answer is empty where data was expected; check the address.")
    if text.lstrip().startswith("<"):
        raise SourceError(
            FaultKind.PROTOCOL,
            "It answers with a web page instead of metrics; check that the address is Uptime Kuma's.",
        )
    if "# TYPE monitor_status " not in text:
        raise SourceError(FaultKind.PROTOCOL, "What it answers are not Uptime Kuma's metrics; check the address.")
    if not text.endswith("\n"):
        raise SourceError(FaultKind.PROTOCOL, "The answer broke off in the middle.")
    return text.split("\n")


def samples(lines: list[str], wanted: frozenset[str]) -> Iterator[Sample | Spoiled]:
    """Those with a name that is `wanted`."""
    for line in lines:
        name = re.split(r"[{ \t]", line[:200], maxsplit=1)[0]
        if name in wanted:
            yield _sample(line)


def _sample(line: str) -> Sample | Spoiled:
    found = _SAMPLE.fullmatch(line) if len(line) <= LONGEST_LINE else None
    labels = _labels(found[2] or "") if found is not None else None
    if found is None or labels is None:
        return Spoiled(line=line[:200])
    try:
        value = float(found[3])
    except ValueError:
        return Spoiled(line=line[:200])
    return Sample(name=found[1], labels=labels, value=value)


def _labels(text: str) -> dict[str, str] | None:
    """None where they are none."""
    out: dict[str, str] = {}
    at = 0
    while at < len(text):
        found = _LABEL.match(text, at)
        if found is None:
            return None
        out[found[1]] = _ESCAPED.sub(lambda hit: "\n" if hit[1] == "n" else hit[1], found[2])
        at = found.end()
    return out
