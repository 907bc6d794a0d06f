"""What is known of one Icinga: its objects as last heard, from whole answers, looks at one host, and events."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import TypeVar

from msgspec import Struct

from backends.adapters.icinga2.records import (
    ACKNOWLEDGEMENT,
    Comment,
    Dependency,
    Downtime,
    Found,
    Host,
    Service,
)

Known = TypeVar("Known")

Spot = tuple[str, str]
"""A host and one of its services by their names there; an empty service is the host itself."""


class Answers(Struct, frozen=True, kw_only=True):
    """What one round of requests brought; None for what was not asked, or may not be read."""

    hosts: Sequence[Found[Host]]
    services: Sequence[Service]
    downtimes: Sequence[Downtime] | None = None
    comments: Sequence[Comment] | None = None
    dependencies: Sequence[Dependency] | None = None
    spoiled: int = 0
    """Records that could not be understood."""


class World:
    """Objects by their names. Changed by `news` and `look` only."""

    def __init__(self) -> None:
        self.hosts: dict[str, Host] = {}
        self.services: dict[str, dict[str, Service]] = {}
        """By host, then by the service's short name; also of hosts that we may not see."""
        self.downtimes: dict[Spot, dict[str, Downtime]] = {}
        self.acknowledged: dict[Spot, Comment] = {}
        """The comments that acknowledgements left, the latest of each."""
        self.parents: dict[str, tuple[str, ...]] = {}
        """The hosts without which a host cannot be reached."""
        self.spoiled = 0

    @property
    def natives(self) -> list[str]:
        """All hosts, in a fixed order; those that are known by their services only as well."""
        return sorted({**dict.fromkeys(self.hosts), **dict.fromkeys(self.services)})

    def services_of(self, host: str) -> Mapping[str, Service]:
        return self.services.get(host, {})

    def put_downtime(self, downtime: Downtime) -> None:
        known = self.downtimes.setdefault((downtime.host_name, downtime.service_name), {})
        before = known.get(downtime.name)
        if before is None or before.trigger_time <= downtime.trigger_time:  # what took effect does not go back
            known[downtime.name] = downtime

    def put_comment(self, comment: Comment) -> None:
        spot = (comment.host_name, comment.service_name)
        before = self.acknowledged.get(spot)
        if comment.entry_type == ACKNOWLEDGEMENT and (before is None or before.entry_time <= comment.entry_time):
            self.acknowledged[spot] = comment

    def drop_host(self, host: str) -> None:
        self.hosts.pop(host, None)
        self.services.pop(host, None)
        self.parents.pop(host, None)
        _drop(self.downtimes, host)
        _drop(self.acknowledged, host)

    def look(self, host: str, answers: Answers) -> None:
        """Replace what is known of one host by what was just asked of it."""
        parents = self.parents.get(host, ())
        self.drop_host(host)
        self.parents[host] = parents
        _take(self, answers, only=host)


def world_of(answers: Answers) -> World:
    """The world as one whole round of requests tells it."""
    world = World()
    _take(world, answers)
    for dependency in answers.dependencies or ():
        child, parent = dependency.child_host_name, dependency.parent_host_name
        if not dependency.child_service_name and child != parent:
            world.parents[child] = (*world.parents.get(child, ()), parent)
    world.spoiled = answers.spoiled
    return world


def _take(world: World, answers: Answers, only: str | None = None) -> None:
    """Put what was answered into the world; of the host `only`, where one is named."""
    for found in answers.hosts:
        if only in (None, found.name):
            world.hosts[found.name] = found.attrs
    for service in answers.services:
        if only in (None, service.host_name):
            world.services.setdefault(service.host_name, {})[service.name] = service
    for downtime in answers.downtimes or ():
        if only in (None, downtime.host_name):
            world.put_downtime(downtime)
    for comment in answers.comments or ():
        if only in (None, comment.host_name):
            world.put_comment(comment)


def _drop(table: dict[Spot, Known], host: str) -> None:
    for spot in [spot for spot in table if spot[0] == host]:
        del table[spot]


def blockers(world: World, host: str) -> Iterable[str]:
    """The hosts on the way to `host`, the nearest first."""
    seen = {host}
    ring = list(world.parents.get(host, ()))
    while ring:
        yield from sorted(set(ring) - seen)
        seen.update(ring)
        ring = [parent for name in sorted(set(ring)) for parent in world.parents.get(name, ()) if parent not in seen]
