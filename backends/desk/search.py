"""Filters over what the desk hands out."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Final

from backends.desk.protocol import DeskError, DeskErrorKind
from backends.fleet.model import Device, Freshness, Health
from backends.fleet.query import Context, Query, QueryError, parse
from backends.fleet.run import Run

_WORST_FIRST: Final = {
    Health.DOWN: 0,
    Health.DEGRADED: 1,
    Health.UNKNOWN: 2,
    Health.MAINTENANCE: 3,
    Health.OK: 4,
}


def matching_devices(devices: Iterable[Device], query: str, context: Context) -> list[Device]:
    """Those that match, worst first. Raises `DeskError(WRONG_USE)`."""
    wanted = _parsed(query)
    return sorted((device for device in devices if wanted.matches(device, context)), key=_badness)


def matching_runs(runs: Iterable[Run], query: str, context: Context) -> list[Run]:
    """Those that match, latest first. Raises `DeskError(WRONG_USE)`."""
    wanted = _parsed(query)
    return sorted((run for run in runs if wanted.matches(run, context)), key=lambda run: run.planned, reverse=True)


def _parsed(query: str) -> Query:
    try:
        return parse(query)
    except QueryError as error:
        raise DeskError(DeskErrorKind.WRONG_USE, error.sentence) from error


def _badness(device: Device) -> tuple[int, str, str, str]:
    # Old facts that say ok prove nothing.
    health = Health.UNKNOWN if device.freshness is not Freshness.FRESH and device.health is Health.OK else device.health
    return _WORST_FIRST[health], device.client, device.site, device.id
