"""A source's table: every mistake names its key, and what to write there."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from backends.api import ConfigurationError, SourceName, SourceSettings
from backends.options import Options
from backends.testing import FakeClock


async def secret() -> str:
    return "token"


def options(**table: Any) -> Options:
    return Options(
        SourceSettings(
            name=SourceName("zabbix-eu"),
            kind="zabbix",
            options=table,
            clients={},
            every_s=30.0,
            secret=secret,
            timing=FakeClock(),
            state_dir=Path(),
        )
    )


def test_each_kind_of_value_is_read() -> None:
    table = options(
        url="https://x", names=["a", "b", "a"], one="a", fast=True, most=5, window="1m30s", headers={"X-A": "1"}
    )
    assert table.text("url", None) == "https://x"
    assert table.texts("names") == ("a", "b")
    assert table.texts("one") == ("a",)
    assert table.flag("fast", default=False) is True
    assert table.whole("most", 1, 1, 10) == 5
    assert table.seconds("window", 1.0, 1.0, 600.0) == 90.0
    assert table.mapping("headers") == {"X-A": "1"}
    table.finish()


def test_what_has_a_reader_of_its_own_is_given_as_it_stands_and_is_known() -> None:
    table = options(thresholds={"disk": {"warn": 80}})
    assert table.anything("thresholds") == {"disk": {"warn": 80}}
    assert table.anything("more") is None
    table.finish()


def test_what_is_missing_is_the_default() -> None:
    table = options()
    assert (table.text("a"), table.texts("b"), table.flag("c", default=True)) == ("", (), True)
    assert (table.whole("d", 7, 1, 9), table.seconds("e", 2.5, 0.0, 9.0), table.choice("f", ["x"], "x")) == (
        7,
        2.5,
        "x",
    )
    assert table.tables("g") == ()
    table.table("h").finish()


@pytest.mark.parametrize(
    ("table", "take"),
    [
        ({}, lambda o: o.text("k", None)),
        ({"k": 3}, lambda o: o.text("k")),
        ({"k": "a\nb"}, lambda o: o.text("k")),
        ({"k": [1]}, lambda o: o.texts("k")),
        ({"k": "yes"}, lambda o: o.flag("k", default=False)),
        ({"k": 99}, lambda o: o.whole("k", 1, 1, 10)),
        ({"k": True}, lambda o: o.whole("k", 1, 1, 10)),
        ({"k": "soon"}, lambda o: o.seconds("k", 1.0, 1.0, 10.0)),
        ({"k": "11s"}, lambda o: o.seconds("k", 1.0, 1.0, 10.0)),
        ({"k": 5}, lambda o: o.seconds("k", 1.0, 1.0, 10.0)),
        ({"k": "y"}, lambda o: o.choice("k", ["x"], "x")),
        ({"k": "a"}, lambda o: o.table("k")),
        ({"k": {"a": 1}}, lambda o: o.tables("k")),
        ({"k": {"a": 1}}, lambda o: o.mapping("k")),
        ({"k": 1}, lambda o: o.finish()),
    ],
)
def test_a_mistake_names_its_key(table: dict[str, Any], take: Callable[[Options], object]) -> None:
    with pytest.raises(ConfigurationError) as caught:
        take(options(**table))
    assert caught.value.key == "k"
    assert caught.value.sentence.endswith(".")


def test_a_key_that_nobody_knows_is_told_with_the_nearest() -> None:
    table = options(ulr="https://x")
    table.text("url")
    with pytest.raises(ConfigurationError, match="did you mean url"):
        table.finish()


def test_a_table_in_the_table_names_its_keys_whole() -> None:
    with pytest.raises(ConfigurationError) as caught:
        options(host=[{}, {"port": "x"}]).tables("host")[1].whole("port", 1, 1, 9)
    assert caught.value.key == "host[1].port"


def test_placement_is_part_of_the_table() -> None:
    table = options(place={"tag": {"client": "(?P<client>.+)"}}, site="HQ", client="Acme")
    assert table.placement(("tag.",)).place({}).site == "acme/hq"
    table.finish()
    with pytest.raises(ConfigurationError) as caught:
        options(place={"tag": {"client": "("}}).placement(("tag.",))
    assert caught.value.key == "place.tag.client"
