"""What changes seldom, asked for now and then: version, scripts, ids of clients and sites."""

from __future__ import annotations

import math
from typing import Final, TypeVar

from backends.adapters.tactical_rmm.calls import rows
from backends.adapters.tactical_rmm.records import Agent, ClientRow, DashInfo, Script
from backends.api import FaultKind, SafeText, SourceError, Timing, safe
from backends.http.client import HttpClient

AGAIN_S: Final = 600.0

Record = TypeVar("Record")


class Seldom:
    """What the server said of itself last."""

    def __init__(self, client: HttpClient, timing: Timing) -> None:
        self._client = client
        self._timing = timing
        self.version = SafeText("")
        """`Tactical RMM 1.5.1`."""
        self.scripts: list[Script] = []
        self.clients: list[ClientRow] = []
        self._sites: dict[tuple[str, str], tuple[int, int]] = {}
        self._asked_s = -math.inf

    def forget(self) -> None:
        """The server may be another one now, or a newer one."""
        self._asked_s = -math.inf

    async def ask(self) -> bool:
        """Ask when it is time to; whether it was. Raises `SourceError`."""
        now = self._timing.boot_s()
        if now - self._asked_s < AGAIN_S:
            return False
        await self.ask_version()
        self.scripts = await self._listed("/scripts/", Script)
        self.clients = await self._listed("/clients/", ClientRow)
        self._sites = {
            (client.name, site.name): (client.id, site.id) for client in self.clients for site in client.sites
        }
        self._asked_s = now
        return True

    async def ask_version(self) -> SafeText:
        """Raises `SourceError`."""
        try:
            info = await self._client.get("/core/dashinfo/", DashInfo)
        except SourceError as error:
            if error.kind is not FaultKind.FORBIDDEN:
                raise
            info = DashInfo()
        self.version = safe(f"Tactical RMM {info.trmm_version}".strip(), 60)
        return self.version

    def ids_of(self, agent: Agent) -> tuple[int, int] | None:
        """The numbers of its client and site, for asking for less; its row has only their names."""
        return self._sites.get((agent.client_name, agent.site_name))

    async def _listed(self, path: str, kind: type[Record]) -> list[Record]:
        """Nothing where it may not be read."""
        try:
            return (await rows(self._client, path, kind))[0]
        except SourceError as error:
            if error.kind is not FaultKind.FORBIDDEN:
                raise
            return []
