"""What one round of requests brought: the state of everything, and how it is configured."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence

from msgspec import Struct

from backends.adapters.nagios.records import ACKNOWLEDGEMENT, Comment, Downtime, Group, Host, HostObject, Service
from backends.adapters.nagios.records import Program as ProgramStatus

Spot = tuple[str, str]
"""A host and one of its services by their names; an empty service is the host itself."""


class Status(Struct, frozen=True, kw_only=True):
    """`programstatus` and what the answer says of itself."""

    program: ProgramStatus
    user: str
    asked: float
    """By the server's clock, in seconds since 1970, as the next."""
    written: float
    """When Nagios last wrote its status down."""
    started: float
    """When Nagios was started, in milliseconds as it tells it."""
    run: str
    """Another one whenever Nagios has started anew."""
    skew_s: float | None = None

    @property
    def age_s(self) -> float:
        """How old the status was when it was read; both times are by the server's clock."""
        return max(self.asked - self.written, 0.0)


class Objects(Struct, frozen=True, kw_only=True):
    """How it is configured. Changes only when Nagios starts anew."""

    hosts: Mapping[str, HostObject] = {}
    groups: Sequence[Group] = ()
    run: str = ""
    """`Status.run` when it was asked."""

    def groups_of(self) -> dict[str, list[Group]]:
        """The groups of each host, in order of their names."""
        out: dict[str, list[Group]] = {}
        for group in sorted(self.groups, key=lambda one: one.group_name):
            for member in group.members:
                out.setdefault(member, []).append(group)
        return out


class World(Struct, frozen=True, kw_only=True):
    """The state of everything that we may see."""

    status: Status
    hosts: Mapping[str, Host] = {}
    services: Mapping[str, Mapping[str, Service]] = {}
    downtimes: Sequence[Downtime] = ()
    comments: Sequence[Comment] = ()
    spoiled: int = 0
    """Records that could not be understood."""
    nameless: int = 0
    """Hosts and services whose names the CGIs could not write."""
    cut: str = ""
    """What was left out because there was too much of it."""

    @property
    def natives(self) -> list[str]:
        """All hosts, in a fixed order; those of which we may see services only as well."""
        return sorted({**dict.fromkeys(self.hosts), **dict.fromkeys(self.services)})

    def resting(self) -> dict[Spot, list[Downtime]]:
        """The downtimes that are in effect, by what rests."""
        out: dict[Spot, list[Downtime]] = {}
        for one in self.downtimes:
            if one.is_in_effect:
                out.setdefault((one.host_name, one.service_description), []).append(one)
        return out

    def acknowledged(self) -> dict[Spot, Comment]:
        """The comments that acknowledgements left, the latest of each."""
        out: dict[Spot, Comment] = {}
        for one in sorted(self.comments, key=lambda one: (one.entry_time, one.comment_id)):
            if one.entry_type == ACKNOWLEDGEMENT:
                out[one.host_name, one.service_description] = one
        return out


def cause(world: World, objects: Objects, host: str) -> str:
    """The nearest host on the way to `host` that is down for itself; empty where none is known."""
    seen = {host}
    ring = _parents(objects, [host])
    while ring:
        for name in ring:
            parent = world.hosts.get(name)
            if parent is not None and parent.down:
                return name
        seen.update(ring)
        ring = [name for name in _parents(objects, ring) if name not in seen]
    return ""


def _parents(objects: Objects, hosts: Iterable[str]) -> list[str]:
    known = (objects.hosts.get(host) for host in hosts)
    return sorted({parent for one in known if one is not None for parent in one.parent_hosts})
