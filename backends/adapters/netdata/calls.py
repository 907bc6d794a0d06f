"""What is asked of one agent."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final, TypeVar

import msgspec
from msgspec import Struct

from backends.adapters.netdata.records import Alarm, Alarms, Chart, Data, Info, Mirrored
from backends.api import FaultKind, SourceError
from backends.http.client import HttpClient, Params
from backends.http.decode import decoded, each
from backends.text import safe

CHARTS: Final = (
    "system.load",
    "system.ram",
    "mem.available",
    "system.swap",
    "mem.swap",
    "system.uptime",
    "disk_space.*",
    "disk_inodes.*",
)
_FILTER: Final = " ".join(CHARTS)

Record = TypeVar("Record")


class Told(Struct, frozen=True, kw_only=True):
    """One answer of an agent, in parts."""

    info: Info
    hostname: str
    alarms: Mapping[str, Alarm]
    charts: Mapping[str, Chart]
    spoiled: int
    skew_s: float | None


class Calls:
    """Asks one agent."""

    def __init__(self, client: HttpClient, *, held: bool = False) -> None:
        """`held` by a parent, which answers for it also when it is away."""
        self.client = client
        self._held = held
        self._info: Info | None = None

    async def read(self) -> Told:
        """Raises `SourceError`."""
        try:
            info = self._info if self._info is not None else await self.client.get("api/v1/info", Info)
            answer = await self.client.request("GET", "api/v1/alarms?all")  # `all=` is not known there
            listed = decoded(answer.body, Alarms)
            charts = await self.client.get(
                "api/v1/allmetrics", dict[str, msgspec.Raw], params=[("format", "json"), ("filter", _FILTER)]
            )
        except SourceError:
            self._info = None  # it may be another one when it answers again
            raise
        self._info = None if self._held else info
        if self._held and not _heard(info, listed.hostname):
            raise SourceError(
                FaultKind.UNREACHABLE,
                f"{safe(listed.hostname, 80)} is not heard by its parent at {self.client.origin}.",
            )
        alarms, torn = _each(listed.alarms, Alarm)
        measured, unread = _each(charts, Chart)
        return Told(
            info=info,
            hostname=listed.hostname,
            alarms=alarms,
            charts=measured,
            spoiled=torn + unread,
            skew_s=answer.skew_s,
        )

    async def data(self, chart: str, after: float, before: float, points: int) -> Data:
        """The values of a chart between two times by the agent's clock; none for a chart that it does not know (any
        more). Raises `SourceError`."""
        params: Params = [
            ("chart", chart),
            ("after", f"{after:.0f}"),
            ("before", f"{before:.0f}"),
            ("points", points),
            ("group", "average"),
            ("format", "json"),
            ("options", "seconds|absolute"),
        ]
        answer = await self.client.request("GET", "api/v1/data", params=params, also=(404,))
        return decoded(answer.body, Data) if answer.status != 404 else Data()


def _heard(info: Info, hostname: str) -> bool:
    hosts, _ = each(info.mirrored_hosts_status, Mirrored)
    return all(one.reachable for one in hosts if one.hostname == hostname)


def _each(raws: Mapping[str, msgspec.Raw], kind: type[Record]) -> tuple[dict[str, Record], int]:
    """By name, and the number of those that are none."""
    whole: dict[str, Record] = {}
    decoder = msgspec.json.Decoder(kind)
    for name, raw in raws.items():
        try:
            whole[name] = decoder.decode(raw)
        except (msgspec.DecodeError, ValueError, RecursionError):
            continue
    return whole, len(raws) - len(whole)
