"""The contract of every adapter, and the options of this one."""

from __future__ import annotations

import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any, ClassVar

import pytest

from backends.adapters.snmp import ACCESS, QUESTIONS, open_source
from backends.adapters.snmp.options import snmp_options
from backends.api import Adapter, ConfigurationError, Introduces, RunsFixes, Spreads
from backends.testing import FakeClock
from backends.testing.contract import AdapterContract
from tests.support.snmp_agent import Agent, agent, open_snmp, recorded, settings_of


class TestContract(AdapterContract):
    agents: ClassVar[list[Agent]] = []

    @pytest.fixture(autouse=True)
    def _agents(self) -> Iterator[None]:
        with agent(recorded("switch")) as switch, agent(recorded("printer")) as printer, agent([]) as bare:
            self.agents[:] = [switch, printer, bare]
            yield

    def open_adapter(self) -> Adapter:
        return open_snmp(Path(tempfile.gettempdir()), [one.port for one in self.agents])


def opened(tmp_path: Path, **table: Any) -> Any:
    return snmp_options(settings_of(tmp_path, table, FakeClock()))


def test_it_spreads_and_changes_nothing(tmp_path: Path) -> None:
    source = open_source(settings_of(tmp_path, {"hosts": ["10.0.0.1"]}, FakeClock()))
    assert isinstance(source, Spreads)
    assert isinstance(source, Introduces)
    assert not isinstance(source, RunsFixes)
    assert ACCESS.text


def test_the_questions_are_answered_by_options(tmp_path: Path) -> None:
    answers = {question.key: question.default for question in QUESTIONS if question.default}
    (host,) = opened(tmp_path, hosts=["10.0.0.1"], **answers).hosts
    assert (host.version, host.auth, host.privacy) == ("2c", "sha256", "aes")


def test_hosts_are_named_and_have_options_of_their_own(tmp_path: Path) -> None:
    options = opened(
        tmp_path,
        hosts=["10.0.0.1", "sw1=10.0.0.2:1161", "[fd00::7]:1161", "fd00::8", "Edge.Example.net."],
        host=[
            {
                "address": "10.0.0.9",
                "name": "ups",
                "kind": "ups",
                "site": "DC",
                "version": "3",
                "user": "monitor",
                "privacy": "none",
                "supplies": {"warn": 20},
            }
        ],
    )
    assert [(one.name, one.native) for one in options.hosts] == [
        ("", "10.0.0.1"),
        ("sw1", "10.0.0.2:1161"),
        ("", "[fd00::7]:1161"),
        ("", "fd00::8"),
        ("", "edge.example.net"),
        ("ups", "10.0.0.9"),
    ]
    own = options.hosts[-1]
    assert (own.kind, own.version, own.user, own.privacy, own.supplies.warn) == ("ups", "3", "monitor", "", 20)
    assert own.placement.place({}).site == "acme/dc"
    assert options.hosts[0].placement.place({}).site == "acme/hq"


@pytest.mark.parametrize(
    ("table", "key"),
    [
        ({}, "hosts"),
        ({"hosts": ["10.0.0.1", "10.0.0.1:161"]}, "hosts"),
        ({"hosts": ["-x"]}, "hosts"),
        ({"hosts": ["a b"]}, "hosts"),
        ({"hosts": ["host\x1b[2J"]}, "hosts"),
        ({"hosts": ["10.0.0.1:70000"]}, "hosts"),
        ({"hosts": ["10.0.0.1"], "version": "1"}, "version"),
        ({"hosts": ["10.0.0.1"], "version": "3"}, "user"),
        ({"hosts": ["10.0.0.1"], "auth": "crc32"}, "auth"),
        ({"hosts": ["10.0.0.1"], "privacy": "des"}, "privacy"),
        ({"hosts": ["10.0.0.1"], "deadline": "9h"}, "deadline"),
        ({"hosts": ["10.0.0.1"], "communty": "public"}, "communty"),
        ({"hosts": ["10.0.0.1"], "thresholds": {"disk": {"wran": 1}}}, "thresholds.disk.wran"),
        ({"hosts": ["10.0.0.1"], "supplies": {"warn": "much"}}, "supplies.warn"),
        ({"host": [{"address": "10.0.0.1", "hosts": ["x"]}]}, "host[0].hosts"),
        ({"host": [{"name": "x"}]}, "host[0].address"),
    ],
)
def test_a_mistake_is_named_by_its_key(table: dict[str, Any], key: str, tmp_path: Path) -> None:
    with pytest.raises(ConfigurationError) as raised:
        opened(tmp_path, **table)
    assert raised.value.key == key
    assert raised.value.sentence
