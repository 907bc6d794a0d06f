"""Answers of Nagios that are wrong in whole or in part."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from backends.api import FaultKind
from tests.backends.adapters.nagios.recorded import changed, failure, playing
from tests.support.servers.nagios_config import HOSTS

LISTS = ("hostlist", "servicelist")


@pytest.mark.parametrize(
    ("code", "kind", "words"),
    [
        (2, FaultKind.SERVER, "see whether Nagios runs"),
        (1, FaultKind.SERVER, "Memory: is full"),
        (6, FaultKind.PROTOCOL, "does not know what it was asked for"),
    ],
)
async def test_an_error_inside_of_200_is_an_error(tmp_path: Path, code: int, kind: FaultKind, words: str) -> None:
    def fail(told: dict[str, Any]) -> None:
        told["result"].update(type_code=code, type_text="Memory", message="is full")

    async with playing(tmp_path) as played:
        played.says = changed("servicelist", fail)
        error = await failure(played)
    assert error.kind is kind
    assert words in error.sentence


@pytest.mark.parametrize("query", ["programstatus", "hostlist", "servicelist", "downtimelist", "commentlist"])
@pytest.mark.parametrize("data", [{}, None, {"other": {}}, 7])
async def test_an_answer_without_what_was_asked_for_is_an_error(tmp_path: Path, query: str, data: object) -> None:
    async with playing(tmp_path) as played:
        played.says = changed(query, lambda told: told.update(data=data))
        assert (await failure(played)).kind is FaultKind.PROTOCOL


async def test_who_is_shown_no_host_is_told_what_to_change(tmp_path: Path) -> None:
    empty = [changed(query, lambda told, query=query: told["data"].update({query: {}})) for query in LISTS]
    async with playing(tmp_path) as played:
        played.says = lambda asked: next((said for one in empty if (said := one(asked))), None)
        error = await failure(played)
    assert error.kind is FaultKind.FORBIDDEN
    assert "shows no host to nagiosadmin" in error.sentence


async def test_names_that_the_cgis_cannot_write_are_left_out_and_counted(tmp_path: Path) -> None:
    """So every name that is not ASCII looks where the web server's machine has no fitting locale."""

    def null(told: dict[str, Any]) -> None:
        table = told["data"]["hostlist"]
        table["(null)"] = table.pop("acme-db01") | {"name": ""}

    async with playing(tmp_path) as played:
        played.says = changed("hostlist", null)
        reading = await played.source.poll()
    assert reading.quarantined == 1
    assert "locale" in reading.note
    assert "(null)" not in {one.native for one in reading.sightings}


@pytest.mark.parametrize("spoiled", [None, 7, [], {}, {"status": "up"}, {"status": 4}, {"status": 2.5}, "x"])
async def test_a_spoiled_record_costs_no_other(tmp_path: Path, spoiled: object) -> None:
    """F-73"""
    says = [
        changed("hostlist", lambda told: told["data"]["hostlist"].update({"odd": spoiled})),
        changed("servicelist", lambda told: told["data"]["servicelist"]["acme-web01"].update({"odd": spoiled})),
        changed("downtimelist", lambda told: told["data"]["downtimelist"].update({"77": spoiled})),
        changed("commentlist", lambda told: told["data"]["commentlist"].update({"77": spoiled})),
    ]
    async with playing(tmp_path) as played:
        before = await played.source.poll()
        played.says = lambda asked: next((said for one in says if (said := one(asked))), None)
        reading = await played.source.poll()
    assert reading.quarantined == len(says)
    assert reading.sightings == before.sightings
    assert reading.checks == before.checks


async def test_a_spoiled_table_of_services_costs_no_other_host(tmp_path: Path) -> None:
    async with playing(tmp_path) as played:
        played.says = changed("servicelist", lambda told: told["data"]["servicelist"].update({"acme-db01": 7}))
        reading = await played.source.poll()
    assert reading.quarantined == 1
    assert {one.native for one in reading.sightings} == set(HOSTS)
