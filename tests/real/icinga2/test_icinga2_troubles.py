"""A real Icinga 2 that dies, stands still and comes back: nothing is green meanwhile, and nobody has to restart us."""

from __future__ import annotations

import asyncio

import pytest

from backends.api import FaultKind, NotSent, SourceError
from backends.fleet.model import CheckState
from tests.support.icinga2_source import check_in, configured, source_at
from tests.support.office import Office
from tests.support.servers.icinga2 import Icinga
from tests.support.servers.icinga2_story import tell

pytestmark = pytest.mark.real


def test_a_killed_server_makes_rows_old_then_silent_and_its_return_makes_them_fresh(
    mortal: Icinga, office: Office
) -> None:
    tell(mortal)
    office.configure(configured(mortal, every="5s"))
    with office.follow("devices") as devices:
        devices.until(lambda: _all(devices.facts, "fresh") and len(devices.facts) == 8, "eight fresh devices")
        assert devices.facts["acme-router"]["health"] == "ok"
        mortal.kill()
        devices.until(lambda: _all(devices.facts, "stale", "silent"), "all devices old")
        (source,) = office.items("sources")
        assert source["fault"]["kind"] == "refused"
        assert "Nothing listens" in source["fault"]["sentence"]
        devices.until(lambda: _all(devices.facts, "silent"), "all devices silent")
        assert "fine" not in office.rounds("status", check=False).stdout
        mortal.start()
        tell(mortal)
        devices.until(lambda: _all(devices.facts, "fresh"), "all devices fresh again")
        assert devices.facts["acme-router"]["health"] == "ok"


def _all(facts: dict[str, dict[str, object]], *worth: str) -> bool:
    return {item["freshness"] for item in facts.values()} <= set(worth)


async def test_what_a_killed_server_has_forgotten_is_unknown_here(mortal: Icinga) -> None:
    mortal.result("acme-web01", "load", output="load OK")
    async with source_at(mortal) as source:
        before = check_in(await source.poll(), "acme-web01", "load")
        mortal.kill()
        with pytest.raises(NotSent, match="Nothing listens"):
            await source.recheck("acme-web01", "check/shop")
        mortal.start()
        after = check_in(await source.poll(), "acme-web01", "load")
    assert before is not None
    assert after is not None
    assert (before.state, after.state) == (CheckState.OK, CheckState.UNKNOWN)


async def test_a_server_that_stands_still_is_a_sentence_and_wakes_again(mortal: Icinga) -> None:
    async with source_at(mortal, deadline="2s") as source:
        await source.poll()
        mortal.pause()
        try:
            with pytest.raises(SourceError) as caught:
                await source.poll()
            async with source_at(mortal, deadline="1s") as fresh, asyncio.timeout(30):
                with pytest.raises(SourceError) as unconnected:
                    await fresh.poll()
        finally:
            mortal.resume()
        assert (await source.poll()).complete
    for error in (caught.value, unconnected.value):
        assert error.kind is FaultKind.TIMEOUT
        assert "did not answer completely within" in error.sentence
