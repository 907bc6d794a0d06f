"""A source's row and card: what answers there, its clock, and what of it belongs to no client."""

from __future__ import annotations

import pytest
from msgspec.structs import replace

from backends.fleet.model import UNPLACED, Client, ClientId, HealthCounts, Site, SiteId, SourceName, safe
from tests.support import pictures
from widgets.present.age import zone_of
from widgets.present.card import Times
from widgets.present.cards import source_card
from widgets.present.clients import ClientSums, client_row, client_table_row
from widgets.present.sources import source_row

SOURCE = replace(pictures.SOURCES[SourceName("acme-hq")], version=safe("Zabbix 6.0.14"), unplaced=2)
TIMES = Times(pictures.NOW, zone_of("UTC"))


def lines_of(skew_s: float | None) -> dict[str, str]:
    card = source_card(replace(SOURCE, skew_s=skew_s), TIMES)
    return {line.label: "".join(span.text for span in line.spans) for line in card.lines}


def test_the_card_says_what_answers_there_and_how_much_is_nobodys() -> None:
    lines = lines_of(None)
    assert (lines["Product"], lines["Devices"]) == ("Zabbix 6.0.14", "19, 2 of them unplaced")
    assert "Clock" not in lines


@pytest.mark.parametrize(
    ("skew_s", "words"), [(0.4, "as ours"), (-240.0, "4m behind ours"), (7200.0, "2h ahead of ours")]
)
def test_the_card_tells_the_clock_where_it_is_known(skew_s: float, words: str) -> None:
    assert lines_of(skew_s)["Clock"] == words


def test_the_row_says_what_takes_a_hand() -> None:
    assert source_row(SOURCE).cells[-1].text == "2 of 19 devices are unplaced: no rule gives a client."


def test_the_client_of_what_is_nobodys_has_its_number() -> None:
    nobody = Client(id=UNPLACED, name=safe("Unplaced"))
    place = Site(
        id=SiteId("unplaced/x"), client=UNPLACED, client_name=nobody.name, name=safe("x"), devices=HealthCounts(ok=7)
    )
    picture = replace(
        pictures.PICTURE,
        clients={**pictures.CLIENTS, UNPLACED: nobody},
        sites={**pictures.SITES, place.id: place},
    )
    sums = ClientSums(picture)
    assert client_row(nobody, sums).cells[1].text == client_table_row(nobody, sums).cells[1].text == "Unplaced (7)"
    acme = pictures.CLIENTS[ClientId("acme")]
    assert client_row(acme, sums).cells[1].text == "Acme Dental"
