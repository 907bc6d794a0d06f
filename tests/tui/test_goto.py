"""What `:` understands."""

from __future__ import annotations

from contextlib import suppress

import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec.structs import replace

from backends.fleet.changes import Picture
from backends.fleet.model import ClientId, safe
from tests.support import pictures
from tui.commands.all import COMMANDS
from tui.commands.command import Command
from tui.commands.places import Help, Quit, Refresh
from tui.commands.verbs import Acknowledge
from tui.place import Noun
from tui.screens.goto import Browse, Choose, Do, Go, GotoError, Keep, understand
from tui.screens.known import Choice, Known

VIEWS = Choice(
    word="view", about="", names=lambda: {"mine": "owner:me", "My night": "sev>=high"}, choose=lambda _: None
)


def known(picture: Picture = pictures.PICTURE) -> Known:
    return Known(picture, COMMANDS, (VIEWS,), pictures.DEVICES.values())


def goes(text: str, picture: Picture = pictures.PICTURE) -> Go:
    meaning = understand(text, known(picture))
    assert isinstance(meaning, Go)
    return meaning


@pytest.mark.parametrize(
    ("text", "noun", "query"),
    [
        ("issues", Noun.ISSUES, ""),
        ("issues acme disk", Noun.ISSUES, "acme disk"),
        ("au", Noun.AUDIT, ""),
        (" runs  state:failed ", Noun.RUNS, "state:failed"),
        ("", Noun.ISSUES, ""),
        ("DEVICES", Noun.DEVICES, ""),
        ("d kind:server", Noun.DEVICES, "kind:server"),
        ("i", Noun.ISSUES, ""),
        ("s", Noun.SITES, ""),
        ("so", Noun.SOURCES, ""),
        ("client", Noun.CLIENTS, ""),
    ],
)
def test_a_noun_may_be_shortened_and_followed_by_a_filter(text: str, noun: Noun, query: str) -> None:
    place = goes(text).place
    assert (place.noun, place.query) == (noun, query)


@pytest.mark.parametrize(
    ("text", "command"),
    [("q", Quit), ("q!", Quit), ("help", Help), ("?", Help), ("refresh", Refresh), ("acknowledge", Acknowledge),
     ("ack", Acknowledge), ("refr", Refresh)],
)  # fmt: skip
def test_a_command_is_named_by_its_id_or_its_short_form(text: str, command: type[Command]) -> None:
    meaning = understand(text, known())
    assert isinstance(meaning, Do)
    assert meaning.command is command


@pytest.mark.parametrize(
    ("text", "noun", "name"),
    [
        ("acme", Noun.SITES, "Acme Dental"),
        ("Acme Dental", Noun.SITES, "Acme Dental"),
        ("client acme", Noun.SITES, "Acme Dental"),
        ('client "Cole & Sons"', Noun.SITES, "Cole & Sons"),
        ("client cole", Noun.SITES, "Cole & Sons"),
        ("site depot", Noun.DEVICES, "Cole & Sons/Depot"),
        ("site acme/hq", Noun.DEVICES, "Acme Dental/HQ"),
        ("device sql01", Noun.CHECKS, "sql01"),
        ("device Baker Law/Main/sql01", Noun.CHECKS, "sql01"),
        ("sql01", Noun.CHECKS, "sql01"),
        ("source zabbix-eu", Noun.DEVICES, "zabbix-eu"),
    ],
)
def test_the_name_of_one_thing_goes_straight_there(text: str, noun: Noun, name: str) -> None:
    place = goes(text).place
    assert (place.noun, place.name) == (noun, name)


def test_what_was_written_out_is_sure_and_what_was_guessed_is_not() -> None:
    assert [goes(text).sure for text in ("client acme", "issues", "client col", "web")] == [True, True, False, False]


def test_a_name_that_two_devices_have_is_told_with_their_clients() -> None:
    """F-14."""
    twin = replace(
        pictures.DEVICES["baker:sql01"], id="acme-hq:sql01", client_name=safe("Acme Dental"), site_name=safe("HQ")
    )  # type: ignore[index, arg-type]
    both = known()
    both.learn([twin])
    with pytest.raises(GotoError, match='"Acme Dental/HQ/sql01"') as error:
        understand("device sql01", both)
    assert '"Baker Law/Main/sql01"' in str(error.value)
    assert isinstance(understand('device "Acme Dental/HQ/sql01"', both), Go)


@pytest.mark.parametrize("name", ["q", "quit", "acknowledge", "issues", "save x", "view mine"])
def test_what_a_client_calls_itself_takes_the_place_of_no_command(name: str) -> None:
    hostile = replace(pictures.CLIENTS[ClientId("acme")], name=safe(name))
    picture = replace(pictures.PICTURE, clients={**pictures.CLIENTS, ClientId("acme"): hostile})
    meaning = understand(name, known(picture))
    assert meaning == understand(name, known()) or isinstance(meaning, Keep | Choose)
    assert goes(f'client "{name}"', picture).place.client == "acme"


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("isue", "Did you mean issues?"),
        ("isue acme", "Did you mean issues?"),
        ("zz", "One can go to"),
        ("fi", "fi may be"),
        ("client acne", "did you mean Acme Dental?"),
        ("client kind:server", "`:clients kind:server` looks for it."),
        ("view nine", "did you mean mine?"),
        ("view m", "m may be mine or My night."),
        ("acknowledgd", "Did you mean acknowledge?"),
    ],
)
def test_what_is_not_understood_says_what_would_be(text: str, says: str) -> None:
    with pytest.raises(GotoError) as error:
        understand(text, known())
    assert says in str(error.value)


def test_the_wrong_part_is_pointed_at() -> None:
    with pytest.raises(GotoError) as error:
        understand("view nothing", known())
    assert (error.value.position, error.value.length) == (5, 7)


def test_views_are_chosen_by_name_listed_and_saved() -> None:
    chosen = understand("view my n", known())
    assert isinstance(chosen, Choose)
    assert chosen.name == "My night"
    assert isinstance(understand("views", known()), Browse)
    assert understand("save night", known()) == Keep("night", over=False)
    assert understand("save! night", known()) == Keep("night", over=True)


@given(st.text(max_size=60))
def test_any_text_has_a_meaning_or_a_sentence(text: str) -> None:
    with suppress(GotoError):
        assert understand(text, known()) is not None
