"""From the page of metrics to facts, and what a spoiled line costs."""

from __future__ import annotations

import base64
from collections.abc import AsyncIterator, Mapping
from pathlib import Path
from typing import Any

import msgspec
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from backends.adapters.uptime_kuma.monitors import told
from backends.adapters.uptime_kuma.options import FACTS, USUAL
from backends.adapters.uptime_kuma.reading import reading_of
from backends.api import Adapter, Check, ConfigurationError, Reading, SourceError, SourceName
from backends.fleet.model import UNPLACED, CheckState, Health, Severity
from backends.fleet.placement import placement
from backends.testing import AdapterContract, FakeClock
from backends.text import is_safe
from tests.support import faulty
from tests.support.opened import SECRET, opened
from tests.support.replayed.uptime_kuma import PLAYED, RECORDED, SHOP, page, series

AT = FakeClock().now()


def read(body: bytes) -> Reading:
    rules = placement({}, SourceName("one"), {}, FACTS, USUAL)
    return reading_of(told(body), SourceName("one"), rules, AT, (21, 7))


def checks(body: bytes) -> Mapping[tuple[str, str], Check]:
    return {(one.native, one.family): one for one in read(body).checks}


@pytest.fixture
async def server() -> AsyncIterator[faulty.Server]:
    async with faulty.serving(PLAYED) as made:
        yield made


class TestContract(AdapterContract):
    @pytest.fixture(autouse=True)
    def _server(self, server: faulty.Server, tmp_path: Path) -> None:
        self.server, self.folder = server, tmp_path

    def open_adapter(self) -> Adapter:
        return opened("uptime-kuma", self.folder, url=self.server.url)


def test_monitors_are_told_as_what_they_are() -> None:
    reading = read(RECORDED)
    assert (reading.version, reading.quarantined, reading.complete) == ("Uptime Kuma 2.5.3", 0, True)
    assert [(one.native, one.name, one.site, one.address, one.health, one.kind) for one in reading.sightings] == [
        ("1", "Acme shop", "acme/main", "shop.acme.example", Health.OK, "other"),
        ("2", "Mail", "acme/hq", "mail.acme.example", Health.DOWN, "server"),
        ("3", 'Router "A"\\}', "baker/main", "10.0.0.1", Health.DEGRADED, "server"),
        ("4", "Nightly", f"{UNPLACED}/one", "", Health.MAINTENANCE, "other"),
    ]
    found = checks(RECORDED)
    assert {key: (one.state, one.severity, one.summary) for key, one in found.items()} == {
        ("1", "reachable"): (CheckState.OK, None, "Acme shop is up"),
        ("1", "certificate"): (
            CheckState.CRITICAL,
            Severity.HIGH,
            "The certificate of shop.acme.example has 5 days left",
        ),
        ("2", "reachable"): (CheckState.CRITICAL, Severity.CRITICAL, "Mail is down"),
        ("3", "reachable"): (
            CheckState.WARNING,
            Severity.WARNING,
            'Router "A"\\} did not answer, and is tried again',
        ),
        ("4", "reachable"): (CheckState.UNKNOWN, Severity.INFO, "Nightly is in maintenance"),
    }
    assert (found["1", "reachable"].value, found["1", "reachable"].unit) == (112.0, "ms")
    assert found["2", "reachable"].value is None
    handling = found["4", "reachable"].handling
    assert handling is not None
    assert handling.quiet


def test_nothing_of_an_address_but_its_host_is_kept() -> None:
    """F-43: addresses may have a password or a token in them."""
    assert b"pa55" in RECORDED
    for secret in (b"pa55", b"t0p"):
        assert secret not in msgspec.json.encode(read(RECORDED))


@pytest.mark.parametrize(
    ("days", "valid", "state"),
    [(90, 1, "ok"), (21, 1, "warning"), (7, 1, "critical"), (-3, 1, "critical"), (90, 0, "critical")],
)
def test_a_certificate_is_as_bad_as_it_is(days: int, valid: int, state: str) -> None:
    body = page(
        series("monitor_status", 1, **SHOP),
        series("monitor_cert_days_remaining", days, **SHOP),
        series("monitor_cert_is_valid", valid, **SHOP),
    )
    assert checks(body)["1", "certificate"].state == state


def test_an_older_version_is_read_by_the_names_of_its_monitors() -> None:
    """1.23 has no `monitor_id`."""
    body = page(series("monitor_status", 0, name="Mail", type="port", hostname="mail.example"), version="1.23.16")
    (one,) = read(body).sightings
    assert (one.native, one.name, read(body).version) == ("Mail", "Mail", "Uptime Kuma 1.23.16")


def test_a_spoiled_line_costs_no_other() -> None:
    """F-73"""
    spoiled = [
        'monitor_status{monitor_id="7"',
        'monitor_status{monitor_id="8",x} 1',
        'monitor_status{monitor_id="9"} one',
        "monitor_status 1",
        series("monitor_status", 7, id=10, name="odd"),
        series("monitor_status", "NaN", id=11, name="odd"),
        series("monitor_status", 1, **SHOP),
        series("monitor_status", 1, id=12, name="x" * 20_000),
    ]
    body = RECORDED + "".join(f"{line}\n" for line in spoiled).encode()
    reading = read(body)
    assert (len(reading.sightings), reading.quarantined) == (4, len(spoiled))
    far = RECORDED + f"{series('monitor_response_time', '+Inf', **SHOP)}\n".encode()
    assert checks(far)["1", "reachable"].value is None


def test_hostile_names_are_data() -> None:
    """F-16"""
    name = 'a\x1b[2J\u202e"} 1\nmonitor_status{monitor_id="99"} 0\\'
    reading = read(page(series("monitor_status", 0, id=1, name=name, type="\x1b]0;x", hostname="h\x07")))
    (one,) = reading.sightings
    assert "␛[2J‹U+202E›" in one.name
    assert "␊monitor_status" in one.name
    assert all(is_safe(text) for check in reading.checks for text in (check.label, check.summary))


@pytest.mark.parametrize("body", [b"", b"{}", b"<html>", b"up 1\n", RECORDED[:-1], RECORDED[: len(RECORDED) // 2]])
def test_what_are_no_metrics_of_it_is_a_fault(body: bytes) -> None:
    """F-75"""
    with pytest.raises(SourceError):
        told(body)


async def test_an_api_key_has_no_user(server: faulty.Server, tmp_path: Path) -> None:
    for user in ("", "admin"):
        source = opened("uptime-kuma", tmp_path, url=server.url, user=user)
        await source.poll()
        await source.close()
    pairs = [base64.b64decode(one.headers["authorization"].removeprefix("Basic ")).decode() for one in server.asked]
    assert pairs == [f":{SECRET}", f"admin:{SECRET}"]


async def test_the_introduction_names_what_can_be_placed_by(server: faulty.Server, tmp_path: Path) -> None:
    source = opened("uptime-kuma", tmp_path, url=server.url)
    said = await source.introduce()  # type: ignore[attr-defined]
    assert said.product == "Uptime Kuma 2.5.3"
    assert (said.facts["tag.client"], said.facts["tag.customer"]) == (("Acme",), ("Baker", "Cole"))
    await source.close()


@pytest.mark.parametrize(
    ("options", "key"),
    [({"url": "kuma"}, "url"), ({"user": "a:b"}, "user"), ({"certificate_warn": 3}, "certificate_warn")],
)
def test_a_mistake_names_its_key(tmp_path: Path, options: dict[str, Any], key: str) -> None:
    with pytest.raises(ConfigurationError) as caught:
        opened("uptime-kuma", tmp_path, **({"url": "http://a"} | options))
    assert caught.value.key == key


TEXTS = st.text(max_size=8) | st.sampled_from(["null", "https://[", "http://a@b:c", "\\", '"', "}", "\x1b[2J"])
SERIES = st.builds(
    series,
    st.sampled_from(
        ["monitor_status", "monitor_response_time", "monitor_cert_days_remaining", "monitor_cert_is_valid"]
    ),
    st.floats() | st.sampled_from([0, 1, 2, 3, "x", "", "1 2"]),
    id=st.sampled_from(["1", "2", ""]),
    name=TEXTS,
    url=TEXTS,
    hostname=TEXTS,
    client=TEXTS,
)


@settings(max_examples=300, deadline=None)
@given(st.lists(SERIES, max_size=6))
def test_every_page_of_metrics_is_read(lines: list[str]) -> None:
    reading = read(page(*lines))
    assert msgspec.msgpack.decode(msgspec.msgpack.encode(reading), type=Reading) == reading
    natives = [one.native for one in reading.sightings]
    assert len(natives) == len(set(natives))
    assert all(is_safe(text) for check in reading.checks for text in (check.label, check.summary))


@settings(max_examples=200, deadline=None)
@given(st.text(max_size=60))
def test_any_text_behind_it_is_lines_that_are_spoiled_or_others(text: str) -> None:
    reading = read(RECORDED + text.encode("utf-8", "replace") + b"\n")
    assert len(reading.sightings) >= 4
