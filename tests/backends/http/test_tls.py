"""Whom a source trusts: six ways not to be trusted, each with its own sentence, and no request served in any."""

from __future__ import annotations

import asyncio
import os
from pathlib import Path

import pytest

from backends.api import ConfigurationError, FaultKind, OutcomeUnknown, SourceError
from backends.http.client import HttpClient
from backends.http.outcome import outcome_of
from backends.http.tls import Trust, context_for, shared_context
from tests.support.certificates import Issued, authority, issued
from tests.support.web import answer, serving


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("certificates")


@pytest.fixture(scope="module")
def ours(folder: Path) -> Issued:
    return authority(folder)


async def ask(shown: Issued, trust: Trust) -> tuple[str, int]:
    """The sentence (empty when it worked) and the number of requests that the server got to see."""
    async with serving(answer(b"{}"), shown.context()) as web:
        client = HttpClient(web.url, trust=trust)
        try:
            await client.get("", dict)
        except SourceError as error:
            return error.sentence if error.kind is FaultKind.TLS else repr(error), len(web.requests)
        finally:
            await client.close()
    return "", len(web.requests)


async def test_a_certificate_of_the_named_authority_is_trusted(folder: Path, ours: Issued) -> None:
    assert await ask(issued(folder, "good", ours), Trust(ca_file=str(ours.file))) == ("", 1)


async def test_each_way_not_to_be_trusted_has_its_own_sentence_and_no_request_is_served(
    folder: Path, ours: Issued
) -> None:
    other = authority(folder, "Other CA")
    trust = Trust(ca_file=str(ours.file))
    shown = {
        "signed by itself": issued(folder, "self", None),
        "has expired": issued(folder, "expired", ours, from_days=-9, until_days=-2),
        "not valid yet": issued(folder, "early", ours, from_days=2),
        "is not for 127.0.0.1; it is for elsewhere.example": issued(
            folder, "wrong", ours, names=("elsewhere.example",)
        ),
        "names no host at all": issued(folder, "nameless", ours, names=()),
        "not signed by the authority in": issued(folder, "foreign", other),
    }
    told = {says: await ask(certificate, trust) for says, certificate in shown.items()}
    assert [(says in sentence, served) for says, (sentence, served) in told.items()] == [(True, 0)] * 6
    assert len({sentence for sentence, _ in told.values()}) == 6


async def test_an_authority_that_nobody_named_is_not_trusted(folder: Path, ours: Issued) -> None:
    sentence, served = await ask(issued(folder, "unknown", ours), Trust())
    assert ("authority unknown here" in sentence, served) == (True, 0)


async def test_a_pinned_certificate_is_trusted_whoever_signed_it(folder: Path) -> None:
    own = issued(folder, "pinned", None, names=())
    assert await ask(own, Trust(fingerprint=own.fingerprint)) == ("", 1)


async def test_another_certificate_than_the_pinned_one_is_told_with_its_fingerprint(folder: Path, ours: Issued) -> None:
    own, other = issued(folder, "pin-a", None), issued(folder, "pin-b", None)
    sentence, served = await ask(other, Trust(fingerprint=own.fingerprint))
    assert (other.fingerprint in sentence, served) == (True, 0)


async def test_the_name_that_is_asked_for_can_be_set(folder: Path, ours: Issued) -> None:
    shown = issued(folder, "behind", ours, names=("zabbix.internal",))
    trust = Trust(ca_file=str(ours.file), server_name="zabbix.internal")
    assert await ask(shown, trust) == ("", 1)


async def test_a_port_that_speaks_no_tls_is_told() -> None:
    async def plain(_reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writer.write(b"HTTP/1.1 400 Bad Request\r\n\r\n")
        writer.close()

    async with await asyncio.start_server(plain, "127.0.0.1", 0) as server:
        client = HttpClient(f"https://127.0.0.1:{server.sockets[0].getsockname()[1]}")
        with pytest.raises(SourceError, match="check that the port speaks TLS") as caught:
            await client.get("", dict)
        await client.close()
    assert caught.value.kind is FaultKind.TLS


async def _damaged(head: bytes, writer: asyncio.StreamWriter) -> None:
    """What answers is no record of this connection."""
    os.write(writer.get_extra_info("socket").fileno(), b"\x17\x03\x03\x00\x20" + bytes(32))


async def test_an_answer_that_is_damaged_on_the_way_is_a_fault_after_which_nobody_knows(
    folder: Path, ours: Issued
) -> None:
    """F-08: the request was there."""
    async with serving(_damaged, issued(folder, "damaged", ours).context()) as web:
        client = HttpClient(web.url, trust=Trust(ca_file=str(ours.file)))
        with pytest.raises(SourceError) as asked:
            await client.request("POST", "x", content=b"{}")
        with pytest.raises(SourceError):
            [line async for line in client.lines("POST", "x", content=b"{}")]
        await client.close()
    assert asked.value.kind is FaultKind.UNREACHABLE
    assert isinstance(outcome_of(asked.value), OutcomeUnknown)
    assert len(web.requests) == 2


@pytest.mark.parametrize("shape", ["{}", "SHA256:{}", "sha-256:{}"])
def test_fingerprints_are_read_in_the_usual_shapes(shape: str) -> None:
    digits = "ab" * 32
    colons = ":".join(digits[at : at + 2] for at in range(0, 64, 2)).upper()
    assert {getattr(context_for(Trust(fingerprint=shape.format(text))), "pin", "") for text in (digits, colons)} == {
        digits
    }


def test_a_fingerprint_that_is_none_is_a_mistake_of_the_configuration() -> None:
    with pytest.raises(ConfigurationError, match="64 hexadecimal digits"):
        context_for(Trust(fingerprint="abc"))


@pytest.mark.parametrize("text", [None, "not a certificate"])
def test_a_file_of_authorities_that_is_none_is_a_mistake_of_the_configuration(tmp_path: Path, text: str | None) -> None:
    if text is not None:
        (tmp_path / "ca.pem").write_text(text)
    with pytest.raises(ConfigurationError) as caught:
        context_for(Trust(ca_file=str(tmp_path / "ca.pem")))
    assert caught.value.key == "ca_file"


def test_sources_without_a_trust_of_their_own_share_one_context() -> None:
    assert context_for(Trust()) is shared_context()
