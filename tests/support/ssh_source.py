"""An `ssh` source on test hosts, as the engine would open it."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

from backends.adapters.ssh.options import ssh_options
from backends.adapters.ssh.source import SshSource
from backends.api import Check, Part, Reading, SourceSettings
from backends.engine.clock import SystemClock
from backends.fleet.model import SourceName
from tests.support.hosts import Host, Hosts

DEADLINE_S = 6.0
"""Of one look; generous, since test machines are slow."""


@asynccontextmanager
async def ssh_source(
    hosts: Hosts, addresses: Sequence[str], state: Path, *, secret: str | None = None, **options: Any
) -> AsyncIterator[SshSource]:
    """A source on these addresses that keeps its known hosts in `state`; closed at the end."""

    async def tell() -> str:
        if secret is None:
            raise AssertionError("nobody should ask for the secret")
        return secret

    table: dict[str, Any] = {"client": "acme", "site": "HQ", "hosts": list(addresses), "deadline": DEADLINE_S}
    if secret is None:
        table["key"] = str(hosts.key)
    settings = SourceSettings(
        name=SourceName("acme-hq"),
        kind="ssh",
        options={**table, **options},
        clients={},
        every_s=30,
        secret=tell,
        timing=SystemClock(),
        state_dir=state,
    )
    source = SshSource(settings, ssh_options(settings))
    try:
        yield source
    finally:
        await source.close()


def trust(state: Path, *hosts: Host) -> None:
    """Accept the host keys of these hosts."""
    path = state / "known_hosts"
    path.touch(mode=0o600)
    with path.open("a", encoding="ascii") as file:
        file.writelines(host.known_hosts_line + "\n" for host in hosts)


async def polled(source: SshSource) -> dict[str, tuple[Part, Reading]]:
    """One look at every host at once, by native id."""
    parts = source.parts()
    readings = await asyncio.gather(*(part.poll() for part in parts))
    return {part.native: (part, reading) for part, reading in zip(parts, readings, strict=True)}


def trouble(reading: Reading) -> dict[str, str]:
    """What is not well, by key of its check."""
    return {check.key: check.summary for check in reading.checks if check.state != "ok"}


def check(reading: Reading, key: str) -> Check:
    return next(check for check in reading.checks if check.key == key)
