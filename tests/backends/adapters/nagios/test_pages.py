"""JSON that is nearly JSON, and lists in pages."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs

import pytest

from backends.adapters.nagios import calls, options
from backends.adapters.nagios.calls import mended
from tests.backends.adapters.nagios.recorded import changed, failure, playing
from tests.support.replayed import Asked, Said
from tests.support.replayed.nagios import ANSWERS
from tests.support.servers.nagios_config import HOSTS

LISTS = ("hostlist", "servicelist")


def test_escapes_that_are_no_json_are_mended_and_others_are_left() -> None:
    told = rb'{"a": "x\a\v\\a\\\v\"\u0041\q", "C:\\app": "\/"}'
    assert json.loads(mended(told)) == {"a": 'x\x07\x0b\\a\\\x0b"A\\q', "C:\\app": "/"}


def test_bytes_that_are_no_utf_8_are_shown_as_such() -> None:
    assert json.loads(mended(b'{"a": "\xe9\xff"}')) == {"a": "\ufffd\ufffd"}


def test_what_is_json_is_not_touched() -> None:
    for name in ("programstatus", "objects"):
        body = (ANSWERS / f"{name}.json").read_bytes()
        assert mended(body) is body


@pytest.fixture
def small_pages(monkeypatch: pytest.MonkeyPatch) -> None:
    """Pages of three records."""
    monkeypatch.setattr(calls, "PAGE", 3)


def paged(query: str) -> Callable[[Asked], Said | None]:
    """The recorded list, cut as `start` and `count` say: as Nagios does it."""

    def says(asked: Asked) -> Said | None:
        told = parse_qs(asked.query)
        if told.get("query") != [query]:
            return None
        name = "objects" if "objectjson" in asked.path else query
        whole = json.loads(mended((ANSWERS / f"{name}.json").read_bytes()))
        start, count = int(told["start"][0]), int(told["count"][0])
        table = whole["data"][query]
        if query == "servicelist":
            flat = [(host, name, one) for host, some in table.items() for name, one in some.items()]
            cut: dict[str, Any] = {}
            for host, service, one in flat[start : start + count]:
                cut.setdefault(host, {})[service] = one
        else:
            cut = dict(list(table.items())[start : start + count])
        whole["data"][query] = cut
        return Said(body=json.dumps(whole).encode())

    return says


@pytest.mark.usefixtures("small_pages")
async def test_lists_are_read_to_their_end(tmp_path: Path) -> None:
    both = [paged(query) for query in LISTS]
    async with playing(tmp_path) as played:
        played.says = lambda asked: next((said for one in both if (said := one(asked))), None)
        in_pages = await played.source.poll()
    async with playing(tmp_path) as played:
        whole = await played.source.poll()
    assert in_pages.sightings == whole.sightings
    assert sorted(in_pages.checks, key=lambda one: (one.native, one.key)) == sorted(
        whole.checks, key=lambda one: (one.native, one.key)
    )


@pytest.mark.usefixtures("small_pages")
async def test_a_server_that_knows_no_pages_is_not_asked_for_ever(tmp_path: Path) -> None:
    """F-74"""
    async with playing(tmp_path) as played:
        reading = await played.source.poll()
    assert len(reading.sightings) == len(HOSTS)
    assert reading.note == ""
    assert len(played.server.asked) < 20


@pytest.mark.usefixtures("small_pages")
async def test_a_list_without_end_is_cut_and_that_is_told(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """F-74"""
    monkeypatch.setattr(calls, "MOST", 30)

    def endless(asked: Asked) -> Said | None:
        told = parse_qs(asked.query)
        if told.get("query") != ["hostlist"] or "objectjson" in asked.path:
            return None
        whole = json.loads((ANSWERS / "hostlist.json").read_bytes())
        one = whole["data"]["hostlist"]["acme-router"]
        start = int(told["start"][0])
        whole["data"]["hostlist"] = {f"host{start + n}": one for n in range(3)}
        return Said(body=json.dumps(whole).encode())

    async with playing(tmp_path) as played:
        played.says = endless
        reading = await played.source.poll()
    assert reading.note == "truncated at 30 records of hostlist"


@pytest.mark.usefixtures("small_pages")
async def test_a_page_that_looks_short_for_names_that_are_the_same_is_not_the_last(tmp_path: Path) -> None:
    """Two names that cannot be written are one key: the page has three records and looks as if it had two."""

    def says(asked: Asked) -> Said | None:
        told = parse_qs(asked.query)
        if told.get("query") != ["hostlist"] or "objectjson" in asked.path:
            return None
        whole = json.loads((ANSWERS / "hostlist.json").read_bytes())
        one = whole["data"]["hostlist"]["acme-router"]
        pages = {"0": {"a": one, "(null)": one}, "3": {"b": one}}
        whole["data"]["hostlist"] = pages.get(told["start"][0], {})
        return Said(body=json.dumps(whole).encode())

    async with playing(tmp_path) as played:
        played.says = says
        reading = await played.source.poll()
    assert {"a", "b"} <= {one.native for one in reading.sightings}


async def test_answers_that_are_too_large_are_asked_for_in_smaller_pages(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(calls, "PAGE", 16)
    monkeypatch.setattr(calls, "SMALLEST", 2)
    both = [paged(query) for query in LISTS]

    def says(asked: Asked) -> Said | None:
        said = next((said for one in both if (said := one(asked))), None)
        large = said is not None and int(parse_qs(asked.query)["count"][0]) > 5
        return Said(body=b" " * (options.LARGEST_BYTES + 1)) if large else said

    async with playing(tmp_path) as played:
        played.says = says
        reading = await played.source.poll()
        played.server.asked.clear()
        again = await played.source.poll()
    assert len(reading.checks) == len(again.checks) == len(HOSTS) + 12
    sizes = {parse_qs(asked.query)["count"][0] for asked in played.server.asked if "count=" in asked.query}
    assert sizes == {"4"}, "what was learned is kept"


async def test_two_daemons_are_not_read_as_one(tmp_path: Path) -> None:
    """It was restarted between two answers: the second may know other hosts."""
    async with playing(tmp_path) as played:
        played.says = changed("servicelist", lambda told: told["result"].update(program_start=1))
        error = await failure(played)
        assert "started anew while it was read" in error.sentence
        played.says = lambda _asked: None
        assert (await played.source.poll()).complete


async def test_the_cgis_are_asked_to_write_all_letters(tmp_path: Path) -> None:
    async with playing(tmp_path) as played:
        await played.source.poll()
    assert {asked.headers["accept-language"] for asked in played.server.asked} == {"en-US,C-US;q=0.5"}
