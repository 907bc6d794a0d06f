"""What a filter can ask of each kind of fact: fields, words for states, and the text that bare words search."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import datetime
from enum import Enum
from operator import attrgetter
from typing import Final

from msgspec import Struct

from backends.fleet.model import (
    Check,
    Client,
    Contract,
    Device,
    Freshness,
    Health,
    Issue,
    IssueState,
    Severity,
    Site,
    Source,
)
from backends.fleet.run import AuditRecord, PlanTarget, Risk, Run, RunState, Verified


class Context(Struct, frozen=True, kw_only=True):
    """What a filter means by `me` and by `now`."""

    me: str = ""
    now: datetime
    risk: Risk | None = None
    """The risk of what is about to be done, where a guard asks."""
    fix: str = ""
    """The fix that is about to be run, where a guard asks."""


class Shape(Enum):
    """How the values of a field compare."""

    TEXT = "text"
    """Found anywhere with `:`, whole with `=`; `*` stands for anything."""
    WORD = "word"
    """One of a set of words."""
    RANK = "rank"
    """One of a set of words in an order."""
    AGE = "age"
    NUMBER = "number"


class Field(Struct, frozen=True):
    name: str
    shape: Shape
    attributes: Mapping[type, tuple[str, ...]]
    """Where each kind of fact keeps it. A kind that is not named has no such field: the term does not match."""
    words: tuple[str, ...] = ()
    """What it can be; for a rank the highest first."""
    about: str = ""


_ISSUE_LIKE: Final = (Issue, Run, PlanTarget, Device)
_KINDS: Final = (
    *("server", "workstation", "firewall", "switch", "access-point", "printer", "ups", "nas", "vm", "cloud", "other"),
    "source",
)


def _words(*kinds: type[Enum]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(str(word.value) for kind in kinds for word in kind))


def _on(kinds: tuple[type, ...], *attributes: str, **more: tuple[str, ...]) -> dict[type, tuple[str, ...]]:
    named = {"client": Client, "site": Site, "source": Source, "check": Check, "device": Device}
    return dict.fromkeys(kinds, attributes) | {named[name]: places for name, places in more.items()}


_FIELDS: Final = (
    Field("sev", Shape.RANK, _on((Issue, Check), "severity"), _words(Severity), "how bad: sev>=high"),
    Field(
        "client",
        Shape.TEXT,
        _on((*_ISSUE_LIKE, Site), "client", "client_name", client=("id", "name")),
        about="the client's name or id",
    ),
    Field(
        "site",
        Shape.TEXT,
        _on(_ISSUE_LIKE, "site", "site_name", site=("id", "name")),
        about="the site's name or id",
    ),
    Field(
        "name",
        Shape.TEXT,
        _on(
            (Issue, Run),
            "device_name",
            client=("name",),
            site=("name",),
            source=("name",),
            device=("name",),
            check=("label",),
        )
        | {PlanTarget: ("name",)},
        about="the device's name",
    ),
    Field("kind", Shape.WORD, _on((Issue, Device, PlanTarget, Source), "kind"), _KINDS, "server, firewall, printer …"),
    Field(
        "source",
        Shape.TEXT,
        _on((Issue, Device), "sources", source=("name",), check=("source",))
        | {Run: ("source",), PlanTarget: ("source",)},
        about="who says so",
    ),
    Field("owner", Shape.TEXT, _on((Issue, PlanTarget), "owner"), about="who claimed it: a name, me, none"),
    Field(
        "state",
        Shape.WORD,
        _on((Issue, Run, Source, Check), "state"),
        _words(IssueState, RunState, Freshness),
        "open, acked, snoozed; of a run: running, failed …",
    ),
    Field("health", Shape.WORD, _on((Device, Site, PlanTarget), "health"), _words(Health), "ok, degraded, down …"),
    Field(
        "fresh",
        Shape.WORD,
        _on((Device, Issue), "freshness", source=("state",)),
        _words(Freshness),
        "fresh, stale …",
    ),
    Field(
        "age",
        Shape.AGE,
        _on((Issue,), "since", check=("since",)) | {Run: ("planned",)},
        about="since it began: age>2h",
    ),
    Field(
        "seen",
        Shape.AGE,
        _on((Issue, Device, Source, Check, PlanTarget), "seen"),
        about="since it was seen: seen>5m",
    ),
    Field("family", Shape.TEXT, _on((Issue, Check), "family", "key"), about="disk, service, reachable …"),
    Field("fix", Shape.TEXT, {Issue: ("next_fix", "next_fix_title"), Run: ("fix", "title")}, about="the fix's name"),
    Field(
        "by",
        Shape.TEXT,
        {Run: ("by",), Issue: ("acked_by", "snoozed_by"), AuditRecord: ("by",)},
        about="who did it",
    ),
    Field("risk", Shape.RANK, {Run: ("risk",)}, tuple(reversed(_words(Risk))), "risk>=disruptive"),
    Field("outcome", Shape.WORD, {Run: ("verified",)}, _words(Verified), "fixed, not fixed, not verified"),
    Field(
        "contract",
        Shape.WORD,
        _on((Issue,), "contract", client=("contract",)),
        _words(Contract),
        "managed, break-fix",
    ),
    Field("id", Shape.TEXT, _on((Issue, Device, Run, Client, Site), "id") | {PlanTarget: ("device",)}, about="its id"),
    Field("address", Shape.TEXT, _on((Device, Run, PlanTarget), "address"), about="its address"),
    Field("platform", Shape.TEXT, _on((Device, PlanTarget), "platform"), about="linux, windows, freebsd …"),
    Field("times", Shape.NUMBER, {Issue: ("times",)}, about="how often in 30 days: times>3"),
    Field("behind", Shape.NUMBER, {Issue: ("behind",)}, about="how many issues it explains"),
)

FIELDS: Final[Mapping[str, Field]] = {field.name: field for field in _FIELDS}
ALIASES: Final = {
    "severity": "sev",
    "device": "name",
    "host": "name",
    "freshness": "fresh",
    "user": "by",
    "since": "age",
}
"""Other names of fields."""

_TEXTS: Final[Mapping[type, tuple[str, ...]]] = {
    Issue: (
        *("client_name", "client", "site_name", "device_name", "title", "key", "source", "owner", "state", "severity"),
        *("id", "advice", "kind", "next_fix_title"),
    ),
    Device: ("client_name", "client", "site_name", "name", "kind", "address", "system", "sources", "health", "id"),
    Site: ("client_name", "client", "name", "health", "id"),
    Client: ("name", "id", "contract"),
    Source: ("name", "kind", "state", "note", "fault"),
    Run: (
        *("client_name", "client", "site_name", "device_name", "title", "fix", "by", "state", "verified", "sentence"),
        *("id", "address"),
    ),
    PlanTarget: ("client_name", "client", "site_name", "name", "kind", "address", "source", "issue_title"),
    Check: ("label", "summary", "family", "subject", "state", "source"),
    AuditRecord: ("by", "event", "subject", "data"),
}


def texts(fact: object, attributes: tuple[str, ...]) -> list[str]:
    """What the fact says in these attributes, in small letters, without what it leaves empty."""
    out: list[str] = []
    for attribute in attributes:
        value = getattr(fact, attribute, None)
        if isinstance(value, str):
            out.append(str(value).casefold())
        elif isinstance(value, tuple):
            out.extend(str(part).casefold() for part in value)
        elif isinstance(value, dict):
            out.extend(str(part).casefold() for part in value.values())
        elif value is not None:
            out.append(str(getattr(value, "sentence", value)).casefold())
    return [text for text in out if text]


_ALL_TEXTS: Final = {kind: attrgetter(*_TEXTS[kind]) for kind in (Issue, Site, Client)}
"""Kinds of which all that is looked through is texts, which are then joined before they are made small: there may be
ten thousand issues to look through between two letters."""


def haystack(fact: object) -> str:
    """All the text of a fact, one line each, in small letters."""
    kind = type(fact)
    if kind in _ALL_TEXTS:
        return "\n".join(_ALL_TEXTS[kind](fact)).casefold()
    return "\n".join(texts(fact, _TEXTS.get(kind, ())))


def _is_unplaced(fact: object) -> bool:
    site = str(getattr(fact, "site", fact.id if isinstance(fact, Site) else "acme/hq"))
    client, _, place = site.partition("/")
    return any(one.partition("~")[0] in ("", "unnamed", "unplaced") for one in (client, place))


def _freshness(fact: object) -> object:
    return fact.state if isinstance(fact, Source) else getattr(fact, "freshness", None)


STATES: Final[Mapping[str, Callable[[object, Context], bool]]] = {
    "acked": lambda fact, _: isinstance(fact, Issue) and fact.state is IssueState.ACKED,
    "snoozed": lambda fact, _: isinstance(fact, Issue) and fact.state is IssueState.SNOOZED,
    "open": lambda fact, _: isinstance(fact, Issue) and fact.state is IssueState.OPEN,
    "claimed": lambda fact, _: bool(getattr(fact, "owner", "")),
    "mine": lambda fact, context: bool(context.me) and getattr(fact, "owner", getattr(fact, "by", "")) == context.me,
    "stale": lambda fact, _: _freshness(fact) is Freshness.STALE,
    "silent": lambda fact, _: _freshness(fact) is Freshness.SILENT,
    "unplaced": lambda fact, _: _is_unplaced(fact),
}
"""Words that stand for a state by themselves, and after `is:`."""

MORE_STATES: Final[Mapping[str, Callable[[object, Context], bool]]] = {
    "fresh": lambda fact, _: _freshness(fact) is Freshness.FRESH,
    "failed": lambda fact, _: Freshness.FAILED is _freshness(fact) or getattr(fact, "state", None) is RunState.FAILED,
    "incident": lambda fact, _: isinstance(fact, Issue) and fact.behind > 0,
    "explained": lambda fact, _: isinstance(fact, Issue) and fact.incident is not None,
    "look-alike": lambda fact, _: bool(getattr(fact, "look_alike", False)),
    "managed": lambda fact, _: getattr(fact, "contract", None) is Contract.MANAGED,
    "break-fix": lambda fact, _: getattr(fact, "contract", None) is Contract.BREAK_FIX,
}
"""Words that stand for a state after `is:` only: alone they are more likely looked for as text."""
