"""Keys of SNMPv3 users: passphrases made into keys of one engine, codes of authenticity, AES in feedback mode.

RFC 3414 appendix A.2 (keys), RFC 7860 (SHA-2), RFC 3826 (AES-128). AES-192 and AES-256 take as much of the key as they
need; where the digest is shorter than that, it is lengthened by draft-blumenthal-aes-usm-04 §3.1.2.1.
"""

from __future__ import annotations

import hashlib
import hmac
from collections.abc import Callable, Mapping
from typing import Final

AUTHENTICATION: Final[Mapping[str, int]] = {
    "md5": 12,
    "sha": 12,
    "sha224": 16,
    "sha256": 24,
    "sha384": 32,
    "sha512": 48,
}
"""Ways to prove who speaks, with the bytes that their codes have on the wire."""
PRIVACY: Final[Mapping[str, int]] = {"aes": 16, "aes192": 24, "aes256": 32}
"""Ways to keep others from listening, with the bytes of their keys."""
SHORTEST: Final = 8
"""RFC 3414 §11.2."""
_MEGABYTE: Final = 1 << 20
_BLOCK: Final = 16


def _hash(way: str, data: bytes) -> bytes:
    return hashlib.new("sha1" if way == "sha" else way, data, usedforsecurity=False).digest()


def key_of(way: str, passphrase: str) -> bytes:
    """The user's key for all engines: the digest of a megabyte of the passphrase. Takes a millisecond or two."""
    raw = passphrase.encode("utf-8")
    return _hash(way, (raw * (_MEGABYTE // len(raw) + 1))[:_MEGABYTE])


def localized(way: str, key: bytes, engine: bytes) -> bytes:
    """The user's key for one engine."""
    return _hash(way, key + engine + key)


def lengthened(way: str, key: bytes, size: int) -> bytes:
    while len(key) < size:
        key += _hash(way, key)
    return key[:size]


def code(way: str, key: bytes, message: bytes) -> bytes:
    """What proves that `message` comes from somebody with this key."""
    return hmac.digest(key, message, "sha1" if way == "sha" else way)[: AUTHENTICATION[way]]


def encrypted(key: bytes, start: bytes, plain: bytes) -> bytes:
    """AES in cipher feedback mode of whole blocks (CFB-128), beginning with `start`."""
    step = _ecb(key)
    out, last = bytearray(), start
    for at in range(0, len(plain), _BLOCK):
        last = _xor(plain[at : at + _BLOCK], step(last))
        out += last
    return bytes(out)


def decrypted(key: bytes, start: bytes, secret: bytes) -> bytes:
    return _xor(secret, _ecb(key)((start + secret)[: (len(secret) + _BLOCK - 1) // _BLOCK * _BLOCK]))


def _ecb(key: bytes) -> Callable[[bytes], bytes]:
    from cryptography.hazmat.primitives.ciphers import Cipher, algorithms, modes  # noqa: PLC0415 - for version 3 only

    return Cipher(algorithms.AES(key), modes.ECB()).encryptor().update  # noqa: S305 - the building block of CFB


def _xor(data: bytes, stream: bytes) -> bytes:
    size = len(data)
    return (int.from_bytes(data, "big") ^ int.from_bytes(stream[:size], "big")).to_bytes(size, "big")
