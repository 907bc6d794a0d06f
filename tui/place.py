"""Where the technician is: which noun the list shows, of what, and how to come back."""

from __future__ import annotations

from enum import StrEnum

from msgspec import Struct

from backends.fleet.model import ClientId, DeviceId, IssueId, SafeText, SiteId, SourceName


class Noun(StrEnum):
    """What a list is made of; each can be gone to by `:noun`."""

    ISSUES = "issues"
    CLIENTS = "clients"
    SITES = "sites"
    DEVICES = "devices"
    CHECKS = "checks"
    SOURCES = "sources"
    RUNS = "runs"
    AUDIT = "audit"


class Place(Struct, frozen=True, kw_only=True):
    """One list. Narrowed by client, site, source or device as it was reached, and by the filter as it was typed."""

    noun: Noun = Noun.ISSUES
    client: ClientId | None = None
    site: SiteId | None = None
    source: SourceName | None = None
    device: DeviceId | None = None
    incident: IssueId | None = None
    """Only what this issue explains."""
    query: str = ""
    name: SafeText = SafeText("")
    """What it is narrowed to, for the heading."""


HOME = Place()
