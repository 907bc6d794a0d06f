"""When a certificate in a file expires and whom it names, from the first one in it (PEM or DER)."""

from __future__ import annotations

import binascii
import re
from datetime import UTC, datetime
from pathlib import Path
from typing import Final

from backends.fleet.host import Certificate
from backends.text import safe

_LARGEST: Final = 1024 * 1024
_PEM: Final = re.compile(
    rb"-----BEGIN (?:TRUSTED |X509 )?CERTIFICATE-----([A-Za-z0-9+/=\s]+)-----END (?:TRUSTED |X509 )?CERTIFICATE-----"
)
_SEQUENCE: Final = 0x30
_OID: Final = 0x06
_UTC_TIME: Final = 0x17
_LONG_TIME: Final = 0x18
_VERSION: Final = 0xA0
_COMMON_NAME: Final = b"\x55\x04\x03"


def read_certificate(path: str) -> Certificate:
    """The certificate at `path`; one that cannot be read says why in `problem`."""
    try:
        with Path(path).open("rb") as opened:
            raw = opened.read(_LARGEST)
    except OSError as error:
        return Certificate(path=path, expires=None, problem=safe(error.strerror or "unreadable", 64))
    try:
        expires, subject = parse_certificate(raw)
    except ValueError:
        return Certificate(path=path, expires=None, problem="no certificate in it")
    return Certificate(path=path, expires=expires, subject=safe(subject, 128))


def parse_certificate(raw: bytes) -> tuple[datetime, str]:
    """Expiry and common name (or nothing) of the first certificate. Raises ValueError."""
    found = _PEM.search(raw)
    try:
        der = binascii.a2b_base64(found[1]) if found else raw
    except binascii.Error as error:
        raise ValueError(str(error)) from error
    certificate = _inside(der, 0, _SEQUENCE)
    fields = _inside(certificate, 0, _SEQUENCE)
    parts = _parts(fields, 7)
    # version, when it is there, then: serial, algorithm, issuer, validity, subject
    skip = 1 if parts and parts[0][0] == _VERSION else 0
    if len(parts) < skip + 5 or parts[skip + 3][0] != _SEQUENCE:
        raise ValueError("not a certificate")
    moments = _parts(parts[skip + 3][1], 2)
    if len(moments) != 2:
        raise ValueError("no validity")
    return _moment(*moments[1]), _common_name(parts[skip + 4][1])


def _moment(tag: int, body: bytes) -> datetime:
    """UTCTime or GeneralizedTime, both in UTC (RFC 5280 allows nothing else)."""
    text = body.decode("ascii")
    if tag == _UTC_TIME and len(text) == 13:
        century = "19" if text[:2] >= "50" else "20"
        text = century + text
    elif tag != _LONG_TIME:
        raise ValueError("no time")
    return datetime.strptime(text, "%Y%m%d%H%M%SZ").replace(tzinfo=UTC)


def _common_name(name: bytes) -> str:
    for _, attributes in _parts(name, 64):
        for _, attribute in _parts(attributes, 8):
            pair = _parts(attribute, 2)
            if len(pair) == 2 and pair[0] == (_OID, _COMMON_NAME):
                return pair[1][1].decode("utf-8", "replace")
    return ""


def _inside(data: bytes, at: int, tag: int) -> bytes:
    found, body, _ = _element(data, at)
    if found != tag:
        raise ValueError("unexpected element")
    return body


def _parts(data: bytes, most: int) -> list[tuple[int, bytes]]:
    out: list[tuple[int, bytes]] = []
    at = 0
    while at < len(data) and len(out) < most:
        tag, body, at = _element(data, at)
        out.append((tag, body))
    return out


def _element(data: bytes, at: int) -> tuple[int, bytes, int]:
    """Tag, content and end of the element at `at`. Raises ValueError where it does not fit."""
    if at + 2 > len(data):
        raise ValueError("cut off")
    tag, length = data[at], data[at + 1]
    at += 2
    if length & 0x80:
        size = length & 0x7F
        if not 1 <= size <= 4 or at + size > len(data):
            raise ValueError("bad length")
        length = int.from_bytes(data[at : at + size], "big")
        at += size
    if at + length > len(data):
        raise ValueError("cut off")
    return tag, data[at : at + length], at + length
