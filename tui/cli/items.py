"""Facts as JSON items of the schema `rounds/1`: documented in `docs/json.md`, which only ever grows.

Times are ISO 8601 in UTC, durations are seconds, unknown is null, ids are stable.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterable
from datetime import UTC, datetime
from typing import Any, Final

import msgspec

from backends.fleet.changes import Picture
from backends.fleet.model import Client, Device, Handling, Issue, Severity, Site, Source, SourceName
from backends.fleet.opinion import Opinion
from backends.fleet.run import FixCard, Plan, Run
from backends.fleet.tally import waits
from backends.text import is_safe

SCHEMA: Final = "rounds/1"
_NOT_PLAIN: Final = re.compile("[^\n -~]")

Item = dict[str, Any]


def iso(when: datetime | None) -> str | None:
    """ISO 8601 in UTC with a Z, whole seconds."""
    return None if when is None else when.astimezone(UTC).isoformat(timespec="seconds").replace("+00:00", "Z")


def envelope(at: datetime, items: Iterable[Item], **more: object) -> str:
    """The document that `--json` prints."""
    return dump({"schema": SCHEMA, "at": iso(at), **more, "items": list(items)})


def dump(document: object) -> str:
    return _escaped(msgspec.json.format(_encoded(document), indent=2).decode())


def line(document: object) -> str:
    return _escaped(_encoded(document).decode())


def _encoded(document: object) -> bytes:
    try:
        return msgspec.json.encode(document)
    except UnicodeEncodeError:  # half a character, in a name from a file system
        from backends.store.rows import body_of  # noqa: PLC0415 - rare

        return msgspec.json.encode(msgspec.msgpack.decode(body_of(document)))


def _escaped(text: str) -> str:
    """The same document, without a character that a terminal would obey: conditions and parameters are data as they
    are, and JSON itself escapes only the first thirty-two."""
    return _NOT_PLAIN.sub(lambda found: found[0] if is_safe(found[0]) else json.dumps(found[0])[1:-1], text)


def opinion_item(device: Device, opinion: Opinion) -> Item:
    return {
        "device": opinion.device,
        "name": device.name,
        "client": device.client,
        "site": device.site,
        "at": iso(opinion.at),
        "address": opinion.address,
        "verdict": opinion.verdict,
        "sentence": opinion.sentence,
        "careful": opinion.careful or None,
        "looks": [
            {
                "kind": one.kind,
                "what": one.what,
                "seen": one.seen,
                "ms": None if one.ms is None else round(one.ms, 3),
                "sentence": one.sentence or None,
            }
            for one in opinion.looks
        ],
    }


def issue_item(issue: Issue) -> Item:
    return {
        "id": issue.id,
        "severity": issue.severity,
        "state": issue.state,
        "client": issue.client or None,
        "client_name": issue.client_name or None,
        "site": issue.site or None,
        "device": issue.device,
        "device_name": issue.device_name or None,
        "kind": issue.kind or None,
        "family": issue.family,
        "condition": issue.key,
        "title": issue.title,
        "advice": issue.advice or None,
        "since": iso(issue.since),
        "seen": iso(issue.seen),
        "freshness": issue.freshness,
        "sources": list(issue.sources),
        "owner": issue.owner or None,
        "acked_by": issue.acked_by or None,
        "acked_at": iso(issue.acked_at),
        "snoozed_by": issue.snoozed_by or None,
        "snoozed_until": iso(issue.snoozed_until),
        "snooze_reason": issue.snooze_reason or None,
        "handled": [_handling_item(source, word) for source, word in issue.handled],
        "incident": issue.incident,
        "behind": issue.behind,
        "reason": issue.reason or None,
        "times": issue.times,
        "held": issue.held_s,
        "next_fix": issue.next_fix,
        "respond_by": iso(issue.respond_by),
        "resolve_by": iso(issue.resolve_by),
    }


def _handling_item(source: SourceName, word: Handling) -> Item:
    return {
        "source": source,
        "acked": word.acked,
        "acked_by": word.acked_by or None,
        "acked_at": iso(word.acked_at),
        "quiet": word.quiet,
        "quiet_until": iso(word.quiet_until),
        "quiet_by": word.quiet_by or None,
        "text": word.text or None,
    }


def device_item(device: Device) -> Item:
    return {
        "id": device.id,
        "client": device.client,
        "client_name": device.client_name,
        "site": device.site,
        "name": device.name,
        "kind": device.kind,
        "platform": device.platform or None,
        "system": device.system or None,
        "address": device.address or None,
        "health": device.health,
        "freshness": device.freshness,
        "seen": iso(device.seen),
        "sources": list(device.sources),
        "booted": iso(device.booted),
        "look_alike": device.look_alike,
    }


def source_item(source: Source) -> Item:
    fault = source.fault
    return {
        "name": source.name,
        "kind": source.kind,
        "state": source.state,
        "seen": iso(source.seen),
        "every": source.every_s,
        "devices": source.devices,
        "unplaced": source.unplaced,
        "version": source.version or None,
        "skew": source.skew_s,
        "quarantined": source.quarantined,
        "note": source.note or None,
        "fault": None
        if fault is None
        else {
            "kind": fault.kind,
            "sentence": fault.sentence,
            "since": iso(fault.since),
            "retry_at": iso(fault.retry_at),
        },
    }


def run_item(run: Run) -> Item:
    return {
        "id": run.id,
        "fix": run.fix,
        "title": run.title,
        "risk": run.risk,
        "target": run.device,
        "target_name": run.device_name,
        "client": run.client,
        "site": run.site,
        "source": run.source,
        "address": run.address or None,
        "parameters": dict(run.parameters),
        "issue": run.issue,
        "state": run.state,
        "outcome": run.verified,
        "by": run.by,
        "planned": iso(run.planned),
        "started": iso(run.started),
        "ended": iso(run.ended),
        "exit": run.exit,
        "sentence": run.sentence or None,
        "output_bytes": run.output_bytes,
        "checked": run.checked,
    }


def site_item(site: Site) -> Item:
    return {
        "id": site.id,
        "client": site.client,
        "client_name": site.client_name,
        "name": site.name,
        "health": site.health,
        "devices": {**msgspec.structs.asdict(site.devices), "total": site.devices.total},
    }


def client_item(client: Client, picture: Picture) -> Item:
    """Its issues are those that wait for somebody, as everywhere: none that are snoozed, over or behind another."""
    issues = [issue for issue in picture.issues.values() if issue.client == client.id and waits(issue)]
    return {
        "id": client.id,
        "name": client.name,
        "contract": client.contract,
        "hours": client.hours or None,
        "sites": sum(1 for site in picture.sites.values() if site.client == client.id),
        "devices": sum(site.devices.total for site in picture.sites.values() if site.client == client.id),
        "issues": {severity.value: sum(1 for issue in issues if issue.severity is severity) for severity in Severity},
    }


def fix_item(card: FixCard) -> Item:
    return {
        "id": card.id,
        "title": card.title,
        "about": card.about,
        "risk": card.risk,
        "families": list(card.families),
        "platforms": list(card.platforms),
        "parameters": [
            {
                "name": parameter.name,
                "label": parameter.label,
                "pattern": parameter.pattern,
                "default": parameter.default or None,
            }
            for parameter in card.parameters
        ],
        "undo": card.undo or None,
        "verify": card.verify or None,
        "source": card.source,
    }


def plan_item(plan: Plan) -> Item:
    return {
        "id": plan.id,
        "fix": plan.fix,
        "title": plan.title,
        "risk": plan.risk,
        "by": plan.by,
        "made": iso(plan.made),
        "expires": iso(plan.expires),
        "consent": plan.consent,
        "reason": plan.reason or None,
        "does": list(plan.does),
        "script": plan.script or None,
        "affects": plan.affects or None,
        "undo": plan.undo or None,
        "verify": plan.verify or None,
        "changed": list(plan.changed),
        "targets": [
            {
                "device": target.device,
                "client": target.client,
                "client_name": target.client_name,
                "site": target.site,
                "name": target.name,
                "address": target.address or None,
                "source": target.source,
                "issue": target.issue,
                "parameters": dict(target.parameters),
                "consent": target.consent,
                "reason": target.reason or None,
                "seen": iso(target.seen),
            }
            for target in plan.targets
        ],
    }
