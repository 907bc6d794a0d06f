"""Every byte that the command line prints on hostile facts: nothing operates the terminal, a row stays a row.

F-28, F-29, F-30, F-31, F-32, F-33, F-34, F-36, F-38, F-42."""

from __future__ import annotations

import json
from pathlib import Path

import msgspec
import pytest

from backends.adapters.demo.hostile import PAYLOADS
from backends.api import FaultKind, SourceError
from backends.desk.inprocess import InProcessDesk
from backends.engine.clock import SystemClock
from backends.fleet.model import FixId, Identity, IssueId, safe
from backends.fleet.reading import Reading
from backends.testing import ScriptedAdapter, a_check, a_sighting
from tests.support.cli import CommandLine, obeyed

BELL = "\x1b]0;owned\x07\x9b2J\u202e"
PAYLOAD_LIST = [text[:3000] for _, text in PAYLOADS]


class Hostile(ScriptedAdapter):
    """Everything that it can say is a payload; what is data by contract (native ids, subjects) is raw."""

    def __init__(self) -> None:
        super().__init__("probe", SourceError(FaultKind.INTERNAL, "unused"))
        self._clock = SystemClock()
        self.output = "\r\n".join(PAYLOAD_LIST[:40]).encode("utf-8", "replace")

    async def poll(self) -> Reading:
        self.script = [self._reading()]
        return await super().poll()

    async def look(self, native: str) -> Reading:
        self.script = [self._reading()]
        return await super().look(native)

    def _reading(self) -> Reading:
        now = self._clock.now()
        sightings, checks = [], []
        for number, text in enumerate(PAYLOAD_LIST):
            native = f"{number}{text[:60]}"
            sightings.append(
                msgspec.structs.replace(
                    a_sighting(self.name, native, now, client=f"Acme {number % 3}"),
                    name=safe(text),
                    client_name=safe(f"Acme {text}"),
                    site_name=safe(text),
                    address=safe(text),
                    system=safe(text),
                    identity=Identity(machine=f"m{number}"),
                )
            )
            check = a_check(self.name, native, now, subject=text[:200])
            checks.append(msgspec.structs.replace(check, summary=safe(f"down {text}"), label=safe(text), unit="B"))
        checks.append(a_check(self.name, sightings[3].native, now, ok=bool(self.executed)))
        return Reading(source=self.name, at=now, sightings=tuple(sightings), checks=tuple(checks), note=safe(BELL))


@pytest.fixture
def line(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], tmp_path: Path) -> CommandLine:
    broken = ScriptedAdapter("broken", SourceError(FaultKind.PROTOCOL, f"It says {BELL} and no more."))
    return CommandLine(monkeypatch, capsys, tmp_path, [Hostile(), broken])


LISTS = ("clients", "sites", "devices", "issues", "sources", "runs")


def the_issue(line: CommandLine) -> str:
    items = json.loads(line.say("issues", "--json").out)["items"]
    return str(next(item["id"] for item in items if item["device"]))


def test_the_oracle_sees_what_a_terminal_would_obey() -> None:
    """The control."""
    assert all(obeyed(text) for name, text in PAYLOADS if name in ("title", "c1 csi", "carriage return", "override"))


@pytest.mark.parametrize("noun", LISTS)
def test_lists_obey_nothing_and_a_row_stays_a_row(line: CommandLine, noun: str) -> None:
    """F-28, F-29, F-30, F-31, F-32, F-33, F-36."""
    said = line.say(noun)
    data = line.say(noun, "--json")
    rows = len(json.loads(data.out)["items"])

    assert (said.obeyed, data.obeyed) == ([], [])
    assert said.out.count("\n") == (rows + 1 if rows else 0)
    assert (said.status, data.status) == (0, 0)


def test_json_gives_the_data_back_as_it_was(line: CommandLine) -> None:
    """F-42: escaped on the way, and nothing lost."""
    keys = {item["condition"] for item in json.loads(line.say("issues", "--json").out)["items"]}

    def whole(text: str) -> bool:
        return text == text.encode("utf-8", "ignore").decode()

    assert {f"service/{text[:200]}" for text in PAYLOAD_LIST if text and whole(text)} <= keys


@pytest.mark.parametrize(
    "argv",
    [("status",), ("status", "--json"), ("status", "sev>=high"), ("doctor",), ("doctor", "--json"), ("fix", "list")],
)
def test_summaries_obey_nothing(line: CommandLine, argv: tuple[str, ...]) -> None:
    """F-28, F-29, F-30, F-31, F-32, F-33."""
    said = line.say(*argv)

    assert said.obeyed == []
    assert said.out


def test_a_plan_and_a_run_obey_nothing(line: CommandLine) -> None:
    """F-28, F-29, F-30, F-31, F-32, F-33, F-41: also the live output of the run."""
    issues = json.loads(line.say("issues", "--json").out)["items"]
    victim = next(item["id"] for item in issues if item["condition"] == "service/nginx")
    plan = line.say("fix", "plan", "restart-service", victim)
    data = line.say("fix", "plan", "restart-service", victim, "--json")
    name = line.on_desk(lambda desk: _name_to_type(desk, victim))
    run = line.say("fix", "run", "restart-service", victim, "--yes", "--confirm", name)

    assert (plan.obeyed, data.obeyed, run.obeyed) == ([], [], [])
    assert "probe" in plan.out
    assert "␛" in run.out
    assert run.status == 0
    assert line.say("runs").obeyed == line.say("runs", "--json").obeyed == []


async def _name_to_type(desk: InProcessDesk, issue: str) -> str:
    known = (await desk.picture()).issues[IssueId(issue)]
    assert known.device is not None
    return (await desk.plan(FixId("restart-service"), [known.device], "tech1", known.id)).type_name


def test_verbs_and_the_record_obey_nothing(line: CommandLine) -> None:
    """F-33, F-42: a note of many lines is one row of the record and one line of its export."""
    issue = the_issue(line)
    said = [
        line.say("note", issue, f"one\ntwo {BELL}\nthree"),
        line.say("ack", issue, BELL),
        line.say("claim", issue),
        line.say("snooze", issue, "4h", BELL),
    ]
    show, export, verify = line.say("audit", "show"), line.say("audit", "export"), line.say("audit", "verify")
    records = [json.loads(record) for record in export.out.splitlines()]

    assert [one.status for one in said] == [0, 0, 0, 0]
    assert [one.obeyed for one in (*said, show, export, verify)] == [[]] * 7
    assert show.out.count("\n") == len(records) + 1
    assert [record["seq"] for record in records] == list(range(1, len(records) + 1))
    assert verify.status == 0


@pytest.mark.parametrize(
    "argv",
    [
        ("devices", f"client:{BELL} sev>"),
        ("devices", f"sev:{BELL}"),
        ("status", f"clint:{BELL}"),
        (f"no{BELL}",),
        ("issues", f"--no{BELL}"),
        ("fix", "show", BELL),
        ("fix", "plan", "reboot", BELL),
        ("fix", "plan", BELL, "probe:x"),
        ("fix", "plan", "reboot", "probe:x", "--param", BELL),
        ("ack", f"zz{BELL}"),
        ("snooze", "zzzz", BELL, "why"),
        ("fix", "check", BELL),
        ("--profile", BELL, "issues"),
        ("shell", BELL),
        ("probe", BELL),
        ("login", BELL),
    ],
    ids=lambda argv: " ".join(map(ascii, argv)),
)
def test_errors_obey_nothing(line: CommandLine, argv: tuple[str, ...]) -> None:
    """F-38: what was typed comes back in the sentence, made visible."""
    said = line.say(*argv)

    assert said.obeyed == []
    assert said.status not in (0, 70)
    assert said.err.startswith("rounds: ")


def test_an_error_of_our_own_shows_neither_its_text_nor_a_traceback(
    line: CommandLine, monkeypatch: pytest.MonkeyPatch
) -> None:
    """F-38, F-43."""
    monkeypatch.setattr("tempfile.tempdir", str(line.folder))

    def broken(_: object) -> object:
        raise ZeroDivisionError(f"s3cr3t-canary {BELL}")

    line.spoil = broken
    said = line.say("issues")

    assert said.status == 70
    assert said.obeyed == []
    assert "s3cr3t" not in said.err + said.out
    assert "Traceback" not in said.err


def test_names_with_half_a_character_cost_nobody_else(line: CommandLine) -> None:
    """F-72: a lone surrogate, as a file system can hold, in the midst of the others."""

    class Half(Hostile):
        def _reading(self) -> Reading:
            reading = super()._reading()
            (first, *others) = reading.checks
            return msgspec.structs.replace(reading, checks=(msgspec.structs.replace(first, subject="\udcff"), *others))

    line.sources = [Half()]
    said = line.say("issues", "--json")

    assert said.status == 0
    assert said.obeyed == []
