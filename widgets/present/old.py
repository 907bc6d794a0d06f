"""The picture while nobody vouches for it: the engine is not there yet, or is lost. Nothing in it may look green."""

from __future__ import annotations

from msgspec.structs import replace

from backends.fleet.changes import Picture
from backends.fleet.glance import old_issue, old_source
from backends.fleet.model import Freshness, Health, HealthCounts, Site


def as_old(picture: Picture) -> Picture:
    """The same facts, each as old: what was fresh is stale, what was ok is unknown."""
    return replace(
        picture,
        sites={key: _site(site) for key, site in picture.sites.items()},
        devices={key: replace(device, health=_health(device.health), freshness=_stale(device.freshness))
                 for key, device in picture.devices.items()},
        issues={key: old_issue(issue) for key, issue in picture.issues.items()},
        sources={key: old_source(source) for key, source in picture.sources.items()},
    )  # fmt: skip


def _site(site: Site) -> Site:
    """The same object where it is old already, as all are that come from the store."""
    if site.health is not Health.OK and not site.devices.ok:
        return site
    return replace(site, health=_health(site.health), devices=_counts(site.devices))


def _stale(freshness: Freshness) -> Freshness:
    return Freshness.STALE if freshness is Freshness.FRESH else freshness


def _health(health: Health) -> Health:
    return Health.UNKNOWN if health is Health.OK else health


def _counts(counts: HealthCounts) -> HealthCounts:
    return replace(counts, ok=0, unknown=counts.unknown + counts.ok)
