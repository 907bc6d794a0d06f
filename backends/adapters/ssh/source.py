"""The `ssh` source: many hosts, each a part of its own; fixes and shells on them."""

from __future__ import annotations

import asyncio
import os
from collections.abc import Sequence

import asyncssh

from backends.adapters.ssh.dial import Dialer
from backends.adapters.ssh.fix import run_fix
from backends.adapters.ssh.host import Host
from backends.adapters.ssh.hostkeys import FILE, known_keys
from backends.adapters.ssh.options import Options
from backends.adapters.ssh.reach import Budget
from backends.api import (
    Emit,
    Executed,
    FaultKind,
    Identity,
    NotSent,
    Part,
    Reading,
    RunId,
    Script,
    SourceError,
    SourceSettings,
    safe,
)


class SshSource:
    """`Adapter`, `Spreads`, `RunsFixes` and `OpensShell`."""

    def __init__(self, settings: SourceSettings, options: Options) -> None:
        asyncssh.set_log_level("WARNING")
        self.name = settings.name
        self._options = options
        self._timing = settings.timing
        self._known_hosts = settings.state_dir / FILE
        self._dialer = Dialer(options, self._known_hosts, settings.secret)
        self._hosts = {
            host.native: Host(settings.name, host, self._dialer, settings.timing, deadline_s=options.deadline_s)
            for host in options.hosts
        }

    def parts(self) -> Sequence[Part]:
        return tuple(self._hosts.values())

    async def poll(self) -> Reading:
        """All hosts at once, for whoever does not poll the parts."""
        readings = await asyncio.gather(*(host.poll() for host in self._hosts.values()))
        return Reading(
            source=self.name,
            at=self._timing.now(),
            sightings=tuple(sighting for reading in readings for sighting in reading.sightings),
            checks=tuple(check for reading in readings for check in reading.checks),
            quarantined=sum(reading.quarantined for reading in readings),
        )

    async def close(self) -> None:
        await asyncio.gather(*(host.close() for host in self._hosts.values()))

    async def identify(self, native: str) -> tuple[Identity, str]:
        """Raises `NotSent`."""
        try:
            return await self._host(native).identify()
        except SourceError as error:
            raise NotSent(error.sentence) from error

    async def execute(self, native: str, script: Script, run: RunId, emit: Emit) -> Executed:  # noqa: ARG002 - its own id means nothing to a shell
        """Raises `NotSent` or `OutcomeUnknown`; never tries twice."""
        host = self._host(native)
        try:
            line, _ = await host.line(Budget(self._options.deadline_s))
        except SourceError as error:
            raise NotSent(error.sentence) from error
        return await run_fix(host, line, script, emit)

    async def look(self, native: str) -> Reading:
        """Raises `SourceError`."""
        try:
            host = self._host(native)
        except NotSent as error:
            raise SourceError(FaultKind.CONFIGURATION, str(error)) from error
        return await host.look()

    def shell(self, native: str) -> tuple[str, ...]:
        """The system's ssh with our known hosts and nobody's configuration. Raises `NotSent`."""
        options = self._host(native).options
        if not known_keys(self._known_hosts, options.address, options.port):
            raise NotSent(f"The host key of {native} is not known yet: run `rounds connect ssh --host {native}` first.")
        words = ["ssh", "-F", os.devnull, "-o", f"UserKnownHostsFile={_quoted(str(self._known_hosts))}"]
        words += ["-o", f"GlobalKnownHostsFile={os.devnull}", "-o", "StrictHostKeyChecking=yes"]
        words += ["-o", "UpdateHostKeys=no", "-o", "ConnectTimeout=10"]
        if self._options.key is not None:
            words += ["-i", str(self._options.key), "-o", f"IdentitiesOnly={'no' if self._options.agent else 'yes'}"]
        if not self._options.agent:
            words += ["-o", "IdentityAgent=none"]
        if self._options.key is None and not self._options.agent:
            words += ["-o", "PubkeyAuthentication=no"]
        return (*words, "-p", str(options.port), "--", f"{options.user}@{options.address}")

    def _host(self, native: str) -> Host:
        """Raises `NotSent` for a host that is not configured (any more)."""
        host = self._hosts.get(native)
        if host is None:
            raise NotSent(f"The source {self.name} has no host {safe(native)}.")
        return host


def _quoted(path: str) -> str:
    """ssh splits this option at blanks, and expands % and ~."""
    return '"' + path.replace("%", "%%") + '"'
