"""From an address to an SSH connection, in two stages: greeting outside, key exchange and log-in inside a queue.

A hundred log-ins at once starve each other on a small machine, and one host that hangs must not hold a place that a
good one needs: hosts that failed last time queue apart. Time in a queue does not count towards a deadline.
"""

from __future__ import annotations

import asyncio
import socket
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Any, Final
from weakref import WeakKeyDictionary

import asyncssh
from msgspec import Struct

from backends.adapters.ssh import failures
from backends.adapters.ssh.credentials import Credentials
from backends.adapters.ssh.doorman import Doorman, Looker
from backends.adapters.ssh.hostkeys import HostKey, algorithms, known_keys
from backends.adapters.ssh.options import HostOptions, Options
from backends.adapters.ssh.reach import Budget, named, reach
from backends.api import SourceError

GOOD_AT_ONCE: Final = 8
BAD_AT_ONCE: Final = 2
KEEPALIVE_S: Final = 15.0
_KEX: Final = (
    *("curve25519-sha256", "curve25519-sha256@libssh.org", "ecdh-sha2-nistp256", "ecdh-sha2-nistp384"),
    *("ecdh-sha2-nistp521", "diffie-hellman-group16-sha512", "diffie-hellman-group14-sha256"),
    "diffie-hellman-group-exchange-sha256",
)
"""Cheapest good one first: the newer hybrid exchanges cost several times the processor time of a poll."""


class Line(Struct, frozen=True, kw_only=True):
    """An open connection and who is at its other end."""

    connection: asyncssh.SSHClientConnection
    key: HostKey


class Queues:
    """Who may log in now, of all sources of one process."""

    def __init__(self) -> None:
        self.good = asyncio.Semaphore(GOOD_AT_ONCE)
        self.bad = asyncio.Semaphore(BAD_AT_ONCE)


_QUEUES: Final[WeakKeyDictionary[asyncio.AbstractEventLoop, Queues]] = WeakKeyDictionary()


def _queues() -> Queues:
    """The queues of the running loop: the processor is shared by all sources."""
    return _QUEUES.setdefault(asyncio.get_running_loop(), Queues())


class Dialer:
    """Makes the connections of one source."""

    def __init__(self, options: Options, known_hosts: Path, secret: Callable[[], Awaitable[Any]]) -> None:
        self.known_hosts = known_hosts
        self._credentials = Credentials(options, secret)

    async def dial(self, host: HostOptions, budget: Budget, *, failed_before: bool) -> Line:
        """A fresh connection, its host key checked. Raises `SourceError`."""
        known = await asyncio.to_thread(known_keys, self.known_hosts, host.address, host.port)
        wire = await reach(host.address, host.port, budget)
        try:
            queues = _queues()
            async with budget.queued(queues.bad if failed_before else queues.good):
                return await self._log_in(host, wire, known, budget)
        except BaseException:
            wire.close()
            raise

    async def _log_in(self, host: HostOptions, wire: socket.socket, known: tuple[HostKey, ...], budget: Budget) -> Line:
        at = named(host.address, host.port)
        doorman = Doorman(host, known, self._credentials)
        try:
            async with asyncio.timeout(budget.left()), self._credentials.keys() as keys:
                connection = await asyncssh.connect(
                    host.address,
                    host.port,
                    sock=wire,
                    username=host.user,
                    client_factory=lambda: doorman,
                    client_keys=keys,
                    preferred_auth=self._credentials.methods,
                    server_host_key_algs=algorithms(known),
                    **_OURS_ALONE,
                )
        except TimeoutError as error:
            heard = doorman.shown is not None
            raise (failures.slow_login if heard else failures.only_banner)(at, budget.seconds) from error
        except asyncssh.HostKeyNotVerifiable as error:
            raise _key_failure(host, known, doorman.shown) from error
        except asyncssh.Error as error:
            raise doorman.trouble or failures.of_login(error, at, host.user, self._credentials.by) from error
        except OSError as error:
            raise failures.of_socket(error, at, host.address) from error
        if doorman.shown is None:
            connection.abort()
            raise _key_failure(host, known, None)
        return Line(connection=connection, key=doorman.shown)


_OURS_ALONE: Final[dict[str, Any]] = {
    # Nothing of the user's own set-up is read: no configuration (it may run commands), keys, agent, certificates.
    "config": None,
    "known_hosts": ([], [], []),
    "agent_path": None,
    "x509_trusted_certs": None,
    "x509_trusted_cert_paths": [],
    "gss_host": None,
    "gss_auth": False,
    "gss_kex": False,
    "kex_algs": _KEX,
    "compression_algs": ["none"],
    "keepalive_interval": KEEPALIVE_S,
    "keepalive_count_max": 2,
    "encoding": None,
    "login_timeout": 0,
}


def _key_failure(host: HostOptions, known: tuple[HostKey, ...], shown: HostKey | None) -> SourceError:
    at = named(host.address, host.port)
    if shown is None:
        return failures.no_key(at)
    return (
        failures.changed_key(at, host.native, known, shown) if known else failures.unknown_key(at, host.native, shown)
    )


async def fetch_host_key(host: str, port: int, deadline_s: float) -> HostKey:
    """The key that a host shows now, for a person to compare; nobody logs in. Raises `SourceError`."""
    budget = Budget(deadline_s)
    wire = await reach(host, port, budget)
    looker = Looker(host, port)
    at = named(host, port)
    try:
        async with asyncio.timeout(budget.left()):
            connection = await asyncssh.connect(
                host,
                port,
                sock=wire,
                username="rounds",
                client_factory=lambda: looker,
                client_keys=None,
                server_host_key_algs=algorithms(()),
                **_OURS_ALONE,
            )
            connection.abort()
    except TimeoutError as error:
        raise failures.only_banner(at, deadline_s) from error
    except asyncssh.Error as error:
        if looker.shown is None:
            raise failures.of_login(error, at, "anybody", "anything") from error
    except OSError as error:
        raise failures.of_socket(error, at, host) from error
    finally:
        wire.close()
    if looker.shown is None:
        raise failures.no_key(at)
    return looker.shown
