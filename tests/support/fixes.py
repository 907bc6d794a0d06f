"""Facts for tests of fixes: a device, its issue and check, an aim at it, a fix, a policy without guards."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

from msgspec.structs import replace

from backends.config.schema import Guard
from backends.fixes.aim import Aim
from backends.fixes.guard import Policy
from backends.fixes.model import Fix, Step
from backends.fleet.model import (
    Check,
    CheckState,
    Client,
    ClientId,
    Device,
    DeviceId,
    FixId,
    Health,
    Identity,
    Issue,
    Severity,
    SiteId,
    SourceName,
    issue_id,
    safe,
)
from backends.fleet.run import Parameter, Risk

NOW = datetime(2026, 1, 5, 9, 0, tzinfo=UTC)
SOURCE = SourceName("acme-hq")


def a_device(name: str = "web01", **changes: Any) -> Device:
    device = Device(
        id=DeviceId(f"{SOURCE}:{name}"),
        client=ClientId("acme"),
        client_name=safe("Acme Dental"),
        site=SiteId("acme/hq"),
        site_name=safe("HQ"),
        name=safe(name),
        kind="server",
        platform="linux",
        address=safe("10.0.0.11"),
        health=Health.DEGRADED,
        seen=NOW,
        sources=(SOURCE,),
        natives=(name,),
        identity=Identity(machine=f"machine-{name}", host_key="SHA256:abc"),
        boot_id="boot-1",
    )
    return replace(device, **changes)


def a_check(family: str = "service", subject: str = "nginx", target: str = "", native: str = "web01") -> Check:
    return Check(
        source=SOURCE,
        native=native,
        family=family,
        subject=subject,
        label=safe(family),
        state=CheckState.CRITICAL,
        summary=safe(f"{family} {subject} is bad"),
        seen=NOW,
        target=target,
    )


def an_issue(device: Device, check: Check, **changes: Any) -> Issue:
    issue = Issue(
        id=issue_id(device.id, check.key),
        device=device.id,
        source=check.source,
        sources=(check.source,),
        client=device.client,
        client_name=device.client_name,
        site=device.site,
        site_name=device.site_name,
        device_name=device.name,
        kind=device.kind,
        family=check.family,
        key=check.key,
        severity=Severity.CRITICAL,
        title=check.summary,
        since=NOW,
        seen=NOW,
    )
    return replace(issue, **changes)


def an_aim(device: Device | None = None, check: Check | None = None, **changes: Any) -> Aim:
    device = device or a_device()
    check = check or a_check(native=device.natives[0])
    aim = Aim(
        device=device,
        source=device.sources[0],
        native=device.natives[0],
        client=Client(id=device.client, name=device.client_name, hours="Mon-Fri 08:00-18:00 UTC"),
        issue=an_issue(device, check),
        check=check,
    )
    return replace(aim, **changes)


def a_fix(**changes: Any) -> Fix:
    fix = Fix(
        id=FixId("restart-service"),
        title=safe("Restart service"),
        about=safe("Restarts one service."),
        risk=Risk.DISRUPTIVE,
        families=("service",),
        parameters=(Parameter(name="service", label=safe("Service"), pattern=r"[A-Za-z0-9_.@-]+", source="subject"),),
        steps=(Step(says=safe("Restart {service}"), platforms=("linux",), script='echo "$1"\n', deadline_s=30),),
        affects=safe("Who uses {service} on {device} is cut off."),
        done=safe("Restarted {service} on {device}"),
        holds=safe("the service is running again"),
        lingers=safe("the service is still not running"),
        exits={"70": safe("It did not stay up.")},
    )
    return replace(fix, **changes)


def a_policy(*guards: Guard, inside: bool = True, matching: bool = True) -> Policy:
    """Guards match by `matching`, and every moment is inside of business hours or none is."""
    return Policy(
        guards=guards,
        matches=lambda text, target, context: text == "*" or matching,
        in_hours=lambda hours, at: inside,
    )
