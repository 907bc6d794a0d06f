"""The `snmp` source: many hosts, each a part of its own. It reads, and changes nothing anywhere."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from typing import Final

from backends.adapters.snmp.credentials import Credentials
from backends.adapters.snmp.host import Host
from backends.adapters.snmp.options import SnmpOptions
from backends.adapters.snmp.reading import facts_of
from backends.adapters.snmp.records import Found
from backends.api import Introduction, Part, Reading, Right, SourceError, SourceSettings, safe

_ASKED: Final = 50
"""Hosts that are asked when the source introduces itself."""


class SnmpSource:
    """`Adapter`, `Spreads` and `Introduces`."""

    def __init__(self, settings: SourceSettings, options: SnmpOptions) -> None:
        self.name = settings.name
        self._timing = settings.timing
        credentials = Credentials(settings.secret)
        self._hosts = tuple(
            Host(settings.name, one, credentials, settings.timing, deadline_s=options.deadline_s, rows=options.rows)
            for one in options.hosts
        )

    def parts(self) -> Sequence[Part]:
        return self._hosts

    async def poll(self) -> Reading:
        """All hosts at once, for whoever does not poll the parts."""
        readings = await asyncio.gather(*(host.poll() for host in self._hosts))
        return Reading(
            source=self.name,
            at=self._timing.now(),
            sightings=tuple(sighting for reading in readings for sighting in reading.sightings),
            checks=tuple(check for reading in readings for check in reading.checks),
            note=next((reading.note for reading in readings if reading.note), safe("")),
        )

    async def close(self) -> None:
        """Nothing is held between looks."""

    async def introduce(self) -> Introduction:
        """Raises `SourceError` when no host answers."""
        hosts = self._hosts[:_ASKED]
        answers = await asyncio.gather(*(host.look() for host in hosts), return_exceptions=True)
        found = [(host, answer) for host, answer in zip(hosts, answers, strict=True) if isinstance(answer, Found)]
        errors = [answer for answer in answers if isinstance(answer, BaseException)]
        if not found:
            raise errors[0]
        facts: dict[str, list[str]] = {}
        for host, answer in found:
            for fact, values in facts_of(answer, host.options).items():
                facts.setdefault(fact, []).extend(values)
        first, answer = found[0]
        return Introduction(
            product=safe(f"SNMP {first.options.spoken}: {answer.system.descr}"),
            account=safe(first.options.user if first.options.version == "3" else "the community"),
            rights=(_answering(len(found), len(hosts), errors), *_rights(answer)),
            facts={fact: tuple(dict.fromkeys(values)) for fact, values in facts.items()},
        )


def _answering(count: int, asked: int, errors: Sequence[BaseException]) -> Right:
    return Right(
        what=safe(f"read {count} of {asked} hosts"),
        granted=not errors,
        remedy=safe("; ".join(error.sentence for error in errors[:3] if isinstance(error, SourceError)), 512),
    )


def _rights(found: Found) -> Sequence[Right]:
    remedy = safe("Give the community or user a view of all of 1.3.6.1.2.1 there.")
    told = (("read interfaces", bool(found.ports)), ("read storage", bool(found.stores)))
    if not any(there for _, there in told) and found.printer is None and found.ups is None:
        return [Right(what=safe("read more than the system group"), granted=False, remedy=remedy)]
    # A device need not have them, and one that hides them looks the same.
    return [Right(what=safe(what), granted=there or None, remedy=safe("") if there else remedy) for what, there in told]
