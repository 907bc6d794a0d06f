"""One look each, at real servers on loopback."""

from __future__ import annotations

import asyncio
import socket
from pathlib import Path
from typing import Any

import pytest

from backends.adapters.probe import named
from backends.adapters.probe.found import Found
from backends.adapters.probe.source import ProbeSource
from backends.api import Check, FaultKind
from backends.fleet.model import CheckState, Health
from tests.support.certificates import authority, issued
from tests.support.ports import free_port
from tests.support.probing import eyes, listening, nameserver, reply, settings
from tests.support.web import answer, serving

LOCAL = bytes((127, 0, 0, 5))


async def looked(**check: Any) -> Check:
    """What one check says, of a source that has nothing else."""
    async with eyes(check=[check]) as source:
        reading = await source.poll()
    return next(one for one in reading.checks if one.family != "reachable")


async def found(**check: Any) -> Found:
    source = ProbeSource(settings(check=[check]))
    (part,) = source._parts
    told = await part._looks[0].look()
    await source.close()
    return told


# -- TCP -------------------------------------------------------------------------------------------------------


async def test_a_port_that_takes_connections_is_well_and_has_a_latency() -> None:
    async with listening() as port:
        check = await looked(tcp=f"127.0.0.1:{port}")
    assert (check.state, check.key, check.unit) == (CheckState.OK, f"tcp/127.0.0.1:{port}", "ms")
    assert check.value is not None


async def test_a_port_that_refuses_is_critical_and_its_host_is_there() -> None:
    port = free_port()
    async with eyes(check=[{"tcp": f"127.0.0.1:{port}", "device": "web"}]) as source:
        reading = await source.poll()
        assert {check.family: check.state for check in reading.checks} == {
            "reachable": CheckState.OK,
            "tcp": CheckState.CRITICAL,
        }
        assert reading.sightings[0].health is Health.OK
        assert source.parts()[0].fault is None
    assert "refuses connections" in reading.checks[1].summary


async def test_a_port_that_takes_no_connection_in_time_is_lost() -> None:
    """A full backlog: the kernel answers nobody any more."""
    with socket.socket() as full:
        full.bind(("127.0.0.1", 0))
        full.listen(0)
        address = full.getsockname()
        waiting = [socket.socket() for _ in range(4)]
        for one in waiting:
            one.setblocking(False)
            one.connect_ex(address)
        told = await found(tcp=f"127.0.0.1:{address[1]}", deadline="300ms")
        for one in waiting:
            one.close()
    assert (told.reached, told.fault) == (False, FaultKind.UNREACHABLE)
    assert "takes no connection (no answer within 0.3 s)" in told.wrong


async def test_a_name_that_is_not_known_says_nothing_on_the_host(monkeypatch: pytest.MonkeyPatch) -> None:
    async def unknown(*_: object, **__: object) -> Any:
        raise socket.gaierror(-2, "Name or service not known")

    monkeypatch.setattr(asyncio.get_running_loop(), "getaddrinfo", unknown)
    told = await found(tcp="nowhere.example:22")
    assert (told.reached, told.state, told.fault) == (None, CheckState.UNKNOWN, FaultKind.NAME)


# -- HTTP ------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("said", "options", "wrong"),
    [
        (answer(b"welcome"), {}, ""),
        (answer(b"welcome"), {"text": "welcome"}, ""),
        (answer(b"sorry"), {"text": "welcome"}, "“welcome” is not in the page"),
        (answer(b"", "503 Service Unavailable"), {}, "answers 503 Service Unavailable; look"),
        (answer(b"", "401 Unauthorized"), {"status": 401}, ""),
        (answer(b"", "200 OK"), {"status": 401}, "answers 200 OK where 401 is expected"),
        (answer(b"", "302 Found", Location="http://127.0.0.2/"), {}, "another place, http://127.0.0.2, which is not"),
        (answer(b"", "302 Found", Location="http://127.0.0.2/"), {"status": 302}, ""),
        (b"nonsense\r\n\r\n", {}, "does not speak HTTP"),
    ],
    ids=["200", "text", "no text", "503", "401 wanted", "401 wanted, 200", "redirect", "302 wanted", "no HTTP"],
)
async def test_a_page_is_judged_by_status_and_text(said: bytes, options: dict[str, Any], wrong: str) -> None:
    """F-49: a redirect is told, and never followed."""
    async with serving(said) as web:
        check = await looked(http=f"{web.url}/health?deep=1", **options)
        assert web.requests[0].startswith(b"GET /health?deep=1 HTTP/1.1")
        assert len(web.requests) == 1
    assert (check.state is CheckState.OK) == (not wrong)
    assert wrong in check.summary


async def test_a_page_that_is_larger_than_a_page_is_told(tmp_path: Path) -> None:
    async with serving(answer(b"x" * (3 * 1024 * 1024))) as web:
        check = await looked(http=web.url)
    assert check.state is CheckState.CRITICAL
    assert "larger than 2 MiB" in check.summary


async def test_a_page_whose_certificate_is_not_trusted_is_not_read(tmp_path: Path) -> None:
    async with serving(answer(b"welcome"), issued(tmp_path, "own", None).context()) as web:
        check = await looked(http=web.url, text="welcome")
        assert web.requests == []
    assert (check.state, "signed by itself" in check.summary) == (CheckState.CRITICAL, True)


async def test_a_server_that_takes_the_connection_and_gives_no_page_is_not_down() -> None:
    with socket.create_server(("127.0.0.1", 0)) as mute:
        url = f"http://127.0.0.1:{mute.getsockname()[1]}/"
        async with eyes(check=[{"http": url, "deadline": "1s"}]) as source:
            reading = await source.poll()
    states = {check.family: check.state for check in reading.checks}
    assert states == {"reachable": CheckState.OK, "http": CheckState.CRITICAL}
    assert "did not answer completely within 1 s" in reading.checks[1].summary


# -- TLS -------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("days", "state", "said"),
    [
        (200, CheckState.OK, "certificate is trusted"),
        (15, CheckState.WARNING, "expires in 15 days"),
        (3, CheckState.CRITICAL, "expires in 3 days"),
        (-1, CheckState.CRITICAL, "has expired"),
    ],
)
async def test_a_certificate_is_told_before_it_expires(
    tmp_path: Path, days: float, state: CheckState, said: str
) -> None:
    ca = authority(tmp_path)
    made = issued(tmp_path, "server", ca, from_days=-400, until_days=days + 0.01)
    async with serving(b"", made.context()) as web:
        check = await looked(tls=f"127.0.0.1:{web.port}", ca_file=str(ca.file))
    assert (check.family, check.state) == ("certificate", state)
    assert said in check.summary
    if days > 0:
        assert check.value == pytest.approx(days, abs=0.1)
        assert (check.unit, check.warn, check.crit) == ("d", 21.0, 7.0)


@pytest.mark.parametrize(
    ("names", "trusted", "said"),
    [
        (("127.0.0.1",), False, "authority unknown here"),
        (("other.example",), True, "is not for 127.0.0.1; it is for other.example"),
    ],
    ids=["unknown authority", "another name"],
)
async def test_a_certificate_that_is_not_trusted_says_why(
    tmp_path: Path, names: tuple[str, ...], trusted: bool, said: str
) -> None:
    """F-50"""
    ca = authority(tmp_path)
    made = issued(tmp_path, "server", ca, names=names)
    async with serving(b"", made.context()) as web:
        check = await looked(tls=f"127.0.0.1:{web.port}", **({"ca_file": str(ca.file)} if trusted else {}))
    assert check.state is CheckState.CRITICAL
    assert said in check.summary


async def test_a_certificate_that_was_agreed_on_is_trusted_by_its_fingerprint(tmp_path: Path) -> None:
    made = issued(tmp_path, "own", None, until_days=100)
    async with serving(b"", made.context()) as web:
        check = await looked(tls=f"127.0.0.1:{web.port}", fingerprint=made.fingerprint)
    assert check.state is CheckState.OK
    assert check.value == pytest.approx(100, abs=0.1)


async def test_a_port_that_speaks_no_tls_is_told() -> None:
    async with listening() as port:
        check = await looked(tls=f"127.0.0.1:{port}")
    assert check.state is CheckState.CRITICAL
    assert "check that the port speaks TLS" in check.summary
    assert "refuses connections" in (await looked(tls=f"127.0.0.1:{free_port()}")).summary


async def test_a_port_that_takes_no_handshake_is_left_at_the_deadline() -> None:
    with socket.create_server(("127.0.0.1", 0)) as mute:  # the kernel takes the connection, and nobody says a word
        told = await found(tls=f"127.0.0.1:{mute.getsockname()[1]}", deadline="200ms")
    assert "gives no secure connection within 0.2 s" in told.wrong


# -- DNS -------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("records", "rcode", "expect", "said", "ok"),
    [
        ([("A", LOCAL)], 0, [], "is 127.0.0.5", True),
        ([("A", LOCAL)], 0, ["127.0.0.5"], "is 127.0.0.5", True),
        ([("A", bytes((10, 9, 9, 9)))], 0, ["127.0.0.5"], "is 10.9.9.9, which is not expected", False),
        ([("A", LOCAL)], 0, ["127.0.0.5", "127.0.0.6"], "lacks 127.0.0.6", False),
        ([], 3, [], "the name does not exist", False),
        ([], 0, [], "has no A record", False),
    ],
    ids=["any", "expected", "strange", "missing", "nxdomain", "empty"],
)
async def test_a_name_is_asked_of_a_server_and_compared(
    records: list[tuple[str, bytes]], rcode: int, expect: list[str], said: str, ok: bool
) -> None:
    async with nameserver(lambda asked: reply(asked, *records, rcode=rcode)) as (port, asked):
        check = await looked(dns="www.acme.example", server=f"127.0.0.1:{port}", expect=expect)
        assert len(asked) == 1
    assert (check.state is CheckState.OK) == ok
    assert said in check.summary


async def test_answers_to_questions_that_were_not_asked_are_passed_over() -> None:
    """A guessed answer is not taken, and the true one that comes behind it is."""

    def twice(asked: bytes) -> bytes:
        return b"\0\0" + reply(asked, ("A", bytes((6, 6, 6, 6))))[2:] if asked[:2] != b"\0\0" else b""

    async with nameserver(twice) as (port, asked):
        check = await looked(dns="www.acme.example", server=f"127.0.0.1:{port}", deadline="300ms")
        assert len(asked) == 2
    assert (check.state, "does not answer within 0.3 s" in check.summary) == (CheckState.CRITICAL, True)


async def test_a_lost_question_is_asked_once_more() -> None:
    answers: list[bytes | None] = [None]

    def second(asked: bytes) -> bytes | None:
        return answers.pop() if answers else reply(asked, ("A", LOCAL))

    async with nameserver(second) as (port, asked):
        check = await looked(dns="www.acme.example", server=f"127.0.0.1:{port}", deadline="2s")
        assert len(asked) == 2
    assert check.state is CheckState.OK


async def test_a_server_that_is_damaged_refuses_or_is_not_there_says_which() -> None:
    async with nameserver(lambda asked: reply(asked, ("A", LOCAL))[:-2]) as (port, _):
        told = await found(dns="www.acme.example", server=f"127.0.0.1:{port}")
        assert (told.reached, "answer that is damaged" in told.wrong) == (True, True)
    told = await found(dns="www.acme.example", server=f"127.0.0.1:{free_port()}")
    assert (told.fault, told.reached) == (FaultKind.REFUSED, True)


async def test_without_a_server_this_machine_resolves() -> None:
    check = await looked(dns="localhost", expect=["127.0.0.1"])
    assert check.state is CheckState.OK
    assert check.key == "dns/A localhost"


async def test_a_resolver_that_hangs_is_left_at_the_deadline(monkeypatch: pytest.MonkeyPatch) -> None:
    async def hangs(*_: object, **__: object) -> Any:
        await asyncio.Event().wait()

    monkeypatch.setattr(asyncio.get_running_loop(), "getaddrinfo", hangs)
    with pytest.raises(named.SourceError, match=r"did not answer for slow\.example within 0\.05 s"):
        await named.address_of("slow.example", 0.05)
