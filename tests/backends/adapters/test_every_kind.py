"""Faults of servers, proxies and networks, the same for every kind of source that is asked over HTTP (F-49, F-50, F-69
to F-77): what the adapter then says is a fault with a sentence, or the rest without the spoiled records; never an
exception of another kind, never something green, and healthy again as soon as the server is.
"""

from __future__ import annotations

import gzip
import importlib
import json
import pkgutil
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest

import tests.support.replayed
from backends import registry
from backends.api import Adapter, FaultKind, Reading, SourceError, SourceName, SourceSettings
from backends.engine.clock import SystemClock
from backends.fleet.model import CheckState
from backends.text import is_safe
from tests.support import faulty
from tests.support.certificates import Issued, authority, issued
from tests.support.replayed import Replayed

PLAYED: list[Replayed] = [
    importlib.import_module(f"tests.support.replayed.{module.name}").PLAYED
    for module in pkgutil.iter_modules(tests.support.replayed.__path__)
]
HTML = b"<!DOCTYPE html><html><title>Log in</title></html>"


@pytest.fixture(params=PLAYED, ids=lambda played: played.kind)
def played(request: pytest.FixtureRequest) -> Replayed:
    found: Replayed = request.param
    return found


@pytest.fixture
async def server(played: Replayed) -> AsyncIterator[faulty.Server]:
    async with faulty.serving(played) as server:
        yield server


@pytest.fixture
async def source(played: Replayed, server: faulty.Server, tmp_path: Path) -> AsyncIterator[Adapter]:
    adapter = opened(played, server.url, tmp_path)
    yield adapter
    await adapter.close()


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("certificates")


@pytest.fixture(scope="module")
def ours(folder: Path) -> Issued:
    return authority(folder)


def opened(played: Replayed, url: str, folder: Path, **more: str) -> Adapter:
    async def secret() -> str:
        return played.secret

    return registry.load(played.kind)(
        SourceSettings(
            name=SourceName("one"),
            kind=played.kind,
            options={"deadline": "1s", **played.options(url), **more},
            clients={},
            every_s=30.0,
            secret=secret,
            timing=SystemClock(),
            state_dir=folder,
        )
    )


async def refused(source: Adapter, played: Replayed) -> SourceError:
    with pytest.raises(SourceError) as caught:
        await source.poll()
    sentence = caught.value.sentence
    assert is_safe(sentence)
    assert sentence.endswith((".", ")"))
    assert played.secret not in sentence
    assert "Error" not in sentence
    return caught.value


async def well(source: Adapter, played: Replayed) -> Reading:
    reading = await source.poll()
    assert len(reading.sightings) == played.devices
    return reading


async def test_a_healthy_server_is_read(source: Adapter, played: Replayed) -> None:
    reading = await well(source, played)
    assert reading.quarantined == 0
    assert reading.complete


async def test_a_redirect_to_another_place_is_not_followed_and_carries_nothing_there(
    source: Adapter, played: Replayed, server: faulty.Server
) -> None:
    """F-49"""
    server.fault = faulty.elsewhere
    error = await refused(source, played)
    assert server.url in error.sentence
    assert server.other_url in error.sentence
    assert server.elsewhere == []


@pytest.mark.parametrize(
    ("says", "made"),
    [
        ("signed by itself", {"signed": False}),
        ("has expired", {"from_days": -9, "until_days": -2}),
        ("not valid yet", {"from_days": 2}),
        ("it is for elsewhere.example", {"names": ("elsewhere.example",)}),
        ("names no host at all", {"names": ()}),
        ("not signed by the authority in", {"foreign": True}),
    ],
    ids=["self-signed", "expired", "early", "other host", "nameless", "foreign"],
)
async def test_a_server_that_is_not_trusted_is_told_nothing(
    played: Replayed, folder: Path, ours: Issued, says: str, made: dict[str, Any]
) -> None:
    """F-50"""
    made = dict(made)
    signer = authority(folder, "Other CA") if made.pop("foreign", False) else ours
    shown = issued(folder, f"{played.kind}-shown", signer if made.pop("signed", True) else None, **made)
    async with faulty.serving(played, shown.context()) as server:
        adapter = opened(played, server.url, folder, ca_file=str(ours.file))
        error = await refused(adapter, played)
        await adapter.close()
        assert error.kind is FaultKind.TLS
        assert says in error.sentence
        assert server.asked == []


@pytest.mark.parametrize(
    ("code", "kinds"),
    [
        (401, {FaultKind.CREDENTIALS}),
        (403, {FaultKind.FORBIDDEN, FaultKind.CREDENTIALS}),
        (404, {FaultKind.PROTOCOL, FaultKind.FORBIDDEN}),
        (500, {FaultKind.SERVER}),
        (502, {FaultKind.SERVER}),
    ],
)
async def test_a_status_of_refusal_is_never_fine(
    source: Adapter, played: Replayed, server: faulty.Server, code: int, kinds: set[FaultKind]
) -> None:
    """F-69, F-76"""
    await well(source, played)
    server.fault = faulty.status(code, HTML)
    assert (await refused(source, played)).kind in kinds
    server.fault = None
    await well(source, played)


@pytest.mark.parametrize("code", [429, 503])
async def test_a_wait_that_the_server_asks_for_is_passed_on(
    source: Adapter, played: Replayed, server: faulty.Server, code: int
) -> None:
    """F-77"""
    server.fault = faulty.status(code, b"", Retry_After="37")
    assert (await refused(source, played)).retry_after_s == 37.0


@pytest.mark.parametrize(
    "content",
    [
        b"",
        HTML,
        b"null",
        b"17",
        b'"natsdown"',
        b"{}",
        b"[[[[",
        b"[" * 200_000,
        b'{"result": ' + b"9" * 5_000 + b"}",
        b'{"results": NaN}',
        b'{"result": 1e400}',
        b"\xff\xfe{\x00}\x00",
    ],
    ids=lambda content: content[:12].decode("latin-1").encode("unicode_escape").decode(),
)
async def test_what_is_no_answer_of_the_product_is_a_fault(
    source: Adapter, played: Replayed, server: faulty.Server, content: bytes
) -> None:
    """F-69, F-72, F-75"""
    await well(source, played)
    server.fault = faulty.body(content)
    await refused(source, played)
    server.fault = None
    await well(source, played)


async def test_an_empty_answer_of_success_is_a_fault(source: Adapter, played: Replayed, server: faulty.Server) -> None:
    """F-75"""
    server.fault = faulty.status(204)
    await refused(source, played)


@pytest.mark.parametrize("fault", [faulty.cut_off, faulty.shortened], ids=["cut off", "shortened"])
async def test_half_an_answer_is_a_fault(
    source: Adapter, played: Replayed, server: faulty.Server, fault: faulty.Fault
) -> None:
    """F-75"""
    server.fault = fault
    await refused(source, played)


async def test_a_bomb_is_not_unpacked(source: Adapter, played: Replayed, server: faulty.Server) -> None:
    """F-70"""
    server.fault = faulty.body(faulty.BOMB, Content_Encoding="gzip")
    assert (await refused(source, played)).kind is FaultKind.TOO_LARGE
    server.fault = faulty.body(gzip.compress(faulty.BOMB), Content_Encoding="gzip, gzip")
    assert (await refused(source, played)).kind is FaultKind.PROTOCOL


@pytest.mark.parametrize("fault", [faulty.silent, faulty.trickle], ids=["silent", "trickle"])
async def test_a_server_that_takes_for_ever_ends_at_the_deadline(
    source: Adapter, played: Replayed, server: faulty.Server, fault: faulty.Fault
) -> None:
    """F-71"""
    server.fault = fault
    assert (await refused(source, played)).kind is FaultKind.TIMEOUT


async def test_a_server_that_is_gone_and_back_is_found_again(
    source: Adapter, played: Replayed, server: faulty.Server
) -> None:
    """F-76, F-79"""
    await well(source, played)
    await server.stop()
    assert (await refused(source, played)).kind in (FaultKind.REFUSED, FaultKind.UNREACHABLE)
    await server.start()
    await well(source, played)


def _wrong_types(record: object) -> object:
    assert isinstance(record, dict)
    return {key: [None] if isinstance(value, str | int | float | bool) else 7 for key, value in record.items()}


def _nulls(record: object) -> object:
    assert isinstance(record, dict)
    return dict.fromkeys(record)


def _strange_times(record: object) -> object:
    """Every number is far out of its range; texts that are numbers too."""
    assert isinstance(record, dict)
    return json.loads(
        json.dumps(record),
        parse_int=lambda _: -(10**17),
        parse_float=lambda _: 1e300,
    )


@pytest.mark.parametrize("spoil", [lambda _: {}, _nulls, _wrong_types, _strange_times, lambda record: record])
async def test_a_spoiled_record_costs_no_other(
    source: Adapter, played: Replayed, server: faulty.Server, spoil: object
) -> None:
    """F-73, F-74: records without fields, of other types, with impossible times, and the same record twice."""
    assert callable(spoil)
    before = await well(source, played)
    server.fault = faulty.each_record(spoil)
    reading = await source.poll()
    assert {one.native for one in before.sightings} <= {one.native for one in reading.sightings}
    natives = [one.native for one in reading.sightings]
    assert len(natives) == len(set(natives))
    assert all(check.seen <= reading.at for check in reading.checks)
    assert all(check.value is None or abs(check.value) < float("inf") for check in reading.checks)


async def test_what_a_source_says_after_a_fault_is_the_same_as_before(
    source: Adapter, played: Replayed, server: faulty.Server
) -> None:
    before = await well(source, played)
    server.fault = faulty.status(500)
    await refused(source, played)
    server.fault = None
    after = await well(source, played)
    assert [(one.native, one.name, one.site) for one in after.sightings] == [
        (one.native, one.name, one.site) for one in before.sightings
    ]
    assert {(one.native, one.key): one.state for one in after.checks} == {
        (one.native, one.key): one.state for one in before.checks
    }


async def test_no_more_is_asked_than_needed(source: Adapter, played: Replayed, server: faulty.Server) -> None:
    """A second poll asks no more than the first, and both little enough for a server to bear every half minute."""
    await well(source, played)
    first = len(server.asked)
    await well(source, played)
    assert len(server.asked) - first <= first <= 12


async def test_problems_are_told_as_what_they_are(source: Adapter, played: Replayed) -> None:
    """The recorded answers have something wrong in them: a reading in which all is fine would prove nothing."""
    reading = await well(source, played)
    assert any(check.state in (CheckState.WARNING, CheckState.CRITICAL) for check in reading.checks)
