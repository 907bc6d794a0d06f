"""The closed sets of words that facts are told in: how bad, how well, how fresh, how it stands, what can be done."""

from __future__ import annotations

from enum import StrEnum
from typing import Final


class Severity(StrEnum):
    CRITICAL = "critical"
    HIGH = "high"
    WARNING = "warning"
    INFO = "info"

    @property
    def rank(self) -> int:
        """0 is worst."""
        return _SEVERITY_RANK[self]


_SEVERITY_RANK: Final = {severity: rank for rank, severity in enumerate(Severity)}


class Health(StrEnum):
    OK = "ok"
    DEGRADED = "degraded"
    DOWN = "down"
    UNKNOWN = "unknown"
    MAINTENANCE = "maintenance"


class CheckState(StrEnum):
    OK = "ok"
    WARNING = "warning"
    CRITICAL = "critical"
    UNKNOWN = "unknown"


class Freshness(StrEnum):
    """What a source's facts are worth now. Only fresh facts may be shown as green."""

    FRESH = "fresh"
    STALE = "stale"
    """The last poll failed or came back suspiciously empty; the facts are kept and shown as old."""
    SILENT = "silent"
    """Nothing heard for max(15 s, two intervals): states count as unknown."""
    FAILED = "failed"
    """Never heard since it was configured, or refused for good (credentials, host key): a hand is needed."""


class IssueState(StrEnum):
    OPEN = "open"
    ACKED = "acked"
    SNOOZED = "snoozed"
    RECOVERED = "recovered"


class Contract(StrEnum):
    MANAGED = "managed"
    BREAK_FIX = "break-fix"


class Can(StrEnum):
    """What can be done through a source, beside reading it; in the words in which people are told."""

    RUN_FIXES = "run fixes"
    RUN_OWN = "run its own fixes"
    OPEN_SHELL = "open a shell"
    ACKNOWLEDGE = "acknowledge"
    SNOOZE = "snooze"
    CLOSE = "close problems"
    RECHECK = "check now"
    HISTORY = "tell how values went"
    STREAM = "tell what changes as it changes"


class FaultKind(StrEnum):
    """Why a source, or one host of it, could not be read."""

    REFUSED = "refused"
    UNREACHABLE = "unreachable"
    TIMEOUT = "timeout"
    NAME = "name"
    TLS = "tls"
    HOST_KEY_UNKNOWN = "host-key-unknown"
    HOST_KEY_CHANGED = "host-key-changed"
    CREDENTIALS = "credentials"
    FORBIDDEN = "forbidden"
    PROTOCOL = "protocol"
    TOO_LARGE = "too-large"
    RATE_LIMITED = "rate-limited"
    SERVER = "server"
    EMPTY = "empty"
    CONFIGURATION = "configuration"
    SECRET = "secret"  # noqa: S105 - the name of a kind of fault
    INTERNAL = "internal"
