"""How values went: what is asked of Prometheus, and what is made of its answer."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from backends.adapters.prometheus.source import PrometheusSource
from backends.api import Past, SourceError
from tests.support.prometheus_site import NOW, Site, open_prometheus, prom, recorded

SQL, DISK = "sql01@acme/hq", "disk//var"
HOUR = NOW - timedelta(hours=1)
SERIES = {"__name__": "tb_disk_used_percent", "client": "acme", "site": "hq", "job": "node"}
SERIES |= {"instance": "sql01:9100", "mountpoint": "/var"}


async def history(site: Site, folder: Path, key: str = DISK, points: int = 7, native: str = SQL) -> list[Past]:
    source: PrometheusSource = open_prometheus(folder, alertmanagers=site.url, url=site.url)
    try:
        await source.poll()
        return list(await source.history(native, key, HOUR, points))
    finally:
        await source.close()


def series(site: Site, *found: tuple[dict[str, str], dict[int, str]]) -> None:
    """Series with the values that they had so many minutes ago."""
    result = [
        {"metric": labels, "values": [[NOW.timestamp() - ago * 60, value] for ago, value in values.items()]}
        for labels, values in found
    ]
    site.answers["/api/v1/query_range"] = prom({"resultType": "matrix", "result": result})


def queries(site: Site) -> list[dict[str, Any]]:
    return [{name: values[0] for name, values in query.items()} for _, path, query, _ in site.asked if "range" in path]


async def test_the_limit_is_taken_off_and_only_one_instance_is_asked_for(site: Site, tmp_path: Path) -> None:
    series(site, (SERIES, {60: "90.5", 50: "91", 10: "95", 0: "96"}))
    past = await history(site, tmp_path)
    assert queries(site) == [
        {
            "query": '(tb_disk_used_percent\n) and on (instance) up{instance="sql01:9100"}',
            "start": f"{HOUR.timestamp():.3f}",
            "end": f"{NOW.timestamp():.3f}",
            "step": "600.000",
        }
    ]
    assert [(int((NOW - when).total_seconds()) // 60, value) for when, value in past] == [
        (60, 90.5),
        (50, 91.0),
        (40, None),
        (10, 95.0),
        (0, 96.0),
    ]


async def test_the_series_of_other_alerts_are_not_taken_for_it(site: Site, tmp_path: Path) -> None:
    series(site, ({**SERIES, "mountpoint": "/home"}, {0: "1"}), (SERIES, {0: "2"}))
    assert [value for _, value in await history(site, tmp_path)] == [2.0]


async def test_where_the_instance_is_no_target_the_whole_is_asked_for(site: Site, tmp_path: Path) -> None:
    series(site)
    assert await history(site, tmp_path) == []
    assert [query["query"] for query in queries(site)][1] == "tb_disk_used_percent"


async def test_whether_it_answered_is_up(site: Site, tmp_path: Path) -> None:
    labels = recorded("targets")["data"]["activeTargets"][0]["labels"]
    series(site, ({"__name__": "up", **labels}, {30: "0", 0: "1"}))
    assert [value for _, value in await history(site, tmp_path, "reachable")] == [0.0, None, 1.0]
    assert queries(site)[0]["query"] == 'up{client="acme", instance="sql01:9100", job="node", site="hq"}'


async def test_what_is_no_number_is_not_known(site: Site, tmp_path: Path) -> None:
    series(site, (SERIES, {20: "3", 10: "NaN", 0: "+Inf"}))
    assert [value for _, value in await history(site, tmp_path)] == [3.0, None]


@pytest.mark.parametrize(("points", "count"), [(0, 0), (1, 1), (2, 2)])
async def test_no_more_values_than_were_asked_for(site: Site, tmp_path: Path, points: int, count: int) -> None:
    series(site, (SERIES, {60: "1", 0: "2"}))
    assert len(await history(site, tmp_path, points=points)) == count


async def test_a_query_that_is_refused_is_an_error_with_its_reason(site: Site, tmp_path: Path) -> None:
    refusal = {"status": "error", "errorType": "bad_data", "error": "too many points\x1b"}
    site.answers["/api/v1/query_range"] = (400, refusal)
    with pytest.raises(SourceError, match="too many points␛"):
        await history(site, tmp_path)


@pytest.mark.parametrize(
    ("native", "key"), [(SQL, "check/none"), ("nobody", DISK), ("alertmanager", "watchdog/Watchdog")]
)
async def test_of_what_has_no_value_there_is_no_past(site: Site, tmp_path: Path, native: str, key: str) -> None:
    assert await history(site, tmp_path, key, native=native) == []
    assert queries(site) == []


async def test_the_introduction_tells_what_there_is_to_place_by(site: Site, tmp_path: Path) -> None:
    site.answers["/api/v1/label/client/values"] = prom(["acme", "baker", "cole", "quiet one"])
    source = open_prometheus(tmp_path, alertmanagers=site.url, url=site.url)
    told = await source.introduce()
    await source.close()
    assert told.product == "Alertmanager 0.25.0, Prometheus 2.42.0+ds"
    assert told.facts["label.client"] == ("acme", "baker", "cole", "quiet one")
    assert told.facts["receiver"] == ("oncall",)
    assert {right.what: right.granted for right in told.rights} == {
        "read alerts": True,
        "silence alerts": None,
        "read targets, rules and values": True,
    }


async def test_the_introduction_says_what_is_missing(site: Site, tmp_path: Path) -> None:
    site.answers["/api/v1/targets"] = (403, b"")
    for options in ({}, {"url": site.url}):
        source = open_prometheus(tmp_path, alertmanagers=site.url, **options)
        right = (await source.introduce()).rights[-1]
        await source.close()
        assert right.granted is False
        assert right.remedy
