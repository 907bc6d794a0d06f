"""The card for whatever the cursor is on."""

from __future__ import annotations

from collections.abc import Sequence

from backends.fleet.changes import Picture
from backends.fleet.model import Check, Client, Device, Issue, Site, Source
from backends.fleet.run import AuditRecord, DeviceCard, Offer, Run
from backends.fleet.tally import waits
from widgets.present.card import Card, Times
from widgets.present.cards import (
    audit_card,
    check_card,
    client_card,
    device_card,
    nothing_card,
    run_card,
    site_card,
    source_card,
)
from widgets.present.issue_card import issue_card


def card_of(fact: object, picture: Picture, known: DeviceCard | None, offers: Sequence[Offer], times: Times) -> Card:
    """`known` is the card of the fact's device, when it has come by now."""
    match fact:
        case Issue():
            return issue_card(fact, known, offers, times)
        case Device():
            return device_card(fact, known, times)
        case Check():
            return check_card(fact, known, offers, times)
        case Source():
            return source_card(fact, times)
        case Run():
            return run_card(fact, times)
        case AuditRecord():
            return audit_card(fact, times)
        case Client():
            mine = [issue for issue in picture.issues.values() if issue.client == fact.id and waits(issue)]
            sites = sum(1 for site in picture.sites.values() if site.client == fact.id)
            return client_card(fact, len(mine), sites)
        case Site():
            return site_card(fact)
    return nothing_card()
