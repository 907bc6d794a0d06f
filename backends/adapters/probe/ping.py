"""Whether a host answers pings; where this machine may not ping, whether it answers on a TCP port that most have."""

from __future__ import annotations

import asyncio
import os
from typing import Final

from backends.adapters.probe.found import Found, Spec
from backends.adapters.probe.named import address_of
from backends.adapters.probe.pinger import NoPing, Pinger
from backends.adapters.probe.tcp import knock, unnamed
from backends.api import FaultKind, SourceError, safe
from backends.fleet.addresses import Address
from backends.fleet.model import CheckState

ECHOES: Final = 3
"""A host is lost when so many in a row were."""
INSTEAD: Final = (443, 22, 80, 3389)


class PingLook:
    """One host. One echo a look while it answers; two more when the first is lost."""

    def __init__(self, spec: Spec, host: str, pinger: Pinger, echo_s: float) -> None:
        self.spec = spec
        self.hindered = ""
        """Why the last look could not ping, in a sentence; empty when it could."""
        self._host = host
        self._pinger = pinger
        self._echo_s = echo_s

    async def look(self) -> Found:
        try:
            address = await address_of(self._host, self._echo_s * ECHOES)
        except SourceError as error:
            return unnamed(error)
        self.hindered = ""
        try:
            answers = await echoes(self._pinger, address, self._echo_s)
        except NoPing as error:
            self.hindered = str(error)
            return await self._instead(address)
        except OSError as error:
            reason = os.strerror(error.errno or 0).lower()
            wrong = f"There is no way to {safe(self._host, 80)} from here ({reason}); check the network or the VPN."
            return Found(answers=(None,), wrong=wrong, reached=False, fault=FaultKind.UNREACHABLE)
        if answers[-1] is None:
            wrong = f"{safe(self._host, 80)} does not answer: {len(answers)} pings lost. Check it and the way there."
            return Found(answers=answers, wrong=wrong, reached=False, fault=FaultKind.TIMEOUT)
        return Found(answers=answers, said="answers pings", reached=True)

    async def _instead(self, address: Address) -> Found:
        told = await asyncio.gather(*(knock(address, port, self._echo_s) for port in INSTEAD))
        for port, one in zip(INSTEAD, told, strict=True):
            if one.ms is not None:
                return Found(answers=(one.ms,), said=f"answers on tcp {port}, not being pinged", reached=True)
        wrong = f"Nothing is known of {safe(self._host, 80)}: no TCP port of {', '.join(map(str, INSTEAD))} answers. "
        return Found(wrong=wrong + self.hindered, state=CheckState.UNKNOWN, fault=FaultKind.UNREACHABLE)

    async def close(self) -> None:
        """The pinger is its source's."""


async def echoes(pinger: Pinger, address: Address, echo_s: float) -> tuple[float | None, ...]:
    """Milliseconds of each, None for those that were lost; ends with the first that is answered. Raises `NoPing`, and
    `OSError` where there is no way."""
    answers: list[float | None] = []
    while len(answers) < ECHOES and (not answers or answers[-1] is None):
        answers.append(await pinger.ping(address, echo_s))
    return tuple(answers)
