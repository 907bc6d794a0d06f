"""The secret of a source as its agents know it: the community, or the passphrases of a user of version 3."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from typing import Any, Final

from backends.adapters.snmp import keys
from backends.adapters.snmp.messages import Community
from backends.adapters.snmp.options import HostOptions
from backends.adapters.snmp.usm import User
from backends.api import FaultKind, SourceError

_ID = tuple[str, str, str]


class Credentials:
    """Asks for the secret at the first need, and keeps what was made of it until somebody says that it does not work.
    Raises `SourceError`."""

    def __init__(self, secret: Callable[[], Awaitable[Any]]) -> None:
        self._secret = secret
        self._asking = asyncio.Lock()
        self._community: Community | None = None
        self._users: dict[_ID, User] = {}

    async def community(self) -> Community:
        async with self._asking:
            if self._community is None:
                told = str(await self._secret()).strip("\r\n")
                if not told:
                    raise _wrong("The community is empty; store it with `rounds login`.")
                self._community = Community(told)
            return self._community

    async def user(self, host: HostOptions) -> User:
        key = (host.user, host.auth, host.privacy)
        async with self._asking:
            if key not in self._users:
                auth, privacy = passphrases(str(await self._secret()), private=bool(host.privacy))
                # A megabyte is digested for each: not on the loop.
                auth_key = await asyncio.to_thread(keys.key_of, host.auth, auth)
                privacy_key = await asyncio.to_thread(keys.key_of, host.auth, privacy) if host.privacy else b""
                self._users[key] = User(
                    name=host.user, auth=host.auth, auth_key=auth_key, privacy=host.privacy, privacy_key=privacy_key
                )
            return self._users[key]

    def forget(self) -> None:
        """It may have been changed since."""
        self._community = None
        self._users.clear()


_SHORT: Final = f"A passphrase of SNMP version 3 has {keys.SHORTEST} characters at least; this one has fewer."


def passphrases(secret: str, *, private: bool) -> tuple[str, str]:
    """For authentication, and for privacy: two lines, or `auth:privacy`, or one for both. Raises `SourceError`."""
    lines = [line for line in secret.splitlines() if line]
    if len(lines) > 2:
        raise _wrong("The secret has more than two lines: the passphrase for authentication, then that for privacy.")
    auth = lines[0] if lines else ""
    privacy = lines[1] if len(lines) == 2 else auth
    if private and len(lines) == 1 and ":" in auth:
        auth, _, privacy = auth.partition(":")
    for passphrase in (auth, privacy):
        if len(passphrase.encode("utf-8")) < keys.SHORTEST:
            raise _wrong(_SHORT)
    return auth, privacy


def _wrong(sentence: str) -> SourceError:
    return SourceError(FaultKind.SECRET, sentence)
