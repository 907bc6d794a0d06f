"""What `:` understands."""

from __future__ import annotations

from contextlib import suppress

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tui.place import Noun
from tui.screens.goto import GotoError, destination


@pytest.mark.parametrize(
    ("text", "noun", "query"),
    [
        ("issues", Noun.ISSUES, ""),
        ("issues acme disk", Noun.ISSUES, "acme disk"),
        ("au", Noun.AUDIT, ""),
        (" runs  state:failed ", Noun.RUNS, "state:failed"),
        ("", Noun.ISSUES, ""),
        ("DEVICES", Noun.DEVICES, ""),
    ],
)
def test_a_noun_may_be_shortened_and_followed_by_a_filter(text: str, noun: Noun, query: str) -> None:
    place = destination(text)
    assert (place.noun, place.query) == (noun, query)


@pytest.mark.parametrize(
    ("text", "says"), [("s", "sites or sources"), ("isue", "Did you mean issues?"), ("zz", "One can go to")]
)
def test_a_word_that_is_no_noun_says_what_there_is(text: str, says: str) -> None:
    with pytest.raises(GotoError, match=says.replace("?", r"\?")):
        destination(text)


@given(st.text(max_size=60))
def test_any_text_is_a_place_or_a_sentence(text: str) -> None:
    with suppress(GotoError):
        assert destination(text).noun in Noun
