"""A filter that is typed letter by letter finds what it would have found at once."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec.structs import replace

from backends.fleet.model import IssueId, IssueState
from tests.support import pictures
from tests.support.desk import MemoryDesk
from tests.support.screen import opened
from tui.filtering import Filter, FilterError
from tui.issue_list import IssueList
from tui.narrowing import ENOUGH, Narrowing
from tui.place import HOME
from widgets.present.issues import in_order

RAID = next(issue for issue in pictures.ISSUES.values() if issue.key == "raid")
MANY = {name: replace(RAID, id=name) for name in (IssueId(f"many{number:04}") for number in range(3 * ENOUGH))}
WORDS = ("raid", "sql", "fw", "op", "open", "-nas", "sev>=high", "snoozed", '"disk full"', "text", "*", "e", "is:acked")


@given(st.lists(st.lists(st.sampled_from(WORDS), max_size=3).map(" ".join), max_size=4), st.data())
def test_every_text_on_the_way_finds_what_it_finds_alone(texts: list[str], data: st.DataObject) -> None:
    listed = IssueList()
    if data.draw(st.booleans()):
        listed.of(HOME, pictures.ISSUES)
    narrowing = Narrowing(listed)
    for text in texts:
        for length in sorted(data.draw(st.sets(st.integers(0, len(text)), max_size=6)) | {len(text)}):
            try:
                chosen = Filter(text[:length], "tech1")
            except FilterError:
                continue
            if not chosen.text:
                continue  # nothing is narrowed: that list is made in another way
            alone = in_order(chosen.of(pictures.ISSUES.values(), pictures.NOW))
            enough = data.draw(st.integers(0, 4))
            upto = data.draw(st.sampled_from([None, *pictures.ISSUES]))
            place = replace(HOME, query=text)
            found = narrowing.of(place, pictures.ISSUES, chosen, pictures.NOW, enough=enough, upto=upto)
            assert found.issues == alone[: len(found.issues)]
            if found.whole:
                assert found.issues == alone
            else:
                assert len(found.issues) >= enough > 0
                assert upto not in {issue.id for issue in alone[len(found.issues) :]}
            if len(alone) < enough or not enough:
                assert found.whole


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
    narrowing, chosen = Narrowing(IssueList()), Filter("raid")
    assert RAID in narrowing.of(HOME, pictures.ISSUES, chosen, pictures.NOW).issues
    snoozed = {**pictures.ISSUES, RAID.id: replace(RAID, state=IssueState.SNOOZED)}
    assert RAID.id not in {issue.id for issue in narrowing.of(HOME, snoozed, chosen, pictures.NOW).issues}


async def test_between_two_letters_the_first_rows_do_and_then_all_are_there() -> None:
    picture = replace(pictures.PICTURE, issues=pictures.ISSUES | MANY)
    whole = 3 * ENOUGH + 1
    async with opened(desk=MemoryDesk(picture), first=picture) as screen:
        await screen.press("slash", *"raid")
        await screen.shows(f"Issues {ENOUGH}+ · by urgency · /raid")
        await screen.press("enter")
        await screen.shows(f"Issues {whole} · by urgency · /raid")
        await screen.press("G")
        last = screen.app.fleet.list.cursor_key
        await screen.press("slash", *"md0")
        await screen.shows(" · by urgency · /md0")
        assert screen.app.fleet.list.cursor_key == last
        await screen.press("escape")
        await screen.shows(f"Issues {whole} · by urgency · /raid")
        assert screen.app.fleet.list.cursor_key == last
        await screen.press("g", "slash", *"md0")
        await screen.shows(f"Issues {ENOUGH}+ · by urgency · /md0")
        await screen.pilot.click("#list")
        await screen.shows(f"Issues {whole} · by urgency · /md0")


async def test_marks_far_down_are_kept_while_a_filter_is_typed() -> None:
    picture = replace(pictures.PICTURE, issues=MANY)
    async with opened(desk=MemoryDesk(picture), first=picture) as screen:
        await screen.press("G", "space", "g")
        await screen.shows(" · 1 marked")
        await screen.press("slash", *"raid")
        await screen.shows(f"Issues {3 * ENOUGH} · by urgency · /raid · 1 marked")
