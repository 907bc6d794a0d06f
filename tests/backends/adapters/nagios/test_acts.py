"""What is sent to Nagios for a decision, and what its answers mean."""

from __future__ import annotations

import json
from collections.abc import Awaitable, Callable
from datetime import timedelta
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs

import pytest

from backends.adapters.nagios.source import NagiosSource
from backends.api import NotSent, OutcomeUnknown, safe
from tests.backends.adapters.nagios.recorded import AT, Played, playing
from tests.support import faulty
from tests.support.replayed import Asked, Said
from tests.support.replayed.nagios import ANSWERS, COOKIE, page
from tests.support.servers.nagios_config import ODD_HOST, PRICKLY_SERVICE

SPOT = ("acme-web01", "disk//var")
UNTIL = AT + timedelta(hours=3)
ACTS: dict[str, Callable[[NagiosSource], Awaitable[None]]] = {
    "acknowledge": lambda source: source.acknowledge(*SPOT, "tech1", safe("on it")),
    "unacknowledge": lambda source: source.unacknowledge(*SPOT, "tech1"),
    "snooze": lambda source: source.snooze(*SPOT, "tech1", UNTIL, safe("parts")),
    "recheck": lambda source: source.recheck("acme-web01", "check/shop"),
}
EVERY = pytest.mark.parametrize("act", ACTS.values(), ids=ACTS.keys())


def sent(played: Played) -> list[dict[str, str]]:
    """The fields of each form that was sent, without those that only try what is permitted."""
    found = [{name: values[0] for name, values in parse_qs(one.body.decode()).items()} for one in played.sent]
    return [one for one in found if one.get("com_data") != "right?"]


def answering(name: str) -> Callable[[Asked], Said | None]:
    """Every form that is sent is answered with that page."""
    return lambda asked: page(name) if asked.method == "POST" else None


def saying(query: str, **changes: Any) -> Callable[[Asked], Said | None]:
    """The recorded host or service is told with changes."""

    def says(asked: Asked) -> Said | None:
        if f"query={query}&" not in f"{asked.query}&":
            return None
        told = json.loads((ANSWERS / f"{query}.json").read_bytes())
        told["data"][query].update(changes)
        return Said(body=json.dumps(told).encode())

    return says


async def test_an_acknowledgement_carries_author_text_and_what_it_is_about(tmp_path: Path) -> None:
    async with playing(tmp_path) as played:
        await played.source.acknowledge(*SPOT, "tech1", safe("on it"))
    (form,) = sent(played)
    assert form == {
        "cmd_typ": "34",
        "cmd_mod": "2",
        "host": "acme-web01",
        "service": "disk /var",
        "sticky_ack": "on",
        "com_author": "tech1",
        "com_data": "on it",
        "nagFormId": COOKIE.removeprefix("NagFormId="),
    }
    assert played.sent[-1].headers["cookie"] == COOKIE


async def test_a_host_is_acknowledged_as_a_host_and_options_decide_how(tmp_path: Path) -> None:
    async with playing(tmp_path, {"sticky": False, "notify": True}) as played:
        await played.source.acknowledge("globex-router", "reachable", "tech1", safe("on it"))
    (form,) = sent(played)
    assert (form["cmd_typ"], form["host"], "service" in form) == ("33", "globex-router", False)
    assert ("sticky_ack" in form, form["send_notification"]) == (False, "on")


async def test_names_reach_nagios_as_they_are(tmp_path: Path) -> None:
    async with playing(tmp_path) as played:
        played.says = saying("service")
        await played.source.acknowledge("acme-db01", f"check/{PRICKLY_SERVICE}", "tech1", safe("x & y"))
    (form,) = sent(played)
    assert (form["service"], form["com_data"]) == (PRICKLY_SERVICE, "x & y")


async def test_what_the_form_would_change_is_replaced_in_the_text_and_refused_in_a_name(tmp_path: Path) -> None:
    async with playing(tmp_path) as played:
        await played.source.snooze(*SPOT, "te<c>h;1", UNTIL, safe("a; b <c>"))
        with pytest.raises(NotSent, match="cannot take"):
            await played.source.snooze(ODD_HOST, "reachable", "tech1", UNTIL, safe("x"))
    (form,) = sent(played)
    assert (form["com_author"], form["com_data"]) == ("te‹c›h,1", "a, b ‹c› (snoozed in rounds)")


async def test_where_the_author_is_locked_the_name_goes_before_the_text(tmp_path: Path) -> None:
    async with playing(tmp_path) as played:
        played.says = lambda asked: page("form-locked") if asked.method == "GET" and "cmd.cgi" in asked.path else None
        await played.source.acknowledge(*SPOT, "tech1", safe("on it"))
    (form,) = sent(played)
    assert form["com_data"] == "tech1: on it"


async def test_a_downtime_is_fixed_and_ends_when_it_should(tmp_path: Path) -> None:
    async with playing(tmp_path) as played:
        await played.source.snooze(*SPOT, "tech1", UNTIL, safe("parts"))
    (form,) = sent(played)
    assert (form["cmd_typ"], form["fixed"], form["trigger"]) == ("56", "1", "0")
    assert (form["start_time"], form["end_time"]) == ("2026-11-26 07:38:12", "2026-11-26 10:38:13")


async def test_a_downtime_of_a_host_has_no_children(tmp_path: Path) -> None:
    async with playing(tmp_path) as played:
        await played.source.snooze("globex-router", "reachable", "tech1", UNTIL, safe("parts"))
    (form,) = sent(played)
    assert (form["cmd_typ"], form["childoptions"]) == ("55", "0")


async def test_a_downtime_that_is_over_is_not_made(tmp_path: Path) -> None:
    async with playing(tmp_path) as played:
        with pytest.raises(NotSent, match="passed already"):
            await played.source.snooze(*SPOT, "tech1", AT, safe("parts"))
    assert sent(played) == []


async def test_only_our_downtimes_of_that_service_are_deleted(tmp_path: Path) -> None:
    told = json.loads((ANSWERS / "downtimelist.json").read_bytes())
    (first,) = told["data"]["downtimelist"].values()
    ours = "parts (snoozed in rounds)"
    told["data"]["downtimelist"] = {
        "1": first | {"host_name": SPOT[0], "service_description": "disk /var"},
        "2": first | {"downtime_id": 2, "host_name": SPOT[0], "service_description": "disk /var", "comment": ours},
        "3": first | {"downtime_id": 3, "host_name": SPOT[0], "service_description": "load", "comment": ours},
        "4": {k: v for k, v in first.items() if k != "service_description"}
        | {"downtime_id": 4, "host_name": SPOT[0], "comment": ours},
    }
    async with playing(tmp_path) as played:
        played.says = lambda asked: (
            Said(body=json.dumps(told).encode()) if "query=downtimelist" in asked.query else None
        )
        await played.source.wake(*SPOT, "tech1")
        await played.source.wake(SPOT[0], "reachable", "tech1")
    assert [(one["cmd_typ"], one["down_id"]) for one in sent(played)] == [("79", "2"), ("78", "4")]


async def test_a_downtime_that_nagios_has_yet_to_write_down_is_not_taken_for_gone(tmp_path: Path) -> None:
    async with playing(tmp_path) as played:
        await played.source.snooze(*SPOT, "tech1", UNTIL, safe("parts"))
        with pytest.raises(NotSent, match="not written the new downtime down yet"):
            await played.source.wake(*SPOT, "tech1")
        await played.source.wake("acme-web01", "load", "tech1")
    assert len(sent(played)) == 1


async def test_a_check_is_forced_now_by_the_servers_clock(tmp_path: Path) -> None:
    async with playing(tmp_path) as played:
        played.says = saying("service", checks_enabled=True)
        await played.source.recheck("acme-web01", "check/shop")
    (form,) = sent(played)
    assert (form["cmd_typ"], form["force_check"], form["start_time"]) == ("7", "on", "2026-11-26 07:38:12")


async def test_what_nagios_does_not_check_itself_is_not_forced(tmp_path: Path) -> None:
    async with playing(tmp_path) as played:
        with pytest.raises(NotSent, match="waits for results"):
            await played.source.recheck(*SPOT)
    assert sent(played) == []


async def test_what_is_acknowledged_already_is_left_alone(tmp_path: Path) -> None:
    async with playing(tmp_path) as played:
        played.says = saying("service", problem_has_been_acknowledged=True)
        await played.source.acknowledge(*SPOT, "tech1", safe("me too"))
    assert sent(played) == []


@pytest.mark.parametrize("changes", [{"status": 2}, {"has_been_checked": False}])
async def test_what_has_no_problem_is_not_acknowledged(tmp_path: Path, changes: dict[str, Any]) -> None:
    async with playing(tmp_path) as played:
        played.says = saying("service", **changes)
        with pytest.raises(NotSent, match="no problem"):
            await played.source.acknowledge(*SPOT, "tech1", safe("?"))
    assert sent(played) == []


async def test_what_is_not_there_is_not_acted_upon(tmp_path: Path) -> None:
    async with playing(tmp_path) as played:
        for native, key in (("nobody\x1b[2J", "reachable"), ("acme-web01", "check/none")):
            with pytest.raises(NotSent, match="no such check"):
                await played.source.unacknowledge(native, key, "tech1")
        played.says = lambda asked: (
            Said(body=(ANSWERS / "gone.json").read_bytes()) if "query=service&" in asked.query else None
        )
        with pytest.raises(NotSent, match="could not be found"):
            await played.source.acknowledge(*SPOT, "tech1", safe("x"))
    assert sent(played) == []


@EVERY
@pytest.mark.parametrize(
    ("name", "words"),
    [
        ("not-authorized", "authorized_for_all_service_commands"),
        ("read-only", "authorized_for_read_only"),
        ("no-cookie", "Nagios refuses: Error: Invalid or missing CSRF cookie"),
        ("no-pipe", "Nagios refuses: Error: Could not stat"),
    ],
)
async def test_a_refusal_says_that_nothing_was_done(
    tmp_path: Path, act: Callable[[NagiosSource], Awaitable[None]], name: str, words: str
) -> None:
    async with playing(tmp_path) as played:
        played.says = ready(name)
        with pytest.raises(NotSent, match=words):
            await act(played.source)
    assert len(sent(played)) == 1


def ready(name: str) -> Callable[[Asked], Said | None]:
    """The service is one that may be checked; forms that are sent are answered with that page."""
    checked, answered = saying("service", checks_enabled=True), answering(name)
    return lambda asked: checked(asked) or answered(asked)


@EVERY
async def test_a_page_that_says_neither_leaves_it_open(
    tmp_path: Path, act: Callable[[NagiosSource], Awaitable[None]]
) -> None:
    async with playing(tmp_path) as played:
        played.says = ready("form")
        with pytest.raises(OutcomeUnknown, match="neither yes nor no"):
            await act(played.source)
    assert len(sent(played)) == 1


@EVERY
@pytest.mark.parametrize("fault", [faulty.silent, faulty.cut_off, faulty.status(500)], ids=["silent", "cut", "500"])
async def test_an_answer_that_does_not_come_leaves_it_open_and_is_not_repeated(
    tmp_path: Path, act: Callable[[NagiosSource], Awaitable[None]], fault: faulty.Fault
) -> None:
    async with playing(tmp_path, {"deadline": "1s"}) as played:
        await played.source.poll()
        played.says = ready("done")

        async def only_forms(server: Any, asked: Asked, said: Said, writer: Any) -> None:
            if asked.method == "POST":
                await fault(server, asked, said, writer)
            else:
                writer.write(faulty.whole(said))

        played.server.fault = only_forms
        with pytest.raises(OutcomeUnknown, match="look there before you try again"):
            await act(played.source)
    assert len(sent(played)) == 1


@EVERY
async def test_a_form_that_cannot_be_had_means_that_nothing_was_sent(
    tmp_path: Path, act: Callable[[NagiosSource], Awaitable[None]]
) -> None:
    async with playing(tmp_path) as played:
        await played.source.poll()
        asked_before = len(played.sent)
        played.server.fault = faulty.status(500)
        with pytest.raises(NotSent):
            await act(played.source)
    assert len(played.sent) == asked_before


@EVERY
async def test_a_nagios_that_does_not_run_is_told_nothing(
    tmp_path: Path, act: Callable[[NagiosSource], Awaitable[None]]
) -> None:
    """What is put into its pipe then waits, and would be done at some other time."""
    told = json.loads((ANSWERS / "programstatus.json").read_bytes())
    told["result"]["query_time"] += 600_000
    async with playing(tmp_path) as played:
        await played.source.poll()
        asked_before = len(played.sent)
        played.says = lambda asked: (
            Said(body=json.dumps(told).encode()) if "query=programstatus" in asked.query else None
        )
        with pytest.raises(NotSent, match="has not written its status for 10 min"):
            await act(played.source)
    assert len(played.sent) == asked_before


def test_a_snooze_says_how_far_it_reaches() -> None:
    from backends.adapters.nagios.acts import snooze_says  # noqa: PLC0415 - only here

    assert snooze_says(("sql01", "disk /")) == (
        "A downtime in Nagios for the service disk / of sql01, and for nothing else of it"
    )
    assert snooze_says(("sql01", "")) == "A downtime in Nagios for the host sql01 itself, not for its services"


async def test_what_cannot_be_put_to_rest_there_is_not_offered(tmp_path: Path) -> None:
    async with playing(tmp_path) as played:
        await played.source.poll()
        assert played.source.snooze_says(*SPOT).startswith("A downtime in Nagios for the service disk /var")
        assert played.source.snooze_says(ODD_HOST, "reachable") == ""
        assert played.source.snooze_says("acme-web01", "check/none") == ""
