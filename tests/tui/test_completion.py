"""Candidates for what is typed."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st
from msgspec.structs import replace

from backends.fleet.model import ClientId, safe
from backends.text import is_safe
from tests.support import pictures
from tui.commands.all import COMMANDS
from tui.screens.completion import MOST, for_filter, for_goto
from tui.screens.goto import Go, understand
from tui.screens.known import Choice, Known
from widgets.present.candidate import Candidate

VIEWS = {"mine": "owner:me -acked", "night": "sev>=high"}
VIEW = Choice(word="view", about="a filter with a name", names=lambda: VIEWS, choose=lambda _: None)


def known() -> Known:
    return Known(pictures.PICTURE, COMMANDS, (VIEW,), pictures.DEVICES.values())


def lines(found: list[Candidate]) -> list[str]:
    return [candidate.line for candidate in found]


def goto(text: str) -> list[str]:
    return lines(for_goto(text, len(text), known()))


def narrow(text: str, cursor: int | None = None) -> list[str]:
    return lines(for_filter(text, len(text) if cursor is None else cursor, known(), VIEWS))


def test_an_empty_line_offers_the_lists_first_each_with_a_word_about_it() -> None:
    found = for_goto("", 0, known())
    assert lines(found)[:2] == ["issues ", "clients "]
    assert all(candidate.about for candidate in found)


def test_a_short_form_offers_its_list_first() -> None:
    assert goto("s")[0] == "sites "


def test_names_are_offered_with_their_noun_and_in_quotes_where_they_have_blanks() -> None:
    assert 'client "Acme Dental"' in goto("ac")
    assert goto("client b") == ['client "Baker Law"']
    assert goto('client "Col') == ['client "Cole & Sons"']
    assert goto("device fil") == ["device files01"]


def test_commands_views_and_saving_are_offered() -> None:
    assert "acknowledge" in goto("ack")
    assert goto("view ") == ["view mine", "view night"]
    assert "save " in goto("sa")


def test_behind_a_list_the_terms_of_a_filter_are_offered() -> None:
    assert goto("issues sev>=h") == ["issues sev>=high "]
    assert goto("issues client:ac") == ['issues client:"Acme Dental" ']


def test_a_filter_offers_fields_and_then_their_values() -> None:
    assert "client:" in narrow("cl")
    assert narrow("source:z") == ["source:zabbix-eu "]
    assert narrow("-site:d") == ["-site:Depot "]
    assert narrow("owner:te") == ["owner:tech1 "]


def test_only_the_term_under_the_cursor_is_completed() -> None:
    assert narrow("sev>=h disk", 6) == ["sev>=high disk"]
    [candidate] = for_filter("sev>=h disk", 6, known(), {})
    assert candidate.cursor == len("sev>=high ")


def test_a_view_is_offered_by_its_name_and_stands_for_its_filter() -> None:
    assert narrow("mi")[0] == "owner:me -acked"


def test_a_name_with_quotes_in_it_is_still_one_name() -> None:
    odd = replace(pictures.CLIENTS[ClientId("acme")], name=safe('Acme "the" Dental'))
    picture = replace(pictures.PICTURE, clients={ClientId("acme"): odd})
    names = Known(picture, COMMANDS, ())
    [line] = lines(for_goto("client ac", 9, names))
    meaning = understand(line, names)
    assert isinstance(meaning, Go)
    assert meaning.place.client == "acme"


@given(st.text(max_size=40), st.integers(0, 40))
def test_any_text_is_completed_safely_and_within_bounds(text: str, cursor: int) -> None:
    """F-28."""
    at = min(cursor, len(text))
    for found in (for_goto(text, at, known()), for_filter(text, at, known(), VIEWS)):
        assert len(found) <= MOST
        assert all(is_safe(one.word) and is_safe(one.about) and one.cursor <= len(one.line) for one in found)
