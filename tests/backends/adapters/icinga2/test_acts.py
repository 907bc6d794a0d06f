"""What technicians decided, told to Icinga: the very requests, and what each answer means."""

from __future__ import annotations

import contextlib
import json
from collections.abc import AsyncIterator, Awaitable, Callable
from datetime import timedelta
from typing import Any

import pytest
import pytest_asyncio

from backends.adapters.icinga2.handling import TAG
from backends.adapters.icinga2.source import IcingaSource
from backends.api import NotSent, OutcomeUnknown, OwnFix, RunId, safe
from backends.fixes.plan import unlike
from backends.testing import FakeClock
from tests.backends.adapters.icinga2.fake import NOT_FOUND, Fake, faking, opened, passing
from tests.backends.adapters.icinga2.recorded import raw, recorded_at
from tests.support.servers.icinga2_config import ODD_HOST, ODD_SERVICE

LATER = recorded_at() + timedelta(hours=4)
FIX = OwnFix(id="restart", title=safe("Restart"))
COMMANDS: list[dict[str, Any]] = [
    {"name": "restart", "endpoint": "$host.name$", "deadline": "30s"},
    {"name": "uptime", "kind": "check", "service": "load"},
]
Act = Callable[[IcingaSource, str, str], Awaitable[None]]
ACTS: dict[str, Act] = {
    "acknowledge-problem": lambda source, native, key: source.acknowledge(native, key, "tech1", safe("On it")),
    "remove-acknowledgement": lambda source, native, key: source.unacknowledge(native, key, "tech1"),
    "schedule-downtime": lambda source, native, key: source.snooze(native, key, "tech1", LATER, safe("Moving")),
    "reschedule-check": lambda source, native, key: source.recheck(native, key),
}


@pytest_asyncio.fixture
async def source(fake: Fake) -> AsyncIterator[IcingaSource]:
    """Polled once, and nothing asked for yet."""
    made = opened(fake, commands=COMMANDS)
    await made.poll()
    fake.asked.clear()
    yield made
    await made.close()


@pytest.mark.parametrize("action", ACTS)
async def test_an_act_is_one_request_that_names_its_object_in_the_body(
    fake: Fake, source: IcingaSource, action: str
) -> None:
    fake.said(action, 200, "Successfully done.")
    await ACTS[action](source, ODD_HOST, f"check/{ODD_SERVICE}")
    (asked,) = fake.asked
    assert (asked.method, asked.path) == ("POST", f"/v1/actions/{action}")
    assert (asked.body["type"], asked.body["service"]) == ("Service", f"{ODD_HOST}!{ODD_SERVICE}")
    assert "filter" not in asked.body


@pytest.mark.parametrize("action", ACTS)
async def test_the_check_of_whether_it_answers_is_the_host_itself(
    fake: Fake, source: IcingaSource, action: str
) -> None:
    fake.said(action, 200, "Successfully done.")
    await ACTS[action](source, "globex-router", "reachable")
    assert (fake.asked[0].body["type"], fake.asked[0].body["host"]) == ("Host", "globex-router")
    assert "service" not in fake.asked[0].body


async def test_an_acknowledgement_says_who_and_why(fake: Fake, source: IcingaSource) -> None:
    fake.said("acknowledge-problem", 200, "Successfully acknowledged.")
    await source.acknowledge("acme-web01", "disk//var", "tech1", safe("On it"))
    body = fake.asked[0].body
    assert {key: body.get(key) for key in ("author", "comment", "sticky", "expiry")} == {
        "author": "tech1",
        "comment": "On it",
        "sticky": False,
        "expiry": None,
    }


async def test_an_acknowledgement_may_stick_and_expire(fake: Fake) -> None:
    fake.said("acknowledge-problem", 200, "Successfully acknowledged.")
    source = opened(fake, sticky=True, acknowledge_for="8h")
    await source.poll()
    await source.acknowledge("acme-web01", "disk//var", "tech1", safe(""))
    await source.close()
    body = fake.asked[-1].body
    assert body["sticky"] is True
    assert body["comment"] == "Acknowledged"
    assert body["expiry"] == pytest.approx(recorded_at().timestamp() + 8 * 3600)


async def test_what_is_acknowledged_already_is_left_so(fake: Fake, source: IcingaSource) -> None:
    fake.said("acknowledge-problem", 409, "Service acme-web01!load is already acknowledged.")
    await source.acknowledge("acme-web01", "load", "tech1", safe("On it"))
    assert len(fake.asked) == 1


@pytest.mark.parametrize(
    ("code", "status", "words"),
    [
        (409, "Service acme-web01!load is OK.", "Icinga refuses: Service acme-web01!load is OK."),
        (400, "Acknowledgements require author and comment.", "Icinga refuses"),
        (500, "Action execution failed", "Icinga refuses"),
        (503, "Icinga is reloading.", "Try again in a moment"),
    ],
)
async def test_a_refusal_is_told_in_icingas_words(
    fake: Fake, source: IcingaSource, code: int, status: str, words: str
) -> None:
    fake.said("acknowledge-problem", code, status)
    with pytest.raises(NotSent, match=words):
        await source.acknowledge("acme-web01", "load", "tech1", safe("On it"))


async def test_an_action_that_found_no_object_did_nothing(fake: Fake, source: IcingaSource) -> None:
    fake.answers["/v1/actions/reschedule-check"] = (500, b'{"results":[]}')
    with pytest.raises(NotSent, match="failed with code 500"):
        await source.recheck("acme-web01", "load")


@pytest.mark.parametrize("action", ACTS)
async def test_no_objects_found_means_that_we_may_not(fake: Fake, action: str) -> None:
    fake.may("objects/query/*", "status/query")
    fake.answers[f"/v1/actions/{action}"] = NOT_FOUND
    source = opened(fake)
    await source.poll()
    with pytest.raises(NotSent) as caught:
        await ACTS[action](source, "acme-web01", "load")
    await source.close()
    assert f'Add "actions/{action}" to the permissions of the ApiUser tech01' in str(caught.value)


async def test_a_permission_that_has_a_filter_is_named_too(fake: Fake) -> None:
    fake.may("objects/query/*", "status/query", "actions/* (filtered)")
    fake.answers["/v1/actions/reschedule-check"] = NOT_FOUND
    source = opened(fake)
    await source.poll()
    with pytest.raises(NotSent, match="has a filter that leaves it out"):
        await source.recheck("acme-web01", "load")
    await source.close()


@pytest.mark.parametrize(("native", "key"), [("acme-web01", "no/such"), ("gone", "reachable"), ("gone", "load")])
async def test_what_is_not_there_gets_no_request(fake: Fake, source: IcingaSource, native: str, key: str) -> None:
    for act in ACTS.values():
        with pytest.raises(NotSent, match="no such check"):
            await act(source, native, key)
    assert fake.asked == []


@pytest.mark.parametrize("action", ACTS)
async def test_an_answer_that_never_came_leaves_the_outcome_unknown(
    fake: Fake, source: IcingaSource, action: str
) -> None:
    fake.dropped.add(f"/v1/actions/{action}")
    with pytest.raises(OutcomeUnknown, match="look there"):
        await ACTS[action](source, "acme-web01", "load")
    assert len(fake.asked) == 1, "never repeated"


@pytest.mark.parametrize("action", ACTS)
async def test_where_nothing_listens_nothing_was_sent(action: str) -> None:
    async with _gone() as source:
        with pytest.raises(NotSent, match="Nothing listens"):
            await ACTS[action](source, "acme-web01", "load")


async def test_a_downtime_is_fixed_ours_and_of_that_check_alone(fake: Fake, source: IcingaSource) -> None:
    fake.said("schedule-downtime", 200, "Successfully scheduled.", name="acme-web01!load!1")
    await source.snooze("acme-web01", "load", "tech1", LATER, safe("Moving"))
    body = fake.asked[0].body
    assert (body["author"], body["comment"], body["fixed"]) == ("tech1", f"Moving{TAG}", True)
    assert (body["start_time"], body["end_time"]) == (
        pytest.approx(recorded_at().timestamp()),
        LATER.timestamp(),
    )
    assert "all_services" not in body
    assert "child_options" not in body
    assert source.snooze_says("acme-web01", "load") == (
        "A downtime in Icinga for the service load of acme-web01, and for nothing else of it"
    )
    assert source.snooze_says("acme-web01", "reachable") == (
        "A downtime in Icinga for the host acme-web01 itself, not for its services"
    )


async def test_a_downtime_ends_when_it_should_by_the_servers_clock(fake: Fake) -> None:
    fake.said("schedule-downtime", 200, "Successfully scheduled.")
    source = opened(fake, FakeClock(recorded_at() - timedelta(seconds=600)))
    await source.poll()
    await source.snooze("acme-web01", "load", "tech1", LATER, safe("Moving"))
    await source.close()
    assert fake.asked[-1].body["end_time"] == LATER.timestamp() + 600


def _downtimes(*made: tuple[str, str, str]) -> bytes:
    """Each a name, the service and a comment, on acme-web01."""
    results = [
        {
            "name": name,
            "attrs": {"__name": name, "host_name": "acme-web01", "service_name": service, "comment": comment},
        }
        for name, service, comment in made
    ]
    return json.dumps({"results": results}).encode()


async def test_waking_removes_our_downtimes_of_that_check_and_no_others(fake: Fake, source: IcingaSource) -> None:
    fake.answers["/v1/objects/downtimes"] = (
        200,
        _downtimes(
            ("a!load!1", "load", f"Moving{TAG}"),
            ("a!load!2", "load", "somebody else's"),
            ("a!load!3", "load", f"Again{TAG}"),
            ("a!ping4!4", "ping4", f"Another check{TAG}"),
            ("a!5", "", f"The host{TAG}"),
        ),
    )
    fake.said("remove-downtime", 200, "Successfully removed.")
    await source.wake("acme-web01", "load", "tech1")
    removed = [one.body for one in fake.asked if one.path.endswith("remove-downtime")]
    assert [body["downtime"] for body in removed] == ["a!load!1", "a!load!3"]
    assert not [body for body in removed if "filter" in body or "type" in body or "service" in body]


async def test_where_nothing_of_ours_rests_waking_does_nothing(fake: Fake, source: IcingaSource) -> None:
    await source.wake("acme-db01", "disk//var", "tech1")
    assert fake.paths == ["/v1/objects/downtimes"]


async def test_downtimes_that_we_may_not_see_are_known_by_their_names(fake: Fake) -> None:
    fake.may("objects/query/Host", "objects/query/Service", "status/query", "actions/*")
    fake.said("schedule-downtime", 200, "Successfully scheduled.", name="acme-web01!load!1")
    fake.said("remove-downtime", 200, "Successfully removed.")
    source = opened(fake)
    await source.poll()
    await source.snooze("acme-web01", "load", "tech1", LATER, safe("Moving"))
    await source.wake("acme-web01", "load", "tech1")
    await source.close()
    assert fake.asked[-1].body["downtime"] == "acme-web01!load!1"


async def test_what_is_handed_in_from_outside_is_not_checked_over(fake: Fake) -> None:
    """Its check command stands there for form's sake: run, it would put its own word over what was handed in."""
    document = json.loads(raw("services"))
    for one in document["results"]:
        one["attrs"]["enable_active_checks"] = False
    fake.answers["/v1/objects/services"] = (200, json.dumps(document).encode())
    source = opened(fake)
    await source.poll()
    fake.asked.clear()
    with pytest.raises(NotSent, match="handed in from outside"):
        await source.recheck("acme-web01", "load")
    await source.close()
    assert fake.asked == []


async def test_a_command_is_offered_where_it_can_run(fake: Fake) -> None:
    source = opened(fake, commands=COMMANDS)
    reading = await source.poll()
    await source.close()
    assert reading.fixes is not None
    restart, uptime = reading.fixes
    assert restart.natives is None
    assert uptime.natives is not None
    assert {"acme-web01", "globex-db01"} <= set(uptime.natives)
    assert "acme-router" not in uptime.natives


async def test_a_command_runs_once_and_its_result_is_told(fake: Fake, source: IcingaSource) -> None:
    execution = "ddc57a7b-6d76-46e7-b463-330182341673"
    fake.said("execute-command", 202, "Accepted", execution=execution)
    fake.answers["/v1/objects/hosts"] = (200, raw("executions"))
    told = bytearray()
    done = await source.perform("acme-web01", FIX, {"unit": "a; b"}, RunId("run-1"), told.extend)
    assert (done.exit, bytes(told)) == (0, b"fixed restart-spooler\n")
    body = fake.asked[0].body
    assert body == {
        "command_type": "EventCommand",
        "command": "restart",
        "ttl": 30.0,
        "macros": {"unit": "a; b"},
        "endpoint": "$host.name$",
        "type": "Host",
        "host": "acme-web01",
    }
    assert [one.path for one in fake.asked].count("/v1/actions/execute-command") == 1
    last = fake.asked[-1]
    assert (last.path, last.body["force"]) == ("/v1/actions/reschedule-check", True), "so that it can be seen"
    assert last.body["services"] == ["acme-web01!disk /var", "acme-web01!flaky", "acme-web01!load", "acme-web01!shop"]


async def test_a_command_that_tells_no_result_has_an_unknown_outcome(fake: Fake) -> None:
    clock = FakeClock(recorded_at())
    source = opened(fake, clock, commands=COMMANDS)
    await source.poll()
    fake.said("execute-command", 202, "Accepted", execution="never-told")
    fake.answers["/v1/objects/hosts"] = (200, raw("executions"))
    with pytest.raises(OutcomeUnknown, match="told no result within 35 s"):
        await passing(source.perform("acme-web01", FIX, {}, RunId("run-1"), bytearray().extend), clock)
    assert fake.paths.count("/v1/actions/execute-command") == 1
    await source.close()


async def test_a_command_that_icinga_does_not_know_was_not_run(fake: Fake, source: IcingaSource) -> None:
    fake.said("execute-command", 404, "Can't find a valid EventCommand for 'restart'.")
    with pytest.raises(NotSent, match="Can't find a valid EventCommand"):
        await source.perform("acme-web01", FIX, {}, RunId("run-1"), bytearray().extend)


async def test_a_command_that_is_not_offered_is_not_run(fake: Fake, source: IcingaSource) -> None:
    with pytest.raises(NotSent, match="offers no command"):
        await source.perform("acme-web01", OwnFix(id="other", title=safe("x")), {}, RunId("r"), bytearray().extend)
    assert fake.asked == []


async def test_a_host_is_identified_by_its_name_right_now(fake: Fake, source: IcingaSource) -> None:
    identity, boot = await source.identify("acme-web01")
    assert (identity.empty, boot) == (True, "")
    fake.answers["/v1/objects/hosts"] = NOT_FOUND
    with pytest.raises(NotSent, match="knows no host"):
        await source.identify("acme-web01")


async def test_a_host_that_was_made_anew_under_its_name_is_another_one(fake: Fake, source: IcingaSource) -> None:
    """F-16."""
    fingerprints = []
    for version in (1795693859.627966, 1795693860.312465):
        record = {"name": "acme-web01", "type": "Host", "attrs": {"name": "acme-web01", "version": version}}
        fake.answers["/v1/objects/hosts"] = 200, json.dumps({"results": [record]}).encode()
        fingerprints.append((await source.identify("acme-web01"))[0])
    (said,) = unlike(*fingerprints)
    assert "it was of 2026-11-26T11:50:59.627966" in said


@contextlib.asynccontextmanager
async def _gone() -> AsyncIterator[IcingaSource]:
    """A source whose server has stopped listening since the last poll."""
    async with faking() as fake:
        source = opened(fake)
        await source.poll()
        await fake.hang_up_all()
    yield source
    await source.close()
