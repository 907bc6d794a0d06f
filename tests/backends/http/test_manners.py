"""What all sources share on HTTP: pace, credentials, clocks, endless answers, options."""

from __future__ import annotations

import asyncio
import base64
import gzip
import tracemalloc
from collections.abc import AsyncIterator, Mapping
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from backends.api import ConfigurationError, FaultKind, SourceError, SourceName, SourceSettings
from backends.http.body import lines
from backends.http.client import HttpClient
from backends.http.credentials import basic, bearer, header
from backends.http.options import http_client
from backends.http.pace import Pace
from backends.http.skew import skew_s
from backends.options import Options
from backends.testing import FakeClock, settle
from tests.support.web import answer, serving

NOON = datetime(2026, 1, 5, 12, 0, 0, tzinfo=UTC)
DATE = "Mon, 05 Jan 2026 12:00:00 GMT"


def settings(secret: str = "token", **table: Any) -> SourceSettings:
    async def resolve() -> str:
        return secret

    return SourceSettings(
        name=SourceName("zabbix-eu"),
        kind="zabbix",
        options=table,
        clients={},
        every_s=30.0,
        secret=resolve,
        timing=FakeClock(),
        state_dir=Path(),
    )


async def test_a_burst_goes_at_once_and_the_rest_waits_its_turn() -> None:
    clock = FakeClock()
    pace = Pace(60, 3, clock)
    sent: list[float] = []

    async def send() -> None:
        await pace.turn()
        sent.append(clock.boot_s())

    tasks = [asyncio.ensure_future(send()) for _ in range(5)]
    await settle()
    assert sent == [0.0, 0.0, 0.0]
    await clock.advance(1.0)
    assert sent == [0.0, 0.0, 0.0, 1.0]
    await clock.advance(1.0)
    await asyncio.gather(*tasks)
    assert sent[-1] == 2.0
    await clock.advance(60.0)
    await asyncio.gather(*(send() for _ in range(3)))
    assert sent[-3:] == [62.0, 62.0, 62.0]


@pytest.mark.parametrize(
    ("asked", "took_s", "told"),
    [(NOON, 0.1, 0.0), (NOON - timedelta(minutes=4), 0.1, 240.0), (NOON + timedelta(hours=1), 5.0, -3600.0)],
)
def test_the_skew_of_a_clock_is_told_to_the_second(asked: datetime, took_s: float, told: float) -> None:
    assert skew_s(DATE, asked, asked + timedelta(seconds=took_s)) == pytest.approx(told, abs=1.0)


def test_what_a_slow_answer_explains_is_no_skew() -> None:
    assert skew_s(DATE, NOON - timedelta(seconds=20), NOON + timedelta(seconds=1)) == 0.0


def test_a_date_centuries_away_is_no_clock_but_nonsense() -> None:
    """With it as a skew, times that are told would leave the calendar."""
    assert skew_s("Fri, 31 Dec 9999 23:59:59 GMT", NOON, NOON) is None
    assert skew_s("Mon, 01 Jan 1700 00:00:00 GMT", NOON, NOON) is None


@pytest.mark.parametrize("date", ["", "yesterday", "Mon, 99 Jan 2026 12:00:00 GMT", "\x1b[2J"])
def test_a_date_that_is_none_tells_nothing(date: str) -> None:
    assert skew_s(date, NOON, NOON) is None


async def test_an_answer_tells_the_skew_of_the_servers_clock() -> None:
    async with serving(answer(b"{}", date=DATE)) as web:
        client = HttpClient(web.url, now=lambda: NOON - timedelta(minutes=4))
        found = await client.request("GET", "x")
        await client.close()
    assert found.skew_s == pytest.approx(240.0, abs=1.0)


async def test_credentials_are_asked_for_once_and_again_when_they_were_refused() -> None:
    asked: list[int] = []

    async def authorize() -> Mapping[str, str]:
        asked.append(1)
        return {"X-Token": f"number {len(asked)}"}

    async with serving([answer(b"{}"), answer(b"{}"), answer(b"", "401 No"), answer(b"{}")]) as web:
        client = HttpClient(web.url, authorize=authorize)
        await client.request("GET", "a")
        await client.request("GET", "a")
        with pytest.raises(SourceError) as caught:
            await client.request("GET", "a")
        await client.request("GET", "a")
        await client.close()
    assert caught.value.kind is FaultKind.CREDENTIALS
    assert len(asked) == 2
    assert b"number 2" in web.requests[-1]


async def test_each_kind_of_credentials_is_sent_in_its_header() -> None:
    assert await bearer(settings("abc"))() == {"Authorization": "Bearer abc"}
    assert await header(settings("abc\n"), "X-API-KEY")() == {"X-API-KEY": "abc"}
    pair = (await basic(settings("pä:ss"), "root")())["Authorization"].removeprefix("Basic ")
    assert base64.b64decode(pair).decode() == "root:pä:ss"


async def test_a_secret_that_no_header_can_carry_is_refused_without_being_told() -> None:
    with pytest.raises(SourceError) as caught:
        await bearer(settings("sec\nret"))()
    assert caught.value.kind is FaultKind.SECRET
    assert "ret" not in caught.value.sentence.replace("secret", "")


async def test_a_status_can_be_let_through_for_what_its_body_says() -> None:
    async with serving(answer(b'{"status": "No objects found."}', "404 Not Found")) as web:
        client = HttpClient(web.url)
        found = await client.request("GET", "x", also={404})
        with pytest.raises(SourceError):
            await client.request("GET", "x")
        await client.close()
    assert (found.status, found.body) == (404, b'{"status": "No objects found."}')


async def test_a_name_can_come_several_times_in_a_query() -> None:
    async with serving(answer(b"{}")) as web:
        client = HttpClient(web.url)
        await client.request("GET", "x", params=[("attrs", "a"), ("attrs", "b")])
        await client.close()
    assert b"attrs=a&attrs=b" in web.requests[0]


async def _chunks(*chunks: bytes) -> AsyncIterator[bytes]:
    for chunk in chunks:
        yield chunk


async def test_lines_are_put_together_from_whatever_pieces_come() -> None:
    found = [line async for line in lines(_chunks(b'{"a"', b":1}\r\n\n{", b'"b":2}\nrest'), 100)]
    assert found == [b'{"a":1}', b'{"b":2}']


@pytest.mark.parametrize("pieces", [(b"x" * 11,), (b"x" * 6, b"x" * 6), (b"x" * 11 + b"\n",)])
async def test_a_line_without_end_is_refused(pieces: tuple[bytes, ...]) -> None:
    with pytest.raises(SourceError) as caught:
        [line async for line in lines(_chunks(*pieces), 10)]
    assert caught.value.kind is FaultKind.TOO_LARGE


async def test_a_stream_begins_with_the_servers_consent_and_ends_when_it_ends() -> None:
    async with serving(answer(b'{"n":1}\n{"n":2}\n')) as web:
        client = HttpClient(web.url)
        found = [line async for line in client.lines("POST", "events", content=b"{}")]
        await client.close()
    assert found == [b"", b'{"n":1}', b'{"n":2}']


@pytest.mark.parametrize("name", ["gzip", "gzip, gzip", "deflate"])
async def test_a_stream_is_taken_as_it_is_and_never_inflated(name: str) -> None:
    """F-70: what a library inflates can be counted only afterwards."""
    bomb = gzip.compress(bytes(32 * 1024 * 1024), 9)
    async with serving(answer(bomb, content_encoding=name)) as web:
        client = HttpClient(web.url)
        tracemalloc.start()
        with pytest.raises(SourceError) as caught:
            [line async for line in client.lines("POST", "events", content=b"{}")]
        _, peak = tracemalloc.get_traced_memory()
        tracemalloc.stop()
        await client.close()
    assert caught.value.kind is FaultKind.PROTOCOL
    assert peak < 8 * 1024 * 1024
    assert b"accept-encoding: identity" in web.requests[0].lower()


async def test_a_stream_that_is_refused_is_a_fault() -> None:
    async with serving(answer(b"", "403 Forbidden")) as web:
        client = HttpClient(web.url)
        with pytest.raises(SourceError) as caught:
            [line async for line in client.lines("POST", "events")]
        await client.close()
    assert caught.value.kind is FaultKind.FORBIDDEN


async def test_the_options_that_all_sources_share_are_taken_from_the_table() -> None:
    async with serving(answer(b"{}")) as web:
        options = Options(settings(url=web.url, headers={"X-Scope-OrgID": "acme"}, requests_per_minute=60))
        client = http_client(options, path="/api/v2")
        options.finish()
        await client.request("GET", "status")
        await client.close()
    assert web.requests[0].startswith(b"GET /api/v2/status HTTP/1.1\r\n")
    assert b"x-scope-orgid: acme" in web.requests[0].lower()


@pytest.mark.parametrize(
    ("table", "key"),
    [
        ({}, "url"),
        ({"url": "ftp://x"}, "url"),
        ({"url": "https://x", "ca_file": "/no/such"}, "ca_file"),
        ({"url": "https://x", "fingerprint": "ab"}, "fingerprint"),
        ({"url": "https://x", "certificate": "/no/such"}, "certificate"),
        ({"url": "https://x", "headers": {"Host": "y"}}, "headers.Host"),
        ({"url": "https://x", "headers": {"X-A": "a\r\nb"}}, "headers.X-A"),
        ({"url": "https://x", "requests_per_minute": 0}, "requests_per_minute"),
        ({"url": "https://x", "proxy": "nonsense://"}, "proxy"),
    ],
)
def test_an_option_that_is_wrong_names_its_key(table: dict[str, Any], key: str) -> None:
    with pytest.raises(ConfigurationError) as caught:
        http_client(Options(settings(**table)))
    assert caught.value.key == key
