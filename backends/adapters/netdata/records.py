"""What an agent answers (API v1 of 1.37), as far as it is used; unknown keys are ignored."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import msgspec
from msgspec import Struct, field


class Mirrored(Struct, frozen=True, kw_only=True):
    """One host that the agent tells of."""

    hostname: str = ""
    guid: str = ""
    reachable: bool = True
    """Whether the agent hears from it: false of a host that a parent holds, and that is away."""


class Info(Struct, frozen=True, kw_only=True):
    """`/api/v1/info`."""

    version: str
    uid: str = ""
    mirrored_hosts_status: Sequence[msgspec.Raw] = ()
    cores_total: str = ""
    kernel_name: str = ""
    os_name: str = ""
    os_version: str = ""
    container_os_name: str = ""
    container_os_version: str = ""


class Alarm(Struct, frozen=True, kw_only=True):
    """One alarm, raised or not."""

    name: str
    chart: str
    status: str
    family: str | None = None
    info: str | None = None
    summary: str | None = None
    value: float | None = None
    value_string: str | None = None
    units: str | None = None
    disabled: bool = False
    silenced: bool = False
    last_status_change: float = 0.0
    last_updated: float = 0.0
    update_every: float = 0.0


class Alarms(Struct, frozen=True, kw_only=True):
    """`/api/v1/alarms?all`."""

    hostname: str
    alarms: Mapping[str, msgspec.Raw]


class Dimension(Struct, frozen=True, kw_only=True):
    value: float | None = None


class Chart(Struct, frozen=True, kw_only=True):
    """One of `/api/v1/allmetrics?format=json`."""

    units: str = ""
    family: str = ""
    last_updated: float = 0.0
    dimensions: Mapping[str, Dimension] = field(default_factory=dict)


class Data(Struct, frozen=True, kw_only=True):
    """`/api/v1/data`: rows of a time and a value for each of the other labels."""

    labels: Sequence[str] = ()
    data: Sequence[Sequence[float | None]] = ()
