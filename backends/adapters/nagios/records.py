"""What the JSON CGIs answer, as far as it is used. Times are milliseconds since 1970, 0 for never; states are bits."""

from __future__ import annotations

from typing import Final

import msgspec
from msgspec import Struct

HOST_PENDING: Final = 1
HOST_UP: Final = 2
HOST_DOWN: Final = 4
HOST_UNREACHABLE: Final = 8
SERVICE_PENDING: Final = 1
SERVICE_OK: Final = 2
SERVICE_WARNING: Final = 4
SERVICE_UNKNOWN: Final = 8
SERVICE_CRITICAL: Final = 16
"""`include/statusdata.h`"""
ACKNOWLEDGEMENT: Final = 4
"""`entry_type` of the comment that an acknowledgement leaves (`include/comments.h`)."""
ACTIVE: Final = 0
"""`check_type` of a result that Nagios itself asked for."""
NAMELESS: Final = ("", "(null)")
"""What the CGIs say for a name that cannot be written in their locale."""


class Result(Struct, frozen=True, kw_only=True):
    """What every answer says of itself. Failures come with HTTP 200, and are told here only."""

    type_code: int
    type_text: str = ""
    message: str = ""
    user: str = ""
    query_time: float = 0.0
    last_data_update: float = 0.0
    """When the status file was written."""
    program_start: float = 0.0


class Told(Struct, frozen=True, kw_only=True):
    """One answer. What is in `data` is called as the query is."""

    result: Result
    data: dict[str, msgspec.Raw] = {}


class Program(Struct, frozen=True, kw_only=True):
    """`programstatus`."""

    version: str
    nagios_pid: float = 0.0
    execute_service_checks: bool = True
    execute_host_checks: bool = True


class Checkable(Struct, frozen=True, kw_only=True):
    """What hosts and services have in common."""

    status: int
    has_been_checked: bool
    plugin_output: str = ""
    perf_data: str = ""
    should_be_scheduled: bool = False
    current_attempt: float = 1.0
    max_attempts: float = 1.0
    last_check: float = 0.0
    next_check: float = 0.0
    check_type: int = ACTIVE
    checks_enabled: bool = True
    last_state_change: float = 0.0
    state_type: int = 1
    """0 is soft: more attempts will tell."""
    problem_has_been_acknowledged: bool = False
    is_flapping: bool = False
    scheduled_downtime_depth: float = 0.0

    @property
    def pending(self) -> bool:
        return not self.has_been_checked or self.status == SERVICE_PENDING

    @property
    def well(self) -> bool:
        return not self.pending and self.status == SERVICE_OK

    @property
    def soft(self) -> bool:
        return not self.pending and not self.well and self.state_type == 0


class Host(Checkable, frozen=True, kw_only=True):
    last_time_up: float = 0.0

    @property
    def down(self) -> bool:
        return not self.pending and self.status == HOST_DOWN

    @property
    def unreachable(self) -> bool:
        """Nagios says that it does not answer because of what is on the way to it."""
        return not self.pending and self.status == HOST_UNREACHABLE


class Service(Checkable, frozen=True, kw_only=True):
    pass


class Downtime(Struct, frozen=True, kw_only=True):
    """Of a service, or of a host: then `service_description` is missing."""

    downtime_id: int
    host_name: str
    service_description: str = ""
    fixed: bool = True
    is_in_effect: bool = False
    start_time: float = 0.0
    flex_downtime_start: float = 0.0
    end_time: float = 0.0
    duration: float = 0.0
    """Seconds."""
    author: str = ""
    comment: str = ""

    @property
    def ends(self) -> float:
        """When it will be over, in milliseconds."""
        if self.fixed or self.flex_downtime_start <= 0:
            return self.end_time
        return self.flex_downtime_start + 1000.0 * self.duration


class Comment(Struct, frozen=True, kw_only=True):
    comment_id: int
    entry_type: int
    host_name: str
    service_description: str = ""
    entry_time: float = 0.0
    author: str = ""
    comment_data: str = ""


class HostObject(Struct, frozen=True, kw_only=True):
    """A host as it is configured."""

    name: str
    display_name: str = ""
    alias: str = ""
    address: str = ""
    parent_hosts: list[str] = []
    custom_variables: dict[str, str] = {}
    """By name in capitals, without the underscore."""


class Group(Struct, frozen=True, kw_only=True):
    group_name: str
    alias: str = ""
    members: list[str] = []
