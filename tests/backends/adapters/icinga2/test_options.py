"""The source's table: every mistake names its key."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import pytest

from backends import registry
from backends.adapters.icinga2 import open_source
from backends.adapters.icinga2.options import icinga_options
from backends.api import ConfigurationError
from backends.config.load import parse
from backends.fleet.run import Risk
from tests.backends.adapters.icinga2.fake import settings

URL = "https://127.0.0.1:5665"


@pytest.mark.parametrize(
    ("options", "key", "words"),
    [
        ({"url": "icinga"}, "url", "not an address"),
        ({"user": ""}, "user", "ApiUser"),
        ({"user": "a:b"}, "user", "colon"),
        ({"ca_file": "/no/such/ca.crt"}, "ca_file", "cannot be read"),
        ({"stikky": True}, "stikky", "did you mean sticky?"),
        ({"acknowledge_for": "1s"}, "acknowledge_for", "duration"),
        ({"place": {"hostgrup": "(?P<client>.)"}}, "place.hostgrup", "hostgroup"),
        ({"commands": [{"title": "x"}]}, "commands[0].name", "missing"),
        ({"commands": [{"name": "x", "kind": "notification"}]}, "commands[0].kind", "event or check"),
        ({"commands": [{"name": "x", "risk": "none"}]}, "commands[0].risk", "safe or disruptive or destructive"),
        ({"commands": [{"name": "x", "families": ["No!"]}]}, "commands[0].families", "family"),
        ({"commands": [{"name": "x"}, {"name": "x"}]}, "commands[1].name", "twice"),
        ({"commands": [{"name": "x", "what": 1}]}, "commands[0].what", "no option"),
        (
            {"commands": [{"name": "x", "parameters": [{"name": "a b", "pattern": "."}]}]},
            "commands[0].parameters[0].name",
            "custom variable",
        ),
        (
            {"commands": [{"name": "x", "parameters": [{"name": "a", "pattern": "("}]}]},
            "commands[0].parameters[0].pattern",
            "regular expression",
        ),
    ],
)
def test_a_mistake_names_its_key(options: dict[str, Any], key: str, words: str) -> None:
    with pytest.raises(ConfigurationError) as caught:
        open_source(settings(**({"url": URL} | options)))
    assert caught.value.key == key
    assert words in caught.value.sentence


def test_the_api_is_below_v1_wherever_the_address_ends() -> None:
    for url in (URL, f"{URL}/", f"{URL}/v1", f"{URL}/v1/"):
        assert icinga_options(settings(url)).http.origin == URL


def test_a_command_is_offered_with_what_is_said_of_it() -> None:
    table = {
        "name": "restart-service",
        "title": "Restart the service",
        "risk": "safe",
        "families": ["service"],
        "deadline": "90s",
        "parameters": [{"name": "unit", "pattern": "[a-z]+", "source": "subject"}],
    }
    (command,) = icinga_options(settings(URL, commands=[table])).commands
    fix = command.fix
    assert (command.kind, fix.id, fix.title, fix.risk) == (
        "EventCommand",
        "restart-service",
        "Restart the service",
        Risk.SAFE,
    )
    assert (fix.families, fix.deadline_s, fix.parameters[0].source) == (("service",), 90.0, "subject")


def test_the_configuration_in_the_manual_is_accepted() -> None:
    manual = Path(registry.__file__).parents[1] / "docs" / "sources" / "icinga2.md"
    blocks = re.findall(r"```toml\n(.*?)```", manual.read_text(), re.DOTALL)
    text = re.sub("(?m)^(  |ca_file.*$)", "", "".join(blocks))
    (source,) = parse(text, Path("config.toml")).sources
    made = icinga_options(settings(**source.options))
    assert made.placement.facts == {"hostgroup", "var.site"}
    assert [command.name for command in made.commands] == ["restart-webshop", "restart-unit"]


def test_the_kind_is_registered() -> None:
    assert registry.load("icinga2") is open_source
