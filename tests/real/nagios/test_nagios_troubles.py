"""A real Nagios that dies, stands still and comes back: nothing is green meanwhile, and nobody has to restart us."""

from __future__ import annotations

import pytest

from backends.api import FaultKind, NotSent, SourceError, safe
from tests.support.nagios_source import configured, source_at
from tests.support.office import Office
from tests.support.servers.nagios import Nagios
from tests.support.servers.nagios_config import HOSTS
from tests.support.servers.nagios_story import tell

pytestmark = pytest.mark.real


def test_a_killed_daemon_makes_rows_old_then_silent_and_its_return_makes_them_fresh(
    mortal: Nagios, office: Office
) -> None:
    """F-69: the web server goes on and shows what the daemon wrote before it died, all of it with HTTP 200."""
    tell(mortal)
    office.configure(configured(mortal, every="5s"))
    with office.follow("devices") as devices:
        devices.until(lambda: _all(devices.facts, "fresh") and len(devices.facts) == len(HOSTS), "fresh devices")
        assert devices.facts["acme-router"]["health"] == "ok"
        mortal.kill()
        mortal.age(600)
        devices.until(lambda: _all(devices.facts, "stale", "silent"), "all devices old")
        (source,) = office.items("sources")
        assert source["fault"]["kind"] == "server"
        assert "has not written its status for 10 min" in source["fault"]["sentence"]
        devices.until(lambda: _all(devices.facts, "silent"), "all devices silent")
        assert "fine" not in office.rounds("status", check=False).stdout
        mortal.start()
        devices.until(lambda: _all(devices.facts, "fresh"), "all devices fresh again")


def _all(facts: dict[str, dict[str, object]], *worth: str) -> bool:
    return {item["freshness"] for item in facts.values()} <= set(worth)


async def test_a_daemon_that_was_stopped_and_a_web_server_that_was_are_told_apart(mortal: Nagios) -> None:
    async with source_at(mortal) as source:
        await source.poll()
        mortal.stop()
        with pytest.raises(SourceError, match="does not run") as stopped:
            await source.poll()
        with pytest.raises(NotSent, match="does not run"):
            await source.acknowledge("acme-web01", "disk//var", "tech1", safe("x"))
        mortal.stop_apache()
        with pytest.raises(SourceError) as gone:
            await source.poll()
        mortal.start_apache()
        mortal.start()
        assert (await source.poll()).complete
    assert stopped.value.kind is FaultKind.SERVER
    assert gone.value.kind in (FaultKind.REFUSED, FaultKind.UNREACHABLE)


async def test_a_daemon_that_stands_still_is_told_nothing_and_not_believed(mortal: Nagios) -> None:
    async with source_at(mortal) as source:
        await source.poll()
        mortal.pause()
        try:
            mortal.age(120)
            with pytest.raises(SourceError, match="has not written its status for 2 min"):
                await source.poll()
            with pytest.raises(NotSent, match="has not written its status"):
                await source.recheck("acme-web01", "check/shop")
        finally:
            mortal.resume()


async def test_after_a_restart_it_is_asked_again_how_it_is_configured(mortal: Nagios) -> None:
    async with source_at(mortal) as source:
        before = await source.poll()
        mortal.stop()
        file = mortal.folder / "objects.cfg"
        file.write_text(file.read_text().replace("_SITE Depot", "_SITE Annex"))
        mortal.start()
        after = await source.poll()
    sites = [{one.native: one.site for one in reading.sightings}["acme-db01"] for reading in (before, after)]
    assert sites == ["acme/depot", "acme/annex"]
