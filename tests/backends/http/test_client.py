"""The HTTP client against real servers: bounded, strict, and every failure a sentence."""

from __future__ import annotations

import asyncio
import gzip
import socket
import tracemalloc
import zlib
from datetime import UTC, datetime

import pytest

from backends.api import ConfigurationError, FaultKind, SourceError
from backends.http.client import HttpClient
from tests.support.web import answer, serving

CANARY = "s3cr3t-canary-91f0"
BOMB = gzip.compress(bytes(64 * 1024 * 1024), 9)


async def failure(url: str, **options: float) -> SourceError:
    client = HttpClient(url, headers={"X-API-KEY": CANARY}, **options)  # type: ignore[arg-type]
    try:
        with pytest.raises(SourceError) as caught:
            await client.get("x", dict, params={"token": CANARY})
    finally:
        await client.close()
    assert CANARY not in caught.value.sentence
    return caught.value


async def test_an_answer_is_read_and_decoded() -> None:
    async with serving(answer(b'{"a": 1}')) as web:
        client = HttpClient(f"{web.url}/api/v1/")
        assert await client.get("/hosts", dict[str, int], params={"limit": 5}) == {"a": 1}
        await client.close()
    assert web.requests[0].startswith(b"GET /api/v1/hosts?limit=5 HTTP/1.1\r\n")


async def test_a_post_sends_its_body_as_json() -> None:
    async with serving(answer(b"[]")) as web:
        client = HttpClient(web.url)
        assert await client.post("rpc", b'{"m": 1}', list) == []
        await client.close()
    assert b"application/json" in web.requests[0]


@pytest.mark.parametrize(
    ("packed", "name"),
    [
        (gzip.compress(b'{"a": 1}'), "gzip"),
        (gzip.compress(b'{"a"') + gzip.compress(b": 1}"), "gzip"),
        (zlib.compress(b'{"a": 1}'), "deflate"),
        (zlib.compress(b'{"a": 1}', wbits=-15), "deflate"),
        (b'{"a": 1}', "identity"),
    ],
    ids=["gzip", "two gzip members", "deflate", "bare deflate", "identity"],
)
async def test_a_compressed_answer_is_read(packed: bytes, name: str) -> None:
    async with serving(answer(packed, content_encoding=name)) as web:
        client = HttpClient(web.url)
        assert await client.get("", dict[str, int]) == {"a": 1}
        await client.close()


async def test_a_bomb_is_refused_before_it_grows() -> None:
    async with serving(answer(BOMB, content_encoding="gzip")) as web:
        tracemalloc.start()
        error = await failure(web.url)
        _, peak = tracemalloc.get_traced_memory()
        tracemalloc.stop()
    assert error.kind is FaultKind.TOO_LARGE
    assert peak < 48 * 1024 * 1024


@pytest.mark.parametrize("name", ["gzip, gzip", "br", "zstd", "gzip, deflate"])
async def test_stacked_and_strange_encodings_are_refused_unread(name: str) -> None:
    async with serving(answer(gzip.compress(BOMB), content_encoding=name)) as web:
        error = await failure(web.url)
    assert error.kind is FaultKind.PROTOCOL
    assert "encoding that was not asked for" in error.sentence


async def test_a_plain_answer_that_is_too_large_is_refused() -> None:
    async with serving(answer(b"x" * 5000)) as web:
        error = await failure(web.url, largest_bytes=4096)
    assert error.kind is FaultKind.TOO_LARGE


@pytest.mark.parametrize("cut", [10, 40])
async def test_a_compressed_answer_that_broke_off_is_told(cut: int) -> None:
    packed = gzip.compress(bytes(range(256)) * 8)
    async with serving(answer(packed[:cut], content_encoding="gzip")) as web:
        assert "broke off" in (await failure(web.url)).sentence


async def test_a_damaged_compressed_answer_is_told() -> None:
    packed = bytearray(gzip.compress(b'{"a": 1}' * 100))
    packed[20] ^= 0xFF
    async with serving(answer(bytes(packed), content_encoding="gzip")) as web:
        assert (await failure(web.url)).kind is FaultKind.PROTOCOL


async def test_an_answer_that_is_shorter_than_it_says_is_told() -> None:
    async def speak(_head: bytes, writer: asyncio.StreamWriter) -> None:
        writer.write(b"HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\n{}")

    async with serving(speak) as web:
        assert (await failure(web.url)).kind is FaultKind.PROTOCOL


async def test_a_drip_ends_at_the_deadline() -> None:
    async def speak(_head: bytes, writer: asyncio.StreamWriter) -> None:
        writer.write(b"HTTP/1.1 200 OK\r\nContent-Length: 100000\r\n\r\n")
        while not writer.is_closing():
            writer.write(b" ")
            await writer.drain()
            await asyncio.sleep(0.02)

    async with serving(speak) as web:
        error = await failure(web.url, deadline_s=0.3)
    assert error.kind is FaultKind.TIMEOUT
    assert "within 0.3 s" in error.sentence


async def test_silence_ends_at_the_deadline() -> None:
    async def speak(_head: bytes, _writer: asyncio.StreamWriter) -> None:
        await asyncio.Event().wait()

    async with serving(speak) as web:
        assert (await failure(web.url, deadline_s=0.2)).kind is FaultKind.TIMEOUT


async def test_a_redirect_to_another_place_is_refused_and_that_place_sees_nothing() -> None:
    async with serving(answer()) as sink, serving(answer(b"", "302 Found", location=f"{sink.url}/take")) as web:
        error = await failure(web.url)
    assert error.kind is FaultKind.PROTOCOL
    assert f"127.0.0.1:{web.port}" in error.sentence
    assert f"127.0.0.1:{sink.port}" in error.sentence
    assert sink.requests == []


async def test_a_redirect_at_the_same_place_is_not_followed() -> None:
    async with serving(answer(b"", "301 Moved", location="/login?next=%2F")) as web:
        error = await failure(web.url)
    assert "redirects to /login, which is not followed" in error.sentence
    assert len(web.requests) == 1


@pytest.mark.parametrize(
    ("status", "kind"),
    [
        ("401 Unauthorized", FaultKind.CREDENTIALS),
        ("403 Forbidden", FaultKind.FORBIDDEN),
        ("404 Not Found", FaultKind.PROTOCOL),
        ("418 Teapot", FaultKind.PROTOCOL),
        ("500 Oops", FaultKind.SERVER),
        ("502 Bad Gateway", FaultKind.SERVER),
    ],
)
async def test_a_status_that_is_no_success_is_a_fault_of_its_kind(status: str, kind: FaultKind) -> None:
    async with serving(answer(b"{}", status)) as web:
        error = await failure(web.url)
    assert error.kind is kind
    assert f"(HTTP {status[:3]})" in error.sentence


@pytest.mark.parametrize(
    ("status", "header", "wait"),
    [("429 Slow", "7", 7.0), ("429 Slow", "Mon, 02 Mar 2026 12:01:30 GMT", 90.0), ("503 Busy", "120", 120.0)],
)
async def test_a_server_that_asks_us_to_wait_is_heard(status: str, header: str, wait: float) -> None:
    async with serving(answer(b"", status, retry_after=header)) as web:
        client = HttpClient(web.url, now=lambda: datetime(2026, 3, 2, 12, 0, tzinfo=UTC))
        with pytest.raises(SourceError) as caught:
            await client.request("GET", "")
        await client.close()
    assert caught.value.retry_after_s == wait
    assert caught.value.kind is (FaultKind.RATE_LIMITED if status[0:3] == "429" else FaultKind.SERVER)


@pytest.mark.parametrize(
    ("body", "says"), [(b"", "empty"), (b"<!doctype html><html>", "web page"), (b"nope", "cannot be understood")]
)
async def test_a_success_without_data_is_a_fault(body: bytes, says: str) -> None:
    async with serving(answer(body)) as web:
        assert says in (await failure(web.url)).sentence


async def test_no_content_is_a_fault_where_data_was_expected() -> None:
    async with serving(b"HTTP/1.1 204 No Content\r\n\r\n") as web:
        assert "empty" in (await failure(web.url)).sentence


async def test_something_that_is_not_http_is_a_fault() -> None:
    async def speak(_head: bytes, writer: asyncio.StreamWriter) -> None:
        writer.write(b"SSH-2.0-OpenSSH_9.2\r\n")

    async with serving(speak) as web:
        error = await failure(web.url)
    assert error.kind is FaultKind.PROTOCOL
    assert "does not speak HTTP" in error.sentence
    assert error.sentence.endswith("; check the port, and whether it wants https.")


async def test_a_port_where_nothing_listens_is_refused() -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        error = await failure(f"http://127.0.0.1:{taken.getsockname()[1]}")
    assert error.kind is FaultKind.REFUSED
    assert "Nothing listens" in error.sentence


async def test_a_name_that_does_not_exist_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    async def unknown(*_args: object, **_kwargs: object) -> object:
        raise socket.gaierror(socket.EAI_NONAME, "Name or service not known")

    monkeypatch.setattr(asyncio.get_running_loop(), "getaddrinfo", unknown)
    error = await failure("http://zabbix.invalid")
    assert error.kind is FaultKind.NAME


async def test_a_connection_that_is_reset_is_unreachable() -> None:
    async def speak(_head: bytes, writer: asyncio.StreamWriter) -> None:
        raw = writer.get_extra_info("socket")
        raw.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, b"\x01\x00\x00\x00\x00\x00\x00\x00")
        writer.transport.abort()

    async with serving(speak) as web:
        assert (await failure(web.url)).kind in (FaultKind.UNREACHABLE, FaultKind.PROTOCOL)


async def test_proxies_of_the_environment_are_not_used(monkeypatch: pytest.MonkeyPatch) -> None:
    async with serving(answer(b"{}")) as trap, serving(answer(b"{}")) as web:
        for name in ("HTTP_PROXY", "http_proxy", "ALL_PROXY"):
            monkeypatch.setenv(name, trap.url)
        monkeypatch.setenv("NO_PROXY", "")
        client = HttpClient(web.url)
        await client.get("", dict)
        await client.close()
    assert trap.requests == []


async def test_one_slow_source_does_not_hold_up_another() -> None:
    async def hang(_head: bytes, _writer: asyncio.StreamWriter) -> None:
        await asyncio.Event().wait()

    async with serving(hang) as slow, serving(answer(b"{}")) as quick:
        first, second = HttpClient(slow.url, deadline_s=60), HttpClient(quick.url)
        waiting = asyncio.create_task(first.get("", dict))
        assert await second.get("", dict) == {}
        assert not waiting.done()
        waiting.cancel()
        await asyncio.gather(waiting, return_exceptions=True)
        await first.close()
        await second.close()


@pytest.mark.parametrize("path", ["//evil.example/x", "https://evil.example/x", "@evil.example"])
async def test_no_path_leads_to_another_place(path: str) -> None:
    async with serving(answer(b"{}")) as web:
        client = HttpClient(web.url)
        await client.get(path, dict)
        await client.close()
    assert len(web.requests) == 1


@pytest.mark.parametrize("url", ["", "zabbix", "ftp://host/", "https://", f"https://me:{CANARY}@host/", "https://h:x/"])
def test_an_address_that_is_none_is_a_mistake_of_the_configuration(url: str) -> None:
    with pytest.raises(ConfigurationError) as caught:
        HttpClient(url)
    assert caught.value.key == "url"
    assert CANARY not in caught.value.sentence


async def test_a_handshake_that_never_ends_is_slow_and_lets_go_of_its_socket() -> None:
    """A server that stands still: its system takes connections, and nobody reads them. Nothing is said of trust."""
    listening = socket.create_server(("127.0.0.1", 0))
    with listening:
        error = await failure(f"https://127.0.0.1:{listening.getsockname()[1]}", deadline_s=0.5)
    assert error.kind is FaultKind.TIMEOUT
    assert "within 0.4 s" in error.sentence


async def test_a_server_that_has_answered_before_and_hangs_up_is_gone() -> None:
    seen: list[bytes] = []

    async def speak(head: bytes, writer: asyncio.StreamWriter) -> None:
        seen.append(head)
        if len(seen) == 1:
            writer.write(answer(b'{"a": 1}'))
            await writer.drain()

    async with serving(speak) as web:
        client = HttpClient(web.url)
        assert await client.get("x", dict[str, int]) == {"a": 1}
        with pytest.raises(SourceError, match="closed the connection and gave no answer") as caught:
            await client.get("x", dict[str, int])
        await client.close()
    assert caught.value.kind is FaultKind.UNREACHABLE
