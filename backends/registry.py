"""Kinds of source by name: our own and those that other packages bring (entry-point group `rounds.adapter`).

Naming imports nothing; a kind is imported when a configuration uses it, and not before.
"""

from __future__ import annotations

import importlib
from collections.abc import Collection, Iterator, Mapping
from typing import TYPE_CHECKING, Final, cast

from backends.text import safe

if TYPE_CHECKING:
    from importlib.metadata import EntryPoint
    from types import ModuleType

    from backends.api import Access, OpenSource, Question

GROUP: Final = "rounds.adapter"
BUILT_IN: Final[Mapping[str, str]] = {
    "checkmk": "backends.adapters.checkmk:open_source",
    "demo": "backends.adapters.demo:open_source",
    "icinga2": "backends.adapters.icinga2:open_source",
    "local": "backends.adapters.local:open_source",
    "monit": "backends.adapters.monit:open_source",
    "nagios": "backends.adapters.nagios:open_source",
    "netdata": "backends.adapters.netdata:open_source",
    "probe": "backends.adapters.probe:open_source",
    "prometheus": "backends.adapters.prometheus:open_source",
    "snmp": "backends.adapters.snmp:open_source",
    "ssh": "backends.adapters.ssh:open_source",
    "tactical-rmm": "backends.adapters.tactical_rmm:open_source",
    "uptime-kuma": "backends.adapters.uptime_kuma:open_source",
    "zabbix": "backends.adapters.zabbix:open_source",
}
"""The same as in the package's own metadata, which a bare source checkout does not have."""


_NOWHERE: Final = frozenset({"demo", "local"})


class RegistryError(Exception):
    """A kind of source cannot be used. The sentence is shown as it is."""

    def __init__(self, sentence: str) -> None:
        super().__init__(sentence)
        self.sentence = safe(sentence, 512)


def names() -> tuple[str, ...]:
    """Every kind that there is, in order of the alphabet. Imports none."""
    return tuple(sorted(_found()))


def connectable() -> tuple[str, ...]:
    """Those of them that have something to connect to. Imports none."""
    return tuple(name for name in names() if name not in _NOWHERE)


class Kinds(Collection[str]):
    """The same names, but other packages are looked through only when a name is asked for that is not our own: that
    takes longer than all the rest of the configuration."""

    def __contains__(self, kind: object) -> bool:
        return kind in BUILT_IN or kind in names()

    def __iter__(self) -> Iterator[str]:
        return iter(names())

    def __len__(self) -> int:
        return len(names())

    def __bool__(self) -> bool:
        return True


def load(kind: str) -> OpenSource:
    """The function that opens a source of that kind. Raises `RegistryError`."""
    return cast("OpenSource", _imported(kind)[1])


def asked_of(kind: str) -> tuple[tuple[Question, ...], Access | None]:
    """What is asked when a source of that kind is connected: its options, and its secret; None where it has none.
    Raises `RegistryError`."""
    module, _ = _imported(kind)
    return tuple(getattr(module, "QUESTIONS", ())), getattr(module, "ACCESS", None)


def _imported(kind: str) -> tuple[ModuleType, object]:
    """The module that the kind names, and the function in it."""
    target = _found().get(kind)
    if target is None:
        raise RegistryError(f'There is no kind of source "{safe(kind, 64)}"; there are {", ".join(names())}.')
    module, _, name = target.partition(":")
    try:
        found = importlib.import_module(module)
        opener = getattr(found, name)
    except (Exception, SystemExit) as error:  # the code of a stranger may raise anything while it is imported
        raise RegistryError(
            f'The kind of source "{kind}" cannot be loaded from {module} ({type(error).__name__}: {error}). '
            "Install what it needs, or take the source out of the configuration."
        ) from error
    if not callable(opener):
        raise RegistryError(f'The kind of source "{kind}" names {target}, which cannot be called.')
    return found, opener


def _found() -> dict[str, str]:
    """Kind to `module:function`. What is built in cannot be replaced by another package: its name would be a lie."""
    theirs = {entry.name: entry.value for entry in _entries() if entry.name not in BUILT_IN}
    return {**theirs, **BUILT_IN}


def _entries() -> tuple[EntryPoint, ...]:
    from importlib.metadata import entry_points  # noqa: PLC0415 - slow, and seldom needed

    return tuple(entry_points(group=GROUP))
