"""From a recorded answer to facts, and what a spoiled one costs."""

from __future__ import annotations

import contextlib
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from backends.adapters.monit.markup import DEEPEST, parsed
from backends.adapters.monit.reading import checks_of
from backends.adapters.monit.records import status_of
from backends.api import Check, SourceError, SourceName
from backends.fleet.model import CheckState, Severity
from backends.text import is_safe

RECORDED = (Path(__file__).parent / "answers" / "status.xml").read_bytes()
AT = datetime.fromtimestamp(1795297140, UTC)
"""Just after it was recorded."""


def told(body: bytes, at: datetime = AT, skew_s: float = 0.0) -> Mapping[str, Check]:
    return {one.key: one for one in checks_of(status_of(parsed(body)), SourceName("one"), "h:2812", at, skew_s)}


def one(inside: str, kind: int = 3) -> bytes:
    """A document with one service."""
    usual = "<collected_sec>1795297139</collected_sec><status>0</status><monitor>1</monitor>"
    head = "<?xml version='1.0' encoding='ISO-8859-1'?><monit><server><id>7</id><poll>30</poll></server>"
    return f"{head}<service type='{kind}'>{inside}{usual}</service></monit>".encode()


def test_each_service_is_told_as_what_it_is() -> None:
    checks = told(RECORDED)
    assert {key: (check.state, check.severity, check.summary) for key, check in checks.items()} == {
        "check/backup": (
            CheckState.CRITICAL,
            Severity.HIGH,
            "backup: its program says so (last backup 90 h ago)",
        ),
        "check/client01-srv1": (CheckState.OK, None, "load 0.83, memory 2.2 %, swap 0 %"),
        "check/config": (CheckState.CRITICAL, Severity.HIGH, "config: does not exist"),
        "check/legacy": (CheckState.UNKNOWN, Severity.INFO, "legacy is not watched by Monit"),
        "check/rootfs": (
            CheckState.WARNING,
            Severity.WARNING,
            "rootfs: a limit is passed (11.5 % full, 3.3 % of the inodes used)",
        ),
        "check/upstream": (CheckState.CRITICAL, Severity.CRITICAL, "upstream: no connection (127.0.0.1:23969)"),
        "service/spooler": (CheckState.CRITICAL, Severity.HIGH, "spooler: does not run, its command failed"),
        "service/web": (CheckState.OK, None, ""),
        "service/worker": (CheckState.UNKNOWN, Severity.INFO, "worker is not watched by Monit"),
    }
    assert (checks["check/rootfs"].value, checks["check/rootfs"].unit) == (11.5, "%")
    assert {key for key, check in checks.items() if check.handling is not None} == {"check/legacy", "service/worker"}
    assert all(check.seen == AT for check in checks.values())


def test_what_was_not_looked_at_in_its_rhythm_is_as_old_as_it_is() -> None:
    """A Monit that hangs in a program still answers, and nothing is made green by that."""
    late = AT + timedelta(minutes=10)
    assert {check.seen < AT for check in told(RECORDED, late).values()} == {True}
    assert {check.seen for check in told(RECORDED, late, skew_s=-600.0).values()} == {late}


def test_a_change_is_no_failure() -> None:
    changed = one("<name>web</name><status>512</status><status_hint>512</status_hint>").replace(
        b"<status>0</status>", b""
    )
    assert told(changed)["service/web"].state is CheckState.WARNING


@pytest.mark.parametrize(("monitor", "state"), [(0, "unknown"), (2, "unknown"), (6, "unknown"), (1, "ok"), (5, "ok")])
def test_what_is_not_looked_at_yet_is_not_ok(monitor: int, state: str) -> None:
    body = one("<name>web</name>").replace(b"<monitor>1", f"<monitor>{monitor}".encode())
    assert told(body)["service/web"].state == state


def test_a_name_that_is_known_elsewhere_is_the_same_condition() -> None:
    checks = told(one("<name>disk /var</name>", kind=0))
    assert checks["disk//var"].target == "disk /var"


def test_a_service_that_is_spoiled_costs_no_other() -> None:
    """F-73"""
    for spoiled in (
        b"<service/>",
        b"<service type='x'><name>a</name></service>",
        b"<service type='3'><name/></service>",
    ):
        status = status_of(parsed(RECORDED.replace(b"</platform>", b"</platform>" + spoiled)))
        assert (len(status.services), status.spoiled) == (9, 1)
    far = RECORDED.replace(b"<status>4608<", b"<status>" + b"9" * 5000 + b"<")
    assert (len(status_of(parsed(far)).services), status_of(parsed(far)).spoiled) == (8, 1)


def test_two_services_of_one_name_are_two_conditions() -> None:
    web = b"<service" + one("<name>web</name>").partition(b"<service")[2]
    assert {"service/web", "check/web"} <= set(told(RECORDED.replace(b"</monit>", web)))


def test_what_a_program_printed_is_data() -> None:
    """F-16: control characters, which are no XML, markup in CDATA, and bytes of no encoding."""
    printed = b"a\x1b[2J\x00</service><service type='3'><name>forged</name>]]&gt;\xe2\x80\xae \xc3\xa9 \xff"
    body = RECORDED.replace(b"last backup 90 h ago", printed)
    checks = told(body)
    assert len(checks) == 9
    assert "␛[2J␀</service>" in checks["check/backup"].summary
    assert all(is_safe(text) for check in checks.values() for text in (check.label, check.summary))


@pytest.mark.parametrize(
    "body",
    [
        b'<!DOCTYPE monit [<!ENTITY a "aaaa"><!ENTITY b "&a;&a;">]><monit><server/>&b;</monit>',
        b'<!DOCTYPE monit SYSTEM "http://127.0.0.1:1/x"><monit><server/></monit>',
        b"<!DOCTYPE html><html></html>",
        b"<monit><server/>&undeclared;</monit>",
        b"<monit><server/>",
        b"<html></html>",
        b"<monit/>",
        b"",
        b"{}",
        b"<a>" * (DEEPEST + 2),
        b"<monit>" + b"<a/>" * 200_001,
    ],
    ids=lambda body: body[:20].decode(),
)
def test_what_is_no_list_of_services_is_refused(body: bytes) -> None:
    """F-72, and entities that grow or fetch."""
    with pytest.raises(SourceError) as caught:
        status_of(parsed(body))
    assert is_safe(caught.value.sentence)
    assert caught.value.sentence.endswith(".")


TEXT = st.text(st.characters(codec="utf-8", exclude_characters="<>&"), max_size=12)
TAGS = st.sampled_from(["name", "collected_sec", "status", "monitor", "every", "block", "program", "port", "x"])
INNER = st.recursive(
    TEXT | st.integers().map(str) | st.floats().map(str),
    lambda inner: st.lists(st.tuples(TAGS, inner), max_size=6).map(
        lambda parts: "".join(f"<{tag}>{text}</{tag}>" for tag, text in parts)
    ),
    max_leaves=12,
)


@settings(max_examples=200, deadline=None)
@given(st.lists(INNER, max_size=4), st.integers(-9, 99))
def test_every_answer_of_the_right_shape_is_read(services: list[str], kind: int) -> None:
    listed = "".join(f"<service type='{kind}'>{inside}</service>" for inside in services)
    checks = told(f"<monit><server><id>1</id></server>{listed}</monit>".encode())
    assert all(check.seen <= AT and is_safe(check.summary) for check in checks.values())


@settings(max_examples=200, deadline=None)
@given(st.binary(max_size=200))
def test_bytes_are_services_or_a_fault(body: bytes) -> None:
    with contextlib.suppress(SourceError):
        status_of(parsed(RECORDED[:1500] + body))
