"""Something that happened to a device at a time: what a technician asks for when something new is wrong."""

from __future__ import annotations

from datetime import datetime
from enum import StrEnum

from msgspec import Struct

from backends.fleet.model import IssueId, SafeText


class Deed(StrEnum):
    """What kind of thing happened."""

    CONDITION = "condition"
    """Something began to be wrong."""
    SILENT = "silent"
    """A neighbour stopped answering."""
    JOB = "job"
    """A job of the source's ended."""
    BOOT = "boot"
    RUN = "run"
    """A fix of ours ended."""


class Happened(Struct, frozen=True, kw_only=True):
    """One thing that happened."""

    at: datetime
    deed: Deed
    device_name: SafeText
    title: SafeText = SafeText("")
    """The finding, the job's name, or the fix; empty for a boot."""
    by: str = ""
    """Who ran the fix."""
    issue: IssueId | None = None
    """The condition."""
    over: datetime | None = None
    """When the condition ended; None while it lasts."""
