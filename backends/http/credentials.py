"""How a request says who asks: made from the source's secret when it is needed, kept no longer than the connection."""

from __future__ import annotations

import base64
from collections.abc import Awaitable, Callable, Mapping
from typing import Final

from backends.api import FaultKind, SourceError, SourceSettings

Authorize = Callable[[], Awaitable[Mapping[str, str]]]
"""Gives the headers that carry the credentials. Raises `SourceError(SECRET)`."""

_NOT_IN_HEADERS: Final = ("\r", "\n", "\0")


def basic(settings: SourceSettings, user: str) -> Authorize:
    """RFC 7617, sent before the server asks for it."""

    async def headers() -> Mapping[str, str]:
        pair = f"{user}:{await settings.secret()}".encode()
        return {"Authorization": f"Basic {base64.b64encode(pair).decode('ascii')}"}

    return headers


def bearer(settings: SourceSettings) -> Authorize:
    """RFC 6750."""
    return header(settings, "Authorization", "Bearer ")


def header(settings: SourceSettings, name: str, before: str = "") -> Authorize:
    """The secret as the value of a header: `X-API-KEY`."""

    async def headers() -> Mapping[str, str]:
        secret = str(await settings.secret()).strip()
        if not secret.isascii() or any(char in secret for char in _NOT_IN_HEADERS):
            raise SourceError(
                FaultKind.SECRET,
                f"The secret of {settings.name} has characters that no token has; store it again with `rounds login`.",
            )
        return {name: before + secret}

    return headers


async def nobody() -> Mapping[str, str]:
    """For servers that ask nobody who they are."""
    return {}
