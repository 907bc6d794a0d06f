"""The adapter at a server that plays a real one's answers."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable
from pathlib import Path
from typing import Any

import pytest

from backends.adapters.monit.acts import FIXES
from backends.adapters.monit.source import MonitSource
from backends.api import Adapter, Can, ConfigurationError, FaultKind, NotSent, OutcomeUnknown, RunId, SourceError
from backends.fleet.model import CheckState, Health
from backends.testing import AdapterContract
from tests.support import faulty
from tests.support.opened import EagerClock, opened
from tests.support.ports import free_port
from tests.support.replayed import Asked, Said
from tests.support.replayed.monit import ANSWERS, PLAYED, TOKEN

RESTART = next(fix for fix in FIXES if fix.id == "restart")


@pytest.fixture
async def server() -> AsyncIterator[faulty.Server]:
    async with faulty.serving(PLAYED) as made:
        yield made


def source_at(folder: Path, *urls: str, **options: Any) -> MonitSource:
    made = opened("monit", folder, EagerClock(), urls=list(urls), **({"user": "rounds"} | options))
    assert isinstance(made, MonitSource)
    return made


def answering(change: Callable[[Asked, Said], Said]) -> faulty.Fault:
    async def fault(_server: faulty.Server, asked: Asked, said: Said, writer: Any) -> None:
        writer.write(faulty.whole(change(asked, said)))

    return fault


class TestContract(AdapterContract):
    @pytest.fixture(autouse=True)
    def _server(self, server: faulty.Server, tmp_path: Path) -> None:
        self.server, self.folder = server, tmp_path

    def open_adapter(self) -> Adapter:
        return source_at(self.folder, self.server.url)


async def test_several_hosts_fail_one_by_one(server: faulty.Server, tmp_path: Path) -> None:
    gone = f"127.0.0.1:{free_port('127.0.0.1')}"
    source = source_at(tmp_path, server.url, gone, place={"host": "^(?P<client>client01)-"})
    here, away = source.parts()
    well = await here.poll()
    assert (well.complete, well.covers, here.fault) == (False, (here.native,), None)
    assert (well.sightings[0].name, well.sightings[0].client) == ("client01-srv1", "client01")
    assert (well.sightings[0].platform, well.sightings[0].system) == ("linux", "Linux 6.x")
    lost = await away.poll()
    assert away.native == gone
    assert away.fault is not None
    assert (lost.sightings[0].health, lost.sightings[0].partial) == (Health.DOWN, True)
    assert [(check.key, check.state) for check in lost.checks] == [("reachable", CheckState.CRITICAL)]
    assert f"Nothing listens at http://{gone}" in lost.checks[0].summary
    whole = await source.poll()
    assert (whole.complete, len(whole.sightings)) == (True, 2)
    await source.close()


async def test_who_is_refused_says_nothing_of_the_host(server: faulty.Server, tmp_path: Path) -> None:
    source = source_at(tmp_path, server.url, "127.0.0.1:1")
    server.fault = faulty.status(401)
    (part, _) = source.parts()
    reading = await part.poll()
    assert (reading.sightings[0].health, reading.checks[0].state) == (Health.UNKNOWN, CheckState.UNKNOWN)
    assert part.fault is not None
    assert part.fault.kind is FaultKind.CREDENTIALS
    await source.close()


async def test_an_address_that_is_not_let_in_is_told_where(server: faulty.Server, tmp_path: Path) -> None:
    source = source_at(tmp_path, server.url)
    server.fault = faulty.status(403)
    with pytest.raises(SourceError, match="to `allow` of `set httpd`"):
        await source.poll()
    await source.close()


async def test_who_may_only_read_lacks_the_rest_and_sends_nothing(server: faulty.Server, tmp_path: Path) -> None:
    source = source_at(tmp_path, server.url)
    native = source.parts()[0].native
    server.fault = answering(lambda asked, said: Said(body=b"<html>") if asked.path == "/_runtime" else said)
    reading = await source.parts()[0].poll()
    assert (reading.complete, reading.lacks) == (True, (Can.RUN_OWN, Can.RECHECK))
    with pytest.raises(NotSent, match="take `read-only` from it"):
        await source.recheck(native, "service/web")
    with pytest.raises(NotSent, match="take `read-only` from it"):
        await source.perform(native, RESTART, {"service": "web"}, RunId("1"), bytearray().extend)
    assert {asked.method for asked in server.asked} == {"GET"}
    rights = {right.what: right.granted for right in (await source.introduce()).rights}
    assert rights == {"read services": True, "start, stop and restart services, check now": False}
    await source.close()


def played(asked: Asked, said: Said, reply: int, after: bytes) -> Said:
    """A form is answered with `reply`, and the status is `after` from then on."""
    if asked.method == "POST":
        return Said(status=reply, body=b"<html>")
    return Said(body=after, content_type="text/xml") if asked.path == "/_status" and after else said


async def performed(server: faulty.Server, source: MonitSource, reply: int, after: bytes, service: str = "web") -> int:
    native, posted = source.parts()[0].native, []

    def change(asked: Asked, said: Said) -> Said:
        if asked.method == "POST":
            posted.append(asked)
        return played(asked, said, reply, after if posted else b"")

    server.fault = answering(change)
    try:
        return (await source.perform(native, RESTART, {"service": service}, RunId("1"), bytearray().extend)).exit
    finally:
        assert len(posted) <= 1
        for asked in posted:
            assert asked.headers["cookie"] == f"securitytoken={TOKEN}"
            assert asked.body == f"securitytoken={TOKEN}&action=restart".encode()
        await source.close()


LATER = (ANSWERS / "status.xml").read_bytes().replace(b"<collected_sec>17952971", b"<collected_sec>17952972")


async def test_a_restart_ends_when_the_service_was_looked_at_again(server: faulty.Server, tmp_path: Path) -> None:
    assert await performed(server, source_at(tmp_path, server.url), 302, LATER) == 0


async def test_a_restart_that_did_not_help_says_so(server: faulty.Server, tmp_path: Path) -> None:
    assert await performed(server, source_at(tmp_path, server.url), 302, LATER, service="spooler") == 1


async def test_one_that_never_ends_may_have_happened(server: faulty.Server, tmp_path: Path) -> None:
    with pytest.raises(OutcomeUnknown, match=r"has not finished within 90 s.*was not looked at again since"):
        await performed(server, source_at(tmp_path, server.url), 302, b"")


@pytest.mark.parametrize(
    ("reply", "words"), [(403, "take `read-only`"), (404, "no service web there"), (400, "refuses to restart web")]
)
async def test_a_refusal_is_nothing_sent(server: faulty.Server, tmp_path: Path, reply: int, words: str) -> None:
    with pytest.raises(NotSent, match=words):
        await performed(server, source_at(tmp_path, server.url), reply, b"")


async def test_a_connection_that_is_lost_may_have_done_it(server: faulty.Server, tmp_path: Path) -> None:
    source = source_at(tmp_path, server.url)

    async def fault(own: faulty.Server, asked: Asked, said: Said, writer: Any) -> None:
        if asked.method == "POST":
            writer.transport.abort()
        else:
            writer.write(faulty.whole(said))

    server.fault = fault
    with pytest.raises(OutcomeUnknown, match="It may have been done all the same"):
        await source.recheck(source.parts()[0].native, "service/web")
    assert [asked.method for asked in server.asked].count("POST") == 1
    await source.close()


async def test_what_is_not_there_is_not_acted_on(server: faulty.Server, tmp_path: Path) -> None:
    source = source_at(tmp_path, server.url)
    for native, service in ((source.parts()[0].native, "no such"), ("no such", "web")):
        with pytest.raises(NotSent):
            await source.perform(native, RESTART, {"service": service}, RunId("1"), bytearray().extend)
    assert {asked.method for asked in server.asked} == {"GET"}
    await source.close()


@pytest.mark.parametrize(
    ("options", "key", "words"),
    [
        ({"urls": []}, "urls", "http://host:2812"),
        ({"urls": ["a:1", "http://a:1/"]}, "urls", "named twice"),
        ({"urls": "ftp://a"}, "urls", "not an address"),
        ({"user": "a:b"}, "user", "colon"),
        ({"usr": "x"}, "usr", "did you mean user?"),
        ({"place": {"hst": "(?P<client>.)"}}, "place.hst", "it tells host, address"),
    ],
)
def test_a_mistake_names_its_key(tmp_path: Path, options: dict[str, Any], key: str, words: str) -> None:
    with pytest.raises(ConfigurationError) as caught:
        opened("monit", tmp_path, **({"urls": "a"} | options))
    assert (caught.value.key, words in caught.value.sentence) == (key, True)


def test_an_address_may_be_short(tmp_path: Path) -> None:
    parts = source_at(tmp_path, "a", "https://b", "[::1]", "http://c:80", "d:99/monit").parts()
    assert [part.native for part in parts] == ["a:2812", "b:2812", "[::1]:2812", "c:80", "d:99/monit"]
