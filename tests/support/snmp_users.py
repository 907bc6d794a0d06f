"""Messages of SNMP version 3 as an agent would send them, or as nobody should."""

from __future__ import annotations

from backends.adapters.snmp import ber, keys
from backends.adapters.snmp.messages import RESPONSE

ENGINE = bytes.fromhex("80001f8880112233445566")
KEY = keys.localized("sha256", keys.key_of("sha256", "correct horse"), ENGINE)
SIGNED = 1


def response(number: int = 1) -> bytes:
    """An answer with one variable."""
    bind = ber.sequence(ber.encoded(ber.OID, ber.oid("1.3.6.1.2.1.1.5.0")), ber.string(b"sw1"))
    return ber.encoded(RESPONSE, b"".join((ber.integer(number), ber.integer(0), ber.integer(0), ber.sequence(bind))))


def message(
    number: int,
    pdu: bytes,
    *,
    flags: int = SIGNED,
    engine: bytes = ENGINE,
    boots: int = 3,
    time: int = 1000,
    user: bytes = b"monitor",
    key: bytes = KEY,
) -> bytes:
    """In the clear; signed by SHA-256 where `flags` say so."""
    room = bytes(24 if flags & SIGNED else 0)
    head = ber.sequence(ber.integer(number), ber.integer(1500), ber.string(bytes((flags,))), ber.integer(3))
    front = (ber.string(engine), ber.integer(boots), ber.integer(time), ber.string(user))
    parameters = ber.string(ber.sequence(*front, ber.string(room), ber.string(b"")))
    scoped = ber.sequence(ber.string(engine), ber.string(b""), pdu)
    plain = ber.sequence(ber.integer(3), head, parameters, scoped)
    at = len(plain) - len(scoped) - 2 - len(room)
    return plain[:at] + (keys.code("sha256", key, plain) if room else b"") + plain[at + len(room) :]
