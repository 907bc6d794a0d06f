"""Numbers that no machine has, from a host that lies or is broken: that fact is set aside and counted, the others stay
(F-73)."""

from __future__ import annotations

import math
from datetime import timedelta
from pathlib import Path

import pytest

from backends.adapters.ssh.host import Answer, Host
from backends.adapters.ssh.options import ssh_options
from backends.adapters.ssh.parse import Moment, parse
from backends.adapters.ssh.watch import Watch
from backends.api import SourceSettings
from backends.fixes.verify import evidence_in
from backends.fleet.fleet import Fleet
from backends.fleet.host_checks import checks_of, sighting_of
from backends.fleet.limits import DEFAULTS
from backends.fleet.merge import fold
from backends.fleet.model import Check, ClientId, SafeText, SiteId, SourceName
from backends.fleet.reading import Reading
from backends.fleet.run import Verified
from backends.testing import FakeClock
from tests.backends.adapters.ssh.looks import MARK, MOMENT, output

ABSURD = ["nan", "inf", "-inf", "1e400", "-1", "9" * 40, "9" * 5000, "0x10", "١٢٣", ""]
PLACES = {
    "load": (b"0.10 0.20 0.30", b"%s %s %s"),
    "uptime": (b"100000.00 190000.00", b"%s %s"),
    "memory": (b"MemTotal:       16000000 kB", b"MemTotal: %s kB"),
    "available": (b"MemAvailable:    9000000 kB", b"MemAvailable: %s kB"),
    "disk": (b"20000000  19500000    100000", b"%s %s %s"),
    "inodes": (b"1280000 1279000     1000", b"%s %s %s"),
    "cores": (b"=M=cores\n8", b"=M=cores\n%s"),
    "clock": (b"1767600003.500000000", b"%s"),
}
SYSTEM = "linux-systemd"


def looked(raw: bytes) -> tuple[tuple[Check, ...], Fleet, tuple[str, ...]]:
    facts = parse(raw, MARK, MOMENT, Watch())
    source = SourceName("s")
    checks = checks_of(facts, DEFAULTS, source=source, native="n")
    sighting = sighting_of(
        facts,
        source=source,
        native="n",
        client=ClientId("c"),
        client_name=SafeText("c"),
        site=SiteId("c/s"),
        site_name=SafeText("s"),
    )
    reading = Reading(source=source, at=facts.at, sightings=(sighting,), checks=tuple(checks))
    return tuple(checks), fold(Fleet(), reading), facts.unread


@pytest.mark.parametrize("absurd", ABSURD, ids=lambda text: ascii(text[:12]))
@pytest.mark.parametrize("place", PLACES)
def test_an_absurd_number_spoils_its_own_fact_only(place: str, absurd: str) -> None:
    """F-73, and no sort on NaN (F-72)."""
    good, bad = PLACES[place]
    raw = output(SYSTEM)
    assert good in raw
    spiced = raw.replace(good, bad.replace(b"%s", absurd.encode()))
    sound, _, _ = looked(raw)
    checks, fleet, unread = looked(spiced)

    numbers = [number for check in checks for number in (check.value, check.warn, check.crit) if number is not None]
    assert all(math.isfinite(number) for number in numbers)
    assert not any("nan" in check.summary or "inf " in check.summary for check in checks)
    families = {check.family for check in sound} - {check.family for check in checks}
    assert families <= {"load", "uptime", "memory", "swap", "inode", "clock"}
    assert {check.key for check in checks} >= {"disk//srv/with blank", "mount//srv/with blank"}  # the other disk stays
    assert all(issue.urgency == issue.urgency for issue in fleet.issues.values())
    assert absurd not in ("nan", "inf", "-inf") or unread or families


@pytest.mark.parametrize("years", [-50, 50, 5000])
def test_a_clock_that_is_years_off_is_a_finding_and_dates_nothing(years: int) -> None:
    """F-73, F-80: a far-future time is shown as a clock that is wrong, and no fact of the host is dated by it."""
    theirs = int(MOMENT.asked.timestamp() + timedelta(days=365).total_seconds() * years)
    raw = output(SYSTEM).replace(b"1767600003.500000000", b"%d.000000000" % max(0, theirs))
    checks, fleet, _ = looked(raw)

    assert [check.state for check in checks if check.family == "clock"] == ["critical"]
    assert all(check.seen == MOMENT.at for check in checks)
    assert all(issue.since <= MOMENT.at for issue in fleet.issues.values())


@pytest.mark.parametrize("spice", [b"nan", b"9" * 40, b"?"], ids=["no number", "too large", "no text"])
async def test_a_full_disk_is_not_over_because_the_list_of_disks_is_garbled(spice: bytes) -> None:
    """F-69, F-73: what could not be read again stands as it was, grows old, and is no proof that a fix worked."""
    clock = FakeClock(MOMENT.asked)
    host = _Told(clock, output(SYSTEM))
    before = await host.poll()
    assert "disk//" in _bad(before)
    host.raw = host.raw.replace(b"20000000  19500000    100000", spice + b" " + spice + b" " + spice)
    await clock.advance(30)
    after, look = await host.poll(), await host.look()

    assert "disk//" in _bad(after)
    (kept,) = [check for check in after.checks if check.key == "disk//"]
    assert kept.seen == next(check.seen for check in before.checks if check.key == "disk//")
    assert after.quarantined
    assert evidence_in(look, host.native, "disk//") is Verified.PENDING
    host.raw = output(SYSTEM).replace(b"20000000  19500000    100000", b"20000000  1000000  19000000")
    assert "disk//" not in _bad(await host.poll())  # the control: what is read again is believed


def _bad(reading: Reading) -> set[str]:
    return {check.key for check in reading.checks if check.state != "ok"}


class _Told(Host):
    """A host that is asked over no line at all."""

    def __init__(self, clock: FakeClock, raw: bytes) -> None:
        options = ssh_options(_settings(clock)).hosts[0]
        super().__init__(SourceName("s"), options, None, clock, deadline_s=1)  # type: ignore[arg-type]
        self.raw, self._clock = raw, clock

    async def _ask(self, mode: str, watch: Watch) -> Answer:
        now = self._clock.now()
        return Answer(output=self.raw, mark=MARK, moment=Moment(asked=now, first=now, at=now), said=b"", key="SHA256:x")


def _settings(clock: FakeClock) -> SourceSettings:
    async def secret() -> str:
        return ""

    return SourceSettings(
        name=SourceName("s"),
        kind="ssh",
        options={"client": "acme", "hosts": ["10.0.0.1"], "key": "/key"},
        clients={},
        every_s=30,
        secret=secret,
        timing=clock,
        state_dir=Path("/nonexistent"),
    )
