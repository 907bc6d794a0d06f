"""A filter that is typed letter by letter finds what it would have found at once."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec.structs import replace

from backends.fleet.model import IssueState
from tests.support import pictures
from tui.filtering import Filter, FilterError
from tui.narrowing import Narrowing
from tui.place import HOME
from widgets.present.issues import in_order

RAID = next(issue for issue in pictures.ISSUES.values() if issue.key == "raid")
WORDS = ("raid", "sql", "fw", "op", "open", "-nas", "sev>=high", "snoozed", '"disk full"', "text", "*", "e", "is:acked")


@given(st.lists(st.lists(st.sampled_from(WORDS), max_size=3).map(" ".join), max_size=4), st.data())
def test_every_text_on_the_way_finds_what_it_finds_alone(texts: list[str], data: st.DataObject) -> None:
    narrowing = Narrowing()
    for text in texts:
        for length in sorted(data.draw(st.sets(st.integers(0, len(text)), max_size=6)) | {len(text)}):
            try:
                chosen = Filter(text[:length], "tech1")
            except FilterError:
                continue
            if not chosen.text:
                continue  # nothing is narrowed: that list is made in another way
            found = narrowing.of(replace(HOME, query=text), pictures.ISSUES, chosen, pictures.NOW)
            assert list(found) == in_order(chosen.of(pictures.ISSUES.values(), pictures.NOW))


@pytest.mark.parametrize(("longer", "shorter"), [("sql", "sq"), ("sql full", "sq"), ("SQL", "sq"), ("nsql", "sq")])
def test_longer_words_are_within_shorter_ones(longer: str, shorter: str) -> None:
    assert Filter(longer).is_within(Filter(shorter))


@pytest.mark.parametrize(
    ("text", "before"),
    [
        ("sq", "sql"),
        ("open", "ope"),  # the last letter makes a state of the word
        ("opens", "open"),
        ("snoozed x", "x"),  # asks for issues that the other leaves out
        ("-sql", "sql"),
        ("sql", "-sq"),
        ("age>2h x", "x"),
        ("sql", "fw"),
        ("sql", ""),
    ],
)
def test_nothing_is_said_of_other_filters(text: str, before: str) -> None:
    assert not Filter(text).is_within(Filter(before))


def test_a_picture_that_is_another_is_looked_through_anew() -> None:
    narrowing, chosen = Narrowing(), Filter("raid")
    assert RAID in narrowing.of(HOME, pictures.ISSUES, chosen, pictures.NOW)
    snoozed = {**pictures.ISSUES, RAID.id: replace(RAID, state=IssueState.SNOOZED)}
    assert RAID.id not in {issue.id for issue in narrowing.of(HOME, snoozed, chosen, pictures.NOW)}
