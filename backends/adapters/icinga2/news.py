"""What an event of the stream changes in the world. Events come up to five seconds late, and a poll may have been
quicker: what is older than what is known changes nothing. Compared are times of the server's own clock."""

from __future__ import annotations

from typing import Final

import msgspec

from backends.adapters.icinga2.records import Checkable, Comment, Downtime, Event, Host, Service
from backends.adapters.icinga2.world import Spot, World

RESULTS: Final = ("CheckResult", "StateChange")
TYPES: Final = (
    *RESULTS,
    "AcknowledgementSet",
    "AcknowledgementCleared",
    "CommentAdded",
    "CommentRemoved",
    "DowntimeAdded",
    "DowntimeStarted",
    "DowntimeTriggered",
    "DowntimeRemoved",
    "ObjectCreated",
    "ObjectDeleted",
)
_DOWN: Final = (2.0, 3.0)
"""States of a plugin by which a host is down: Icinga takes a warning for up."""


class Touched:
    """What a batch of events has changed, to be told."""

    def __init__(self) -> None:
        self.spots: set[Spot] = set()
        """Heard of; the rest of their hosts stays as it is."""
        self.whole: set[str] = set()
        """Hosts of which something is gone: all that is left is told."""
        self.unknown: set[str] = set()
        """Hosts of which there is something new: to be asked for."""

    def __bool__(self) -> bool:
        return bool(self.spots or self.whole or self.unknown)


def learn(world: World, event: Event, touched: Touched) -> None:
    """Change the world by one event, and note what it touched."""
    if event.type in RESULTS:
        _result(world, event, touched)
    elif event.type.startswith("Acknowledgement"):
        _acknowledgement(world, event, touched)
    elif event.type.startswith("Downtime") and event.downtime is not None:
        _downtime(world, event.downtime, event, touched)
    elif event.type.startswith("Comment") and isinstance(event.comment, Comment):
        _comment(world, event.comment, event, touched)
    elif event.type.startswith("Object"):
        _object(world, event, touched)


def checkable_at(world: World, spot: Spot) -> Host | Service | None:
    host, service = spot
    return world.services_of(host).get(service) if service else world.hosts.get(host)


def _put(world: World, spot: Spot, checkable: Host | Service) -> None:
    host, service = spot
    if isinstance(checkable, Service):
        world.services[host][service] = checkable
    else:
        world.hosts[host] = checkable


def _result(world: World, event: Event, touched: Touched) -> None:
    spot = (event.host, event.service)
    before, result = checkable_at(world, spot), event.check_result
    if result is None:
        return
    if before is None:
        touched.unknown.add(event.host)
        return
    last = before.last_check_result
    if last is not None and result.execution_end < last.execution_end:
        return
    state = event.state if event.state is not None else result.state
    if isinstance(before, Host) and event.state is None:
        state = float(result.state in _DOWN)
    now_hard = before.state_type
    if result.vars_after is not None:
        now_hard = result.vars_after.state_type
    if event.state_type is not None:
        now_hard = event.state_type
    changed = last is None or state != before.state
    after = msgspec.structs.replace(
        before,
        state=state,
        state_type=now_hard,
        check_attempt=result.vars_after.attempt if result.vars_after else before.check_attempt,
        last_reachable=result.vars_after.reachable if result.vars_after else before.last_reachable,
        last_check=max(before.last_check, result.execution_end),
        next_update=_next_update(before, result.execution_end),
        last_state_change=event.timestamp if changed else before.last_state_change,
        last_check_result=result,
        downtime_depth=before.downtime_depth if event.downtime_depth is None else event.downtime_depth,
    )
    if isinstance(after, Host) and not state:
        after = msgspec.structs.replace(after, last_state_up=result.execution_end)
    _put(world, spot, after)
    touched.spots.add(spot)


def _next_update(before: Checkable, end: float) -> float:
    """As long after this result as it was after the one before; a poll will tell exactly."""
    rest = before.next_update - before.last_check
    return max(before.next_update, end + rest) if before.last_check > 0 and rest > 0 else before.next_update


def _acknowledgement(world: World, event: Event, touched: Touched) -> None:
    spot = (event.host, event.service)
    before = checkable_at(world, spot)
    if before is None or event.timestamp < before.acknowledgement_last_change:
        return
    after = msgspec.structs.replace(
        before,
        acknowledgement=event.acknowledgement_type,
        acknowledgement_expiry=event.expiry,
        acknowledgement_last_change=event.timestamp,
    )
    _put(world, spot, after)
    if event.type == "AcknowledgementSet":
        text = event.comment if isinstance(event.comment, str) else ""
        world.acknowledged[spot] = Comment(
            host_name=event.host,
            service_name=event.service,
            entry_time=event.timestamp,
            author=event.author,
            text=text,
        )
    else:
        world.acknowledged.pop(spot, None)
    touched.spots.add(spot)


def _downtime(world: World, downtime: Downtime, event: Event, touched: Touched) -> None:
    spot = (downtime.host_name, downtime.service_name)
    before = checkable_at(world, spot)
    if before is None:
        return
    if event.type == "DowntimeRemoved":
        world.downtimes.get(spot, {}).pop(downtime.name, None)
    else:
        world.put_downtime(downtime)
    now = event.timestamp
    depth = sum(1 for one in world.downtimes.get(spot, {}).values() if one.in_effect(now))
    _put(world, spot, msgspec.structs.replace(before, downtime_depth=float(depth)))
    touched.spots.add(spot)


def _comment(world: World, comment: Comment, event: Event, touched: Touched) -> None:
    spot = (comment.host_name, comment.service_name)
    if checkable_at(world, spot) is None:
        return
    left = world.acknowledged.get(spot)
    if event.type == "CommentAdded":
        world.put_comment(comment)
    elif left is not None and (left.author, left.text) == (comment.author, comment.text):
        del world.acknowledged[spot]
    else:
        return
    touched.spots.add(spot)


def _object(world: World, event: Event, touched: Touched) -> None:
    if event.object_type not in ("Host", "Service"):
        return
    host, _, service = event.object_name.partition("!")
    known = checkable_at(world, (host, service)) is not None
    if event.type == "ObjectCreated" and not known:
        touched.unknown.add(host)
    elif event.type == "ObjectDeleted" and known:
        if service:
            del world.services[host][service]
        else:
            world.drop_host(host)
        touched.whole.add(host)


def understood(line: bytes) -> Event | None:
    """One line of the stream; None for one that is no event that we know."""
    try:
        return _DECODER.decode(line)
    except (msgspec.DecodeError, ValueError, RecursionError):
        return None


_DECODER: Final = msgspec.json.Decoder(Event)
