"""The card for whatever the cursor is on."""

from __future__ import annotations

from collections.abc import Sequence

from backends.fleet.changes import Picture
from backends.fleet.model import Check, Client, Device, Issue, Site, Source
from backends.fleet.run import AuditRecord, DeviceCard, Offer, Run
from widgets.present.card import (
    NOTHING_SELECTED,
    Card,
    Times,
    audit_card,
    check_card,
    client_card,
    device_card,
    issue_card,
    run_card,
    source_card,
)
from widgets.present.clients import health_counts
from widgets.present.issues import is_open
from widgets.present.row import Cell, Tone, line, plain
from widgets.present.tone import HEALTH_TONE, health_word


def card_of(fact: object, picture: Picture, known: DeviceCard | None, offers: Sequence[Offer], times: Times) -> Card:
    """`known` is the card of the fact's device, when it has come by now."""
    match fact:
        case Issue():
            return issue_card(fact, known, offers, times)
        case Device():
            return device_card(fact, known)
        case Check():
            return check_card(fact, offers)
        case Source():
            return source_card(fact, times)
        case Run():
            return run_card(fact, times)
        case AuditRecord():
            return audit_card(fact, times)
        case Client():
            mine = [issue for issue in picture.issues.values() if issue.client == fact.id and is_open(issue)]
            sites = sum(1 for site in picture.sites.values() if site.client == fact.id)
            return client_card(fact, len(mine), sites)
        case Site():
            return _site_card(fact)
    return Card((plain(NOTHING_SELECTED, Tone.DIM),))


def _site_card(site: Site) -> Card:
    head = (
        Cell(site.name, Tone.STRONG),
        plain(f" · {site.client_name} · ", Tone.DIM),
        Cell(health_word(site.health), HEALTH_TONE[site.health]),
    )
    return Card(head, (line("Devices", plain(f"{site.devices.total}   "), Cell(health_counts(site), Tone.DIM)),))
