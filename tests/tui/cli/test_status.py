"""`rounds status`: a verdict that monitoring systems can take as their own."""

from __future__ import annotations

import pytest
from msgspec.structs import replace

from backends.fleet.changes import Picture
from backends.fleet.model import Freshness, Health, HealthCounts, Severity
from tests.support import pictures
from tests.support.commands import Commands


def only(picture: Picture, *severities: Severity) -> Picture:
    """Fresh facts, and the issues of these severities alone."""
    return replace(
        picture,
        issues={key: one for key, one in picture.issues.items() if one.severity in severities},
        sites={key: replace(one, health=Health.OK, devices=HealthCounts(ok=5)) for key, one in picture.sites.items()},
        sources={key: replace(one, state=Freshness.FRESH, fault=None) for key, one in picture.sources.items()},
    )


def test_critical_is_status_2(rounds: Commands) -> None:
    said = rounds("status")
    assert said.status == 2
    assert said.out.count("\n") == 2
    assert said.err == ""


def test_warning_is_status_1(rounds: Commands) -> None:
    rounds.desk.picture_now = only(pictures.PICTURE, Severity.WARNING)
    assert rounds("status").status == 1


def test_facts_that_are_not_fresh_are_status_3_and_never_0(rounds: Commands) -> None:
    rounds.desk.picture_now = replace(only(pictures.PICTURE), sources=pictures.SOURCES)
    assert rounds("status").status == 3


def test_the_document_has_level_verdict_and_counts(rounds: Commands) -> None:
    document = rounds("status", "--json").json
    assert set(document) == {"schema", "at", "level", "verdict", "counts"}
    assert document["level"] == "critical"


@pytest.mark.parametrize(("words", "status"), [(("client:baker",), 2), (("-client:baker", "sev:info"), 3)])
def test_a_filter_narrows_it(rounds: Commands, words: tuple[str, ...], status: int) -> None:
    assert rounds("status", *words).status == status


def test_a_wrong_filter_is_wrong_use_and_no_verdict(rounds: Commands) -> None:
    said = rounds("status", "bogus:1")
    assert (said.out, said.status) == ("", 64)
