"""Whatever the servers say, a poll ends in a reading that can be stored, or in a `SourceError`."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import msgspec
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from backends.adapters.prometheus.alerts import Seen
from backends.adapters.prometheus.cluster import Heard, merged
from backends.adapters.prometheus.options import PrometheusOptions
from backends.adapters.prometheus.reading import Assembly
from backends.adapters.prometheus.records import Alert, Rule, RuleAlert, Silence, Target
from backends.adapters.prometheus.server import RuleFacts, ServerFacts
from backends.api import FaultKind, Reading, SourceError, SourceName
from backends.http.decode import each
from backends.text import is_safe
from tests.support.prometheus_site import NOW, open_prometheus

TEXTS = st.text(max_size=12) | st.sampled_from(
    ["acme", "\x1b[2J", "db01:9100", "[::1]:9100", "/var", "x.service", "up"]
)
NAMES = st.sampled_from(
    ["alertname", "instance", "job", "severity", "client", "site", "mountpoint", "name", "cluster"]
) | st.text(min_size=1, max_size=5)
LABELS = st.dictionaries(NAMES, TEXTS, max_size=6)
TIMES = st.sampled_from(["0001-01-01T00:00:00Z", "2026-11-26T07:00:00Z", "9999-12-31T23:59:59Z", "x", 5, None])
ALERTS = st.fixed_dictionaries(
    {
        "labels": LABELS,
        "annotations": st.none() | st.dictionaries(st.sampled_from(["summary", "runbook_url", "x"]), TEXTS, max_size=3),
        "fingerprint": st.sampled_from("abc"),
        "startsAt": TIMES,
        "generatorURL": st.sampled_from(["", "http://x/?g0.expr=up+%3D%3D+0", "http://[", "?" + "&" * 100]),
        "status": st.fixed_dictionaries(
            {
                "state": st.sampled_from(["active", "suppressed", "unprocessed", "odd"]),
                "silencedBy": st.none() | st.lists(st.sampled_from(["s1", "s2"]), max_size=2),
                "inhibitedBy": st.none() | st.lists(st.sampled_from("abc"), max_size=2),
                "mutedBy": st.none() | st.lists(TEXTS, max_size=2),
            }
        ),
    }
)
TARGETS = st.fixed_dictionaries(
    {
        "labels": LABELS,
        "health": st.sampled_from(["up", "down", "unknown", "odd"]),
        "lastError": TEXTS,
        "lastScrape": TIMES,
        "lastScrapeDuration": st.floats(allow_nan=False, allow_infinity=False) | st.none(),
        "scrapeInterval": st.sampled_from(["1s", "", "9" * 40 + "h", "x"]),
    }
)
SILENCES = st.fixed_dictionaries(
    {
        "id": st.sampled_from(["s1", "s2"]),
        "status": st.just({"state": "active"}),
        "matchers": st.just([]),
        "endsAt": TIMES,
        "createdBy": TEXTS,
        "comment": TEXTS,
    }
)


@pytest.fixture(scope="module")
def options(tmp_path_factory: pytest.TempPathFactory) -> PrometheusOptions:
    folder: Path = tmp_path_factory.mktemp("state")
    return open_prometheus(folder, alertmanagers="http://a", url="http://p", watchdog="Watchdog")._options


def decoded(records: list[Any], kind: Any) -> tuple[Any, ...]:
    return tuple(each([msgspec.Raw(msgspec.json.encode(record)) for record in records], kind)[0])


@settings(max_examples=300, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(
    st.lists(ALERTS, max_size=6),
    st.lists(TARGETS, max_size=5),
    st.lists(SILENCES, max_size=2),
    st.tuples(st.booleans(), st.booleans()),
)
def test_every_payload_of_the_right_shape_is_read(
    options: PrometheusOptions, alerts: list[Any], targets: list[Any], silences: list[Any], trouble: tuple[bool, bool]
) -> None:
    lost, young = trouble
    found = merged([decoded(alerts, Alert)])
    heard = Heard(
        alerts=found,
        silences={one.id: one for one in decoded(silences, Silence)},
        started=NOW if young else None,
    )
    rules = tuple(
        RuleFacts(rule=Rule(name="r", query="a > 3"), alerts=(RuleAlert(labels=one.labels, state="firing", value="4"),))
        for one in found
    )
    facts = ServerFacts(at=NOW.replace(second=20) if lost else NOW, targets=decoded(targets, Target), rules=rules)
    fault = SourceError(FaultKind.SERVER, "gone") if lost else None
    seen = Seen(source=SourceName("prom"), options=options, heard=heard, at=NOW)
    reading = Assembly(seen, facts, fault).read().reading
    assert msgspec.msgpack.decode(msgspec.msgpack.encode(reading), type=Reading) == reading
    natives = [one.native for one in reading.sightings]
    assert len(set(natives)) == len(natives)
    assert len({(one.native, one.key) for one in reading.checks}) == len(reading.checks)
    assert {one.native for one in reading.checks} <= set(natives)
    assert all(one.seen <= NOW for one in (*reading.sightings, *reading.checks))
    assert all(is_safe(text) for one in reading.checks for text in (one.label, one.summary, one.advice))
    firing = sum(one.labels.get("alertname") != "Watchdog" for one in found)
    assert firing == 0 or any(one.state != "ok" for one in reading.checks)
