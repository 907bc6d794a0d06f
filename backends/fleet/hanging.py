"""What hangs behind what, as the sources say: kept beside their words, and followed from a touched site to all sites
that an outage may reach from there."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence

from backends.fleet.draft import Draft
from backends.fleet.identity import Key
from backends.fleet.model import Device, DeviceId, SiteId
from backends.fleet.told import Told

Group = tuple[SiteId, ...]
"""Sites of which one can explain what is wrong at another."""


def hang(draft: Draft, key: Key, before: Told | None, now: Told | None) -> None:
    """Keep what hangs behind what in step with one source's word on a device."""
    was = before.standing.behind if before is not None else ""
    behind = now.standing.behind if now is not None else ""
    if was == behind:
        return
    draft.rehung.add(key)
    if behind:
        draft.hanging.put(key, behind)
    else:
        draft.hanging.drop(key)


def touched_groups(draft: Draft) -> list[Group]:
    """The touched sites, each with those that hang together with it now or did before; no site twice."""
    for key in draft.rehung:
        device = draft.devices.facts.get(draft.identity.facts.get(key, DeviceId("")))
        if device is not None:
            draft.unplaced.add(device.site)
    links = _links(draft) if draft.unplaced else {}
    if not links:
        return [(site,) for site in draft.unplaced]
    groups: list[Group] = []
    done: set[SiteId] = set()
    for site in draft.unplaced:
        if site not in done:
            group = _reached(site, links)
            done.update(group)
            groups.append(group)
    return groups


def uplinks(draft: Draft, devices: Iterable[Device]) -> Mapping[DeviceId, Sequence[DeviceId]]:
    """The devices behind which each of these hangs, in the order of the sources that say so."""
    hanging = draft.hanging.facts
    if not hanging:
        return {}
    found: dict[DeviceId, list[DeviceId]] = {}
    for device in devices:
        for key in zip(device.sources, device.natives, strict=True):
            if key in hanging and (above := draft.identity.facts.get((key[0], hanging[key]))) is not None:
                found.setdefault(device.id, []).append(above)
    return found


def _links(draft: Draft) -> dict[SiteId, set[SiteId]]:
    links: dict[SiteId, set[SiteId]] = {}
    before = draft.before
    for one, other in (
        *_sites(before.hanging, before.identity, before.devices),
        *_sites(draft.hanging.facts, draft.identity.facts, draft.devices.facts),
    ):
        links.setdefault(one, set()).add(other)
        links.setdefault(other, set()).add(one)
    return links


def _sites(
    hanging: Mapping[Key, str], identity: Mapping[Key, DeviceId], devices: Mapping[DeviceId, Device]
) -> Iterator[tuple[SiteId, SiteId]]:
    """Pairs of different sites of which one has something that hangs behind the other."""
    for (source, native), parent in hanging.items():
        below = devices.get(identity.get((source, native), DeviceId("")))
        above = devices.get(identity.get((source, parent), DeviceId("")))
        if below is not None and above is not None and below.site != above.site:
            yield below.site, above.site


def _reached(site: SiteId, links: Mapping[SiteId, set[SiteId]]) -> Group:
    found = {site: None}
    waiting = [site]
    while waiting:
        for other in sorted(links.get(waiting.pop(), ())):
            if other not in found:
                found[other] = None
                waiting.append(other)
    return tuple(found)
