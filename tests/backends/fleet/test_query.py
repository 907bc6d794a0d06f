"""The filter language: what terms mean, what errors say, and that nothing else is ever raised."""

from __future__ import annotations

from datetime import timedelta

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from backends.fleet.model import CheckState, Client, ClientId, Contract, Freshness, Health, Severity, safe
from backends.fleet.query import Context, Query, QueryError, complete, parse
from backends.fleet.run import Consent, PlanTarget, Risk
from tests.support.facts import at, check, folded, only_device, only_issue, reading, sighting

FLEET = folded(
    reading(
        [sighting("1", source="zabbix-eu", name="SQL01", client="Acme Dental", platform="linux")],
        [
            check(
                "1",
                "disk",
                CheckState.CRITICAL,
                source="zabbix-eu",
                subject="/var",
                summary="Disk /var is 97 % full",
                severity=Severity.HIGH,
            )
        ],
        source="zabbix-eu",
    )
)
DEVICE = only_device(FLEET)
ISSUE = msgspec.structs.replace(only_issue(FLEET), owner="tech1")
SITE = next(iter(FLEET.sites.values()))
SOURCE = next(iter(FLEET.sources.values()))
CLIENT = Client(id=ClientId("acme-dental"), name=safe("Acme Dental"), contract=Contract.BREAK_FIX)
NOW = Context(me="tech1", now=at(2 * 3600))
TARGET = PlanTarget(
    device=DEVICE.id,
    client=DEVICE.client,
    client_name=DEVICE.client_name,
    site=DEVICE.site,
    site_name=DEVICE.site_name,
    name=DEVICE.name,
    kind=DEVICE.kind,
    platform=DEVICE.platform,
    address=DEVICE.address,
    source=DEVICE.sources[0],
    native="1",
    identity=DEVICE.identity,
    health=Health.OK,
    seen=at(),
    consent=Consent.NONE,
)
FACTS = (DEVICE, ISSUE, SITE, SOURCE, CLIENT, TARGET, *FLEET.checks_of(DEVICE.id))


@pytest.mark.parametrize(
    "text",
    [
        "",
        "*",
        "sev>=high",
        "sev:high",
        "sev<critical",
        "severity>=warning",
        "client:acme",
        "client:ACME",
        'client="acme dental"',
        "client=acme-dental",
        "client:ac*al",
        "site:hq",
        "site=hq",
        "kind:server",
        "source:zabbix-eu",
        "source:zabbix",
        "owner:me",
        "owner:tech1",
        "mine",
        "claimed",
        "open",
        "-acked",
        "-snoozed",
        "is:open",
        "age>1h",
        "age>1h30m",
        "age>=2h",
        "age<3h",
        "state:open",
        "fresh:fresh",
        "family:disk",
        "times:1",
        "times<2",
        "behind:0",
        '"97 % full"',
        "'97 % full'",
        'text "disk /var"',
        'text:"disk /var"',
        "disk",
        "DISK",
        "sql01 disk",
        "-client:baker",
        'sev>=high client:acme site:hq kind:server source:zabbix-eu owner:me -acked age>1h text "disk /var"',
        '"disk',
        "contract:managed",
        "client!=baker",
    ],
)
def test_the_issue_is_found_by(text: str) -> None:
    assert parse(text).matches(ISSUE, NOW)


@pytest.mark.parametrize(
    "text",
    [
        "sev>high",
        "sev:critical",
        "sev!=high",
        "client:baker",
        "client=acme",
        "-client:acme",
        "kind:printer",
        "owner:none",
        "owner:tech2",
        "acked",
        "snoozed",
        "stale",
        "unplaced",
        "-mine",
        "age<1h",
        "age>3h",
        '"full disk"',
        "disk swap",
        "risk>=safe",
        "health:ok",
        "is:incident",
        "text",
        "client!=acme-dental",
    ],
)
def test_the_issue_is_not_found_by(text: str) -> None:
    assert not parse(text).matches(ISSUE, NOW)


@pytest.mark.parametrize(
    ("text", "position", "length", "sentence"),
    [
        ("cleint:acme", 0, 6, "There is no field 'cleint'; did you mean client?"),
        ("open -sevrity:high", 6, 7, "There is no field 'sevrity'; did you mean sev?"),
        ("sev>=hgih", 5, 4, "sev is never 'hgih'; did you mean high?"),
        ("age>tomorrow", 4, 8, "'tomorrow' is no length of time; write it like 90s, 15m, 2h or 3d."),
        ("client>acme", 0, 11, "client has no order; use client:acme."),
        ("health>ok", 0, 9, "health has no order; use health:ok."),
        ("client:", 0, 7, "client: needs a value after it."),
        ("times>many", 6, 4, "times is compared with a number, as in times>3."),
        ("is:ackd", 3, 4, "is is never 'ackd'; did you mean acked?"),
        ("state:opne", 6, 4, "state is never 'opne'; did you mean open?"),
    ],
)
def test_an_error_says_where_and_what_would_be_right(text: str, position: int, length: int, sentence: str) -> None:
    with pytest.raises(QueryError) as caught:
        parse(text)

    assert (caught.value.position, caught.value.length, caught.value.sentence) == (position, length, sentence)


@pytest.mark.parametrize(
    ("fact", "text"),
    [
        (DEVICE, "name:sql health:degraded seen>1h"),
        (DEVICE, "platform:linux -printer"),
        (SITE, "site:hq client:acme health:degraded"),
        (SOURCE, "source:zabbix fresh:fresh"),
        (SOURCE, "name:zabbix-eu"),
        (CLIENT, "client:acme contract:break-fix"),
        (CLIENT, "is:break-fix"),
        (TARGET, "kind:server client:acme-dental"),
    ],
)
def test_other_facts_are_found_by(fact: object, text: str) -> None:
    assert parse(text).matches(fact, NOW)


def test_a_field_that_a_kind_of_fact_does_not_have_matches_nothing_of_it() -> None:
    assert not parse("sev>=info").matches(SITE, NOW)


def test_a_guard_asks_for_the_risk_of_what_is_about_to_be_done() -> None:
    query = parse("client:acme-dental kind:server risk>=disruptive")

    assert query.matches(TARGET, Context(now=at(), risk=Risk.DESTRUCTIVE))
    assert not query.matches(TARGET, Context(now=at(), risk=Risk.SAFE))


def test_a_guard_means_the_client_that_it_names_and_none_that_sounds_like_it() -> None:
    assert not parse("client:acme").matches(TARGET, Context(now=at(), risk=Risk.SAFE))


def test_a_stale_source_is_found_by_the_word_for_it() -> None:
    assert parse("stale").matches(msgspec.structs.replace(SOURCE, state=Freshness.STALE), NOW)


def test_what_has_no_place_is_found_as_unplaced() -> None:
    nowhere = only_device(folded(reading([sighting("1", client="", site="")])))

    assert parse("unplaced").matches(nowhere, NOW)


@given(st.text() | st.text(alphabet="sev:>=<!-\"' age2hclientis*\x00\u202e"), st.integers(-5, 50))
def test_no_text_raises_anything_but_a_query_error(text: str, cursor: int) -> None:
    complete(text, cursor)
    found = _parsed(text)
    if isinstance(found, QueryError):
        assert 0 <= found.position < found.position + found.length <= len(text)
    else:
        assert all(found.matches(fact, NOW) in (True, False) for fact in FACTS)


def _parsed(text: str) -> Query | QueryError:
    try:
        return parse(text)
    except QueryError as error:
        return error


@given(st.sampled_from(["sev", "client", "age", "times", "state", "is", "risk", "owner", "seen", "fix"]), st.text())
def test_no_value_raises_anything_but_a_query_error(field: str, value: str) -> None:
    for op in (":", ">=", "!="):
        found = _parsed(f'{field}{op}"{value}"')
        if isinstance(found, Query):
            assert all(found.matches(fact, NOW) in (True, False) for fact in FACTS)


@pytest.mark.parametrize(
    ("text", "offers"),
    [
        ("cl", ["client:", "claimed"]),
        ("-ack", ["-acked"]),
        ("sev>=h", ["sev>=high"]),
        ("open kind:fire", ["kind:firewall"]),
        ("is:look", ["is:look-alike"]),
        ("client:ac", ['client:"Acme Dental"']),
    ],
)
def test_a_term_is_completed(text: str, offers: list[str]) -> None:
    assert complete(text, len(text), {"client": ["Acme Dental", "Baker Law"]}) == offers


def test_an_empty_filter_asks_for_nothing() -> None:
    assert parse("  ").everything


def test_the_same_text_is_the_same_filter() -> None:
    assert parse("open") == Query("open", ()) == parse("open")


def test_days_are_as_long_as_they_are() -> None:
    old = Context(now=at() + timedelta(days=3))

    assert parse("age>2d").matches(ISSUE, old)
    assert not parse("age>1w").matches(ISSUE, old)
