"""Who decides on a host key while a connection is made, and answers when a password is asked for."""

from __future__ import annotations

from collections.abc import Sequence

import asyncssh

from backends.adapters.ssh.credentials import Credentials
from backends.adapters.ssh.hostkeys import HostKey, host_key
from backends.adapters.ssh.options import HostOptions
from backends.api import SourceError


class Looker(asyncssh.SSHClient):
    """Remembers the host key that is shown, and trusts none."""

    def __init__(self, host: str, port: int) -> None:
        self._host = host
        self._port = port
        self.shown: HostKey | None = None

    def validate_host_public_key(self, _host: str, _addr: str, _port: int, key: asyncssh.SSHKey) -> bool:
        self.shown = host_key(self._host, self._port, key)
        return False

    def validate_host_ca_key(self, _host: str, _addr: str, _port: int, _key: asyncssh.SSHKey) -> bool:
        return False


class Doorman(Looker):
    """Decides on the host key by our own list alone, and answers for the password when one is used."""

    def __init__(self, host: HostOptions, known: tuple[HostKey, ...], credentials: Credentials) -> None:
        super().__init__(host.address, host.port)
        self._known = known
        self._credentials = credentials
        self._asked = False
        self.trouble: SourceError | None = None
        """Why there was no password to give."""

    def validate_host_public_key(self, host: str, addr: str, port: int, key: asyncssh.SSHKey) -> bool:
        super().validate_host_public_key(host, addr, port, key)
        return any(self.shown == known for known in self._known)

    async def password_auth_requested(self) -> str | None:
        # Once a connection: a wrong password that is tried again and again locks accounts.
        if self._asked or not self._credentials.uses_password:
            return None
        self._asked = True
        try:
            return await self._credentials.secret()
        except SourceError as error:
            self.trouble = error
            return None

    def kbdint_auth_requested(self) -> str | None:
        return "" if self._credentials.uses_password and not self._asked else None

    async def kbdint_challenge_received(
        self, _name: str, _instructions: str, _lang: str, prompts: Sequence[tuple[str, bool]]
    ) -> list[str] | None:
        if not prompts:
            return []
        hidden = [echo for _, echo in prompts] == [False]
        password = await self.password_auth_requested() if hidden else None
        return None if password is None else [password]
