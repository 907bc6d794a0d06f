"""The table of a `probe` source."""

from __future__ import annotations

from typing import Any

import pytest

from backends.adapters.probe.options import probe_options
from backends.adapters.probe.pinger import Pinger
from backends.api import ConfigurationError
from tests.support.probing import settings


def planned(**options: Any) -> dict[str, tuple[str, str, list[str]]]:
    """By native id: name, address and what is looked at."""
    return {
        one.target.native: (
            one.target.name,
            one.target.address,
            [f"{look.spec.family} {look.spec.subject}".strip() for look in one.looks],
        )
        for one in probe_options(settings(**options), Pinger())
    }


def test_targets_have_names_if_they_are_given_any() -> None:
    assert planned(targets=["10.0.0.1", "fw=10.0.0.2", "Core.acme.example", "v6=2001:db8::1"]) == {
        "10.0.0.1": ("10.0.0.1", "10.0.0.1", ["ping"]),
        "10.0.0.2": ("fw", "10.0.0.2", ["ping"]),
        "core.acme.example": ("Core.acme.example", "Core.acme.example", ["ping"]),
        "2001:db8::1": ("v6", "2001:db8::1", ["ping"]),
    }


def test_targets_may_be_one_text_as_they_are_typed_when_a_source_is_connected() -> None:
    assert list(planned(targets="10.0.0.1, fw=10.0.0.2 10.0.0.3")) == ["10.0.0.1", "10.0.0.2", "10.0.0.3"]


def test_checks_join_the_target_that_they_name_by_name_or_address() -> None:
    found = planned(
        targets=["fw=10.0.0.2"],
        check=[
            {"device": "FW", "tcp": "10.0.0.2:443"},
            {"tls": "10.0.0.2"},
            {"device": "web", "http": "https://www.acme.example/health"},
            {"device": "web", "dns": "www.acme.example", "server": "10.0.0.53"},
        ],
    )
    assert found == {
        "10.0.0.2": ("fw", "10.0.0.2", ["ping", "tcp 10.0.0.2:443", "certificate 10.0.0.2"]),
        "web": (
            "web",
            "www.acme.example",
            ["http https://www.acme.example/health", "dns A www.acme.example at 10.0.0.53"],
        ),
    }


def test_what_no_rule_places_is_unplaced_and_a_rule_places_by_name() -> None:
    rule = {"name": "^(?P<client>[a-z]+)-fw$"}
    (one, other) = probe_options(
        settings(client="", site="", place=rule, targets=["acme-fw=10.0.0.1", "x=10.0.0.2"]), Pinger()
    )
    assert (one.target.place.client, other.target.place.client) == ("acme", "unplaced")


@pytest.mark.parametrize(
    ("options", "key", "sentence"),
    [
        ({}, "targets", "Say what to look at"),
        ({"targets": ["10.0.0"]}, "targets", "“10.0.0” is no target"),
        ({"targets": ["fw=10.0.0.1; rm -rf"]}, "targets", "is no target"),
        ({"targets": ["10.0.0.1", "fw=10.0.0.1"]}, "targets", "is there twice"),
        ({"targets": ["a=10.0.0.1", "A=10.0.0.2"]}, "targets", "is there twice"),
        ({"targets": ["10.0.0.1"], "tragets": 1}, "tragets", "did you mean targets?"),
        ({"check": [{}]}, "check[0]", "exactly one of tcp, http, tls, dns"),
        ({"check": [{"tcp": "a:1", "dns": "a"}]}, "check[0]", "exactly one"),
        ({"check": [{"tcp": "10.0.0.1"}]}, "check[0].tcp", "no host with a port"),
        ({"check": [{"tcp": "10.0.0.1:0"}]}, "check[0].tcp", "no host with a port"),
        ({"check": [{"http": "ftp://a/"}]}, "check[0].http", "write it as https://host/path"),
        ({"check": [{"http": "https://[::1/"}]}, "check[0].http", "no address of a page"),
        ({"check": [{"http": "https://me:pw@a/"}]}, "check[0].http", "no place in an address"),
        ({"check": [{"tls": "a", "warn": "5d", "crit": "9d"}]}, "check[0].warn", "must not be below crit"),
        ({"check": [{"tls": "a", "ca_file": "/nowhere.pem"}]}, "ca_file", "cannot be read"),
        ({"check": [{"dns": "a..b"}]}, "check[0].dns", "no name to ask for"),
        ({"check": [{"dns": "a", "type": "MX"}]}, "check[0].type", "for MX say a server"),
        ({"check": [{"dns": "a", "server": "x y"}]}, "check[0].server", "no host with a port"),
        ({"check": [{"tcp": "a:1"}, {"tcp": "a:1"}]}, "check", "is checked twice on a"),
        ({"check": [{"tcp": "a:1", "texxt": ""}]}, "check[0].texxt", "is no option"),
        ({"targets": ["a"], "latency_warn": "2s", "latency_crit": "1s"}, "latency_warn", "must not be above"),
        ({"targets": ["a"], "loss_warn": 101}, "loss_warn", "from 1 to 100"),
        ({"targets": ["a"], "timeout": "1h"}, "timeout", "from 0.1 s to 10 s"),
    ],
)
def test_a_mistake_names_its_key_and_the_remedy(options: dict[str, Any], key: str, sentence: str) -> None:
    with pytest.raises(ConfigurationError) as error:
        planned(**options)
    assert error.value.key == key
    assert sentence in error.value.sentence
