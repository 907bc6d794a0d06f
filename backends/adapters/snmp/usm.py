"""SNMP version 3 with users (RFC 3412 messages, RFC 3414 security): who speaks is proven, and what is said encrypted.

An agent is asked first who it is (its engine's id, boots and time): without that no message to it can be signed. What
it answers to a signed message is signed as well, and counts only when it is, and when it is not older than 150 s.
"""

from __future__ import annotations

import secrets
import struct
from collections.abc import Callable
from typing import Final

from msgspec import Struct

from backends.adapters.snmp import ber, keys
from backends.adapters.snmp.ber import Malformed, Oid
from backends.adapters.snmp.messages import REPORT, Answer, answer_in, get, new_number

WINDOW_S: Final = 150
"""RFC 3414 §2.2.3."""
_SIZE: Final = 65507
_USER_MODEL: Final = 3
_SIGNED, _ENCRYPTED, _REPORTABLE = 1, 2, 4
_STATS: Final = "1.3.6.1.6.3.15.1.1"


class Trouble(Exception):  # noqa: N818 - what an agent says of itself
    """The agent says why it does not answer: `level`, `time`, `user`, `engine`, `code`, `cipher` or another number."""

    def __init__(self, why: str, *, signed: bool) -> None:
        super().__init__(why)
        self.why = why
        self.signed = signed


_REPORTS: Final = {
    ber.oid(f"{_STATS}.{number}.0"): why
    for number, why in enumerate(("level", "time", "user", "engine", "code", "cipher"), start=1)
}


class User(Struct, frozen=True, kw_only=True):
    """A user as the agents know him, with keys in place of passphrases."""

    name: str
    auth: str
    """One of `keys.AUTHENTICATION`."""
    auth_key: bytes
    privacy: str = ""
    """One of `keys.PRIVACY`; empty without."""
    privacy_key: bytes = b""


class Engine(Struct):
    """An agent as version 3 knows it."""

    id: bytes
    boots: int
    time: int
    """Seconds since its last boot, when `heard_s` was now."""
    heard_s: float
    auth_key: bytes
    privacy_key: bytes


class _Parts(Struct, frozen=True):
    """A message taken apart."""

    number: int
    flags: int
    engine: bytes
    boots: int
    time: int
    user: bytes
    code: tuple[int, int]
    """Where the code of authenticity stands."""
    salt: bytes
    body: tuple[int, int]


class Users:
    """Version 3 with one agent, as one user. `now_s` counts seconds."""

    def __init__(self, user: User, now_s: Callable[[], float]) -> None:
        self._user = user
        self._name = user.name.encode("utf-8")
        self._now_s = now_s
        self._salt = secrets.randbits(64)
        self._sent = 0
        self.engine: Engine | None = None
        """None until the agent said who it is."""

    def greeting(self) -> tuple[bytes, int]:
        """The message that asks the agent who it is, and its number."""
        number = new_number()
        parameters = ber.sequence(ber.string(b""), *map(ber.integer, (0, 0)), *map(ber.string, (b"", b"", b"")))
        scoped = ber.sequence(ber.string(b""), ber.string(b""), get(number, oids=()))
        return self._message(number, _REPORTABLE, parameters, scoped), number

    def greeted(self, data: bytes, number: int) -> Engine | None:
        """The agent, known from now on, if this datagram is its answer to the greeting."""
        try:
            parts = _parts(data)
        except Malformed:
            return None
        if parts.number != number or not 5 <= len(parts.engine) <= 32:
            return None
        user = self._user
        auth_key = keys.localized(user.auth, user.auth_key, parts.engine)
        privacy_key = b""
        if user.privacy:
            local = keys.localized(user.auth, user.privacy_key, parts.engine)
            privacy_key = keys.lengthened(user.auth, local, keys.PRIVACY[user.privacy])
        self.engine = Engine(parts.engine, parts.boots, parts.time, self._now_s(), auth_key, privacy_key)
        return self.engine

    def said(self, request: bytes) -> bytes:
        """The message that carries a request; the agent has to be known."""
        engine = self._known()
        boots, time = engine.boots, engine.time + int(self._now_s() - engine.heard_s)
        scoped = ber.sequence(ber.string(engine.id), ber.string(b""), request)
        flags, salt = _SIGNED | _REPORTABLE, b""
        if self._user.privacy:
            self._salt = (self._salt + 1) & 0xFFFFFFFFFFFFFFFF
            salt = self._salt.to_bytes(8, "big")
            start = struct.pack(">II", boots, time) + salt
            scoped = ber.string(keys.encrypted(engine.privacy_key, start, scoped))
            flags |= _ENCRYPTED
        room = keys.AUTHENTICATION[self._user.auth]
        head = (ber.string(engine.id), ber.integer(boots), ber.integer(time), ber.string(self._name))
        parameters = ber.sequence(*head, ber.string(bytes(room)), ber.string(salt))
        self._sent = new_number()
        message = self._message(self._sent, flags, parameters, scoped)
        at = len(message) - len(scoped) - len(ber.string(salt)) - room
        code = keys.code(self._user.auth, engine.auth_key, message)
        return message[:at] + code + message[at + room :]

    def heard(self, data: bytes) -> Answer | None:
        """The answer in a datagram; None where it is not from this agent, is not proven, or is too old. Raises
        `Trouble` for what the agent says of itself."""
        engine = self._known()
        try:
            parts = _parts(data)
            if parts.number != self._sent:
                return None
            signed = bool(parts.flags & _SIGNED)
            if signed and not (parts.engine == engine.id and parts.user == self._name and self._proven(data, parts)):
                return None
            if signed and not self._timely(parts):
                return None
            answer = self._answer(data, parts)
        except Malformed:
            return None
        if answer.kind == REPORT:
            raise Trouble(_reason(answer), signed=signed)
        wanted = _SIGNED | (_ENCRYPTED if self._user.privacy else 0)
        return answer if parts.flags & wanted == wanted else None

    def _known(self) -> Engine:
        if self.engine is None:
            raise AssertionError("the agent was not greeted")
        return self.engine

    def _proven(self, data: bytes, parts: _Parts) -> bool:
        start, end = parts.code
        if end - start != keys.AUTHENTICATION[self._user.auth]:
            return False
        blank = data[:start] + bytes(end - start) + data[end:]
        ours = keys.code(self._user.auth, self._known().auth_key, blank)
        return secrets.compare_digest(ours, data[start:end])

    def _timely(self, parts: _Parts) -> bool:
        """Keeps the newest of the agent's times. Only for what is proven."""
        engine = self._known()
        if parts.boots < engine.boots or parts.boots >= 0x7FFFFFFF:
            return False
        expected = engine.time + int(self._now_s() - engine.heard_s)
        if parts.boots == engine.boots and parts.time < expected - WINDOW_S:
            return False
        if parts.boots > engine.boots or parts.time >= engine.time:
            engine.boots, engine.time, engine.heard_s = parts.boots, parts.time, self._now_s()
        return True

    def _answer(self, data: bytes, parts: _Parts) -> Answer:
        at, end = parts.body
        if parts.flags & _ENCRYPTED:
            if not self._user.privacy or len(parts.salt) != 8:
                raise Malformed("encrypted for nobody")
            at, end = ber.expected(data, at, end, ber.STRING)
            start = struct.pack(">II", parts.boots & 0xFFFFFFFF, parts.time & 0xFFFFFFFF) + parts.salt
            data = keys.decrypted(self._known().privacy_key, start, data[at:end])
            at, end = 0, len(data)
        at, end = ber.expected(data, at, end, ber.SEQUENCE)
        for _ in ("context engine", "context name"):
            _, at = ber.expected(data, at, end, ber.STRING)
        return answer_in(data, at, end)

    def _message(self, number: int, flags: int, parameters: bytes, scoped: bytes) -> bytes:
        head = (ber.integer(number), ber.integer(_SIZE), ber.string(bytes((flags,))), ber.integer(_USER_MODEL))
        return ber.sequence(ber.integer(3), ber.sequence(*head), ber.string(parameters), scoped)


def _parts(data: bytes) -> _Parts:
    at, end = ber.expected(data, 0, len(data), ber.SEQUENCE)
    version, at = ber.whole(data, at, end)
    start, stop = ber.expected(data, at, end, ber.SEQUENCE)
    number, start = ber.whole(data, start, stop)
    _, start = ber.whole(data, start, stop)
    flags, start = ber.expected(data, start, stop, ber.STRING)
    model, _ = ber.whole(data, start, stop)
    if version != 3 or model != _USER_MODEL or start - flags != 1:
        raise Malformed("no message of version 3")
    at, body = ber.expected(data, stop, end, ber.STRING)
    at, stop = ber.expected(data, at, body, ber.SEQUENCE)
    first, at = ber.expected(data, at, stop, ber.STRING)
    engine = data[first:at]
    boots, at = ber.whole(data, at, stop)
    time, at = ber.whole(data, at, stop)
    if not (0 <= boots <= 0x7FFFFFFF and 0 <= time <= 0x7FFFFFFF):
        raise Malformed("a time is out of bounds")
    first, at = ber.expected(data, at, stop, ber.STRING)
    user = data[first:at]
    code, at = ber.expected(data, at, stop, ber.STRING)
    codes = (code, at)
    first, at = ber.expected(data, at, stop, ber.STRING)
    return _Parts(number, data[flags], engine, boots, time, user, codes, data[first:at], (body, end))


def _reason(answer: Answer) -> str:
    named: Oid | None = answer.binds[0][0] if answer.binds else None
    return _REPORTS.get(named, "another") if named is not None else "another"
