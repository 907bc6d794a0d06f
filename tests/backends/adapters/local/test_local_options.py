"""The options of a local source, and where the machine is shown."""

from __future__ import annotations

import re
import tomllib
from pathlib import Path

import pytest

from backends.adapters.local import open_source
from backends.adapters.local.options import place_of, read_options
from backends.api import ConfigurationError
from backends.fleet.model import Client, ClientId, safe
from tests.support.here import settings_for


@pytest.mark.parametrize(
    ("options", "key", "says"),
    [
        ({"servces": []}, "servces", "did you mean services?"),
        ({"services": "nginx"}, "services", "must be a list"),
        ({"services": ["-H evil"]}, "services", "must be a list of texts"),
        ({"services": [""]}, "services", "must be a list of texts"),
        ({"processes": [3]}, "processes", "must be a list of texts"),
        ({"files": ["etc/passwd"]}, "files", "a whole path"),
        ({"certificates": ["a\0b"]}, "certificates", "must be a list of texts"),
        ({"client": 5}, "client", "must be a name"),
        ({"device_kind": "toaster"}, "device_kind", "must be one of server"),
        ({"sudo": "yes"}, "sudo", "true or false"),
        ({"thresholds": {"disk": {"wran": 5}}}, "thresholds.disk.wran", "did you mean warn?"),
        ({"thresholds": 5}, "thresholds", "must be a table"),
    ],
)
def test_a_wrong_option_is_named(options: dict[str, object], key: str, says: str) -> None:
    with pytest.raises(ConfigurationError) as caught:
        open_source(settings_for(options))
    assert caught.value.key == key
    assert says in caught.value.sentence


def test_without_configuration_it_is_a_client_of_its_own() -> None:
    place = place_of(read_options({}), settings_for(), "web1")
    assert (place.client, place.client_name, place.site, place.site_name) == (
        "this-machine",
        "This machine",
        "this-machine/web1",
        "web1",
    )


def test_a_configured_client_lends_its_name() -> None:
    acme = Client(id=ClientId("acme"), name=safe("Acme Dental"))
    place = place_of(read_options({"client": "acme", "site": "HQ"}), settings_for(None, acme), "web1")
    assert (place.client, place.client_name, place.site) == ("acme", "Acme Dental", "acme/hq")


def test_a_client_that_is_not_configured_is_named_as_written() -> None:
    place = place_of(read_options({"client": "Baker Law"}), settings_for(), "web1")
    assert (place.client, place.client_name) == ("baker-law", "Baker Law")


def test_the_example_of_the_page_is_understood() -> None:
    page = (Path(__file__).parents[4] / "docs/sources/local.md").read_text("utf-8")
    (example,) = re.findall(r"```toml\n(.*?)```", page, re.DOTALL)
    table = tomllib.loads(example)["sources"]["here"]
    options = read_options({key: value for key, value in table.items() if key not in ("kind", "every", "secret")})
    assert all(getattr(options, field) or field == "sudo" for field in options.__struct_fields__)
