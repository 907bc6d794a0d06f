"""`rounds connect uptime-kuma` and `checkmk` with keys in a terminal, from an empty HOME. No real one of either is to
be had, so that stand-ins answer, over TLS, as their products' code and documentation say.

Uptime Kuma has no lesser users: a key opens its page of metrics or is not accepted at all, so that too few rights can
only be those of a web server in front.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

import pytest

from tests.support.certificates import Issued, issued
from tests.support.dialogue import Dialogue
from tests.support.front import basic, front, guarded
from tests.support.office import Office
from tests.support.ports import free_port
from tests.support.replayed import Asked, Said, checkmk, uptime_kuma
from tests.support.terminal import Terminal

KEY = "uk1_canary-5e7d"
SECRET = "canary-5e7d"


@pytest.fixture
def office(tmp_path: Path) -> Iterator[Office]:
    made = Office(tmp_path)
    made.environment = {**made.environment, "RIGHT": KEY, "WRONG": "wrong", "SECRET": SECRET}
    yield made
    made.close()


@pytest.fixture
def shown(tmp_path: Path) -> Issued:
    return issued(tmp_path, "stand-in", None)


def opened(office: Office, kind: str) -> Terminal:
    return office.screen("connect", kind, size=(200, 90))


def connected(office: Office, kind: str, devices: int, shown: Issued) -> None:
    assert len(office.items("devices")) == devices
    (source,) = office.items("sources")
    assert (source["kind"], source["state"]) == (kind, "fresh")
    written = office.config.read_text()
    assert f'fingerprint = "{shown.fingerprint}"' in written
    assert not any(secret in written for secret in (KEY, SECRET))


def test_uptime_kuma_past_every_mistake(office: Office, shown: Issued) -> None:
    """F-50: nobody vouches for the certificate until the technician does."""
    lets_in = {basic("", KEY): 200, basic("guest", KEY): 403}
    nowhere = f"http://127.0.0.1:{free_port('127.0.0.1')}"
    with (
        front(guarded(uptime_kuma.answer, lets_in), shown) as url,
        front(lambda _: Said(body=b"<!DOCTYPE html><html>", content_type="text/html")) as website,
        opened(office, "uptime-kuma") as terminal,
    ):
        dialogue = Dialogue(terminal)
        dialogue.answer("Address of Uptime Kuma", nowhere)
        dialogue.answer("User, where there are no API keys")
        dialogue.sees("Made in Settings, API Keys; it begins with uk.")
        dialogue.answer("Where API key is kept", "env:WRONG")
        dialogue.sees(f"Nothing listens at {nowhere}; start it, or check the port.")
        dialogue.answer("Address of Uptime Kuma", website)
        dialogue.answer("User, where there are no API keys")
        dialogue.sees("It answers with a web page instead of metrics; check that the address is Uptime Kuma's.")
        dialogue.answer("Address of Uptime Kuma", url)
        dialogue.answer("User, where there are no API keys", "guest")
        dialogue.vouches_for(shown.fingerprint)
        dialogue.sees(f"{url} does not accept our credentials; give the right one, or make a new one there. (HTTP 401)")
        dialogue.answer("User, where there are no API keys")
        dialogue.answer("Where API key is kept", "env:RIGHT")
        dialogue.sees(f"{url} does not permit this to our user; give it the right to read. (HTTP 403)")
        dialogue.answer("What now", "2")
        dialogue.answer("User, where there are no API keys", "-")
        dialogue.answer("Where API key is kept", "env:RIGHT")
        dialogue.sees("Uptime Kuma 2.5.3 answers; we are known there as API key.")
        dialogue.placed_and_written("uptime-kuma")
        connected(office, "uptime-kuma", uptime_kuma.PLAYED.devices, shown)


@dataclass
class Site:
    """A Checkmk whose automation user may use the API, and sees hosts, as soon as it is told so."""

    may: set[str] = field(default_factory=set)

    def answer(self, asked: Asked) -> Said:
        if not asked.path.startswith(checkmk.API):
            return Said(status=404, body=b"<html>", content_type="text/html")
        if "use" not in self.may:
            return Said(status=403, body=b'{"title":"Forbidden","status":403}')
        said = checkmk.answer(asked)
        return said if "see" in self.may or asked.path.endswith("/version") else Said(body=b'{"value": []}')


def test_checkmk_past_every_mistake(office: Office, shown: Issued) -> None:
    """F-50: nobody vouches for the certificate until the technician does."""
    site = Site()
    with (
        front(guarded(site.answer, {f"Bearer {checkmk.USER} {SECRET}": 200}), shown) as url,
        opened(office, "checkmk") as terminal,
    ):
        dialogue = Dialogue(terminal)
        nowhere = f"https://127.0.0.1:{free_port('127.0.0.1')}/acme"
        dialogue.answer("Address of the site", nowhere)
        dialogue.answer("Name of the automation user", checkmk.USER)
        dialogue.sees("Setup, Users, the automation user")
        dialogue.answer("Where automation secret is kept", "env:WRONG")
        dialogue.sees(f"Nothing listens at {nowhere.removesuffix('/acme')}; start it, or check the port.")
        dialogue.answer("Address of the site", f"{url}/another")
        dialogue.answer("Name of the automation user")
        dialogue.vouches_for(shown.fingerprint)
        dialogue.sees(f"{url} does not accept our credentials; give the right one, or make a new one there. (HTTP 401)")
        dialogue.answer("Name of the automation user")
        dialogue.answer("Where automation secret is kept", "env:SECRET")
        dialogue.sees(f"There is nothing at this address of {url}; correct the address. (HTTP 404)")
        dialogue.answer("Address of the site", f"{url}/acme")
        dialogue.answer("Name of the automation user")
        dialogue.sees(f"{url} does not permit this to our user; give it the right to read. (HTTP 403)")
        site.may.add("use")
        dialogue.answer("What now", "1")
        dialogue.sees("It shows no device at all: give the account the right to read them, or correct its filter.")
        site.may.add("see")
        dialogue.answer("What now", "1")
        dialogue.sees("Checkmk 2.3.0p10 answers; we are known there as automation.")
        dialogue.sees("It may, as far as can be told, acknowledge, and set downtimes.")
        dialogue.placed_and_written("checkmk")
        connected(office, "checkmk", checkmk.PLAYED.devices, shown)
