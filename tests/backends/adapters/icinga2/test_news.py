"""Events as changes of what is known, and as readings of what changed."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncGenerator
from types import SimpleNamespace
from typing import Any

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as some

from backends.adapters.icinga2.news import RESULTS, TYPES, Touched, learn, understood
from backends.adapters.icinga2.source import IcingaSource
from backends.adapters.icinga2.world import World
from backends.api import FaultKind, Reading, SourceError
from backends.fleet.model import CheckState
from backends.testing import FakeClock
from tests.backends.adapters.icinga2.fake import Fake, opened, passing
from tests.backends.adapters.icinga2.recorded import Told, now, raw, recorded_at, world
from tests.support.eventually import until

T = recorded_at().timestamp()
RECORDED: dict[str, dict[str, Any]] = json.loads(raw("events"))


def learned(known: World, *events: dict[str, Any]) -> Touched:
    touched = Touched()
    for event in events:
        understood_event = understood(json.dumps(event).encode())
        assert understood_event is not None
        learn(known, understood_event, touched)
    return touched


def result(state: int, later_s: float = 5.0, output: str = "told by an event", **vars_: Any) -> dict[str, Any]:
    after = {"attempt": 1, "reachable": True, "state": state, "state_type": 1, **vars_}
    return {
        "execution_end": T + later_s,
        "state": state,
        "output": output,
        "performance_data": ["n=7"],
        "vars_after": after,
    }


def event(
    kind: str, service: str = "load", host: str = "acme-web01", later_s: float = 5.0, **more: Any
) -> dict[str, Any]:
    return {"type": kind, "host": host, "service": service, "timestamp": T + later_s, **more}


@pytest.mark.parametrize("kind", RECORDED)
def test_every_kind_of_event_of_a_real_server_is_understood(kind: str) -> None:
    found = understood(json.dumps(RECORDED[kind]).encode())
    assert found is not None
    assert found.type == kind


def test_a_result_changes_the_state_and_what_is_said() -> None:
    known = world()
    touched = learned(known, event("CheckResult", check_result=result(0)))
    check = Told(known, now(10.0)).checks["acme-web01", "load"]
    assert touched.spots == {("acme-web01", "load")}
    assert (check.state, check.summary, check.value) == (CheckState.OK, "told by an event", 7.0)
    assert check.since is not None
    assert check.since.timestamp() == pytest.approx(T + 5.0)


def test_a_host_takes_a_warning_for_up() -> None:
    known = world()
    learned(known, event("CheckResult", service="", check_result=result(1)))
    assert Told(known, now(10.0)).checks["acme-web01", "reachable"].state is CheckState.OK
    learned(known, event("CheckResult", service="", later_s=6.0, check_result=result(2, 6.0)))
    assert Told(known, now(10.0)).checks["acme-web01", "reachable"].state is CheckState.CRITICAL


def test_a_change_of_state_says_whether_it_is_confirmed() -> None:
    known = world()
    learned(known, event("StateChange", state=2, state_type=0, check_result=result(2, attempt=2, state_type=0)))
    assert Told(known, now(10.0)).checks["acme-web01", "load"].advice.startswith("Icinga is not sure yet")


def test_an_event_that_a_poll_has_overtaken_changes_nothing() -> None:
    known = world()
    touched = learned(known, event("CheckResult", later_s=-60.0, check_result=result(0, -60.0)))
    assert not touched
    assert Told(known).checks["acme-web01", "load"].state is CheckState.WARNING


def test_the_same_event_twice_is_the_event_once() -> None:
    once, twice = world(), world()
    told = event("StateChange", state=2, state_type=1, check_result=result(2))
    learned(once, told)
    learned(twice, told, told)
    assert once.services == twice.services


def test_a_result_that_says_unreachable_is_heard() -> None:
    known = world()
    learned(known, event("CheckResult", service="", host="acme-db01", check_result=result(2, reachable=False)))
    known.parents["acme-db01"] = ("globex-router",)
    assert Told(known, now(10.0)).sightings["acme-db01"].behind == "globex-router"


def test_an_acknowledgement_comes_and_goes() -> None:
    known = world()
    said = event("AcknowledgementSet", "disk /var", acknowledgement_type=2, author="carol", comment="mine", expiry=0)
    learned(known, said)
    handling = Told(known, now(10.0)).checks["acme-web01", "disk//var"].handling
    assert handling is not None
    assert (handling.acked, handling.acked_by, handling.text) == (True, "carol", "mine")
    learned(known, event("AcknowledgementCleared", "disk /var", later_s=6.0, acknowledgement_type=0))
    assert Told(known, now(10.0)).checks["acme-web01", "disk//var"].handling is None


def test_an_acknowledgement_that_a_poll_has_overtaken_changes_nothing() -> None:
    known = world()
    assert not learned(known, event("AcknowledgementCleared", later_s=-60.0, acknowledgement_type=0))
    assert Told(known).checks["acme-web01", "load"].handling is not None


def downtime(kind: str, trigger_time: float, name: str = "acme-web01!load!1") -> dict[str, Any]:
    made = {
        "__name": name,
        "host_name": "acme-web01",
        "service_name": "load",
        "author": "dave",
        "comment": "window",
        "start_time": T - 1,
        "end_time": T + 600,
        "fixed": True,
        "trigger_time": trigger_time,
    }
    return {"type": kind, "timestamp": T + 5.0, "downtime": made}


def test_a_downtime_begins_when_it_takes_effect_and_ends_when_it_is_removed() -> None:
    known = world()
    for kind, trigger_time, quiet in (
        ("DowntimeAdded", 0, False),
        ("DowntimeStarted", 0, False),
        ("DowntimeTriggered", T, True),
        ("DowntimeStarted", 0, True),
        ("DowntimeRemoved", T, False),
    ):
        learned(known, downtime(kind, trigger_time))
        handling = Told(known, now(10.0)).checks["acme-web01", "load"].handling
        assert handling is not None, "it is acknowledged all the while"
        assert handling.quiet is quiet, kind


def test_the_comment_of_an_acknowledgement_names_its_author() -> None:
    known = world()
    comment = {
        "host_name": "acme-web01",
        "service_name": "load",
        "entry_type": 4,
        "entry_time": T + 5,
        "author": "eve",
        "text": "b",
    }
    learned(known, {"type": "CommentAdded", "timestamp": T + 5, "comment": comment})
    handling = Told(known, now(10.0)).checks["acme-web01", "load"].handling
    assert handling is not None
    assert handling.acked_by == "eve"
    learned(known, {"type": "CommentRemoved", "timestamp": T + 6, "comment": comment})
    handling = Told(known, now(10.0)).checks["acme-web01", "load"].handling
    assert handling is not None
    assert handling.acked_by == ""


def test_other_comments_are_nobodys_business() -> None:
    comment = {"host_name": "acme-web01", "service_name": "load", "entry_type": 1, "author": "eve", "text": "b"}
    assert not learned(world(), {"type": "CommentRemoved", "timestamp": T + 5, "comment": comment})


def test_a_service_that_is_deleted_leaves_the_others() -> None:
    known = world()
    touched = learned(known, {"type": "ObjectDeleted", "object_type": "Service", "object_name": "acme-web01!load"})
    assert touched.whole == {"acme-web01"}
    assert "load" not in known.services["acme-web01"]


def test_what_is_new_is_to_be_asked_for_and_what_is_known_is_not() -> None:
    known = world()
    for name, unknown in (("fresh", {"fresh"}), ("acme-web01!fresh", {"acme-web01"}), ("acme-web01", set())):
        kind = "Service" if "!" in name else "Host"
        touched = learned(known, {"type": "ObjectCreated", "object_type": kind, "object_name": name})
        assert touched.unknown == unknown


@given(
    some.dictionaries(
        some.sampled_from([field.encode_name for field in msgspec.structs.fields(type(understood(b'{"type":""}')))]),
        some.none() | some.booleans() | some.floats(allow_nan=False, allow_infinity=False) | some.text(max_size=9)
        | some.dictionaries(some.text(max_size=9), some.integers() | some.text(max_size=5), max_size=4),
    ),
    some.sampled_from(TYPES),
)  # fmt: skip
def test_no_event_of_any_shape_does_harm(fields: dict[str, Any], kind: str) -> None:
    found = understood(json.dumps({**fields, "type": kind}).encode())
    if found is not None:
        known = world()
        learn(known, found, Touched())
        assert Told(known).checks


async def _first(source: IcingaSource) -> tuple[AsyncGenerator[Reading, None], Reading]:
    await source.poll()
    stream = source.events()
    assert isinstance(stream, AsyncGenerator)
    return stream, await anext(stream)


async def _next(stream: AsyncGenerator[Reading, None], clock: FakeClock) -> Reading:
    return await passing(anext(stream), clock)


async def test_the_stream_says_first_that_it_listens_and_always_names_a_queue(fake: Fake) -> None:
    source = opened(fake)
    stream, first = await _first(source)
    assert (first.complete, first.sightings, first.checks) == (False, (), ())
    asked = fake.asked[-1]
    assert (asked.method, asked.path, asked.body["types"]) == ("POST", "/v1/events", list(TYPES))
    assert asked.body["queue"].startswith("rounds-")
    await stream.aclose()
    await source.close()


async def test_only_permitted_events_are_asked_for(fake: Fake) -> None:
    fake.may("objects/query/*", "status/query", "events/CheckResult", "events/StateChange")
    source = opened(fake)
    stream, _ = await _first(source)
    assert fake.asked[-1].body["types"] == list(RESULTS)
    await stream.aclose()
    await source.close()


async def test_without_the_right_the_stream_says_what_is_missing(fake: Fake) -> None:
    fake.may("objects/query/*", "status/query")
    source = opened(fake)
    with pytest.raises(SourceError, match='Add "events/CheckResult", "events/StateChange"') as caught:
        await _first(source)
    assert caught.value.kind is FaultKind.FORBIDDEN
    assert "/v1/events" not in fake.paths
    await source.close()


async def test_what_comes_together_is_one_reading_of_what_changed(fake: Fake) -> None:
    clock = FakeClock(recorded_at())
    source = opened(fake, clock)
    stream, _ = await _first(source)
    for told in (
        event("CheckResult", check_result=result(0)),
        event("StateChange", state=0, state_type=1, check_result=result(0)),
        {"type": "something new", "host": 5},
        event("CheckResult", "disk /var", "acme-db01", check_result=result(2)),
    ):
        fake.lines.put_nowait(json.dumps(told).encode())
    heard = await _next(stream, clock)
    while len(heard.checks) < 2:  # the last ones may have missed the first batch
        heard = await _next(stream, clock)
    assert {(check.native, check.key) for check in heard.checks} <= {("acme-web01", "load"), ("acme-db01", "disk//var")}
    assert all(sighting.partial for sighting in heard.sightings)
    assert (heard.complete, heard.covers) == (False, ())
    await stream.aclose()
    await source.close()


async def test_a_host_that_is_new_is_asked_for_at_once(fake: Fake) -> None:
    clock = FakeClock(recorded_at())
    source = opened(fake, clock)
    document = json.loads(raw("hosts"))
    known = {**document, "results": [one for one in document["results"] if one["name"] != "globex-new"]}
    fake.answers["/v1/objects/hosts"] = (200, json.dumps(known).encode())
    stream, _ = await _first(source)
    del fake.answers["/v1/objects/hosts"]
    made = {"type": "ObjectCreated", "object_type": "Host", "object_name": "globex-new", "timestamp": T}
    fake.lines.put_nowait(json.dumps(made).encode())
    heard = await _next(stream, clock)
    assert heard.covers == ("globex-new",)
    assert [sighting.native for sighting in heard.sightings] == ["globex-new"]
    await stream.aclose()
    await source.close()


async def test_a_host_that_is_gone_is_gone(fake: Fake) -> None:
    clock = FakeClock(recorded_at())
    source = opened(fake, clock)
    stream, _ = await _first(source)
    gone = {"type": "ObjectDeleted", "object_type": "Host", "object_name": "globex-new", "timestamp": T}
    fake.lines.put_nowait(json.dumps(gone).encode())
    heard = await _next(stream, clock)
    assert (heard.covers, heard.sightings) == (("globex-new",), ())
    await stream.aclose()
    await source.close()


async def test_a_poll_does_not_undo_what_the_stream_told_meanwhile(fake: Fake) -> None:
    """The answers of a poll may be from before an event that was heard while it was under way."""
    clock = FakeClock(recorded_at())
    source = opened(fake, clock)
    stream, _ = await _first(source)
    poll = asyncio.ensure_future(source.poll())
    await until(lambda: fake.paths[-1].startswith("/v1/objects"))
    fake.lines.put_nowait(json.dumps(event("CheckResult", check_result=result(0))).encode())
    heard = asyncio.ensure_future(_next(stream, clock))
    reading = await poll
    await heard
    after = await source.poll()
    told = {(check.native, check.key): check for check in (*reading.checks, *heard.result().checks)}
    assert told["acme-web01", "load"].state is CheckState.OK
    assert after.complete
    await stream.aclose()
    await source.close()


async def test_a_poll_does_not_undo_a_look_meanwhile(fake: Fake) -> None:
    """Its answer for the services may be from before the look, which came after a fix."""
    source = opened(fake)
    await source.poll()
    held, go = fake.hold("/v1/objects/services")
    poll = asyncio.ensure_future(source.poll())
    await held.wait()
    fake.answers["/v1/objects/services"] = (200, _all_well())
    looked = await source.look("acme-web01")
    go.set()
    reading = await poll
    await source.close()
    for told in (looked, reading):
        (check,) = [one for one in told.checks if (one.native, one.key) == ("acme-web01", "load")]
        assert check.state is CheckState.OK
    (other,) = [one for one in reading.checks if (one.native, one.key) == ("acme-db01", "load")]
    assert other.state is CheckState.UNKNOWN, "the poll's own answer is the older one"


async def test_what_is_learnt_while_a_poll_is_told_in_turns_is_in_it(
    fake: Fake, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A host that was looked at after its turn has one more; a host that went away meanwhile is not told of."""
    source = opened(fake)
    turns, go = 0, asyncio.Event()
    begun = asyncio.Event()

    async def pause(_: float) -> None:
        nonlocal turns
        turns += 1
        begun.set()
        await go.wait()

    monkeypatch.setattr("backends.adapters.icinga2.source.AT_ONCE", 1)
    monkeypatch.setattr("backends.adapters.icinga2.source.asyncio", SimpleNamespace(sleep=pause))
    poll = asyncio.ensure_future(source.poll())
    await begun.wait()
    fake.answers["/v1/objects/services"] = (200, _all_well())
    await source.look("acme-db01")
    fake.answers["/v1/objects/hosts"] = (200, b'{"results":[]}')
    await source.look("globex-new")
    go.set()
    reading = await poll
    await source.close()

    states = {(check.native, check.key): check.state for check in reading.checks}
    assert turns == 8, "one for each host"
    assert states["acme-db01", "load"] is CheckState.OK
    assert states["acme-web01", "load"] is CheckState.WARNING, "of it nothing was learnt"
    assert "globex-new" not in {sighting.native for sighting in reading.sightings}


def _all_well() -> bytes:
    document = json.loads(raw("services"))
    for one in document["results"]:
        one["attrs"]["state"] = 0.0
    return json.dumps(document).encode()


async def test_the_stream_ends_when_the_server_ends_it(fake: Fake) -> None:
    clock = FakeClock(recorded_at())
    source = opened(fake, clock)
    stream, _ = await _first(source)
    fake.hang_up()
    with pytest.raises(StopAsyncIteration):
        await _next(stream, clock)
    await source.close()


async def test_a_stream_that_breaks_is_a_fault(fake: Fake) -> None:
    clock = FakeClock(recorded_at())
    source = opened(fake, clock)
    stream, _ = await _first(source)
    await fake.hang_up_all()
    with pytest.raises(SourceError):
        await _next(stream, clock)
    await source.close()
