"""Several Alertmanagers are one."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator
from pathlib import Path

import pytest

from backends.api import FaultKind, SourceError
from tests.backends.adapters.prometheus.test_reading import check, read
from tests.support.bad_ssh import Silent
from tests.support.ports import free_port
from tests.support.prometheus_site import Site, a_site, an_alert, open_prometheus

DB = "db01@unplaced/prom"


@pytest.fixture
def other() -> Iterator[Site]:
    with a_site() as made:
        yield made


def nowhere() -> str:
    return f"http://127.0.0.1:{free_port('127.0.0.1')}"


async def test_the_same_fingerprint_is_one_alert(site: Site, other: Site, tmp_path: Path) -> None:
    site.answers["/api/v2/alerts"] = [an_alert("1")]
    other.answers["/api/v2/alerts"] = [an_alert("1"), an_alert("2", labels={"alertname": "Second"})]
    reading = await read(open_prometheus(tmp_path, alertmanagers=[site.url, other.url]))
    assert [one.key for one in reading.checks] == ["check/Second", "check/Test"]


async def test_an_alert_is_quiet_only_where_all_say_so(site: Site, other: Site, tmp_path: Path) -> None:
    quiet = {"state": "suppressed", "silencedBy": ["s1"]}
    site.answers["/api/v2/alerts"] = [an_alert("1", status=quiet), an_alert("2", labels={"a": "b"}, status=quiet)]
    other.answers["/api/v2/alerts"] = [an_alert("1"), an_alert("2", labels={"a": "b"}, status=quiet)]
    reading = await read(open_prometheus(tmp_path, alertmanagers=[site.url, other.url]))
    assert check(reading, DB, "check/Test").handling is None
    handling = check(reading, DB, "check/Test a=b").handling
    assert handling is not None
    assert handling.quiet


async def test_one_of_them_away_is_a_note(site: Site, tmp_path: Path) -> None:
    gone = nowhere()
    site.answers["/api/v2/alerts"] = [an_alert()]
    reading = await read(open_prometheus(tmp_path, alertmanagers=[gone, site.url]))
    assert reading.complete
    assert check(reading, DB, "check/Test")
    assert f"one Alertmanager is away: Nothing listens at {gone}" in reading.note


async def test_none_answering_is_a_failure_that_says_why(tmp_path: Path) -> None:
    with pytest.raises(SourceError, match="None of the 2 Alertmanagers answers: Nothing listens") as raised:
        await read(open_prometheus(tmp_path, alertmanagers=[nowhere(), nowhere()]))
    assert raised.value.kind is FaultKind.REFUSED


async def test_one_that_was_just_started_does_not_speak_for_an_old_one(site: Site, other: Site, tmp_path: Path) -> None:
    site.answers["/api/v2/status"] = {"uptime": "2026-11-26T07:00:45Z"}
    other.answers["/api/v2/status"] = {"uptime": "2026-11-26T01:00:45Z"}
    reading = await read(open_prometheus(tmp_path, alertmanagers=[site.url, other.url], settle="60s"))
    assert reading.complete


async def test_who_may_not_ask_for_the_status_still_reads_alerts(site: Site, tmp_path: Path) -> None:
    site.answers["/api/v2/status"] = (403, b"")
    reading = await read(open_prometheus(tmp_path, alertmanagers=site.url, settle="60s"))
    assert (reading.version, reading.complete) == ("Alertmanager", True)


async def test_one_that_hangs_costs_no_other(site: Site, tmp_path: Path) -> None:
    """F-78: of several Alertmanagers, and of Prometheus beside them."""
    with contextlib.closing(Silent("127.0.0.1")) as hung:
        url = f"http://127.0.0.1:{hung.port}"
        reading = await read(open_prometheus(tmp_path, alertmanagers=[url, site.url], url=url, deadline="1s"))
    assert check(reading, "sql01@acme/hq", "disk//var")
    assert "one Alertmanager is away" in reading.note
    assert "Prometheus is away" in reading.note


@pytest.mark.parametrize(
    ("answer", "kind"),
    [
        ((401, b""), FaultKind.CREDENTIALS),
        ((403, b""), FaultKind.FORBIDDEN),
        ((404, b""), FaultKind.PROTOCOL),
        ((410, b"{}"), FaultKind.PROTOCOL),
        ((500, b""), FaultKind.SERVER),
        (b"<html>", FaultKind.PROTOCOL),
        (b"", FaultKind.PROTOCOL),
        (b'{"status": "success"}', FaultKind.PROTOCOL),
        (b"null", FaultKind.PROTOCOL),
        (b"[" * 200_000, FaultKind.PROTOCOL),
    ],
)
async def test_no_answer_of_the_wrong_kind_is_a_reading(
    site: Site, tmp_path: Path, answer: object, kind: FaultKind
) -> None:
    """F-69, F-72, F-75."""
    site.answers["/api/v2/alerts"] = answer
    with pytest.raises(SourceError) as raised:
        await read(open_prometheus(tmp_path, alertmanagers=site.url))
    assert raised.value.kind is kind
