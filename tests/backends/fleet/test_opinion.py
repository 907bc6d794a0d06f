"""The second opinion as a sentence."""

from __future__ import annotations

import ipaddress
from datetime import UTC, datetime

import pytest

from backends.fleet.model import ClientId, Device, DeviceId, Health, SiteId, SourceName, safe
from backends.fleet.opinion import Glimpse, Opinion, Seen, Verdict, ms_text, opinion_of, ports_of

AT = datetime(2026, 3, 2, 9, 0, tzinfo=UTC)
RMM, ZABBIX, ICINGA = (SourceName(name) for name in ("rmm", "zabbix", "icinga"))
PINGED = Glimpse(kind="ping", what=safe("1 ping"), seen=Seen.ANSWERED, ms=12.3)
LOST = Glimpse(kind="ping", what=safe("3 pings"), seen=Seen.SILENT)
NOT_PINGED = Glimpse(kind="ping", what=safe("pings"), seen=Seen.UNTRIED, sentence=safe("This machine may not."))


def tcp(port: int, seen: Seen) -> Glimpse:
    return Glimpse(kind="tcp", what=safe(f"tcp {port}"), seen=seen, ms=3.0 if seen is Seen.ANSWERED else None)


def device(kind: str = "server", platform: str = "") -> Device:
    return Device(
        id=DeviceId("rmm:1"), client=ClientId("acme"), client_name=safe("Acme"), site=SiteId("acme/hq"),
        site_name=safe("HQ"), name=safe("sql01"), kind=kind, platform=platform, address=safe("10.0.0.4"),
        health=Health.DOWN, seen=AT, sources=(RMM,), natives=("1",),
    )  # fmt: skip


Voices = tuple[tuple[SourceName, Health], ...]


def opinion(*looks: Glimpse, voices: Voices = (), name: str = "", here: bool = False, at: str = "10.0.0.4") -> Opinion:
    address = ipaddress.ip_address(at)
    return opinion_of(device(), voices, address, looks, name=name, here=here, at=AT)


DOWN, UP = ((RMM, Health.DOWN),), ((RMM, Health.OK),)


@pytest.mark.parametrize(
    ("looks", "voices", "verdict", "sentence"),
    [
        ([PINGED], DOWN, Verdict.ANSWERS, "rmm says that it is down; from here 10.0.0.4 answers in 12 ms."),
        ([PINGED], UP, Verdict.ANSWERS, "rmm says that it is up, and from here 10.0.0.4 answers in 12 ms."),
        ([PINGED], (), Verdict.ANSWERS, "From here 10.0.0.4 answers in 12 ms."),
        (
            [LOST, tcp(22, Seen.SILENT), tcp(443, Seen.ANSWERED)],
            DOWN,
            Verdict.ANSWERS,
            "rmm says that it is down; from here 10.0.0.4 answers on tcp 443 in 3.0 ms, though not to pings.",
        ),
        (
            [LOST, tcp(22, Seen.SILENT), tcp(443, Seen.SILENT)],
            DOWN,
            Verdict.SILENT,
            (
                "rmm says that it is down; nothing answers from here either, at 10.0.0.4: "
                "3 pings lost, tcp 22, 443 silent."
            ),
        ),
        (
            [LOST, tcp(22, Seen.SILENT)],
            UP,
            Verdict.SILENT,
            (
                "rmm says that it is up; from here nothing answers at 10.0.0.4, which a firewall may want so: "
                "3 pings lost, tcp 22 silent."
            ),
        ),
        (
            [NOT_PINGED, tcp(22, Seen.SILENT)],
            (),
            Verdict.SILENT,
            "Nothing answers from here at 10.0.0.4: tcp 22 silent, not pinged.",
        ),
        (
            [LOST, tcp(22, Seen.REFUSED), tcp(443, Seen.SILENT)],
            DOWN,
            Verdict.REFUSES,
            (
                "rmm says that it is down; from here something at 10.0.0.4 refuses tcp 22: the device, or a firewall "
                "for it; 3 pings lost, tcp 443 silent."
            ),
        ),
        (
            [NOT_PINGED],
            (),
            Verdict.UNTRIED,
            "10.0.0.4 could not be looked at from here: This machine may not.",
        ),
        (
            [PINGED],
            ((RMM, Health.DOWN), (ICINGA, Health.DOWN), (ZABBIX, Health.OK)),
            Verdict.ANSWERS,
            "rmm and icinga say that it is down, zabbix says that it is up; from here 10.0.0.4 answers in 12 ms.",
        ),
    ],
)
def test_it_is_said_beside_what_the_sources_say(
    looks: list[Glimpse], voices: Voices, verdict: Verdict, sentence: str
) -> None:
    told = opinion(*looks, voices=voices)
    assert (told.verdict, told.sentence) == (verdict, sentence)


def test_a_name_that_was_resolved_is_said_with_what_it_is() -> None:
    assert opinion(PINGED, name="sql01.example").sentence.startswith("sql01.example is 10.0.0.4 from here. From here")


def test_a_private_address_may_be_somebody_elses() -> None:
    assert "private address" in opinion(PINGED).careful
    assert opinion(PINGED, here=True).careful == ""
    assert opinion(PINGED, at="93.184.216.34").careful == ""
    assert opinion(LOST).careful == ""


@pytest.mark.parametrize(
    ("kind", "platform", "ports"),
    [
        ("server", "linux", (22, 443)),
        ("workstation", "windows", (3389, 445, 443)),
        ("firewall", "", (443, 22, 80)),
        ("printer", "", (9100, 443, 80)),
        ("server", "", (22, 443, 3389, 445)),
    ],
)
def test_the_ports_are_those_that_such_a_device_has(kind: str, platform: str, ports: tuple[int, ...]) -> None:
    assert ports_of(device(kind, platform)) == ports


def test_times_are_short() -> None:
    assert [ms_text(ms) for ms in (0.01, 3.44, 12.3)] == ["under 0.1 ms", "3.4 ms", "12 ms"]
