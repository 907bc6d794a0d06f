"""Where a device may be looked for from here."""

from __future__ import annotations

import ipaddress

import pytest
from hypothesis import given
from hypothesis import strategies as st

from backends.fleet.addresses import Whereabouts, as_address, is_host_name, whereabouts, why_not


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("10.0.0.4", ("10.0.0.4", None)),
        ("10.0.0.4:9100", ("10.0.0.4", 9100)),
        ("2001:db8::1", ("2001:db8::1", None)),
        ("[2001:db8::1]:22", ("2001:db8::1", 22)),
        ("sql01.acme.example", ("sql01.acme.example", None)),
        ("sql01:1433", ("sql01", 1433)),
    ],
)
def test_an_address_is_taken_apart(text: str, found: tuple[str, int | None]) -> None:
    assert whereabouts(text) == Whereabouts(*found)


@pytest.mark.parametrize(
    "text",
    ["", " ", "n/a", "10.0.0", "10.0.0.300", "10.0.0.1/24", "fe80::1%eth0", "a b", "-oProxyCommand=x", "$(reboot)",
     "x:0", "x:99999", "a..b", "10.0.0.1;ls", "http://a", "ä" * 10, "x" * 300],
)  # fmt: skip
def test_what_is_no_address_is_none(text: str) -> None:
    assert whereabouts(text) is None


@given(st.text(max_size=80))
def test_no_text_raises_and_what_is_found_is_an_address_or_a_name(text: str) -> None:
    found = whereabouts(text)
    assert found is None or as_address(found.host) is not None or is_host_name(found.host)


@pytest.mark.parametrize(
    ("address", "here", "why"),
    [
        ("10.0.0.4", False, ""),
        ("93.184.216.34", False, ""),
        ("2001:4860::8888", False, ""),
        ("127.0.0.1", False, "is this machine itself"),
        ("127.8.8.8", False, "is this machine itself"),
        ("::1", False, "is this machine itself"),
        ("::ffff:127.0.0.1", False, "is this machine itself"),
        ("169.254.1.1", False, "only on the device's own network"),
        ("fe80::1", False, "only on the device's own network"),
        ("127.0.0.1", True, ""),
        ("169.254.1.1", True, ""),
        ("224.0.0.1", True, "no single device's address"),
        ("ff02::1", True, "no single device's address"),
        ("255.255.255.255", True, "no single device's address"),
        ("::ffff:224.0.0.1", True, "no single device's address"),
        ("0.0.0.0", True, "no device's address"),
        ("0.1.2.3", True, "no device's address"),
        ("::", True, "no device's address"),
        ("240.0.0.1", True, "no device's address"),
    ],
)
def test_what_would_be_another_machine_is_not_looked_at(address: str, here: bool, why: str) -> None:
    said = why_not(ipaddress.ip_address(address), here=here)
    assert why in said
    assert bool(said) == bool(why)
