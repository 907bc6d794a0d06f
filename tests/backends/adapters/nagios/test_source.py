"""The source at a server that plays recorded answers: what is asked, and what faults become."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator, Callable
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs

import pytest
import pytest_asyncio

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
)
from backends.testing import AdapterContract, FakeClock
from tests.backends.adapters.nagios.recorded import AT, Patient, Played, changed, failure, opened, playing
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


class TestContract(AdapterContract):
    @pytest_asyncio.fixture(autouse=True)
    async def _server(self, tmp_path: Path) -> AsyncIterator[None]:
        self.folder = tmp_path
        async with faulty.serving(PLAYED) as server:
            self.url = server.url
            yield

    def open_adapter(self) -> Adapter:
        return opened(self.url, self.folder, Patient(AT))
