"""The second opinion on the card."""

from __future__ import annotations

from msgspec.structs import replace

from backends.fleet.model import safe
from backends.fleet.opinion import Glimpse, Seen, Verdict
from tests.support import pictures
from widgets.present.card import Times
from widgets.present.cards import device_card
from widgets.present.opinion import glimpse_text, opinion_lines
from widgets.present.tone import Tone

SQL = next(key for key in pictures.DEVICES if key == "baker:sql01")


def test_nobody_has_asked_and_nothing_is_shown() -> None:
    assert opinion_lines(pictures.card(SQL)) == []


def test_it_stands_on_the_card_of_the_device_with_each_attempt() -> None:
    known = replace(pictures.card(SQL), opinion=pictures.opinion(SQL))
    card = device_card(pictures.DEVICES[SQL], known, Times(pictures.NOW, pictures.NOW.tzinfo))
    labels = [line.label for line in card.lines]
    at = labels.index("Here")
    assert card.lines[at].spans[0].tone is Tone.OK
    assert "".join(span.text for span in card.lines[at + 1].spans) == "3 pings silent · tcp 22 answered in 12 ms"


def test_why_it_may_be_another_device_is_a_line_of_its_own() -> None:
    opinion = replace(pictures.opinion(SQL), verdict=Verdict.REFUSES, careful=safe("10.0.0.4 is a private address."))
    lines = opinion_lines(replace(pictures.card(SQL), opinion=opinion))
    assert [line.spans[0].tone for line in lines[:2]] == [Tone.WARNING, Tone.WARNING]
    assert lines[1].spans[0].text == "10.0.0.4 is a private address."


def test_an_attempt_says_what_became_of_it() -> None:
    name = Glimpse(kind="dns", what=safe("the name sql01"), seen=Seen.SAID, sentence=safe("is 10.0.0.4 here"))
    port = Glimpse(kind="tcp", what=safe("tcp 22"), seen=Seen.SILENT, sentence=safe("no answer within 3 s"))
    pings = Glimpse(kind="ping", what=safe("pings"), seen=Seen.UNTRIED, sentence=safe("This may not be."))
    assert [glimpse_text(one) for one in (name, port, pings)] == [
        "the name sql01 is 10.0.0.4 here",
        "tcp 22 silent (no answer within 3 s)",
        "pings not tried (This may not be)",
    ]
