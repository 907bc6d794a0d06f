"""As much of PromQL as is needed to tell what a rule measures: `node_load1 / cpus > 4` measures `node_load1 / cpus`."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping
from datetime import UTC, datetime, timedelta
from functools import lru_cache
from math import isfinite
from typing import Final

from msgspec import Struct

_TOKEN: Final = re.compile(
    r"""(?P<text>"(?:[^"\\]|\\.)*\\?(?:"|\Z)|'(?:[^'\\]|\\.)*\\?(?:'|\Z)|`[^`]*(?:`|\Z))"""
    r"""|(?P<open>[(\[{])|(?P<close>[)\]}])"""
    r"""|(?P<sign>==|!=|>=|<=|=~|!~|>|<)|(?P<word>[A-Za-z_][A-Za-z0-9_:]*)|(?P<rest>.)""",
    re.DOTALL,
)
"""A text that does not end lasts to the end, so that it is looked through once."""
_TEXT_OR_COMMENT: Final = re.compile(
    r"""("(?:[^"\\]|\\.)*\\?(?:"|\Z)|'(?:[^'\\]|\\.)*\\?(?:'|\Z)|`[^`]*(?:`|\Z))|(#[^\n]*)""", re.DOTALL
)
_NUMBER: Final = re.compile(r"\s*[+-]?(?:[0-9]+(?:\.[0-9]*)?|\.[0-9]+)(?:[eE][+-]?[0-9]+)?\s*")
_PLAIN_NAME: Final = re.compile(r"[A-Za-z_][A-Za-z0-9_]*")
_SETS: Final = frozenset({"and", "or", "unless"})
_COMPARING: Final = frozenset({"==", "!=", ">", "<", ">=", "<="})
_UP_IS_NOUGHT: Final = re.compile(r"\s*\(?\s*up\s*(?:\{[^{}]*\})?\s*\)?\s*(?:==\s*0|!=\s*1|<\s*1)(?:\.0+)?\s*\)?\s*")
_LONGEST: Final = 20_000
LONGEST_DURATION: Final = 64


class Measured(Struct, frozen=True, kw_only=True):
    """What a rule looks at."""

    query: str
    """The rule's expression, without its limit where it has one at its end."""
    sign: str = ""
    """How it is compared; empty where no limit is understood."""
    limit: float | None = None


def measured(expression: str) -> Measured:
    """`expression` taken apart, where it is a comparison with a number and nothing else; else as it is."""
    whole = Measured(query=expression)
    if len(expression) > _LONGEST:
        return whole
    signs = []
    for kind, token, at, depth in _tokens(expression):
        if depth == 0 and (kind == "word" and token.lower() in (*_SETS, "bool")):
            return whole
        if depth == 0 and kind == "sign" and token in _COMPARING:
            signs.append((token, at))
    if len(signs) != 1:
        return whole
    sign, at = signs[0]
    query, number = expression[:at].strip(), expression[at + len(sign) :]
    if not query or not _NUMBER.fullmatch(number):
        return whole
    limit = float(number)
    return Measured(query=query, sign=sign, limit=limit) if isfinite(limit) else whole


def is_up_rule(expression: str) -> bool:
    """Whether a rule says, of each of its targets by itself, that it does not answer."""
    # Single blanks: the pattern has several places in a row for them.
    return len(expression) <= _LONGEST and _UP_IS_NOUGHT.fullmatch(" ".join(expression.split())) is not None


def number(text: str) -> float | None:
    """A value as Prometheus writes it; None for `NaN`, `+Inf` and anything that is no number."""
    try:
        value = float(text)
    except ValueError:
        return None
    return value if isfinite(value) else None


def moment(text: str) -> datetime | None:
    """Seconds since 1970 as a time; None for what is none."""
    seconds = number(text)
    if seconds is None or not 0 < seconds < 32_503_680_000:
        return None
    return datetime.fromtimestamp(seconds, UTC)


def selector(metric: str, labels: Mapping[str, str]) -> str:
    """The series of `metric` with these labels. Values are data, and so are names: written as texts in quotes, never
    pasted. (Names in quotes are for names that only Prometheus 3 has.)"""
    parts = (f"{_name(name)}={quoted(value)}" for name, value in sorted(labels.items()))
    return f"{metric}{{{', '.join(parts)}}}"


def _name(name: str) -> str:
    return name if _PLAIN_NAME.fullmatch(name) else quoted(name)


def quoted(value: str) -> str:
    """A text in quotes; escapes as in Go, of which those of JSON are a part."""
    return json.dumps(value, ensure_ascii=False)


def only_of(query: str, instance: str) -> str:
    """The series of `query` that belong to one instance, as far as it is a target."""
    return f"({query}\n) and on (instance) {selector('up', {'instance': instance})}"


def last_answers(back: timedelta) -> str:
    """When each target that is down now answered last: to the second where it was lately, else to half a minute."""
    hours = int(back.total_seconds() // 3600)
    recent, long_ago = (f"max_over_time(timestamp(up == 1)[{window}])" for window in ("5m:1s", f"{hours}h:30s"))
    return f"({recent} or {long_ago}) and (up == 0)"


def seconds(duration: str) -> float | None:
    """`1m30s`, as Prometheus writes durations, in seconds; None for what is none."""
    return _seconds(duration) if len(duration) <= LONGEST_DURATION else None  # what is remembered must not be large


@lru_cache(maxsize=256)
def _seconds(duration: str) -> float | None:
    parts = re.findall(r"([0-9]+)(ms|[smhdwy])", duration)
    if not parts or "".join(amount + unit for amount, unit in parts) != duration:
        return None
    scale = {"ms": 0.001, "s": 1.0, "m": 60.0, "h": 3600.0, "d": 86400.0, "w": 604800.0, "y": 31536000.0}
    total = sum(float(amount[:12]) * scale[unit] for amount, unit in parts)
    return total if isfinite(total) else None


def _tokens(expression: str) -> Iterator[tuple[str, str, int, int]]:
    """Kind, text, place and depth in brackets of each token; comments are nothing."""
    depth = 0
    for found in _TOKEN.finditer(_without_comments(expression)):
        kind = found.lastgroup or ""
        depth += (kind == "open") - (kind == "close")
        yield kind, found[0], found.start(), depth


def _without_comments(expression: str) -> str:
    """Blanks in the place of comments, so that every place stays what it is."""
    return _TEXT_OR_COMMENT.sub(lambda found: found[0] if found[1] is not None else " " * len(found[0]), expression)
