"""What travels: numbers and ids, keys of users, and datagrams that are none of ours."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from backends.adapters.snmp import ber, keys, messages
from backends.adapters.snmp.ber import Malformed
from backends.adapters.snmp.messages import Community
from backends.adapters.snmp.usm import User, Users

ENGINE = bytes.fromhex("000000000000000000000002")
"""That of the examples in RFC 3414, appendix A.3."""


@given(st.integers(-(2**63), 2**63 - 1))
def test_a_number_comes_back_as_it_was_sent(number: int) -> None:
    data = ber.integer(number)
    assert ber.whole(data, 0, len(data)) == (number, len(data))


@given(st.lists(st.integers(0, 2**32 - 1), max_size=20))
def test_an_object_id_comes_back_as_it_was_sent(arcs: list[int]) -> None:
    dotted = ".".join(map(str, (1, 3, *arcs)))
    assert ber.dotted(ber.oid(dotted)) == dotted
    assert ber.arcs(ber.below(ber.Oid(b""), arcs)) == tuple(arcs)


@pytest.mark.parametrize(
    ("tag", "contents", "value"),
    [
        (ber.INTEGER, "ff", -1),
        (ber.INTEGER, "00ff", 255),
        (ber.COUNTER32, "ffffffff", 2**32 - 1),  # without the zero in front, as some agents send it
        (ber.COUNTER32, "00ffffffff", 2**32 - 1),
        (ber.COUNTER64, "00ffffffffffffffff", 2**64 - 1),
        (ber.TICKS, "", 0),
        (ber.STRING, "1b5b", b"\x1b["),
        (ber.OID, "2b0601", "1.3.6.1"),
        (ber.NO_INSTANCE, "", None),
        (ber.END, "", None),
    ],
)
def test_values_of_every_type_are_read(tag: int, contents: str, value: ber.Value) -> None:
    assert ber.value(tag, bytes.fromhex(contents)) == value


@pytest.mark.parametrize("data", ["", "30", "3081", "3080", "308501000000000000", "300501", "02090102030405060708ff"])
def test_what_is_no_ber_is_said_to_be_none(data: str) -> None:
    raw = bytes.fromhex(data)
    with pytest.raises(Malformed):
        ber.expected(raw, *((0, len(raw), ber.SEQUENCE)))


def users() -> Users:
    made = Users(User(name="u", auth="sha256", auth_key=bytes(32), privacy="aes", privacy_key=bytes(32)), lambda: 0.0)
    _, number = made.greeting()
    head = (ber.integer(number), ber.integer(1500), ber.string(b"\0"), ber.integer(3))
    parameters = (ber.string(ENGINE), ber.integer(1), ber.integer(1), *map(ber.string, (b"", b"", b"")))
    hello = (ber.integer(3), ber.sequence(*head), ber.string(ber.sequence(*parameters)), ber.sequence())
    assert made.greeted(ber.sequence(*hello), number) is not None
    made.said(messages.get(1, oids=()))
    return made


@given(st.data())
def test_no_datagram_raises_anything(data: st.DataObject) -> None:
    """F-70: random bytes, and real messages with bytes changed."""
    raw = bytearray(
        data.draw(st.one_of(st.binary(max_size=200), st.just(Community("c").said(messages.get(1, oids=())))))
    )
    for place in data.draw(st.lists(st.integers(0, max(0, len(raw) - 1)), max_size=4)):
        if raw:
            raw[place] = data.draw(st.integers(0, 255))
    assert Community("c").heard(bytes(raw)) is None or raw[0] == ber.SEQUENCE
    assert users().heard(bytes(raw)) is None
    assert users().greeted(bytes(raw), 1) is None


@pytest.mark.parametrize(
    ("way", "key", "local"),
    [
        ("md5", "9faf3283884e92834ebc9847d8edd963", "526f5eed9fcce26f8964c2930787d82b"),
        ("sha", "9fb5cc0381497b3793528939ff788d5d79145211", "6695febc9288e36282235fc7151f128497b38f3f"),
    ],
)
def test_passphrases_become_the_keys_of_the_rfc(way: str, key: str, local: str) -> None:
    """RFC 3414, A.3.1 and A.3.2."""
    made = keys.key_of(way, "maplesyrup")
    assert (made.hex(), keys.localized(way, made, ENGINE).hex()) == (key, local)


def test_what_is_encrypted_is_that_of_the_standard() -> None:
    """NIST SP 800-38A, F.3.13."""
    key, start = bytes.fromhex("2b7e151628aed2a6abf7158809cf4f3c"), bytes(range(16))
    plain = bytes.fromhex("6bc1bee22e409f96e93d7e117393172aae2d8a571e03ac9c9eb76fac45af8e51")
    secret = bytes.fromhex("3b3fd92eb72dad20333449f8e83cfb4ac8a64537a0b3a93fcde3cdad9f1ce58b")
    assert keys.encrypted(key, start, plain) == secret
    assert keys.decrypted(key, start, secret) == plain


@given(st.binary(max_size=100))
def test_what_is_encrypted_comes_back_whatever_its_length(plain: bytes) -> None:
    key, start = bytes(range(32)), bytes(16)
    assert keys.decrypted(key, start, keys.encrypted(key, start, plain)) == plain
