"""What Icinga's API answers, as typed records of what is used of it; keys that are not named here are ignored.

Source: Icinga 2, `doc/12-icinga2-api.md` and `lib/icinga/*.ti`. All numbers are read as floats, since some versions
write `2.0` for 2. Times are seconds since 1970 by the server's clock; 0 and -1 are never.
"""

from __future__ import annotations

from typing import Any, Generic, TypeVar

import msgspec
from msgspec import Struct

Attributes = TypeVar("Attributes")

ACKNOWLEDGEMENT = 4
"""`entry_type` of the comment that an acknowledgement leaves."""


class Results(Struct, frozen=True, gc=False):
    """The frame of every good answer: each result is read by itself, so that one cannot spoil the others."""

    results: list[msgspec.Raw]


class Found(Struct, Generic[Attributes], frozen=True, gc=False):
    """One object of a query."""

    name: str
    attrs: Attributes


class Metric(Struct, frozen=True, gc=False):
    """A performance value as Icinga has parsed it; checks that were handed in as text keep theirs as text."""

    label: str = ""
    value: float | str | None = None
    unit: str | None = None
    warn: float | str | None = None
    crit: float | str | None = None
    max: float | str | None = None


class Vars(Struct, frozen=True, gc=False):
    """What Icinga noted beside a result."""

    attempt: float = 1.0
    reachable: bool = True
    state_type: float = 1.0


class CheckResult(Struct, frozen=True, gc=False):
    execution_end: float = 0.0
    state: float = 3.0
    """As a plugin says it, for hosts too: 0 ok, 1 warning, 2 critical, 3 unknown."""
    output: str | None = ""
    performance_data: list[str | Metric] | None = None
    vars_after: Vars | None = None


class Checkable(Struct, frozen=True, gc=False, kw_only=True):
    """What hosts and services have in common."""

    display_name: str = ""
    state: float
    state_type: float
    """0 soft: not confirmed yet; 1 hard."""
    check_attempt: float = 1.0
    max_check_attempts: float = 1.0
    last_check: float
    next_update: float = 0.0
    """When Icinga itself expects the next result at the latest."""
    last_state_change: float = 0.0
    last_hard_state_change: float = 0.0
    last_reachable: bool = True
    enable_active_checks: bool = True
    """False: results are handed in from outside; the check command only stands there, and what it says is nothing."""
    acknowledgement: float = 0.0
    acknowledgement_expiry: float = 0.0
    acknowledgement_last_change: float = 0.0
    downtime_depth: float = 0.0
    last_check_result: CheckResult | None = None
    """None: it was never checked. `state` then says 1 for a host and 3 for a service, and means nothing."""


class Versioned(Struct, frozen=True, gc=False):
    version: float = 0.0


class Host(Checkable, frozen=True, gc=False, kw_only=True):
    address: str | None = ""
    address6: str | None = ""
    last_state_up: float = 0.0
    groups: list[str] | None = None
    vars: dict[str, Any] | None = None
    zone: str | None = ""
    version: float = 0.0
    """When the object was made by the API, or changed while Icinga ran; 0 where it stands in a file as it is. Seen on
    2.13: results, acknowledgements and restarts leave it, a host that is made anew has another one."""


class Service(Checkable, frozen=True, gc=False, kw_only=True):
    host_name: str
    name: str
    """The short one; the object's is `host!service`."""


class Downtime(Struct, frozen=True, gc=False, kw_only=True):
    host_name: str
    service_name: str = ""
    author: str = ""
    comment: str = ""
    start_time: float = 0.0
    end_time: float = 0.0
    fixed: bool = True
    duration: float = 0.0
    trigger_time: float = 0.0
    """When it took effect; 0 until then."""
    name: str = msgspec.field(default="", name="__name")

    def ends(self) -> float:
        """When it ends, or would; by the server's clock."""
        return self.end_time if self.fixed else self.trigger_time + self.duration

    def in_effect(self, now: float) -> bool:
        return self.trigger_time > 0 and self.start_time <= now < self.ends()


class Comment(Struct, frozen=True, gc=False, kw_only=True):
    host_name: str
    service_name: str = ""
    entry_type: float = 0.0
    entry_time: float = 0.0
    author: str = ""
    text: str = ""


class Dependency(Struct, frozen=True, gc=False, kw_only=True):
    child_host_name: str
    parent_host_name: str
    child_service_name: str = ""


class Execution(Struct, frozen=True, gc=False, kw_only=True):
    """A command under way or done."""

    deadline: float = 0.0
    pending: bool = False
    exit: float | None = None
    output: str | None = ""


class Executions(Struct, frozen=True, gc=False):
    executions: dict[str, Execution] | None = None


class Done(Struct, frozen=True, gc=False):
    """What an action says of one object."""

    code: float = 0.0
    status: str = ""
    name: str = ""
    execution: str = ""


class Acted(Struct, frozen=True, gc=False):
    """The answer to an action: results, or an error for all of it."""

    results: list[Done] = []
    error: float = 0.0
    status: str = ""


class About(Struct, frozen=True, gc=False):
    """`GET /v1`: who we are there, and what we may."""

    user: str = ""
    version: str = ""
    permissions: list[str] | None = None


class Event(Struct, frozen=True, gc=False, kw_only=True):
    """One line of the stream; which fields it has depends on its type."""

    type: str
    timestamp: float = 0.0
    host: str = ""
    service: str = ""
    state: float | None = None
    state_type: float | None = None
    check_result: CheckResult | None = None
    downtime_depth: float | None = None
    acknowledgement_type: float = 0.0
    author: str = ""
    comment: str | Comment | None = None
    """A text in an acknowledgement, an object elsewhere."""
    expiry: float = 0.0
    downtime: Downtime | None = None
    object_type: str = ""
    object_name: str = ""


class App(Struct, frozen=True, gc=False):
    program_start: float = 0.0


class Application(Struct, frozen=True, gc=False):
    app: App = App()


class Status(Struct, frozen=True, gc=False):
    """Of `/v1/status/CIB` and `/v1/status/IcingaApplication`."""

    icingaapplication: Application = Application()
    uptime: float = 0.0


class Told(Struct, frozen=True, gc=False):
    """One result of `/v1/status`."""

    status: Status
