"""What a source logs in with: a private key, the keys of an agent, or a password; asked for when a log-in needs it."""

from __future__ import annotations

import asyncio
import contextlib
import os
from collections.abc import AsyncIterator, Awaitable, Callable
from pathlib import Path
from typing import Any, Final

import asyncssh

from backends.adapters.ssh.options import Options
from backends.api import FaultKind, SourceError

_KEY_KEPT_S: Final = 300.0
"""A burst of log-ins opens the key once: the passphrases of OpenSSH keys are slow to turn into keys, on purpose."""


class Credentials:
    """Keys or a password of one source. The secret itself is never kept."""

    def __init__(self, options: Options, secret: Callable[[], Awaitable[Any]]) -> None:
        self._path = options.key
        self._agent = options.agent
        self._secret = secret
        self._asking: asyncio.Task[str] | None = None
        self._opened: tuple[float, asyncssh.SSHKey] | None = None
        self._opening = asyncio.Lock()

    @property
    def uses_password(self) -> bool:
        return self._path is None and not self._agent

    @property
    def methods(self) -> str:
        return "password,keyboard-interactive" if self.uses_password else "publickey"

    @property
    def by(self) -> str:
        """The way in words."""
        if self.uses_password:
            return "password"
        ways = [f"the key {self._path}"] if self._path else []
        return " or ".join([*ways, "the keys of the agent"] if self._agent else ways)

    @contextlib.asynccontextmanager
    async def keys(self) -> AsyncIterator[list[asyncssh.SSHKey | asyncssh.SSHKeyPair] | None]:
        """The keys to offer while they are needed; None when a password is used. Raises `SourceError`."""
        if self.uses_password:
            yield None
            return
        own: list[asyncssh.SSHKey | asyncssh.SSHKeyPair] = [await self._key(self._path)] if self._path else []
        if not self._agent:
            yield own
            return
        async with await _open_agent() as agent:
            lent = await agent.get_keys()
            if not own and not lent:
                raise SourceError(FaultKind.CREDENTIALS, "The ssh-agent holds no key: add one with ssh-add.")
            yield [*own, *lent]

    async def secret(self) -> str:
        """The source's secret; log-ins that need it at the same time ask once."""
        if self._asking is None or self._asking.done():
            self._asking = asyncio.ensure_future(self._ask())
        return await asyncio.shield(self._asking)

    async def _ask(self) -> str:
        return str(await self._secret())

    async def _key(self, path: Path) -> asyncssh.SSHKey:
        loop = asyncio.get_running_loop()
        async with self._opening:
            if self._opened is not None and loop.time() < self._opened[0]:
                return self._opened[1]
            key = await self._open(path)
            self._opened = loop.time() + _KEY_KEPT_S, key
            return key

    async def _open(self, path: Path) -> asyncssh.SSHKey:
        try:
            return await asyncio.to_thread(asyncssh.read_private_key, path)
        except OSError as error:
            raise SourceError(
                FaultKind.CREDENTIALS,
                f"The key {path} cannot be read ({error.strerror}): check the source's key option.",
            ) from error
        except asyncssh.KeyImportError as error:
            if "assphrase" not in str(error):
                raise SourceError(FaultKind.CREDENTIALS, f"The file {path} is no private key for SSH.") from error
        passphrase = await self.secret()
        try:
            return await asyncio.to_thread(asyncssh.read_private_key, path, passphrase)
        except (asyncssh.KeyImportError, asyncssh.KeyEncryptionError, OSError):
            # Without its cause: that may quote what it was given.
            raise SourceError(
                FaultKind.SECRET, f"The source's secret does not open the key {path}: store its passphrase again."
            ) from None


async def _open_agent() -> asyncssh.SSHAgentClient:
    path = os.environ.get("SSH_AUTH_SOCK", "")
    try:
        if path:
            return await asyncssh.connect_agent(path)
    except (OSError, asyncssh.Error):
        pass
    raise SourceError(
        FaultKind.CREDENTIALS, "No ssh-agent answers (SSH_AUTH_SOCK): start one for the engine, or name a key instead."
    )
