"""Whom a source trusts: the system's authorities, one authority of its own, or one certificate by its fingerprint.

There is no switch that turns checking off. Each way to fail has a sentence of its own.
"""

from __future__ import annotations

import functools
import hashlib
import re
import ssl
from pathlib import Path
from typing import Final

from msgspec import Struct

from backends.api import ConfigurationError
from backends.http.shown import names_at
from backends.text import safe

SELF_SIGNED: Final = 18
NOT_YET_VALID: Final = 9
EXPIRED: Final = 10
UNKNOWN_ISSUERS: Final = (2, 19, 20, 21)
WRONG_NAMES: Final = (62, 64)
"""Verify codes of OpenSSL: of the name, and of the address."""


class Trust(Struct, frozen=True, kw_only=True):
    """Whom to trust for one source; empty is the system's authorities."""

    ca_file: str = ""
    """A file of PEM certificates that alone are trusted to sign the server's."""
    fingerprint: str = ""
    """SHA-256 of the server's own certificate, in hexadecimal; then nothing else about it counts."""
    server_name: str = ""
    """The name that the certificate has to be for, when it is not the one in the address."""
    certificate: str = ""
    """A file with the certificate by which we say who we are; PEM, with its chain."""
    key: str = ""
    """The file of its private key, without a password; empty when it is in the same file."""


class PinError(ssl.SSLError):
    """The server showed another certificate than the one that was agreed on."""

    shown: str = ""


class _PinnedObject(ssl.SSLObject):
    """Compares the certificate as the last step of the handshake, before a byte of the request is sent."""

    def do_handshake(self) -> None:
        super().do_handshake()
        context = self.context
        if isinstance(context, _PinnedContext):
            shown = hashlib.sha256(self.getpeercert(binary_form=True) or b"").hexdigest()
            if shown != context.pin:
                error = PinError("another certificate")
                error.shown = shown
                raise error


class _PinnedContext(ssl.SSLContext):
    pin: str
    sslobject_class = _PinnedObject


def context_for(trust: Trust) -> ssl.SSLContext:
    """Raises `ConfigurationError` for a file or fingerprint that is none. Reads the file."""
    if trust.fingerprint:
        context: ssl.SSLContext = _pinned(trust.fingerprint)
    elif trust.ca_file:
        context = _of_authority(trust.ca_file)
    elif trust.certificate:
        context = ssl.create_default_context()  # the shared one must not learn who we are
    else:
        return shared_context()
    if trust.certificate:
        _introduce(context, trust)
    return context


@functools.cache
def shared_context() -> ssl.SSLContext:
    """One for all sources: each costs a thousand certificates to read."""
    return ssl.create_default_context()


def _of_authority(ca_file: str) -> ssl.SSLContext:
    try:
        return ssl.create_default_context(cafile=str(Path(ca_file).expanduser()))
    except ssl.SSLError:
        raise ConfigurationError("ca_file", f"{ca_file} holds no PEM certificate.") from None
    except OSError as error:
        raise ConfigurationError("ca_file", f"{ca_file} cannot be read: {error.strerror}.") from None


def _introduce(context: ssl.SSLContext, trust: Trust) -> None:
    """Have `context` say who we are."""
    files = [str(Path(name).expanduser()) if name else None for name in (trust.certificate, trust.key)]
    try:
        context.load_cert_chain(files[0] or "", files[1], password=_no_password)
    except ssl.SSLError:
        raise ConfigurationError(
            "certificate", "This is no PEM certificate with its private key, or its key has a password: take it off."
        ) from None
    except OSError as error:
        raise ConfigurationError(
            "certificate", f"The certificate or its key cannot be read: {error.strerror}."
        ) from None


def _no_password() -> str:
    """OpenSSL would ask at the terminal."""
    return ""


def _pinned(fingerprint: str) -> ssl.SSLContext:
    pin = re.sub(r"^sha-?256:|[:\s]", "", fingerprint, flags=re.IGNORECASE).lower()
    if not re.fullmatch(r"[0-9a-f]{64}", pin):
        raise ConfigurationError("fingerprint", "This has to be the SHA-256 of a certificate: 64 hexadecimal digits.")
    context = _PinnedContext(ssl.PROTOCOL_TLS_CLIENT)
    context.check_hostname = False
    context.verify_mode = ssl.CERT_NONE  # the certificate itself is compared instead
    context.pin = pin
    return context


async def sentence_for(error: ssl.SSLError, host: str, port: int, trust: Trust) -> str:
    """Why the server at `host` is not trusted, and what to do."""
    if isinstance(error, PinError):
        return (
            f"{host} shows another certificate than the one that was agreed on (SHA-256 {error.shown}). "
            "If it was renewed, compare it there and put the new fingerprint into the configuration."
        )
    if not isinstance(error, ssl.SSLCertVerificationError):
        return f"No secure connection to {host} ({_reason(error)}); check that the port speaks TLS."
    code = error.verify_code
    name = trust.server_name or host
    if code == EXPIRED:
        return f"The certificate of {host} has expired; renew it there."
    if code == NOT_YET_VALID:
        return f"The certificate of {host} is not valid yet; check the clocks here and there."
    if code == SELF_SIGNED:
        return f"The certificate of {host} is signed by itself; put its fingerprint, or its file as ca_file, here."
    if code in UNKNOWN_ISSUERS and trust.ca_file:
        return f"The certificate of {host} is not signed by the authority in {trust.ca_file}; correct ca_file."
    if code in UNKNOWN_ISSUERS:
        return f"The certificate of {host} is signed by an authority unknown here; name its file as ca_file."
    if code in WRONG_NAMES:
        names = await names_at(host, port, name)
        if names is not None and not names:
            return f"The certificate of {host} names no host at all (no SAN); have it issued again with {name} in it."
        told = f"; it is for {', '.join(names[:4])}" if names else ""
        return f"The certificate of {host} is not for {name}{told}. Correct the address, or set server_name."
    return f"The certificate of {host} is not accepted: {safe(error.verify_message, 100)}."


def _reason(error: ssl.SSLError) -> str:
    return safe(error.reason or type(error).__name__, 80).replace("_", " ").lower()
