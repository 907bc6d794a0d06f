"""Version 3: of what comes, only that is believed which the agent signed for us, just now."""

from __future__ import annotations

import contextlib
from typing import Any

import pytest

from backends.adapters.snmp import ber, keys
from backends.adapters.snmp.messages import REPORT, get
from backends.adapters.snmp.usm import Trouble, User, Users
from tests.support.snmp_users import ENGINE, KEY, message, response

NOW_S = 500.0


def greeted(privacy: str = "") -> tuple[Users, int]:
    """Who has greeted the agent and asked it something; with the number of that message."""
    key = keys.key_of("sha256", "correct horse")
    users = Users(User(name="monitor", auth="sha256", auth_key=key, privacy=privacy, privacy_key=key), lambda: NOW_S)
    _, number = users.greeting()
    assert users.greeted(message(number, response(), flags=0), number) is not None
    said = users.said(get(1, oids=()))
    at, end = ber.expected(said, 0, len(said), ber.SEQUENCE)
    _, at = ber.whole(said, at, end)
    at, end = ber.expected(said, at, end, ber.SEQUENCE)
    return users, ber.whole(said, at, end)[0]


def test_what_the_agent_signed_is_believed() -> None:
    users, number = greeted()
    answer = users.heard(message(number, response()))
    assert answer is not None
    assert [held for _, _, held in answer.binds] == [b"sw1"]


@pytest.mark.parametrize(
    "wrong",
    [
        {"flags": 0},
        {"key": bytes(32)},
        {"engine": ENGINE + b"x"},
        {"user": b"manager"},
        {"boots": 2},
        {"time": 849},
        {"boots": 2**31 - 1},
    ],
)
def test_what_is_unsigned_of_another_or_old_is_not(wrong: dict[str, Any]) -> None:
    """F-71: not signed, by somebody else, of another engine, for another user, before a boot, too old, worn out."""
    users, number = greeted()
    assert users.heard(message(number, response(), **wrong)) is None


def test_an_answer_to_another_message_is_not_believed() -> None:
    users, number = greeted()
    assert users.heard(message(number + 1, response())) is None


def test_what_should_be_encrypted_and_is_not_is_not_believed() -> None:
    users, number = greeted("aes")
    assert users.heard(message(number, response())) is None


@pytest.mark.parametrize("change", range(0, len(message(1, response())), 3))
def test_one_bit_that_differs_is_one_too_many(change: int) -> None:
    users, number = greeted()
    data = bytearray(message(number, response()))
    data[change % len(data)] ^= 1
    heard = None
    with contextlib.suppress(Trouble):  # a report says at most that nothing is known
        heard = users.heard(bytes(data))
    assert heard is None


@pytest.mark.parametrize(
    ("number", "why"),
    [(1, "level"), (2, "time"), (3, "user"), (4, "engine"), (5, "code"), (6, "cipher"), (7, "another")],
)
def test_a_report_says_why_there_is_no_answer(number: int, why: str) -> None:
    bind = ber.sequence(ber.encoded(ber.OID, ber.oid(f"1.3.6.1.6.3.15.1.1.{number}.0")), b"\x41\x01\x07")
    report = ber.encoded(REPORT, ber.integer(0) * 3 + ber.sequence(bind))
    users, sent = greeted()
    for flags in (0, 1):
        with pytest.raises(Trouble) as raised:
            users.heard(message(sent, report, flags=flags))
        assert (raised.value.why, raised.value.signed) == (why, bool(flags))


def test_the_newest_time_of_the_agent_is_kept() -> None:
    users, number = greeted()
    assert users.heard(message(number, response(), boots=4, time=7)) is not None
    assert users.engine is not None
    assert (users.engine.boots, users.engine.time, users.engine.auth_key) == (4, 7, KEY)
