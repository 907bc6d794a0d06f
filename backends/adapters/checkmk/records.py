"""What the API answers, as far as it is used. Names are those of Livestatus' columns; times are seconds."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Annotated, Any, Final

import msgspec
from msgspec import Meta, Struct, field

HOST_COLUMNS: Final = (
    "name",
    "alias",
    "address",
    "state",
    "has_been_checked",
    "acknowledged",
    "scheduled_downtime_depth",
    "last_check",
    "last_state_change",
    "plugin_output",
    "staleness",
    "parents",
    "groups",
    "filename",
    "labels",
    "tags",
)
SERVICE_COLUMNS: Final = (
    "host_name",
    "description",
    "state",
    "has_been_checked",
    "acknowledged",
    "scheduled_downtime_depth",
    "last_check",
    "last_state_change",
    "plugin_output",
    "staleness",
    "perf_data",
)
_State = Annotated[int, Meta(ge=0, le=3)]


class Versions(Struct, frozen=True, kw_only=True):
    checkmk: str = ""


class About(Struct, frozen=True, kw_only=True):
    """`/version`."""

    site: str = ""
    versions: Versions


class Found(Struct, frozen=True, kw_only=True):
    """Any collection."""

    value: Sequence[msgspec.Raw]


class Object(Struct, frozen=True, kw_only=True):
    """One of a collection."""

    id: str | int = ""
    extensions: msgspec.Raw


class Checkable(Struct, frozen=True, kw_only=True):
    """What hosts and services have in common."""

    state: _State
    has_been_checked: int = 1
    acknowledged: int = 0
    scheduled_downtime_depth: int = 0
    last_check: float = 0.0
    last_state_change: float = 0.0
    plugin_output: str | None = None
    staleness: float = 0.0
    """Its age in intervals of its check; Checkmk shows what is 1.5 or more as stale."""


class Host(Checkable, frozen=True, kw_only=True):
    """State 0 up, 1 down, 2 unreachable."""

    name: Annotated[str, Meta(min_length=1)]
    alias: str | None = None
    address: str | None = None
    parents: Sequence[str] = ()
    groups: Sequence[str] = ()
    filename: str | None = None
    """`/wato/clients/acme/hosts.mk`: its folder."""
    labels: Mapping[str, Any] | None = None
    tags: Mapping[str, Any] | None = None


class Service(Checkable, frozen=True, kw_only=True):
    """State 0 ok, 1 warning, 2 critical, 3 unknown."""

    host_name: str
    description: Annotated[str, Meta(min_length=1)]
    perf_data: str | None = None


class Downtime(Struct, frozen=True, kw_only=True):
    """One downtime; a service's where it has one."""

    host_name: str
    service_description: str | None = None
    is_service: str | bool | int = False
    """Older versions say yes and no."""
    author: str = ""
    comment: str = ""
    site_id: str = ""
    start_time: datetime | None = None
    end_time: datetime | None = None
    id: str = field(default="")

    @property
    def service(self) -> str:
        return (self.service_description or "") if self.is_service not in ("no", False, 0) else ""


class Trouble(Struct, frozen=True, kw_only=True):
    """What it answers instead (RFC 7807)."""

    title: str = ""
    detail: str = ""
