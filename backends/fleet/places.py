"""Clients and sites from the devices that are there, and the roll-up of their health."""

from __future__ import annotations

from backends.fleet.draft import Draft, bumped
from backends.fleet.model import Client, ClientId, Device, Health, HealthCounts, Site
from backends.fleet.steps import STEP, Steps
from backends.fleet.worth import counts_as


def account(draft: Draft, before: Device | None, after: Device | None) -> None:
    """Keep the site's devices and counts in step with one device that changed from `before` to `after`."""
    if before is not None and (after is None or after.site != before.site):
        draft.site_devices.remove(before.site, before.id)
    if after is not None and (before is None or after.site != before.site):
        draft.site_devices.add(after.site, after.id)
    old = (before.site, counts_as(before)) if before is not None else None
    new = (after.site, counts_as(after)) if after is not None else None
    if old == new:
        if before is not None and after is not None and _named(before) != _named(after):
            draft.moved_counts.setdefault(after.site, {})
        return
    if old is not None:
        draft.count(*old, -1)
    if new is not None:
        draft.count(*new, 1)


def settle_places(draft: Draft) -> Steps[None]:
    """Bring sites and clients up to date with what was accounted for."""
    vacated = False
    for number, (name, moved) in enumerate(draft.moved_counts.items()):
        if number % STEP == STEP - 1:
            yield
        here = draft.site_devices.of(name)
        site = draft.sites.facts.get(name)
        if not here:
            vacated = vacated or site is not None
            draft.sites.drop(name)
            continue
        device = draft.devices.facts[next(iter(here))]
        _introduce(draft, device)
        counts = bumped(site.devices if site is not None else HealthCounts(), moved)
        new = Site(
            id=name,
            client=device.client,
            client_name=draft.clients.facts[device.client].name,
            name=device.site_name,
            health=rolled_up(counts),
            devices=counts,
        )
        if new != site:
            draft.sites.put(name, new)
    if vacated:
        _dismiss(draft)
    draft.moved_counts.clear()


def rolled_up(counts: HealthCounts) -> Health:
    """What a site is: down when none of its devices answers, degraded when one of them is not well, ok only when each
    one is. Devices in maintenance do not count."""
    if counts.down and counts.down == counts.total - counts.maintenance:
        return Health.DOWN
    if counts.down or counts.degraded:
        return Health.DEGRADED
    if counts.unknown or not counts.total:
        return Health.UNKNOWN
    return Health.OK if counts.ok else Health.MAINTENANCE


def said_of(draft: Draft, client: ClientId) -> Client | None:
    """The configuration's word on a client, else that of the first source by name that knows it."""
    if client in draft.configured:
        return draft.configured[client]
    return draft.introduced_by_name().get(client)


def _introduce(draft: Draft, device: Device) -> None:
    if device.client not in draft.clients.facts:
        known = said_of(draft, device.client)
        draft.clients.put(device.client, known or Client(id=device.client, name=device.client_name))


def _dismiss(draft: Draft) -> None:
    """Clients that only their devices spoke of go with the last of them."""
    needed = {site.client for site in draft.sites.facts.values()}
    for client in [name for name in draft.clients.facts if name not in needed]:
        if said_of(draft, client) is None:
            draft.clients.drop(client)


def _named(device: Device) -> tuple[str, str]:
    return device.client_name, device.site_name
