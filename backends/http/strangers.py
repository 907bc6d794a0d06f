"""Servers for whose certificate nobody vouches: what they show, for a person who can compare it."""

from __future__ import annotations

import asyncio
import contextlib
import ssl
from urllib.parse import urlsplit

from backends.http.shown import LIMIT_S, Shown, shown_at
from backends.http.tls import SELF_SIGNED, UNKNOWN_ISSUERS, Trust, context_for


async def stranger_at(url: str, trust: Trust) -> Shown | None:
    """What the server at `url` shows, where it is signed by itself or by an authority that `trust` does not know. None
    when it is vouched for, is wrong in another way, or does not answer. Raises `ConfigurationError` for a `trust` that
    is none. Sends nothing."""
    parts = urlsplit(url)
    try:
        host, port = parts.hostname or "", parts.port or 443
    except ValueError:
        return None
    if parts.scheme != "https" or not host or trust.fingerprint:
        return None
    name = trust.server_name or host
    code = await _refused(host, port, name, context_for(trust))
    return await shown_at(host, port, name) if code == SELF_SIGNED or code in UNKNOWN_ISSUERS else None


async def _refused(host: str, port: int, name: str, context: ssl.SSLContext) -> int | None:
    """OpenSSL's verify code; None where there was nothing to refuse."""
    try:
        async with asyncio.timeout(LIMIT_S):
            _, writer = await asyncio.open_connection(host, port, ssl=context, server_hostname=name)
    except ssl.SSLCertVerificationError as error:
        return error.verify_code
    except (OSError, ValueError):
        return None
    writer.close()
    with contextlib.suppress(OSError):
        await writer.wait_closed()
    return None
