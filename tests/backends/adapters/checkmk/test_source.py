"""What is asked of a site, and what is told to it."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from backends.adapters.checkmk.source import CheckmkSource
from backends.api import Adapter, ConfigurationError, NotSent, OutcomeUnknown, safe
from backends.testing import AdapterContract
from tests.support import faulty
from tests.support.opened import SECRET, EagerClock, opened
from tests.support.replayed import Asked, Said
from tests.support.replayed.checkmk import API, NOW, PLAYED

AT = datetime.fromtimestamp(NOW, UTC)


@pytest.fixture
async def server() -> AsyncIterator[faulty.Server]:
    async with faulty.serving(PLAYED) as made:
        yield made


def source_at(folder: Path, server: faulty.Server, **options: Any) -> CheckmkSource:
    made = opened("checkmk", folder, EagerClock(AT), **(dict(PLAYED.options(server.url)) | options))
    assert isinstance(made, CheckmkSource)
    return made


class TestContract(AdapterContract):
    @pytest.fixture(autouse=True)
    def _server(self, server: faulty.Server, tmp_path: Path) -> None:
        self.server, self.folder = server, tmp_path

    def open_adapter(self) -> Adapter:
        return source_at(self.folder, self.server)


async def test_an_older_version_is_asked_by_get(server: faulty.Server, tmp_path: Path) -> None:
    source = source_at(tmp_path, server)

    async def fault(_server: faulty.Server, asked: Asked, said: Said, writer: Any) -> None:
        writer.write(faulty.whole(Said(status=405, body=b"{}") if asked.method == "POST" else said))

    server.fault = fault
    first = await source.poll()
    assert len(first.sightings) == 4
    assert "columns=name&columns=alias" in next(one.query for one in server.asked if one.query)
    server.asked.clear()
    await source.poll()
    assert {one.method for one in server.asked} == {"GET"}
    await source.close()


async def test_the_user_and_the_secret_go_into_one_header(server: faulty.Server, tmp_path: Path) -> None:
    source = source_at(tmp_path, server)
    await source.poll()
    assert {one.headers["authorization"] for one in server.asked} == {f"Bearer automation {SECRET}"}
    asked = json.loads(next(one.body for one in server.asked if one.path.endswith("/host/collections/all")))
    assert {"name", "staleness", "parents"} <= set(asked["columns"])
    await source.close()


class Acting:
    """A source that has polled, and what it then posts, answered with `reply`."""

    def __init__(self, server: faulty.Server, source: CheckmkSource) -> None:
        self.server, self.source = server, source
        self.reply = Said(status=204, body=b"")
        self.posted: list[tuple[str, Any]] = []

    async def fault(self, _server: faulty.Server, asked: Asked, said: Said, writer: Any) -> None:
        if asked.method == "GET":
            writer.write(faulty.whole(said))
            return
        self.posted.append((asked.path.removeprefix(f"{API}/domain-types/"), json.loads(asked.body)))
        writer.write(faulty.whole(self.reply))


@pytest.fixture
async def acting(server: faulty.Server, tmp_path: Path) -> AsyncIterator[Acting]:
    made = Acting(server, source_at(tmp_path, server))
    await made.source.poll()
    server.fault = made.fault
    yield made
    await made.source.close()


async def test_an_acknowledgement_is_one_request(acting: Acting) -> None:
    await acting.source.acknowledge("web01", "load", "tech1", safe("on it"))
    await acting.source.acknowledge("router", "reachable", "tech1", safe(""))
    usual = {"sticky": False, "persistent": False, "notify": False}
    assert acting.posted == [
        (
            "acknowledge/collections/service",
            {
                "acknowledge_type": "service",
                "host_name": "web01",
                "service_description": "CPU load",
                "comment": "tech1: on it",
                **usual,
            },
        ),
        (
            "acknowledge/collections/host",
            {"acknowledge_type": "host", "host_name": "router", "comment": "tech1", **usual},
        ),
    ]


async def test_what_is_acknowledged_already_is_left_alone(acting: Acting) -> None:
    await acting.source.acknowledge("web01", "disk//var", "tech1", safe("x"))
    assert acting.posted == []
    await acting.source.unacknowledge("web01", "disk//var", "tech1")
    assert acting.posted == [
        (
            "acknowledge/actions/delete/invoke",
            {"acknowledge_type": "service", "host_name": "web01", "service_description": "Filesystem /var"},
        )
    ]


async def test_a_downtime_is_of_exactly_that(acting: Acting) -> None:
    until = AT + timedelta(hours=2)
    await acting.source.snooze("web01", "disk//var", "tech1", until, safe("parts"))
    ((path, body),) = acting.posted
    assert path == "downtime/collections/service"
    assert (body["host_name"], body["service_descriptions"]) == ("web01", ["Filesystem /var"])
    assert body["end_time"] == until.strftime("%Y-%m-%dT%H:%M:%SZ")
    assert body["comment"] == "tech1: parts [rounds]"
    said = acting.source.snooze_says("web01", "disk//var")
    assert said == "A downtime of the service Filesystem /var of web01 in Checkmk"
    assert acting.source.snooze_says("router", "reachable").endswith("and not of its services")
    with pytest.raises(NotSent, match="over already"):
        await acting.source.snooze("web01", "load", "tech1", AT, safe(""))


async def test_only_our_downtime_is_ended(acting: Acting) -> None:
    await acting.source.wake("web01", "load", "tech1")
    await acting.source.wake("web01", "disk//var", "tech1")
    assert acting.posted == [
        ("downtime/actions/delete/invoke", {"delete_type": "by_id", "downtime_id": "7", "site_id": "acme"})
    ]


@pytest.mark.parametrize(
    ("status", "body", "words"),
    [
        (403, b"{}", "does not permit this to automation"),
        (422, b'{"title": "No", "detail": "The query yielded no result."}', "refuses it: The query yielded no result"),
        (400, b"<html>", "refuses it: without a reason"),
        (401, b"", "does not accept our credentials"),
        (429, b"", "too many requests"),
    ],
)
async def test_a_refusal_is_nothing_sent(acting: Acting, status: int, body: bytes, words: str) -> None:
    acting.reply = Said(status=status, body=body)
    with pytest.raises(NotSent, match=words):
        await acting.source.unacknowledge("web01", "load", "tech1")
    assert len(acting.posted) == 1


async def test_a_server_that_fails_may_have_done_it(acting: Acting) -> None:
    acting.reply = Said(status=502, body=b"")
    with pytest.raises(OutcomeUnknown, match="may have been done"):
        await acting.source.unacknowledge("web01", "load", "tech1")
    assert len(acting.posted) == 1


async def test_what_is_not_there_is_not_told(acting: Acting) -> None:
    for native, key in (("web01", "check/none"), ("none", "reachable")):
        with pytest.raises(NotSent, match="no such check"):
            await acting.source.acknowledge(native, key, "tech1", safe(""))
    assert acting.posted == []


async def test_the_introduction_names_what_can_be_placed_by(server: faulty.Server, tmp_path: Path) -> None:
    source = source_at(tmp_path, server)
    said = await source.introduce()
    assert (said.product, said.account) == ("Checkmk 2.3.0p10", "automation")
    assert (said.facts["folder"], said.facts["label.client"]) == (("clients/acme/hq",), ("Acme", "Baker"))
    assert not any(name.startswith("label.cmk/") for name in said.facts)
    await source.close()


@pytest.mark.parametrize(
    ("options", "key"),
    [({"url": "x"}, "url"), ({"user": "a b"}, "user"), ({"stiky": True}, "stiky"), ({"place": {"x": "y"}}, "place.x")],
)
def test_a_mistake_names_its_key(tmp_path: Path, options: dict[str, Any], key: str) -> None:
    with pytest.raises(ConfigurationError) as caught:
        opened("checkmk", tmp_path, **({"url": "https://a/site", "user": "automation"} | options))
    assert caught.value.key == key
