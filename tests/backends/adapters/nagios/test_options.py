"""The table of a `nagios` source."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from backends import registry
from backends.adapters.nagios import ACCESS, QUESTIONS
from backends.api import ConfigurationError
from backends.testing import FakeClock
from tests.backends.adapters.nagios.recorded import opened

URL = "https://nagios.example/nagios4/cgi-bin"


@pytest.mark.parametrize(
    ("options", "key"),
    [
        ({"url": "nagios"}, "url"),
        ({"url": "https://me:secret@nagios/"}, "url"),
        ({"user": "me:secret"}, "user"),
        ({"status_age": "1s"}, "status_age"),
        ({"status_age": 90}, "status_age"),
        ({"sticky": "yes"}, "sticky"),
        ({"date_format": "german"}, "date_format"),
        ({"timezone": "Mars/Olympus"}, "timezone"),
        ({"timezone": "../../etc/passwd"}, "timezone"),
        ({"place": {"tag.client": "(?P<client>.+)"}}, "place.tag.client"),
        ({"place": {"hostgroup": ".+"}}, "place"),
        ({"hosts": ["a"]}, "hosts"),
    ],
)
def test_a_mistake_names_its_key(tmp_path: Path, options: dict[str, Any], key: str) -> None:
    with pytest.raises(ConfigurationError) as caught:
        opened(URL, tmp_path, FakeClock(), options)
    assert caught.value.key == key


@pytest.mark.parametrize(
    "options",
    [
        {},
        {"user": ""},
        {"place": {"hostgroup": "^client-(?P<client>.+)$"}, "status_age": "3m", "sticky": False, "notify": True},
        {"client": "acme", "site": "HQ", "date_format": "strict-iso8601", "timezone": "Europe/Berlin"},
    ],
)
async def test_what_is_right_opens_without_asking_anything(tmp_path: Path, options: dict[str, Any]) -> None:
    source = opened(URL, tmp_path, FakeClock(), options)
    await source.close()


def test_the_kind_is_known_and_asks_for_what_it_needs() -> None:
    assert "nagios" in registry.names()
    assert {question.key for question in QUESTIONS} == {"url", "user", "ca_file"}
    assert not ACCESS.optional
