"""The small languages: matchers, expressions, addresses, configuration; and the source's own table."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
import tomli
from hypothesis import given
from hypothesis import strategies as st

from backends.adapters.prometheus import QUESTIONS, promql
from backends.adapters.prometheus.external import external_labels
from backends.adapters.prometheus.matchers import exact, fits, parsed, said
from backends.adapters.prometheus.names import host_of
from backends.adapters.prometheus.promql import is_up_rule, measured
from backends.api import ConfigurationError, SourceError
from tests.support.prometheus_site import Site, open_prometheus


@pytest.mark.parametrize(
    ("expression", "query", "sign", "limit"),
    [
        ("node_load1 > 4", "node_load1", ">", 4.0),
        ("(a - b)\n  / c * 100 >= 9.5e1", "(a - b)\n  / c * 100", ">=", 95.0),
        ('rate(x{path=~"a > 3"}[5m]) < .5', 'rate(x{path=~"a > 3"}[5m])', "<", 0.5),
        ("a # the limit > 5\n > 7", "a # the limit > 5", ">", 7.0),
        ("a == 0", "a", "==", 0.0),
        ("a > -3", "a", ">", -3.0),
    ],
)
def test_a_limit_is_taken_off(expression: str, query: str, sign: str, limit: float) -> None:
    found = measured(expression)
    assert (found.query, found.sign, found.limit) == (query, sign, limit)


@pytest.mark.parametrize(
    "expression",
    [
        "a > b",
        "a > 3 and b < 2",
        "a > 3 unless b",
        "1 < a < 3",
        "5 < a",
        "a > bool 3",
        "predict_linear(a[1h], 3600)",
        "absent(up)",
        "(a > 3)",
        "> 3",
        "a > 3 offset 5m",
        "a > +Inf",
        "x" * 30_000 + " > 3",
        "",
    ],
)
def test_what_is_more_than_a_limit_is_left_as_it_is(expression: str) -> None:
    found = measured(expression)
    assert (found.query, found.sign, found.limit) == (expression, "", None)


@pytest.mark.parametrize(
    ("expression", "told"),
    [
        ("up == 0", True),
        ('up{job=~"node|db"} == 0', True),
        ("(up != 1)", True),
        ("up < 1", True),
        ("up == 1", False),
        ("sum(up) == 0", False),
        ("up == 0 and x", False),
        ("probe_success == 0", False),
    ],
)
def test_what_says_that_targets_do_not_answer(expression: str, told: bool) -> None:
    assert is_up_rule(expression) is told


@given(st.text(max_size=200))
def test_no_expression_is_too_odd(text: str) -> None:
    assert measured(text).query in (text, *[text[:n].strip() for n in range(len(text))])
    is_up_rule(text)


@given(st.text(alphabet=st.characters(exclude_categories=["Cs"])))
def test_a_value_in_quotes_ends_where_it_ends(value: str) -> None:
    """Labels are data: nothing of them is ever part of a query but as one text."""
    text = promql.quoted(value)
    assert '"' not in text[1:-1].replace("\\\\", "").replace('\\"', "")
    assert "\n" not in text


def test_a_name_that_is_none_is_a_text_too() -> None:
    labels = {"job": "a", 'x="1"} or up{y': "b", "k8s.pod": 'c"'}
    assert promql.selector("up", labels) == 'up{job="a", "k8s.pod"="c\\"", "x=\\"1\\"} or up{y"="b"}'


@pytest.mark.parametrize(
    ("text", "seconds"),
    [("1s", 1), ("1m30s", 90), ("2h", 7200), ("1d", 86400), ("500ms", 0.5), ("", None), ("1x", None)],
)
def test_durations_are_read(text: str, seconds: float | None) -> None:
    assert promql.seconds(text) == seconds


def test_numbers_that_are_none_are_none() -> None:
    assert [promql.number(text) for text in ("1e+00", "NaN", "+Inf", "x", "")] == [1.0, None, None, None, None]
    assert promql.moment("1764140449.5") == datetime(2025, 11, 26, 7, 0, 49, 500000, tzinfo=UTC)
    assert [promql.moment(text) for text in ("NaN", "-5", "1e300")] == [None, None, None]


@pytest.mark.parametrize(
    ("text", "labels", "fitting"),
    [
        ("Watchdog", {"alertname": "Watchdog"}, True),
        ("Watchdog", {"alertname": "Watchdogs"}, False),
        ('{alertname="Watchdog", client="acme"}', {"alertname": "Watchdog", "client": "acme"}, True),
        ('alertname="Watchdog",client="acme"', {"alertname": "Watchdog", "client": "baker"}, False),
        ('alertname=~"Watch.*"', {"alertname": "Watchdog"}, True),
        ('alertname=~"Watch"', {"alertname": "Watchdog"}, False),
        ('alertname="W", client!="x"', {"alertname": "W"}, True),
        ('alertname="W", client!~"x|y"', {"alertname": "W", "client": "y"}, False),
        ('alertname="a\\"b, c=d"', {"alertname": 'a"b, c=d'}, True),
    ],
)
def test_matchers_are_those_of_alertmanager(text: str, labels: dict[str, str], fitting: bool) -> None:
    assert fits(parsed(text), labels) is fitting
    assert parsed(str(said(parsed(text))).replace('" ', '", ')) == parsed(text)


@pytest.mark.parametrize("text", ["", "{}", "a=", 'a="x" b="y"', 'a=~"("', "a b"])
def test_matchers_that_are_none_say_where(text: str) -> None:
    with pytest.raises(ValueError, match=r"."):
        parsed(text)


@given(st.dictionaries(st.text(min_size=1), st.text(min_size=1)))
def test_exact_matchers_fit_their_own_alert(labels: dict[str, str]) -> None:
    assert fits(exact(labels, ()), labels)
    assert {one.value for one in exact(labels, ())} == set(labels.values())


@given(st.text())
def test_no_instance_is_too_odd(text: str) -> None:
    host_of(text)


def test_external_labels_are_found_in_the_configuration() -> None:
    yaml = """global:
  scrape_interval: 1s
  external_labels:
    client: acme
    empty: ""
    quoted: 'it''s'
    escaped: "a\\u0041"
    block: |-
      no
alerting:
  external_labels:
    wrong: yes
"""
    assert external_labels(yaml) == {"client": "acme", "empty": "", "quoted": "it's", "escaped": "aA"}


@pytest.mark.parametrize(
    "yaml", ["", "global:\n  scrape_interval: 1s\n", "scrape_configs:\n- external_labels:\n    a: b\n"]
)
def test_a_configuration_without_them_has_none(yaml: str) -> None:
    assert external_labels(yaml) == {}


@pytest.mark.parametrize(
    ("options", "key"),
    [
        ({}, "alertmanagers"),
        ({"alertmanagers": ["ftp://x"]}, "alertmanagers"),
        ({"alertmanagers": ["http://x", "http://x/"]}, "alertmanagers"),
        ({"alertmanagers": "http://x", "url": "x"}, "url"),
        ({"alertmanagers": "http://x", "auth": "basic"}, "user"),
        ({"alertmanagers": "http://x", "auth": "bearer", "user": "me"}, "user"),
        ({"alertmanagers": "http://x", "auth": "digest"}, "auth"),
        ({"alertmanagers": "http://x", "severity": {"sev1": "awful"}}, "severity.sev1"),
        ({"alertmanagers": "http://x", "watchdog": 'a=~"("'}, "watchdog"),
        ({"alertmanagers": "http://x", "place": {"hostgroup": "(?P<client>.*)"}}, "place.hostgroup"),
        ({"alertmanagers": "http://x", "headers": {"Host": "y"}}, "headers.Host"),
        ({"alertmanagers": "http://x", "watchdogs": "y"}, "watchdogs"),
    ],
)
def test_every_mistake_names_its_key(tmp_path: Path, options: dict[str, Any], key: str) -> None:
    with pytest.raises(ConfigurationError) as raised:
        open_prometheus(tmp_path, **options)
    assert raised.value.key == key


def test_the_example_of_the_documentation_is_a_source(tmp_path: Path) -> None:
    page = (Path(__file__).parents[4] / "docs" / "sources" / "prometheus.md").read_text("utf-8")
    (table,) = tomli.loads(page.split("```toml\n")[1].split("```")[0])["sources"].values()
    assert table.pop("kind") == "prometheus"
    open_prometheus(tmp_path, **table)


def test_every_question_is_an_option(tmp_path: Path) -> None:
    answers = {question.key: question.default for question in QUESTIONS if question.default}
    open_prometheus(tmp_path, **answers)
    assert {question.key for question in QUESTIONS} == {"alertmanagers", "url", "auth", "user", "watchdog"}


@pytest.mark.parametrize(
    ("options", "name", "value"),
    [
        ({}, "Authorization", None),
        ({"user": "me"}, "Authorization", "Basic bWU6czNjcmV0"),
        ({"auth": "bearer"}, "Authorization", "Bearer s3cret"),
        ({"headers": {"X-Scope-OrgID": "acme|baker"}}, "X-Scope-OrgID", "acme|baker"),
    ],
)
async def test_every_request_says_who_asks(
    site: Site, tmp_path: Path, options: dict[str, Any], name: str, value: str | None
) -> None:
    source = open_prometheus(tmp_path, alertmanagers=site.url, url=site.url, **options)
    await source.poll()
    await source.close()
    assert {headers.get(name) for headers in site.headers} == {value}


async def test_no_other_place_is_told_who_we_are(site: Site, tmp_path: Path) -> None:
    """F-49: a redirect is not followed."""
    source = open_prometheus(tmp_path, alertmanagers=f"{site.url}/prefix", auth="bearer")
    site.answers["/prefix/api/v2/alerts"] = (302, b"")
    with pytest.raises(SourceError, match="redirects"):
        await source.poll()
    await source.close()
    assert site.paths() == ["/prefix/api/v2/alerts"]
