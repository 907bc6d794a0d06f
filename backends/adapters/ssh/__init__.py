"""Agentless hosts over SSH: Linux, the BSDs and macOS; nothing is installed or written there.

    options.py      the source's table, checked
    dial.py         address -> connection, host key checked, in two queues;  hostkeys.py credentials.py failures.py
    host.py         one host: kept connection, look, what is said when it does not answer
    errand.py       scripts over a connection;  look.sh: the one that looks
    parse.py        its output -> HostFacts, pure;  sections.py linux.py bsd.py
                    bsd_devices.py watched.py findings.py
    fix.py          steps of fixes
    source.py       the adapter

A host's native id is its address, with `:port` where that is not 22 (`10.0.0.11`, `10.0.0.12:2222`, `[::1]:2222`).
"""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from backends.api import Adapter, SourceSettings

if TYPE_CHECKING:
    from backends.adapters.ssh.hostkeys import HostKey


def open_source(settings: SourceSettings) -> Adapter:
    """Raises `ConfigurationError`."""
    from backends.adapters.ssh.options import ssh_options  # noqa: PLC0415 - loaded by those who use it
    from backends.adapters.ssh.source import SshSource  # noqa: PLC0415 - loaded by those who use it

    return SshSource(settings, ssh_options(settings))


async def fetch_host_key(host: str, port: int, deadline_s: float) -> HostKey:
    """The key that a host shows now, for a person to compare; nobody logs in. Raises `SourceError`."""
    from backends.adapters.ssh.dial import fetch_host_key as fetch  # noqa: PLC0415 - loaded by those who use it

    return await fetch(host, port, deadline_s)


def known_host_keys(known_hosts_path: Path, host: str, port: int) -> tuple[HostKey, ...]:
    """The keys that were accepted for this host before."""
    from backends.adapters.ssh.hostkeys import known_keys  # noqa: PLC0415 - loaded by those who use it

    return known_keys(known_hosts_path, host, port)


def accept_host_key(known_hosts_path: Path, host: str, port: int, key: HostKey) -> None:
    """Trust this key of the host from now on, and no other. The file is `known_hosts` in the profile's folder."""
    from backends.adapters.ssh.hostkeys import accept_host_key as accept  # noqa: PLC0415 - loaded by those who use it

    accept(known_hosts_path, host, port, key)
