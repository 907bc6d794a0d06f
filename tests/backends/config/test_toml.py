"""Tables are written so that people can read them, and so that they mean what they meant."""

from __future__ import annotations

from typing import Any

import pytest
import tomli
from hypothesis import given
from hypothesis import strategies as st

from backends.config.toml import table_text, value_text
from backends.text import is_safe

TEXTS = st.text(st.characters(exclude_categories=["Cs"]))
TABLES: st.SearchStrategy[Any] = st.recursive(
    TEXTS | st.booleans() | st.integers(-(2**60), 2**60),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(TEXTS, inner, max_size=4),
    max_leaves=12,
)


@given(st.dictionaries(TEXTS, TABLES, max_size=5), TEXTS)
def test_what_was_written_is_read_back(table: dict[str, Any], name: str) -> None:
    assert tomli.loads(table_text(("sources", name), table)) == {"sources": {name: table}}


@given(st.dictionaries(TEXTS, TABLES, max_size=5))
def test_nothing_that_is_written_operates_a_terminal(table: dict[str, Any]) -> None:
    assert is_safe(table_text(("sources", "x"), table))


@pytest.mark.parametrize(
    ("value", "text"),
    [
        ({"hostgroup": r"^Clients/(?P<client>[^/]+)$"}, '{ hostgroup = "^Clients/(?P<client>[^/]+)$" }'),
        ({"tag": {"client": r"(?P<client>\w+)"}}, r"{ tag.client = '(?P<client>\w+)' }"),
        ({"a": {"b": {"c d": ["x", "y"]}}}, '{ a.b."c d" = ["x", "y"] }'),
        ("\x1b[2J'\\", r'''"\u001b[2J'\\"'''),
        (True, "true"),
    ],
)
def test_it_reads_well(value: object, text: str) -> None:
    assert value_text(value) == text


def test_a_long_list_has_a_line_for_each_of_its_members() -> None:
    text = table_text(("sources", "z"), {"place": [{"hostgroup": "^a" * 20}, {"hostgroup": "^b" * 20}]})
    assert [line[:4] for line in text.splitlines()] == ["[sou", "plac", "    ", "    ", "]"]
