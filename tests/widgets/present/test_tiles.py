"""From a picture to the tiles, shelves and lines of a wall."""

from __future__ import annotations

import itertools

import pytest
from hypothesis import example, given
from hypothesis import strategies as st
from msgspec.structs import replace

from backends.fleet.changes import Picture
from backends.fleet.model import (
    Client,
    ClientId,
    Freshness,
    Health,
    Issue,
    IssueState,
    Severity,
    columns_of,
    issue_id,
    safe,
)
from tests.support import pictures
from widgets.present.calm import calm_lines
from widgets.present.shelves import laid_out
from widgets.present.tiles import Size, Tile, lines_of, tiles_of
from widgets.present.wall_line import WallLine
from widgets.present.wall_page import Shown, planned

RAID = issue_id("zabbix-eu:nas-2", "raid")
FIREWALL = issue_id("acme-hq:fw-hq", "reachable")


def words(lines: list[WallLine]) -> str:
    return "\n".join("".join(piece.at(pictures.NOW) for piece in (*line.left, *line.right)).rstrip() for line in lines)


def tile_of(client: str, picture: Picture = pictures.PICTURE) -> Tile:
    return next(tile for tile in tiles_of(picture) if tile.key == client)


def with_issue(issue: Issue) -> Picture:
    return replace(pictures.PICTURE, issues={**pictures.ISSUES, issue.id: issue})


def many(count: int, severity: Severity = Severity.CRITICAL) -> Picture:
    """So many clients, each with one issue."""
    base = pictures.ISSUES[FIREWALL]
    clients = [Client(id=ClientId(f"c{n}"), name=safe(f"Client {n}")) for n in range(count)]
    issues = [
        replace(base, id=issue_id(one.id, "x"), client=one.id, client_name=one.name, severity=severity, urgency=-n)
        for n, one in enumerate(clients)
    ]
    return replace(
        pictures.PICTURE,
        clients={one.id: one for one in clients},
        issues={one.id: one for one in issues},
    )


def test_the_worst_client_comes_first() -> None:
    assert [tile.key for tile in tiles_of(pictures.PICTURE)] == ["acme", "baker", "cole"]


def test_a_tile_is_as_large_as_what_is_wrong() -> None:
    assert [tile.size for tile in tiles_of(pictures.PICTURE)] == [Size.LARGE, Size.LARGE, Size.MIDDLE]


def test_what_somebody_acknowledged_takes_less_room() -> None:
    acked = replace(pictures.ISSUES[RAID], state=IssueState.ACKED, acked_by="tech2")
    assert tile_of("cole", with_issue(acked)).size is Size.SMALL


def test_what_is_snoozed_or_behind_another_has_no_tile() -> None:
    for change in ({"state": IssueState.SNOOZED}, {"incident": FIREWALL}):
        hidden = replace(pictures.ISSUES[RAID], **change)
        assert "cole" not in {tile.key for tile in tiles_of(with_issue(hidden))}


def test_a_large_tile_says_which_client_what_since_when_and_who_has_it() -> None:
    text = words(lines_of(tile_of("acme"), 80, 8))
    for fact in ("■ CRITICAL", "Acme Dental", "4m", "fw-hq · HQ", "nobody has it", "neither ping nor SSH"):
        assert fact in text


def test_a_large_tile_says_how_far_it_spreads_and_what_the_contract_leaves() -> None:
    text = words(lines_of(tile_of("acme"), 80, 8))
    assert "14 behind it" in text
    assert "respond 11m left" in text
    assert "repair 3h left" in text


def test_an_owner_is_named() -> None:
    assert "@tech1" in words(lines_of(tile_of("acme"), 80, 8))


def test_a_source_that_is_silent_shows_on_its_tiles() -> None:
    """F-69."""
    assert "? zabbix-eu silent 3m" in words(lines_of(tile_of("cole"), 80, 6))


def test_a_tile_of_old_facts_is_not_painted_as_a_band() -> None:
    assert lines_of(tile_of("cole"), 80, 6)[0].fill is None
    assert lines_of(tile_of("acme"), 80, 6)[0].fill is not None


def test_a_broken_source_of_many_clients_has_a_tile_of_its_own() -> None:
    broken = replace(
        pictures.ISSUES[RAID],
        id=issue_id("zabbix-eu", "source"),
        device=None,
        client=ClientId(""),
        client_name=safe(""),
        site_name=safe(""),
        device_name=safe("zabbix-eu"),
    )
    assert tile_of("source:zabbix-eu", with_issue(broken)).name == "source zabbix-eu"


@pytest.mark.parametrize("height", range(2, 14))
def test_a_tile_has_exactly_as_many_lines_as_it_was_given(height: int) -> None:
    assert len(lines_of(tile_of("acme"), 60, height)) == height


def test_issues_for_which_there_is_no_room_are_counted_by_severity() -> None:
    client = tile_of("baker")
    crowded = replace(client, entries=(client.entries[0], *client.entries[1:] * 9))
    assert "+7 more: △ 7 warning" in words(lines_of(crowded, 80, 7))


@given(st.integers(0, 60), st.integers(40, 420), st.integers(8, 110), st.sampled_from(Severity))
@example(1, 46, 8, Severity.CRITICAL)
@example(1, 393, 8, Severity.CRITICAL)
def test_every_tile_stands_on_one_page_and_none_on_another(
    count: int, width: int, height: int, severity: Severity
) -> None:
    tiles = tiles_of(many(count, severity))
    pages = laid_out(tiles, width, height)
    assert [placed.tile.key for page in pages for placed in page] == [tile.key for tile in tiles]
    for page in pages:
        for one, other in itertools.combinations(page, 2):
            apart = one.x + one.width <= other.x or other.x + other.width <= one.x
            assert apart or one.y + one.height <= other.y or other.y + other.height <= one.y
        for placed in page:
            assert placed.x + placed.width <= width
            assert placed.y + placed.height <= height


def test_what_does_not_fit_goes_on_further_pages_worst_first() -> None:
    pages = laid_out(tiles_of(many(30)), 80, 20)
    assert len(pages) > 1
    assert pages[0][0].tile.key == "c0"


@given(st.integers(0, 40), st.integers(20, 420), st.integers(1, 110))
def test_a_page_never_leaves_its_room(count: int, width: int, height: int) -> None:
    shown = Shown(picture=many(count), tiles=tuple(tiles_of(many(count))))
    plan = planned(shown, width, height)
    for page in range(len(plan.pages)):
        lines = plan.lines(page)
        assert len(lines) == height
        assert all(slot.x + slot.width <= width for line in lines for slot in line)


def test_clients_with_nothing_open_stand_below_by_word_and_glyph() -> None:
    calm = replace(pictures.PICTURE, issues={})
    text = words(calm_lines(calm, 100, 6))
    assert "■ 1 down   Acme Dental" in text
    assert "? 1 unknown   Cole & Sons" in text


def test_a_client_without_any_fact_is_not_called_fine() -> None:
    """F-69."""
    bare = replace(pictures.PICTURE, issues={}, sites={})
    assert "● " not in words(calm_lines(bare, 100, 6))


def test_names_for_which_there_is_no_room_are_counted() -> None:
    picture = replace(many(200), issues={}, sites={})
    text = words(calm_lines(picture, 80, 3))
    assert len(text.splitlines()) == 3
    shown = text.count("Client ")
    assert f"+{200 - shown} more" in text
    assert all(columns_of(line) <= 80 for line in text.splitlines())


def test_what_is_snoozed_is_told_beside_the_name() -> None:
    snoozed = replace(pictures.ISSUES[RAID], state=IssueState.SNOOZED, freshness=Freshness.FRESH)
    picture = replace(pictures.PICTURE, issues={RAID: snoozed})
    assert "Cole & Sons (1 snoozed)" in words(calm_lines(picture, 100, 6))
    assert all(site.health is not Health.OK for site in pictures.SITES.values() if site.client == "cole")
