"""Whether the certificate that a TLS server shows is trusted, for the right name, and how long it is good."""

from __future__ import annotations

import asyncio
import contextlib
import os
import socket
import ssl
import time
from collections.abc import Callable
from datetime import datetime

from backends.adapters.probe.found import Found, Spec
from backends.api import FaultKind, safe
from backends.fleet.model import CheckState
from backends.http.tls import Trust, context_for, sentence_for


class TlsLook:
    """One port. The name in the certificate has to be the host's, or the one that `trust` says."""

    def __init__(
        self, spec: Spec, host: str, port: int, *, trust: Trust, deadline_s: float, now: Callable[[], datetime]
    ) -> None:
        """Raises `ConfigurationError` for what `trust` names and is none."""
        self.spec = spec
        self._host, self._port = host, port
        self._trust = trust
        self._context = context_for(trust)
        self._deadline_s = deadline_s
        self._now = now

    async def look(self) -> Found:
        at = f"{safe(self._host, 80)} port {self._port}"
        began = time.perf_counter()
        try:
            async with asyncio.timeout(self._deadline_s):
                shown = await self._shown()
        except TimeoutError:
            return self._lost(f"{at} gives no secure connection within {self._deadline_s:g} s; check it and the way.")
        except ssl.SSLError as error:
            return await self._distrusted(error, (time.perf_counter() - began) * 1000)
        except ConnectionRefusedError:
            wrong = f"Nothing listens at {at}: it refuses connections. Start the service, or check the port."
            return Found(answers=(None,), wrong=wrong, reached=True, fault=FaultKind.REFUSED)
        except (ConnectionResetError, BrokenPipeError):
            wrong = f"{at} hangs up in the middle of the handshake; check that the port speaks TLS."
            return Found(answers=(None,), wrong=wrong, reached=True, fault=FaultKind.TLS)
        except OSError as error:
            return self._failed(error, at)
        ms = (time.perf_counter() - began) * 1000
        return Found(answers=(ms,), said="certificate is trusted", reached=True, days=self._days(shown))

    async def _shown(self) -> bytes:
        """The server's certificate (DER) after a handshake in which it was trusted."""
        _, writer = await asyncio.open_connection(
            self._host, self._port, ssl=self._context, server_hostname=self._trust.server_name or self._host
        )
        try:
            shown: bytes | None = writer.get_extra_info("ssl_object").getpeercert(binary_form=True)
            return shown or b""
        finally:
            writer.close()
            with contextlib.suppress(OSError, TimeoutError):
                await writer.wait_closed()

    def _days(self, certificate: bytes) -> float | None:
        from cryptography import x509  # noqa: PLC0415 - loaded by those who look at certificates

        try:
            until = x509.load_der_x509_certificate(certificate).not_valid_after_utc
        except ValueError:
            return None
        return (until - self._now()).total_seconds() / 86400

    async def _distrusted(self, error: ssl.SSLError, ms: float) -> Found:
        try:
            async with asyncio.timeout(self._deadline_s):
                sentence = await sentence_for(error, self._host, self._port, self._trust)
        except TimeoutError:
            sentence = f"The certificate of {safe(self._host, 80)} is not accepted; look at it there."
        return Found(answers=(ms,), wrong=sentence, reached=True, fault=FaultKind.TLS)

    def _failed(self, error: OSError, at: str) -> Found:
        if isinstance(error, socket.gaierror):
            wrong = f"The name {safe(self._host, 80)} is not known; check it, the DNS or the VPN."
            return Found(wrong=wrong, state=CheckState.UNKNOWN, fault=FaultKind.NAME)
        reason = os.strerror(error.errno).lower() if error.errno else safe(str(error), 80)
        return self._lost(f"{at} cannot be reached ({reason}); check the host and the way there.")

    def _lost(self, wrong: str) -> Found:
        return Found(answers=(None,), wrong=wrong, reached=False, fault=FaultKind.UNREACHABLE)

    async def close(self) -> None:
        """There is nothing to let go of."""
