"""From the row under the cursor to what a verb acts on."""

from __future__ import annotations

from collections.abc import Iterable

from backends.fleet.changes import Picture
from backends.fleet.model import Can, Check, Client, ClientId, Device, DeviceId, Issue, SafeText, Site, Source, safe
from backends.fleet.run import DeviceCard, Offer, Run
from tui.aim import Aim
from tui.place import HOME, Noun, Place


def device_of(fact: object, place: Place) -> DeviceId | None:
    """The device that a row is about."""
    match fact:
        case Issue() | Run():
            return fact.device
        case Device():
            return fact.id
        case Check():
            return place.device
    return None


def offers_of(fact: object, known: DeviceCard | None, issues: Iterable[Issue]) -> tuple[Offer, ...]:
    """The fixes that stand numbered on the card of the row."""
    if known is None or isinstance(fact, Run):
        return ()
    issue = issue_of(fact, known.device.id, issues)
    if issue is not None:
        return known.offers.get(issue.id, ())
    return known.fixes if isinstance(fact, Device) else ()


def issue_of(fact: object, device: DeviceId | None, issues: Iterable[Issue]) -> Issue | None:
    """The issue of the row; of a check the one that it raised."""
    if isinstance(fact, Issue):
        return fact
    if isinstance(fact, Check):
        return next((issue for issue in issues if issue.device == device and issue.key == fact.key), None)
    return None


def aim_at(key: str, fact: object, place: Place, picture: Picture, offers: tuple[Offer, ...]) -> Aim | None:
    """A snapshot of the row; None when its fact is gone."""
    noun, device = place.noun, device_of(fact, place)
    match fact:
        case Issue():
            name = fact.device_name or safe(fact.source)
            return Aim(
                noun=noun,
                key=key,
                issue=fact,
                device=device,
                name=name,
                client=fact.client,
                can=able(fact, picture),
                offers=offers,
            )
        case Device():
            return Aim(noun=noun, key=key, device=device, name=fact.name, client=fact.client, offers=offers)
        case Check():
            issue = issue_of(fact, device, picture.issues.values())
            can = able(issue, picture) if issue is not None else ()
            return Aim(noun=noun, key=key, issue=issue, device=device, name=fact.label, can=can, offers=offers)
        case Site():
            return Aim(noun=noun, key=key, client=fact.client, site=fact.id, name=fact.name)
        case Client():
            return Aim(noun=noun, key=key, client=fact.id, name=fact.name)
        case Source():
            return Aim(noun=noun, key=key, source=fact.name, name=safe(fact.name))
        case Run():
            return Aim(noun=noun, key=key, run=fact, device=device, name=fact.title)
    return None if fact is None else Aim(noun=noun, key=key)


def able(issue: Issue, picture: Picture) -> tuple[Can, ...]:
    """What the sources of its evidence can do about an issue."""
    sources = [picture.sources[name] for name in issue.sources if name in picture.sources]
    return tuple(can for can in Can if issue.device is not None and any(source.can(can) for source in sources))


def aim_at_client(key: str, picture: Picture) -> Aim:
    """A row of the clients beside the list; the empty key is all of them."""
    known = picture.clients.get(ClientId(key))
    return Aim(
        noun=Noun.CLIENTS, key=key, client=known.id if known else None, name=known.name if known else SafeText("")
    )


def below(aim: Aim) -> Place:
    """One level down: client, site, device, check."""
    match aim.noun:
        case Noun.CLIENTS if not aim.key:
            return HOME
        case Noun.CLIENTS:
            return Place(noun=Noun.SITES, client=aim.client, name=aim.name)
        case Noun.SITES:
            return Place(noun=Noun.DEVICES, client=aim.client, site=aim.site, name=aim.name)
        case Noun.SOURCES:
            return Place(noun=Noun.DEVICES, source=aim.source, name=aim.name)
    return Place(noun=Noun.CHECKS, device=aim.device, name=aim.name)
