"""The options of an ssh source: what is taken, and what is refused by which key."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from backends.adapters.ssh import open_source
from backends.adapters.ssh.options import Options, parse_address, ssh_options
from backends.api import ConfigurationError, OpensShell, RunsFixes, SourceSettings, Spreads
from backends.fleet.model import Client, ClientId, SafeText, SourceName
from backends.testing import FakeClock

HOSTILE = [
    "",
    "-oProxyCommand=id",
    "--",
    "-",
    "host;id",
    "host|id",
    "host&id",
    "$(id)",
    "`id`",
    "host name",
    "host\nname",
    "host\n",
    "\nhost",
    "host\t",
    "host'",
    'host"',
    "host\\",
    "host>x",
    "host<x",
    "host*",
    "host?",
    "ho{s,t}",
    "host%h",
    "~root",
    "host#",
    "host\x00",
    "host\x1b[2J",
    "hоst",  # the second letter is Cyrillic
    "host\u202e",
    "a..b",
    "host!",
    ".host",
    "a" * 300,
]


def settings(**options: Any) -> SourceSettings:
    async def secret() -> str:
        return ""

    return SourceSettings(
        name=SourceName("acme-hq"),
        kind="ssh",
        options={"client": "acme", "site": "HQ", **options},
        clients={ClientId("acme"): Client(id=ClientId("acme"), name=SafeText("Acme Dental"))},
        every_s=30,
        secret=secret,
        timing=FakeClock(),
        state_dir=Path("/nonexistent"),
    )


def read(**options: Any) -> Options:
    return ssh_options(settings(**options))


def refusal(**options: Any) -> ConfigurationError:
    with pytest.raises(ConfigurationError) as caught:
        read(**options)
    return caught.value


@pytest.mark.parametrize(
    ("text", "native", "user", "port"),
    [
        ("10.0.0.11", "10.0.0.11", "root", 22),
        ("web@10.0.0.12:2222", "10.0.0.12:2222", "web", 2222),
        ("10.0.0.12:22", "10.0.0.12", "root", 22),
        ("DB01.Example", "db01.example", "root", 22),
        ("db01.example.", "db01.example", "root", 22),
        ("[::1]:22", "::1", "root", 22),
        ("[::1]:2222", "[::1]:2222", "root", 2222),
        ("fd00::5", "fd00::5", "root", 22),
        ("admin@fe80::1%eth0", "fe80::1%eth0", "admin", 22),
    ],
)
def test_a_host_has_one_name_however_it_is_written(text: str, native: str, user: str, port: int) -> None:
    (host,) = read(hosts=[text]).hosts
    assert (host.native, host.user, host.port) == (native, user, port)


@pytest.mark.parametrize("name", HOSTILE)
def test_a_hostile_host_name_is_refused(name: str) -> None:
    """F-52, F-59."""
    with pytest.raises(ConfigurationError):
        read(host=[{"address": name}])


@pytest.mark.parametrize("name", [*(name for name in HOSTILE if name != "a..b"), "user@"])
def test_a_hostile_user_name_is_refused(name: str) -> None:
    """F-52, F-59."""
    with pytest.raises(ConfigurationError):
        read(hosts=[f"{name}@host"])


@pytest.mark.parametrize("text", ["host:0", "host:65536", "host:22x", "host:", "[::1", "::1]:22", "[host]:22", "a@b@c"])
def test_an_address_that_is_none_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match=r"no host|port"):
        parse_address(text)


def test_a_host_of_its_own_table_adds_to_what_the_source_says() -> None:
    (host,) = read(
        user="monitor",
        port=2222,
        services=["ssh"],
        thresholds={"disk": {"warn": 80}},
        host=[{"address": "10.0.0.1", "name": "web01", "services": ["nginx"], "files": ["/srv/dump"], "kind": "vm"}],
    ).hosts
    assert (host.native, host.user, host.name, host.kind) == ("10.0.0.1:2222", "monitor", "web01", "vm")
    assert (host.watch.services, host.watch.files) == (("nginx", "ssh"), ("/srv/dump",))
    assert host.thresholds.disk.warn == 80


def test_a_host_may_have_thresholds_and_a_place_of_its_own() -> None:
    (host,) = read(
        thresholds={"disk": {"warn": 80}},
        host=[{"address": "h", "client": "Baker Law", "site": "Main St", "thresholds": {"load": {"warn": 1}}}],
    ).hosts
    assert (host.client, host.site, host.site_name) == ("baker-law", "baker-law/main-st", "Main St")
    assert (host.thresholds.load.warn, host.thresholds.disk.warn) == (1, 85)


def test_a_configured_client_lends_its_name() -> None:
    (host,) = read(hosts=["h"]).hosts
    assert (host.client, host.client_name, host.site) == ("acme", "Acme Dental", "acme/hq")


@pytest.mark.parametrize(
    ("options", "key"),
    [
        ({}, "hosts"),
        ({"hosts": []}, "hosts"),
        ({"hosts": "10.0.0.1"}, "hosts"),
        ({"hosts": [7]}, "hosts"),
        ({"hosts": ["a", "a:22"]}, "hosts"),
        ({"hosts": ["a"], "client": ""}, "client"),
        ({"hosts": ["a"], "usr": "root"}, "usr"),
        ({"hosts": ["a"], "port": 70000}, "port"),
        ({"hosts": ["a"], "user": "a;b"}, "user"),
        ({"hosts": ["a:70000"]}, "hosts"),
        ({"host": [{"address": "x", "port": "22"}]}, "host[0].port"),
        ({"hosts": ["a"], "key": "relative/key"}, "key"),
        ({"hosts": ["a"], "agent": "yes"}, "agent"),
        ({"hosts": ["a"], "deadline": 0}, "deadline"),
        ({"hosts": ["a"], "services": ["a b"]}, "services"),
        ({"hosts": ["a"], "services": ["--help"]}, "services"),
        ({"hosts": ["a"], "files": ["relative"]}, "files"),
        ({"hosts": ["a"], "certificates": ["/a\nb"]}, "certificates"),
        ({"hosts": ["a"], "thresholds": {"disk": {"wran": 1}}}, "thresholds.disk.wran"),
        ({"host": [{"name": "x"}]}, "host"),
        ({"host": ["x"]}, "host"),
        ({"host": [{"address": "x", "service": ["y"]}]}, "host[0].service"),
        ({"host": [{"address": "x", "sudo": 1}]}, "host[0].sudo"),
        ({"host": [{"address": "x", "kind": "Big Server"}]}, "host[0].kind"),
    ],
)
def test_a_wrong_option_is_refused_by_its_key(options: dict[str, Any], key: str) -> None:
    error = refusal(**options)
    assert (error.key, error.sentence[-1] in ".?") == (key, True)


def test_an_unknown_option_names_the_nearest() -> None:
    assert "did you mean services?" in refusal(hosts=["a"], servces=["x"]).sentence


@pytest.mark.parametrize(("value", "seconds"), [(5, 5.0), ("12s", 12.0), (2.5, 2.5)])
def test_the_deadline_is_seconds(value: object, seconds: float) -> None:
    assert read(hosts=["a"], deadline=value).deadline_s == seconds


def test_the_source_can_do_what_it_says() -> None:
    source = open_source(settings(hosts=["a", "b:2222"]))
    assert isinstance(source, Spreads)
    assert isinstance(source, RunsFixes)
    assert isinstance(source, OpensShell)
    assert [part.native for part in source.parts()] == ["a", "b:2222"]
