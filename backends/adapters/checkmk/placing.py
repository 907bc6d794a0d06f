"""What Checkmk knows of a host that a placement can go by."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

from backends.adapters.checkmk.records import Host

FACTS: Final = ("hostgroup", "folder", "label.", "tag.", "host", "alias")
USUAL: Final[tuple[Mapping[str, Any], ...]] = (
    {"label.client": "(?P<client>.+)", "label.site": "(?P<site>.+)"},
    {"label.client": "(?P<client>.+)"},
    {"label.customer": "(?P<client>.+)", "label.site": "(?P<site>.+)"},
    {"label.customer": "(?P<client>.+)"},
)
_NOT_OURS: Final = "cmk/"
"""How labels begin that Checkmk gives by itself."""


def facts_of(host: Host) -> dict[str, tuple[str, ...]]:
    return {
        "hostgroup": tuple(host.groups),
        "folder": (folder,) if (folder := _folder(host.filename or "")) else (),
        "host": (host.name,),
        "alias": (host.alias,) if host.alias else (),
        **_named("label.", host.labels),
        **_named("tag.", host.tags),
    }


def _folder(filename: str) -> str:
    """`clients/acme` of `/wato/clients/acme/hosts.mk`."""
    parts = [part for part in filename.split("/") if part]
    return "/".join(parts[1:-1]) if parts[:1] == ["wato"] else ""


def _named(before: str, values: Mapping[str, Any] | None) -> dict[str, tuple[str, ...]]:
    return {
        f"{before}{name}": (value,)
        for name, value in (values or {}).items()
        if isinstance(value, str) and value and not name.startswith(_NOT_OURS)
    }
