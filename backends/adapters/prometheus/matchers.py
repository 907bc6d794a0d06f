"""Alerts chosen by their labels, as Alertmanager writes it: `alertname="Watchdog", client=~"acme|baker"`. A bare word
is the name of an alert."""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Sequence
from typing import Final

from backends.adapters.prometheus.records import Labels, Matcher
from backends.text import SafeText, safe

ALERT_NAME: Final = "alertname"
_WORD: Final = re.compile(r"[^\s{},=!~\"]+")
_TERM: Final = re.compile(r'\s*([^\s{},=!~"]+)\s*(=~|!~|!=|=)\s*("(?:[^"\\]|\\.)*"|[^\s{},"]+)\s*')


def parsed(text: str) -> tuple[Matcher, ...]:
    """The matchers that `text` writes. Raises `ValueError` with what is wrong."""
    text = text.strip()
    if _WORD.fullmatch(text):
        return (equal(ALERT_NAME, text),)
    if text.startswith("{") and text.endswith("}"):
        text = text[1:-1].strip()
    found, at = [], 0
    while at < len(text):
        term = _TERM.match(text, at)
        if term is None:
            raise ValueError(f"not understood from {text[at : at + 30]!r} on")
        found.append(_matcher(term[1], term[2], term[3]))
        at = term.end()
        if at < len(text):
            if text[at] != ",":
                raise ValueError(f"a comma is missing before {text[at : at + 30]!r}")
            at += 1
    if not found:
        raise ValueError("it is empty")
    return tuple(found)


def equal(name: str, value: str) -> Matcher:
    return Matcher(name=name, value=value, is_regex=False, is_equal=True)


def fits(matchers: Iterable[Matcher], labels: Labels) -> bool:
    """Whether an alert with these labels is meant. A label that is not there is an empty one."""
    return all(_fits(matcher, labels.get(matcher.name, "")) for matcher in matchers)


def exact(labels: Labels, volatile: Iterable[str]) -> tuple[Matcher, ...]:
    """Matchers for one alert and no other: each of its labels, but for those that change while it stays the same."""
    left_out = set(volatile)
    return tuple(equal(name, value) for name, value in sorted(labels.items()) if name not in left_out and value)


def said(matchers: Sequence[Matcher]) -> SafeText:
    """As people write them."""
    return safe(" ".join(_said(matcher) for matcher in matchers), 1024)


def _said(matcher: Matcher) -> str:
    sign = {(True, False): "=", (False, False): "!=", (True, True): "=~", (False, True): "!~"}
    return f"{matcher.name}{sign[matcher.is_equal, matcher.is_regex]}{json.dumps(matcher.value, ensure_ascii=False)}"


def _matcher(name: str, sign: str, value: str) -> Matcher:
    if value.startswith('"'):
        try:
            value = json.loads(value)
        except ValueError:
            raise ValueError(f"{value} is no text in quotes") from None
    if "~" in sign:
        try:
            re.compile(value)
        except re.error as error:
            raise ValueError(f"{value!r} is no regular expression ({error})") from None
    return Matcher(name=name, value=value, is_regex="~" in sign, is_equal="!" not in sign)


def _fits(matcher: Matcher, value: str) -> bool:
    if matcher.is_regex:
        return (re.fullmatch(matcher.value, value) is not None) is matcher.is_equal
    return (value == matcher.value) is matcher.is_equal
