"""What was found -> what is said of the device."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from backends.adapters.probe.found import Found, Limits, Spec, Tally
from backends.adapters.probe.reading import Looked, Target, reading
from backends.api import ClientId, FaultKind, SiteId, SourceName, safe
from backends.fleet.model import CheckState, Health
from backends.fleet.placement import Place

NOW = datetime(2026, 3, 2, 9, 0, tzinfo=UTC)
BEFORE = NOW - timedelta(minutes=7)
EYES = SourceName("eyes")
TARGET = Target(
    native="10.0.0.1",
    name="fw",
    address="10.0.0.1",
    kind="firewall",
    place=Place(client=ClientId("acme"), client_name=safe("Acme"), site=SiteId("acme/hq"), site_name=safe("HQ")),
)
PING = Spec(family="ping", label="Ping", limits=Limits(latency_warn=100.0, latency_crit=500.0))
WEB = Spec(family="tcp", subject="10.0.0.1:443", label="TCP 10.0.0.1:443", limits=Limits(latency_warn=100.0))
ANSWERS = Found(answers=(12.0,), said="answers pings", reached=True)
SILENT = Found(answers=(None, None, None), wrong="10.0.0.1 does not answer.", reached=False, fault=FaultKind.TIMEOUT)
TAKES = Found(answers=(3.0,), said="takes connections", reached=True)
REFUSES = Found(answers=(None,), wrong="Nothing listens.", reached=True, fault=FaultKind.REFUSED)
LOST = Found(answers=(None,), wrong="No connection.", reached=False, fault=FaultKind.UNREACHABLE)
UNKNOWN = Found(wrong="The name is not known.", state=CheckState.UNKNOWN, fault=FaultKind.NAME)


def looked(spec: Spec, *found: Found) -> Looked:
    """The last of these, after the others."""
    tally = Tally()
    for one in found:
        tally.add(one)
    return Looked(spec=spec, found=found[-1], tally=tally)


def told(*looks: Looked) -> tuple[Health, dict[str, CheckState], FaultKind | None]:
    said, fault = reading(EYES, TARGET, looks, now=NOW, seen=BEFORE)
    states = {check.key: check.state for check in said.checks}
    return said.sightings[0].health, states, fault.kind if fault else None


OK, WARNING, CRITICAL = CheckState.OK, CheckState.WARNING, CheckState.CRITICAL


@pytest.mark.parametrize(
    ("ping", "web", "health", "reachable", "fault"),
    [
        (ANSWERS, TAKES, Health.OK, OK, None),
        (ANSWERS, LOST, Health.OK, OK, None),
        (SILENT, TAKES, Health.OK, OK, None),
        (SILENT, REFUSES, Health.OK, OK, None),
        (SILENT, LOST, Health.DOWN, CRITICAL, FaultKind.TIMEOUT),
        (UNKNOWN, LOST, Health.DOWN, CRITICAL, FaultKind.UNREACHABLE),
        (UNKNOWN, UNKNOWN, Health.UNKNOWN, CheckState.UNKNOWN, FaultKind.NAME),
    ],
    ids=["both", "no web", "no ping", "no ping, refuses", "neither", "unknown, lost", "unknown"],
)
def test_one_look_that_gets_through_is_enough(
    ping: Found, web: Found, health: Health, reachable: CheckState, fault: FaultKind | None
) -> None:
    """Who keeps silent to pings is not down, and who could not be asked is neither down nor well."""
    assert (told(looked(PING, ping), looked(WEB, web))[0], fault) == (health, fault)
    assert told(looked(PING, ping), looked(WEB, web))[1]["reachable"] is reachable
    assert told(looked(PING, ping), looked(WEB, web))[2] is fault


def test_where_nothing_says_whether_it_is_there_nothing_is_said() -> None:
    health, states, _ = told(looked(WEB, UNKNOWN))
    assert (health, set(states)) == (Health.UNKNOWN, {"tcp/10.0.0.1:443"})


def test_of_what_is_down_the_last_word_is_kept_and_ages() -> None:
    said, _ = reading(EYES, TARGET, [looked(PING, ANSWERS, SILENT)], now=NOW, seen=BEFORE)
    (sighting,) = said.sightings
    assert (sighting.seen, sighting.partial) == (BEFORE, True)
    assert [check.key for check in said.checks] == ["reachable"]
    assert (said.complete, said.covers) == (False, ("10.0.0.1",))


def test_a_ping_tells_latency_and_loss_with_their_limits() -> None:
    said, _ = reading(EYES, TARGET, [looked(PING, ANSWERS)], now=NOW, seen=BEFORE)
    latency, loss = said.checks[1:]
    assert (latency.value, latency.unit, latency.warn, latency.crit) == (12.0, "ms", 100.0, 500.0)
    assert (loss.value, loss.unit, loss.warn, loss.crit) == (0.0, "%", 20.0, 60.0)


@pytest.mark.parametrize(("ms", "state"), [(99.0, OK), (100.0, WARNING), (500.0, CRITICAL)])
def test_a_latency_is_judged(ms: float, state: CheckState) -> None:
    assert told(looked(PING, Found(answers=(ms,), said="answers", reached=True)))[1]["latency"] is state


def test_one_slow_answer_is_no_news() -> None:
    slow = Found(answers=(900.0,), said="answers", reached=True)
    assert told(looked(PING, ANSWERS, ANSWERS, slow))[1]["latency"] is OK
    assert told(looked(PING, ANSWERS, slow, slow))[1]["latency"] is CRITICAL


def test_a_loss_is_judged_only_when_there_are_enough_answers() -> None:
    halves = [Found(answers=(None, 5.0), said="answers", reached=True)] * 20
    assert told(looked(PING, *halves[:2]))[1]["loss"] is OK
    assert told(looked(PING, *halves))[1]["loss"] is WARNING


def test_an_outage_that_is_over_is_no_loss() -> None:
    after = looked(PING, *[ANSWERS] * 10, *[SILENT] * 10, *[ANSWERS] * 10)
    assert after.tally.loss == 0.0
    assert told(after)[1]["loss"] is OK


def test_a_port_that_fails_now_and_then_is_told() -> None:
    shaky = [one for _ in range(10) for one in (TAKES, LOST)]
    states = told(looked(WEB, *shaky, TAKES))[1]
    assert states["tcp/10.0.0.1:443"] is WARNING
    said, _ = reading(EYES, TARGET, [looked(WEB, *shaky, TAKES)], now=NOW, seen=BEFORE)
    assert "did not answer 50 % of the last 20 times" in said.checks[1].summary


@pytest.mark.parametrize(("days", "state"), [(22.0, OK), (21.0, WARNING), (7.0, CRITICAL), (-2.0, CRITICAL)])
def test_days_of_a_certificate_are_judged(days: float, state: CheckState) -> None:
    spec = Spec(family="certificate", subject="fw:443", label="Certificate", limits=Limits(days_warn=21, days_crit=7))
    found = Found(answers=(5.0,), said="is trusted", reached=True, days=days)
    assert told(looked(spec, found))[1]["certificate/fw:443"] is state
