"""Silences: exactly of what was shown, made once, and ended by who made them."""

from __future__ import annotations

import json
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from backends.adapters.prometheus.ledger import Ledger
from backends.adapters.prometheus.matchers import fits
from backends.adapters.prometheus.records import Matcher
from backends.adapters.prometheus.source import PrometheusSource
from backends.api import Acknowledges, NotSent, OutcomeUnknown, Snoozes, SourceName, safe
from tests.support.ports import free_port
from tests.support.prometheus_site import HERE_ID, NOW, Site, a_target, an_alert, open_prometheus, prom

DB, TEST = "db01@unplaced/prom", "check/Test"
UNTIL = NOW + timedelta(hours=2)
OF_NO_CLIENT = ("client", "customer", "site")
"""The labels of the usual placement, which an alert that is not placed has not."""
HOSTILE = 'x"} or {a=~".*\\'


async def polled(site: Site, folder: Path, *alerts: dict[str, Any], **options: Any) -> PrometheusSource:
    site.answers["/api/v2/alerts"] = list(alerts or [an_alert()])
    source = open_prometheus(folder, **{"alertmanagers": site.url, **options})
    await source.poll()
    site.answers["POST /api/v2/silences"] = {"silenceID": HERE_ID}
    return source


def posted(site: Site) -> list[Any]:
    return [body for method, _, _, body in site.asked if method == "POST"]


async def snooze(source: PrometheusSource, key: str = TEST, native: str = DB) -> None:
    await source.snooze(native, key, "tech1", UNTIL, safe("part is ordered"))


async def test_a_silence_is_of_every_label_of_the_alert_but_those_that_change(site: Site, tmp_path: Path) -> None:
    source = await polled(site, tmp_path, an_alert(labels={"severity": "page", "value": "7", "a": HOSTILE}))
    key = f"check/Test a={HOSTILE}"
    assert source.snooze_says(DB, key) == (
        f'A silence of a={json.dumps(HOSTILE)} alertname="Test" instance="db01:9100" severity="page"'
        ' client="" customer="" site="" in Alertmanager'
    )
    await snooze(source, key)
    await source.close()
    assert posted(site) == [
        {
            "matchers": [
                {"name": "a", "value": HOSTILE, "isRegex": False, "isEqual": True},
                {"name": "alertname", "value": "Test", "isRegex": False, "isEqual": True},
                {"name": "instance", "value": "db01:9100", "isRegex": False, "isEqual": True},
                {"name": "severity", "value": "page", "isRegex": False, "isEqual": True},
                *({"name": name, "value": "", "isRegex": False, "isEqual": True} for name in OF_NO_CLIENT),
            ],
            "startsAt": "2026-11-26T07:00:49Z",
            "endsAt": "2026-11-26T09:00:49Z",
            "createdBy": "tech1",
            "comment": "part is ordered",
        }
    ]


async def test_of_two_alerts_about_the_same_both_are_silenced_and_no_third(site: Site, tmp_path: Path) -> None:
    source = await polled(
        site,
        tmp_path,
        an_alert("1", labels={"severity": "warn.ing"}),
        an_alert("2", labels={"severity": "critical"}),
    )
    assert 'severity=~"critical|warn\\\\.ing"' in source.snooze_says(DB, TEST)
    await snooze(source)
    await source.close()
    assert posted(site)[0]["matchers"][2] == {
        "name": "severity",
        "value": "critical|warn\\.ing",
        "isRegex": True,
        "isEqual": True,
    }


async def test_an_alert_that_names_no_device_has_those_of_devices_and_of_clients_left_alone(
    site: Site, tmp_path: Path
) -> None:
    """Alertmanager looks at no label that a silence does not name: what is said of all would be said of each."""
    of_all = {**an_alert(), "labels": {"alertname": "Test", "job": "node"}}
    source = await polled(site, tmp_path, of_all)
    key = source._evidence and next(key for native, key in source._evidence if native.startswith("job=node"))
    await snooze(source, str(key), "job=node@unplaced/prom")
    await source.close()
    (silence,) = posted(site)
    matchers = [Matcher(name=one["name"], value=one["value"], is_regex=False) for one in silence["matchers"]]
    assert fits(matchers, of_all["labels"])
    for more in ({"instance": "db01:9100"}, {"client": "acme"}, {"site": "HQ"}):
        assert not fits(matchers, {**of_all["labels"], **more})


async def test_the_times_are_by_the_clock_of_alertmanager(site: Site, tmp_path: Path) -> None:
    site.date = NOW + timedelta(hours=1)
    source = await polled(site, tmp_path)
    await snooze(source)
    await source.close()
    assert posted(site)[0]["startsAt"][:16] == "2026-11-26T08:00"
    assert posted(site)[0]["endsAt"][:16] == "2026-11-26T10:00"


async def test_what_no_alert_stands_behind_is_not_silenced(site: Site, tmp_path: Path) -> None:
    down = prom({"activeTargets": [a_target(health="down")]})
    site.answers["/api/v1/targets"] = down
    site.answers["/api/v1/query"] = prom({"resultType": "vector", "result": []})
    source = await polled(site, tmp_path, an_alert(labels={"instance": "other"}), url=site.url)
    assert source.snooze_says(DB, "reachable") == ""
    with pytest.raises(NotSent, match="no alert"):
        await snooze(source, "reachable")
    await source.close()
    assert posted(site) == []


async def test_a_second_snooze_takes_the_place_of_the_first(site: Site, tmp_path: Path) -> None:
    source = await polled(site, tmp_path)
    await snooze(source)
    await snooze(source)
    await source.close()
    assert [body.get("id") for body in posted(site)] == [None, HERE_ID]


async def test_where_the_first_is_not_known_any_more_a_new_one_is_made(site: Site, tmp_path: Path) -> None:
    source = await polled(site, tmp_path)
    await snooze(source)
    site.answers["POST /api/v2/silences"] = (404, b'"silence not found"')
    with pytest.raises(NotSent, match="silence not found"):
        await snooze(source)
    await source.close()
    assert [body.get("id") for body in posted(site)] == [None, HERE_ID, None]


async def test_waking_ends_exactly_that_silence_also_after_a_restart(site: Site, tmp_path: Path) -> None:
    source = await polled(site, tmp_path)
    await snooze(source)
    await source.close()
    again = open_prometheus(tmp_path, alertmanagers=site.url)
    site.answers[f"/api/v2/silence/{HERE_ID}"] = silence()
    site.answers[f"DELETE /api/v2/silence/{HERE_ID}"] = b""
    await again.wake(DB, TEST, "tech2")
    assert site.paths("DELETE") == [f"/api/v2/silence/{HERE_ID}"]
    await again.wake(DB, TEST, "tech2")
    await again.close()
    assert len(site.paths("DELETE")) == 1


@pytest.mark.parametrize("answer", [(404, b'"no such silence"'), "expired"])
async def test_a_silence_that_is_over_is_not_ended_again(site: Site, tmp_path: Path, answer: Any) -> None:
    source = await polled(site, tmp_path)
    await snooze(source)
    site.answers[f"/api/v2/silence/{HERE_ID}"] = silence(state=answer) if isinstance(answer, str) else answer
    await source.wake(DB, TEST, "tech1")
    await source.close()
    assert site.paths("DELETE") == []


async def test_a_silence_of_which_nobody_knew_whether_it_was_made_is_found_and_ended(
    site: Site, tmp_path: Path
) -> None:
    source = await polled(site, tmp_path)
    site.answers["POST /api/v2/silences"] = (502, b"")
    with pytest.raises(OutcomeUnknown):
        await snooze(source)
    (sent,) = posted(site)
    made = {**silence(name="made"), **sent, "endsAt": "2026-11-26T09:00:49.000Z"}
    others = [
        {**made, "id": "theirs", "createdBy": "alice"},
        {**made, "id": "wider", "matchers": sent["matchers"][:1]},
        {**made, "id": "longer", "endsAt": "2026-11-26T09:00:50Z"},
        {**made, "id": "over", "status": {"state": "expired"}},
    ]
    site.answers["/api/v2/silences"] = [*others, made]
    site.answers["DELETE /api/v2/silence/made"] = b""
    await source.wake(DB, TEST, "tech1")
    await source.close()
    assert site.paths("DELETE") == ["/api/v2/silence/made"]


async def test_what_was_refused_is_not_ours(site: Site, tmp_path: Path) -> None:
    source = await polled(site, tmp_path)
    site.answers["POST /api/v2/silences"] = (400, b'"no"')
    with pytest.raises(NotSent):
        await snooze(source)
    await source.wake(DB, TEST, "tech1")
    await source.close()
    assert not [path for path in site.paths() if "silence" in path]


async def test_the_silence_of_somebody_else_is_left_alone_and_named(site: Site, tmp_path: Path) -> None:
    quiet = {"state": "suppressed", "silencedBy": ["theirs"]}
    site.answers["/api/v2/silences"] = [silence(name="theirs", by="alice\x1b", comment="patch night")]
    source = await polled(site, tmp_path, an_alert(status=quiet))
    with pytest.raises(NotSent, match=r"by alice␛ until 2026-11-26 22:11 UTC \(patch night\): end that silence there"):
        await source.wake(DB, TEST, "tech1")
    await source.close()
    assert site.paths("DELETE") == []


async def test_a_reading_says_who_silenced_what_until_when(site: Site, tmp_path: Path) -> None:
    quiet = {"state": "suppressed", "silencedBy": ["one", "theirs"]}
    site.answers["/api/v2/silences"] = [silence(name="theirs"), silence(name="one", ends="2026-11-26T08:00:00Z")]
    site.answers["/api/v2/alerts"] = [an_alert(status=quiet)]
    source = open_prometheus(tmp_path, alertmanagers=site.url)
    handling = (await source.poll()).checks[0].handling
    await source.close()
    assert handling is not None
    assert (handling.quiet, handling.acked, handling.quiet_by, handling.text) == (True, False, "alice", "patch night")
    assert handling.quiet_until is not None
    assert handling.quiet_until.hour == 22


@pytest.mark.parametrize(
    ("answer", "error", "said"),
    [
        ((400, b'"start time must be before end time"'), NotSent, "start time must be before end time"),
        ((422, b'{"code":612,"message":"matchers in body should have at least 1 items"}'), NotSent, "at least 1 items"),
        ((400, b"\x1b[2J"), NotSent, "no reason"),
        ((401, b""), NotSent, "credentials"),
        ((403, b""), NotSent, "does not permit"),
        ((302, b""), NotSent, "HTTP 302"),
        ((429, b""), NotSent, "wait"),
        ((500, b""), OutcomeUnknown, "whether it was done"),
        ((502, b""), OutcomeUnknown, "whether it was done"),
        (b"<html>", OutcomeUnknown, "whether the silence is there"),
        ({"silenceID": "../status"}, OutcomeUnknown, "does not say which"),
    ],
)
async def test_a_refusal_and_an_unknown_outcome_are_told_apart(
    site: Site, tmp_path: Path, answer: Any, error: type[Exception], said: str
) -> None:
    source = await polled(site, tmp_path)
    site.answers["POST /api/v2/silences"] = answer
    with pytest.raises(error, match=said):
        await snooze(source)
    await source.close()
    assert len(posted(site)) == 1


async def test_with_one_of_the_cluster_away_the_other_is_asked(site: Site, tmp_path: Path) -> None:
    gone = f"http://127.0.0.1:{free_port('127.0.0.1')}"
    source = await polled(site, tmp_path, alertmanagers=[gone, site.url])
    await snooze(source)
    await source.close()
    assert len(posted(site)) == 1


async def test_with_all_of_them_away_nothing_was_sent(site: Site, tmp_path: Path) -> None:
    source = await polled(site, tmp_path)
    site.close()
    with pytest.raises(NotSent, match="Nothing listens"):
        await snooze(source)
    await source.close()


async def test_a_time_that_is_over_is_not_sent(site: Site, tmp_path: Path) -> None:
    source = await polled(site, tmp_path)
    with pytest.raises(NotSent, match="over already"):
        await source.snooze(DB, TEST, "tech1", NOW, safe(""))
    await source.close()
    assert posted(site) == []


async def test_a_ledger_that_is_spoiled_is_begun_anew(site: Site, tmp_path: Path) -> None:
    (tmp_path / "silences-prom.json").write_bytes(b"\xff{")
    source = await polled(site, tmp_path)
    await snooze(source)
    await source.close()
    assert HERE_ID in (tmp_path / "silences-prom.json").read_text()
    assert (tmp_path / "silences-prom.json").stat().st_mode & 0o777 == 0o600


async def test_snoozing_is_offered_and_acknowledging_is_not(site: Site, tmp_path: Path) -> None:
    source = await polled(site, tmp_path)
    await source.close()
    assert isinstance(source, Snoozes)
    assert not isinstance(source, Acknowledges)


def silence(
    name: str = HERE_ID,
    by: str = "alice",
    comment: str = "patch night",
    ends: str = "2026-11-26T22:11:14Z",
    state: str = "active",
) -> dict[str, Any]:
    return {
        "id": name,
        "status": {"state": state},
        "matchers": [{"name": "alertname", "value": "Test", "isRegex": False}],
        "startsAt": "2026-11-26T07:00:00Z",
        "endsAt": ends,
        "updatedAt": "2026-11-26T07:00:00Z",
        "createdBy": by,
        "comment": comment,
    }


def test_two_sources_never_share_a_ledger(tmp_path: Path) -> None:
    names = ("prom-1", "prom_1", "prom.1", "Prom-1")
    assert len({Ledger(tmp_path, SourceName(name))._path for name in names}) == len(names)
