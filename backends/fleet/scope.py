"""A picture narrowed to what a filter means, for the verdict over a part of the fleet.

Terms about what and where a device is choose devices, and with them sites; terms about issues choose issues only, so
that `sev>=high` does not make the fleet disappear. Every source stays: one that is silent may hide what would match.
"""

from __future__ import annotations

from collections import Counter
from typing import Final

import msgspec

from backends.fleet.changes import Picture
from backends.fleet.model import Device, Health, HealthCounts, Issue, Site
from backends.fleet.places import rolled_up
from backends.fleet.query import Context, Query
from backends.fleet.query_fields import FIELDS
from backends.fleet.worth import counts_as

_CHOOSES_DEVICES: Final = frozenset({"client", "site", "name", "kind", "source", "id", "address", "platform", "text"})
"""What a device is or where, rather than how it does."""
_CHOOSES_SITES: Final = frozenset({"client", "site"})
_OF_ANYTHING: Final = frozenset({"is", "text"})


def _fields_of(kind: type) -> frozenset[str]:
    return frozenset(name for name, field in FIELDS.items() if kind in field.attributes)


_OF_ISSUES: Final = (_fields_of(Issue) | _OF_ANYTHING) - {"id"}
_OF_DEVICES: Final = _fields_of(Device) - _OF_ISSUES - {"id"}
"""What an issue has no word for is asked of its device."""


def unanswerable(query: Query) -> list[str]:
    """Fields of the filter that neither an issue nor a device has: nothing would ever match them."""
    return sorted(query.fields - _OF_ISSUES - _OF_DEVICES - {"id"})


def has_all_issues(query: Query) -> bool:
    """Whether every issue of the devices that are meant is meant too; in doubt yes, which is the careful side."""
    return query.fields <= _CHOOSES_DEVICES | {"health"}


def narrowed(picture: Picture, query: Query, context: Context) -> Picture:
    """The part of `picture`, which has to have its devices, that `query` means."""
    scope = query.only(_CHOOSES_DEVICES)
    devices = {key: device for key, device in picture.devices.items() if scope.matches(device, context)}
    issues = {key: issue for key, issue in picture.issues.items() if _means(query, issue, picture, context)}
    for key, issue in issues.items():
        if issue.incident is not None and issue.incident not in issues:
            issues[key] = msgspec.structs.replace(issue, incident=None)  # what explains it is not in view: it waits
    found = Counter((device.site, counts_as(device)) for device in devices.values())
    sites = {}
    for site in picture.sites.values():
        counts = HealthCounts(**{name: found[site.id, health] for name, health in _COUNTED})
        if counts.total or (not site.devices.total and _is_chosen(scope, site, context)):
            sites[site.id] = msgspec.structs.replace(site, devices=counts, health=rolled_up(counts))
    clients = {site.client for site in sites.values()} | {issue.client for issue in issues.values()}
    return msgspec.structs.replace(
        picture,
        clients={key: client for key, client in picture.clients.items() if scope.everything or key in clients},
        sites=sites,
        devices=devices,
        issues=issues,
    )


_COUNTED: Final = tuple((health.value, health) for health in Health)


def _is_chosen(scope: Query, site: Site, context: Context) -> bool:
    """Whether a site without devices is meant."""
    return scope.fields <= _CHOOSES_SITES and scope.matches(site, context)


def _means(query: Query, issue: Issue, picture: Picture, context: Context) -> bool:
    """Whether an issue is meant. A source's own issue has no device to ask: it may stand for any."""
    if not query.only(_OF_ISSUES).matches(issue, context):
        return False
    device = picture.devices.get(issue.device) if issue.device is not None else None
    named = query.only({"id"})
    if device is None:
        return named.everything or named.matches(issue, context)
    if not named.matches(issue, context) and not named.matches(device, context):
        return False
    return query.only(_OF_DEVICES).matches(device, context)
