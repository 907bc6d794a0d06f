"""The source against a server that answers as Icinga does: what it asks for, and what it makes of refusals."""

from __future__ import annotations

import base64
import contextlib
import json
from collections.abc import AsyncIterator

import pytest
import pytest_asyncio

from backends.adapters.icinga2 import open_source
from backends.adapters.icinga2.calls import SLICES
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
    StreamsEvents,
)
from backends.testing import AdapterContract, FakeClock
from tests.backends.adapters.icinga2.fake import NOT_FOUND, Fake, faking, opened, passing, settings
from tests.backends.adapters.icinga2.recorded import raw, recorded_at


class TestContract(AdapterContract):
    @pytest_asyncio.fixture(autouse=True)
    async def _server(self) -> AsyncIterator[None]:
        async with faking() as server:
            self.server = server
            yield

    def open_adapter(self) -> Adapter:
        return open_source(settings(self.server.url))


async def test_it_can_what_icinga_can(fake: Fake) -> None:
    source = opened(fake)
    for capability in (Acknowledges, Snoozes, Rechecks, RunsOwnFixes, StreamsEvents, Introduces):
        assert isinstance(source, capability)
    assert not isinstance(source, Closes | GivesHistory)
    await source.close()


async def test_a_poll_asks_who_we_are_once_and_then_only_for_objects(fake: Fake) -> None:
    source = opened(fake)
    await source.poll()
    fake.asked.clear()
    reading = await source.poll()
    await source.close()
    assert fake.paths == [
        f"/v1/objects/{name}" for name in ("hosts", "services", "comments", "downtimes", "dependencies")
    ]
    assert (reading.version, reading.skew_s, reading.quarantined, reading.lacks) == ("Icinga 2.13.6", 0.0, 0, ())


async def test_where_nothing_is_acknowledged_resting_or_behind_two_requests_do(fake: Fake) -> None:
    hosts, services = (json.loads(raw(name)) for name in ("hosts", "services"))
    for result in (*hosts["results"], *services["results"]):
        result["attrs"].update(acknowledgement=0, downtime_depth=0, last_reachable=True)
    fake.answers["/v1/objects/hosts"] = (200, json.dumps(hosts).encode())
    fake.answers["/v1/objects/services"] = (200, json.dumps(services).encode())
    source = opened(fake)
    await source.poll()
    await source.close()
    assert [path for path in fake.paths if "objects" in path] == ["/v1/objects/hosts", "/v1/objects/services"]


async def test_the_password_is_sent_before_it_is_asked_for(fake: Fake) -> None:
    source = opened(fake)
    await source.poll()
    await source.close()
    told = {base64.b64decode(one.headers["authorization"].removeprefix("Basic ")) for one in fake.asked}
    assert told == {b"root:secret words"}


async def test_groups_and_zones_are_asked_for_only_when_a_rule_looks_at_them(fake: Fake) -> None:
    plain, grouped = opened(fake), opened(fake, place={"hostgroup": "(?P<client>.+)", "zone": ".*"})
    await plain.poll()
    await grouped.poll()
    first, second = (one.query for one in fake.asked if one.path == "/v1/objects/hosts")
    assert "attrs=groups" not in first
    assert "attrs=zone" not in first
    assert {"attrs=groups", "attrs=zone"} <= set(second.split("&"))
    await plain.close()
    await grouped.close()


async def test_a_clock_that_is_ahead_is_measured_and_told(fake: Fake) -> None:
    source = opened(fake, FakeClock(recorded_at().fromtimestamp(recorded_at().timestamp() - 240, recorded_at().tzinfo)))
    reading = await source.poll()
    await source.close()
    assert reading.skew_s == 240.0


async def test_a_clock_that_it_does_not_tell_is_not_guessed(fake: Fake) -> None:
    fake.may("objects/query/*")
    source = opened(fake)
    reading = await source.poll()
    await source.close()
    assert reading.skew_s is None
    assert "/v1/status/CIB" not in fake.paths


async def test_what_the_user_may_not_is_lacking(fake: Fake) -> None:
    fake.may("objects/query/Host", "objects/query/Service", "actions/reschedule-check (filtered)", "events/*")
    source = opened(fake)
    reading = await source.poll()
    await source.close()
    assert reading.lacks == (Can.ACKNOWLEDGE, Can.SNOOZE, Can.RUN_OWN)
    assert not [path for path in fake.paths if path.endswith(("comments", "downtimes", "dependencies"))]


@pytest.mark.parametrize(
    ("path", "answer", "kind", "words"),
    [
        ("/v1/", (401, b""), FaultKind.CREDENTIALS, "rounds login"),
        ("/v1/objects/hosts", NOT_FOUND, FaultKind.FORBIDDEN, '"objects/query/Host" to the permissions of the ApiUser'),
        ("/v1/objects/services", NOT_FOUND, FaultKind.FORBIDDEN, '"objects/query/Service"'),
        ("/v1/objects/services", (500, b"{}"), FaultKind.SERVER, "look at its log"),
        ("/v1/objects/services", (503, b"{}"), FaultKind.SERVER, "look at its log"),
        ("/v1/objects/services", (200, b"<html>"), FaultKind.PROTOCOL, "web page"),
        ("/v1/objects/services", (200, b""), FaultKind.PROTOCOL, "empty"),
        ("/v1/objects/services", (200, b'{"results":[{"name":'), FaultKind.PROTOCOL, "cannot be understood"),
        ("/v1/objects/services", (200, b'{"error":500,"status":"x"}'), FaultKind.PROTOCOL, "cannot be understood"),
        (
            "/v1/objects/services",
            (400, b'{"error":400,"status":"Invalid field specified: next_update"}'),
            FaultKind.PROTOCOL,
            "Icinga 2.13.6 refuses what 2.13 and newer tell: Invalid field specified: next_update",
        ),
        ("/v1/", (200, b'{"results":[]}'), FaultKind.PROTOCOL, "no Icinga 2 API"),
        ("/v1/", (404, b"nothing"), FaultKind.PROTOCOL, "correct the address"),
        ("/v1/", (302, b""), FaultKind.PROTOCOL, "redirects"),
    ],
)
async def test_every_refusal_has_its_sentence(
    fake: Fake, path: str, answer: tuple[int, bytes], kind: FaultKind, words: str
) -> None:
    fake.answers[path] = answer
    source = opened(fake)
    with pytest.raises(SourceError) as caught:
        await source.poll()
    await source.close()
    assert caught.value.kind is kind
    assert words in caught.value.sentence
    assert "secret words" not in caught.value.sentence


async def test_after_a_failure_it_asks_who_we_are_again(fake: Fake) -> None:
    source = opened(fake)
    await source.poll()
    fake.answers["/v1/objects/hosts"] = NOT_FOUND
    with contextlib.suppress(SourceError):
        await source.poll()
    del fake.answers["/v1/objects/hosts"]
    fake.asked.clear()
    await source.poll()
    await source.close()
    assert fake.paths[0] == "/v1/"


async def test_spoiled_records_are_counted_and_the_others_told(fake: Fake) -> None:
    document = json.loads(raw("services"))
    for number, spoil in enumerate(({"state": None}, {"name": 5}, {"last_check": "soon"}, {"host_name": []})):
        document["results"][number]["attrs"].update(spoil)
    document["results"][4] = [None]
    fake.answers["/v1/objects/services"] = (200, json.dumps(document).encode())
    source = opened(fake)
    reading = await source.poll()
    await source.close()
    assert reading.quarantined == 5
    assert len(reading.checks) == 8 + len(document["results"]) - 5


async def test_an_introduction_tells_rights_and_facts_but_no_secrets(fake: Fake) -> None:
    fake.may("objects/query/Host", "status/query")
    document = json.loads(raw("hosts"))
    document["results"][0]["attrs"]["vars"] = {"client": "acme", "snmp_community": "s3cret", "db": {"password": "hush"}}
    fake.answers["/v1/objects/hosts"] = (200, json.dumps(document).encode())
    source = opened(fake)
    told = await source.introduce()
    await source.close()
    assert (told.product, told.account) == ("Icinga 2.13.6", "tech01")
    rights = {right.what: right for right in told.rights}
    assert rights["read hosts"].granted
    assert not rights["acknowledge"].granted
    assert rights["acknowledge"].remedy == (
        'Add "actions/acknowledge-problem", "actions/remove-acknowledgement" to the permissions of the ApiUser tech01, '
        "and reload Icinga."
    )
    assert {"acme", "globex"} <= set(told.facts["var.client"])
    assert told.facts["var.place.rooms"] == ("a", "b")
    assert "globex" in told.facts["hostgroup"]
    assert not [value for values in told.facts.values() for value in values if value in ("s3cret", "hush")]


async def test_a_look_at_one_host_asks_for_it_by_name(fake: Fake) -> None:
    source = opened(fake)
    await source.poll()
    fake.asked.clear()
    reading = await source.look("acme-web01")
    await source.close()
    hosts, services, *_ = fake.asked
    assert hosts.headers["x-http-method-override"] == "GET"
    assert hosts.body["host"] == "acme-web01"
    assert services.body["filter_vars"] == {"wanted": "acme-web01"}
    assert "acme" not in services.body["filter"]
    assert (reading.complete, reading.covers) == (False, ("acme-web01",))
    assert {check.native for check in reading.checks} == {"acme-web01"}


async def test_a_host_that_is_gone_is_covered_and_not_told(fake: Fake) -> None:
    source = opened(fake)
    await source.poll()
    fake.answers["/v1/objects/hosts"] = NOT_FOUND
    reading = await source.look("acme-web01")
    await source.close()
    assert (reading.covers, reading.sightings, reading.checks) == (("acme-web01",), (), ())


async def test_where_filters_are_forbidden_a_look_names_the_services(fake: Fake) -> None:
    """From 2.17 on a filter needs a permission of its own."""
    source = opened(fake)
    await source.poll()
    fake.answers["/v1/objects/services"] = (403, b'{"error":403,"status":"Missing permission: filter-expression"}')
    fake.asked.clear()
    with pytest.raises(SourceError):
        await source.look("acme-router")
    with pytest.raises(SourceError):
        await source.look("acme-web01")
    await source.close()
    named = [one.body["services"] for one in fake.asked if one.body and "services" in one.body]
    assert len(named) == 1
    assert "acme-web01!disk /var" in named[0]


async def test_a_service_that_is_gone_does_not_take_all_others_of_its_host_with_it(fake: Fake) -> None:
    """F-69: where each has to be named, Icinga finds none of them as soon as it does not find one."""

    class InTurn(dict[str, tuple[int, bytes]]):
        turns = [(403, b'{"error":403,"status":"Missing permission: filter-expression"}'), NOT_FOUND]  # noqa: RUF012

        def get(self, path: str, *_: object) -> tuple[int, bytes] | None:  # type: ignore[override]
            return self.turns.pop(0) if path == "/v1/objects/services" else None

    source = opened(fake)
    await source.poll()
    fake.answers = InTurn()
    with pytest.raises(SourceError, match="the next poll tells which"):
        await source.look("acme-web01")
    await source.close()
    assert fake.answers.turns == []


async def test_services_that_do_not_fit_into_one_answer_come_in_slices_by_hosts(fake: Fake) -> None:
    """Icinga knows no pages; every slice names its hosts outside of the filter."""
    clock = FakeClock(recorded_at())
    source = opened(fake, clock)
    whole = await source.poll()
    fake.too_large.add("/v1/objects/services")
    sliced = await passing(source.poll(), clock)
    again = await passing(source.poll(), clock)
    await source.close()
    assert {check.key for check in sliced.checks} == {check.key for check in whole.checks}
    assert len(again.checks) == len(whole.checks)
    slices = [one.body for one in fake.asked if one.path == "/v1/objects/services" and one.method == "POST"]
    assert len(slices) == 2 * SLICES
    hosts = [host for body in slices[:SLICES] for host in body["filter_vars"]["wanted"]]
    assert sorted(hosts) == sorted(sighting.native for sighting in whole.sightings)
    assert {body["filter"] for body in slices} == {"service.host_name in wanted"}
