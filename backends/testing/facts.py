"""Small facts for scripts."""

from __future__ import annotations

from datetime import datetime

from backends.api import Check, Identity, Sighting, SiteId, SourceName, safe, slug
from backends.fleet.model import CheckState, ClientId, Health


def a_sighting(source: str, native: str, at: datetime, *, client: str = "Acme", site: str = "HQ") -> Sighting:
    """A Linux server that is well."""
    client_id = ClientId(slug(client))
    return Sighting(
        source=SourceName(source),
        native=native,
        client=client_id,
        client_name=safe(client),
        site=SiteId(f"{client_id}/{slug(site)}"),
        site_name=safe(site),
        name=safe(native),
        platform="linux",
        address=safe("127.0.0.1"),
        health=Health.OK,
        boot_id="boot-1",
        identity=Identity(machine=f"machine-{native}"),
        seen=at,
    )


def a_check(
    source: str, native: str, at: datetime, *, family: str = "service", subject: str = "nginx", ok: bool = False
) -> Check:
    """A stopped service, or a running one."""
    return Check(
        source=SourceName(source),
        native=native,
        family=family,
        subject=subject,
        label=safe(f"{family} {subject}"),
        state=CheckState.OK if ok else CheckState.CRITICAL,
        summary=safe("" if ok else f"{subject} has stopped"),
        seen=at,
    )
