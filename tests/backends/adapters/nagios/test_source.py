"""The source at a server that plays recorded answers: what is asked, and what faults become."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator, Callable
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs

import pytest
import pytest_asyncio

from backends.adapters.nagios import calls, options
from backends.adapters.nagios.calls import mended
from backends.api import (
    Acknowledges,
    Adapter,
    Can,
    Closes,
    FaultKind,
    GivesHistory,
    Introduces,
    Rechecks,
    RunsOwnFixes,
    Snoozes,
    SourceError,
)
from backends.testing import AdapterContract, FakeClock
from tests.backends.adapters.nagios.recorded import AT, Patient, Played, opened, playing
from tests.support import faulty
from tests.support.replayed import Asked, Said
from tests.support.replayed.nagios import ANSWERS, PLAYED, page
from tests.support.servers.nagios_config import HOSTS


def queries(played: Played) -> list[str]:
    """What was asked, in order."""
    found = []
    for asked in played.server.asked:
        told = parse_qs(asked.query)
        found.append(told["query"][0] if "query" in told else f"{asked.method} {asked.path.rsplit('/', 1)[-1]}")
    return found


def changed(query: str, change: Callable[[dict[str, Any]], None]) -> Callable[[Asked], Said | None]:
    """The recorded answer to a query, changed."""

    def says(asked: Asked) -> Said | None:
        if f"query={query}&" not in f"{asked.query}&" or "objectjson" in asked.path:
            return None
        told = json.loads(mended((ANSWERS / f"{query}.json").read_bytes()))
        change(told)
        return Said(body=json.dumps(told).encode())

    return says


async def failure(played: Played) -> SourceError:
    with pytest.raises(SourceError) as caught:
        await played.source.poll()
    return caught.value


async def test_it_offers_what_nagios_has_and_nothing_else(tmp_path: Path) -> None:
    source = opened("http://127.0.0.1:9/cgi-bin", tmp_path, FakeClock(AT))
    for kind in (Acknowledges, Snoozes, Rechecks, Introduces):
        assert isinstance(source, kind)
    for kind in (Closes, RunsOwnFixes, GivesHistory):
        assert not isinstance(source, kind)
    await source.close()


async def test_the_first_poll_asks_for_everything_and_the_next_for_what_changes(tmp_path: Path) -> None:
    state = ["programstatus", "hostlist", "servicelist", "downtimelist", "commentlist"]
    trials = ["GET cmd.cgi", "POST cmd.cgi", "GET cmd.cgi", "POST cmd.cgi"]
    async with playing(tmp_path) as played:
        await played.source.poll()
        assert queries(played) == [*state, "hostlist", *trials]
        played.server.asked.clear()
        await played.source.poll()
        assert queries(played) == state


async def test_groups_are_asked_for_where_a_rule_looks_at_them(tmp_path: Path) -> None:
    async with playing(tmp_path, {"place": {"hostgroup": "^client-(?P<client>.+)$"}}) as played:
        reading = await played.source.poll()
    assert "hostgrouplist" in queries(played)
    assert {one.client for one in reading.sightings} == {"acme", "globex", "unplaced"}


async def test_downtimes_and_comments_are_asked_for_where_there_are_any(tmp_path: Path) -> None:
    def quiet(told: dict[str, Any]) -> None:
        for some in told["data"]["servicelist"].values():
            for one in some.values():
                one.update(scheduled_downtime_depth=0, problem_has_been_acknowledged=False)

    async with playing(tmp_path) as played:
        played.says = changed("servicelist", quiet)
        await played.source.poll()
    assert not {"downtimelist", "commentlist"} & set(queries(played))


@pytest.mark.parametrize("query", ["programstatus", "hostlist"])
async def test_a_nagios_that_has_started_anew_or_has_a_new_host_is_asked_how_it_is_configured(
    tmp_path: Path, query: str
) -> None:
    def change(told: dict[str, Any]) -> None:
        if query == "programstatus":
            told["data"]["programstatus"]["nagios_pid"] += 1
        if query == "hostlist":
            told["data"]["hostlist"]["new"] = told["data"]["hostlist"]["acme-router"]

    async with playing(tmp_path) as played:
        await played.source.poll()
        played.says = changed(query, change)
        played.server.asked.clear()
        await played.source.poll()
        assert "POST cmd.cgi" in queries(played)
        played.server.asked.clear()
        await played.source.poll()
        assert "POST cmd.cgi" not in queries(played)


async def test_the_trial_of_rights_can_do_nothing(tmp_path: Path) -> None:
    """A downtime without times: refused by the page, and by the daemon as well."""
    async with playing(tmp_path) as played:
        assert (await played.source.poll()).lacks == ()
    forms = [parse_qs(asked.body.decode()) for asked in played.sent]
    assert [form["cmd_typ"] for form in forms] == [["55"], ["56"]]
    assert not any({"start_time", "end_time"} & form.keys() for form in forms)


@pytest.mark.parametrize(
    "says",
    [
        lambda asked: page("not-authorized") if asked.method == "POST" else None,
        lambda asked: page("read-only") if "cmd.cgi" in asked.path else None,
        lambda asked: Said(body=b"no", status=403) if "cmd.cgi" in asked.path else None,
        lambda asked: Said(body=b"no", status=404) if "cmd.cgi" in asked.path else None,
    ],
    ids=["not authorized", "read only", "403", "404"],
)
async def test_what_the_user_may_not_is_lacking_and_reading_goes_on(
    tmp_path: Path, says: Callable[[Asked], Said | None]
) -> None:
    async with playing(tmp_path) as played:
        played.says = says
        reading = await played.source.poll()
        told = await played.source.introduce()
    assert set(reading.lacks) == {Can.ACKNOWLEDGE, Can.SNOOZE, Can.RECHECK}
    assert len(reading.sightings) == len(HOSTS)
    refused = [right for right in told.rights if right.granted is False]
    assert len(refused) == 2
    assert all("cgi.cfg" in right.remedy for right in refused)


async def test_where_the_page_is_not_understood_nothing_is_said_to_be_lacking(tmp_path: Path) -> None:
    async with playing(tmp_path) as played:
        played.says = lambda asked: page("form") if asked.method == "POST" else None
        assert (await played.source.poll()).lacks == ()


async def test_an_introduction_tells_account_and_what_can_place(tmp_path: Path) -> None:
    async with playing(tmp_path) as played:
        told = await played.source.introduce()
    assert (told.product, told.account) == ("Nagios 4.4.6", "nagiosadmin")
    assert told.facts["hostgroup"] == ("client-acme", "client-globex")
    assert told.facts["var.SITE"] == ("Depot", "HQ", "Main")
    assert told.facts["host"] == tuple(sorted(HOSTS))
    assert any("only these 8 hosts" in right.what for right in told.rights)


async def test_a_variable_that_sounds_like_a_secret_is_not_shown_around(tmp_path: Path) -> None:
    told = json.loads((ANSWERS / "objects.json").read_bytes())
    told["data"]["hostlist"]["acme-router"]["custom_variables"] |= {"SNMP_COMMUNITY": "canary", "RACK": "R1"}
    async with playing(tmp_path) as played:
        played.says = lambda asked: (
            Said(body=json.dumps(told).encode()) if "objectjson" in asked.path and "=hostlist" in asked.query else None
        )
        facts = (await played.source.introduce()).facts
    assert facts["var.RACK"] == ("R1",)
    assert "var.SNMP_COMMUNITY" not in facts


async def test_a_status_file_that_does_not_move_is_a_dead_nagios(tmp_path: Path) -> None:
    """F-69: all is green in a file that nobody writes any more."""

    def old(told: dict[str, Any]) -> None:
        told["result"]["query_time"] += 91_000

    async with playing(tmp_path) as played:
        await played.source.poll()
        played.says = changed("programstatus", old)
        error = await failure(played)
        assert error.kind is FaultKind.SERVER
        assert "has not written its status for 9" in error.sentence
        played.says = lambda _asked: None
        assert (await played.source.poll()).complete


async def test_a_slow_nagios_may_be_given_more_time(tmp_path: Path) -> None:
    async with playing(tmp_path, {"status_age": "5m"}) as played:
        played.says = changed("programstatus", lambda told: told["result"].update(query_time=1795678692000 + 91_000))
        assert (await played.source.poll()).complete


async def test_an_answer_of_nothing_is_a_nagios_that_does_not_run(tmp_path: Path) -> None:
    """F-69: so the CGI answers when there is no status file."""
    async with playing(tmp_path) as played:
        played.server.fault = faulty.body(b"\n\n")
        error = await failure(played)
    assert error.kind is FaultKind.SERVER
    assert "does not run" in error.sentence


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


LISTS = ("hostlist", "servicelist")


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


class TestContract(AdapterContract):
    @pytest_asyncio.fixture(autouse=True)
    async def _server(self, tmp_path: Path) -> AsyncIterator[None]:
        self.folder = tmp_path
        async with faulty.serving(PLAYED) as server:
            self.url = server.url
            yield

    def open_adapter(self) -> Adapter:
        return opened(self.url, self.folder, Patient(AT))
