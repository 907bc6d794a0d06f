"""What certificate a server shows, looked at before anybody trusts it. Nothing is sent over these connections."""

from __future__ import annotations

import asyncio
import contextlib
import hashlib
import ssl
from datetime import datetime
from typing import TYPE_CHECKING, Final

from msgspec import Struct

from backends.text import SafeText, safe

if TYPE_CHECKING:
    from cryptography import x509

LIMIT_S: Final = 10.0
_MOST_NAMES: Final = 20


class Shown(Struct, frozen=True, kw_only=True):
    """A server's certificate, for somebody who has to say whether it is the right one."""

    fingerprint: str
    """SHA-256 of the certificate, 64 hexadecimal digits."""
    subject: SafeText
    issuer: SafeText
    names: tuple[SafeText, ...]
    """Hosts that it is for."""
    begins: datetime
    ends: datetime

    @property
    def in_pairs(self) -> str:
        """The fingerprint as other programs print it: `AB:CD:…`."""
        text = self.fingerprint.upper()
        return ":".join(text[at : at + 2] for at in range(0, len(text), 2))


async def certificate_at(host: str, port: int, name: str) -> bytes | None:
    """The certificate that is shown to who asks for `name`, in DER; None when it cannot be had."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    context.check_hostname = False
    context.verify_mode = ssl.CERT_NONE  # only looked at
    try:
        async with asyncio.timeout(LIMIT_S):
            _, writer = await asyncio.open_connection(host, port, ssl=context, server_hostname=name)
    except (OSError, ValueError):
        return None
    try:
        found: bytes | None = writer.get_extra_info("ssl_object").getpeercert(binary_form=True)
    finally:
        writer.close()
        with contextlib.suppress(OSError):
            await writer.wait_closed()
    return found


async def shown_at(host: str, port: int, name: str) -> Shown | None:
    """The same, read; None when it cannot be had or is none."""
    from cryptography import x509  # noqa: PLC0415 - only where somebody is to look at one

    der = await certificate_at(host, port, name)
    if not der:
        return None
    try:
        certificate = x509.load_der_x509_certificate(der)
        return Shown(
            fingerprint=hashlib.sha256(der).hexdigest(),
            subject=safe(certificate.subject.rfc4514_string(), 120),
            issuer=safe(certificate.issuer.rfc4514_string(), 120),
            names=tuple(_names(certificate))[:_MOST_NAMES],
            begins=certificate.not_valid_before_utc,
            ends=certificate.not_valid_after_utc,
        )
    except ValueError:
        return None


async def names_at(host: str, port: int, name: str) -> list[SafeText] | None:
    """The names in the certificate; None when they cannot be had."""
    from cryptography import x509  # noqa: PLC0415 - only for the rare sentence

    der = await certificate_at(host, port, name)
    try:
        return _names(x509.load_der_x509_certificate(der or b""))
    except ValueError:
        return None


def _names(certificate: x509.Certificate) -> list[SafeText]:
    from cryptography import x509  # noqa: PLC0415 - see above

    try:
        names = certificate.extensions.get_extension_for_class(x509.SubjectAlternativeName).value
    except x509.ExtensionNotFound:
        return []
    found = [*names.get_values_for_type(x509.DNSName), *map(str, names.get_values_for_type(x509.IPAddress))]
    return [safe(name, 64) for name in found]
