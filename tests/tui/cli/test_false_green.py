"""`rounds status` over every way in which a source can be of no use: never 0, and it says so (F-69, P7)."""

from __future__ import annotations

from pathlib import Path

import msgspec
import pytest

from backends.api import FaultKind, Reading, SourceError
from backends.engine.clock import SystemClock
from backends.fleet.model import Health, SourceName
from backends.testing import ScriptedAdapter, a_check, a_sighting
from tests.support.cli import CommandLine, Said


class Well(ScriptedAdapter):
    """A source of one device that is well, now."""

    def __init__(self, name: str = "good") -> None:
        super().__init__(name, SourceError(FaultKind.INTERNAL, "unused"))

    async def poll(self) -> Reading:
        now = SystemClock().now()
        self.script = [
            Reading(
                source=self.name,
                at=now,
                sightings=(a_sighting(self.name, "web01", now),),
                checks=(a_check(self.name, "web01", now, ok=True),),
            )
        ]
        return await super().poll()


class Empty(Well):
    """Answers, with nothing."""

    async def poll(self) -> Reading:
        return msgspec.structs.replace(await super().poll(), sightings=(), checks=())


class Unsure(Well):
    """Knows the device, and not how it is."""

    async def poll(self) -> Reading:
        reading = await super().poll()
        (sighting,) = reading.sightings
        return msgspec.structs.replace(
            reading, sightings=(msgspec.structs.replace(sighting, health=Health.UNKNOWN),), checks=()
        )


class Stranger(Well):
    """Speaks in another source's name."""

    async def poll(self) -> Reading:
        return msgspec.structs.replace(await super().poll(), source=SourceName("somebody"))


def said(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], folder: Path, *sources: ScriptedAdapter
) -> Said:
    return CommandLine(monkeypatch, capsys, folder, sources).say("status")


FAULTS = [
    FaultKind.CREDENTIALS,
    FaultKind.FORBIDDEN,
    FaultKind.PROTOCOL,
    FaultKind.TLS,
    FaultKind.TIMEOUT,
    FaultKind.NAME,
    FaultKind.RATE_LIMITED,
    FaultKind.SECRET,
]


@pytest.mark.parametrize("beside", [True, False], ids=["beside a good one", "alone"])
@pytest.mark.parametrize("kind", FAULTS)
def test_a_fault_is_never_green(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], tmp_path: Path, kind: FaultKind, beside: bool
) -> None:
    """F-69."""
    bad = ScriptedAdapter("bad", SourceError(kind, "It is of no use."))
    told = said(monkeypatch, capsys, tmp_path, bad, *([Well()] if beside else []))

    assert told.status == 3
    assert "fine" not in told.out
    assert "bad" in told.out
    assert f"of {1 + beside} source" in told.out


@pytest.mark.parametrize("source", [Empty("bad"), Unsure("bad"), Stranger("bad"), ScriptedAdapter("bad", ValueError())])
def test_an_answer_that_proves_nothing_is_never_green(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], tmp_path: Path, source: ScriptedAdapter
) -> None:
    """F-69: nothing at all, no health, another's name, a mistake of the adapter's own."""
    told = said(monkeypatch, capsys, tmp_path, source)

    assert told.status == 3
    assert "fine" not in told.out


def test_without_any_source_it_is_unknown(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    """F-69."""
    assert said(monkeypatch, capsys, tmp_path).status == 3


def test_one_good_source_is_green(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    """The control."""
    told = said(monkeypatch, capsys, tmp_path, Well())

    assert (told.status, "Everything is fine" in told.out) == (0, True)


class Lost(Well):
    """Says that its device is down, and gives no check for it."""

    def __init__(self, health: Health) -> None:
        super().__init__("bad")
        self.health = health

    async def poll(self) -> Reading:
        reading = await super().poll()
        (sighting,) = reading.sightings
        return msgspec.structs.replace(
            reading, sightings=(msgspec.structs.replace(sighting, health=self.health),), checks=()
        )


@pytest.mark.parametrize(("health", "status"), [(Health.DOWN, 1), (Health.DEGRADED, 1), (Health.MAINTENANCE, 0)])
def test_a_device_that_is_down_by_its_sources_word_alone_is_never_green(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], tmp_path: Path, health: Health, status: int
) -> None:
    """F-69: without an issue there is still something that is not well."""
    told = said(monkeypatch, capsys, tmp_path, Lost(health))

    assert told.status == status, told.out
    assert ("fine" in told.out) is (status == 0)
