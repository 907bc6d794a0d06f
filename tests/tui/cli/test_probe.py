"""`rounds probe TARGET`: the second opinion of the screen, for people and programs."""

from __future__ import annotations

import json

import pytest

from backends.desk.protocol import DeskError, DeskErrorKind
from backends.fleet.opinion import Verdict
from tests.support import pictures
from tests.support.commands import Commands
from tui.cli.probe import STATUS

SQL = "baker:sql01"
ADDRESS = next(one.address for one in pictures.DEVICES.values() if one.id == SQL)


@pytest.mark.parametrize("target", [SQL, "sql01"], ids=["id", "name"])
def test_a_device_is_looked_at_by_id_or_name(rounds: Commands, target: str) -> None:
    said = rounds("probe", target)
    assert said.status == 0
    assert said.out.splitlines() == [
        f"sql01: From here {ADDRESS} answers on tcp 22 in 12 ms, though not to pings.",
        "  3 pings silent",
        "  tcp 22 answered in 12 ms",
    ]
    assert rounds.desk.calls == [("second_opinion", SQL)]


def test_an_address_is_enough_where_one_device_has_it(rounds: Commands, monkeypatch: pytest.MonkeyPatch) -> None:
    said = rounds("probe", ADDRESS)
    assert said.status == 64
    assert "devices have the address" in said.err
    assert rounds.desk.calls == []
    one = next(one for one in pictures.DEVICES.values() if one.id == SQL)
    monkeypatch.setattr(pictures, "DEVICES", {one.id: one})
    assert rounds("probe", ADDRESS).status == 0
    assert rounds.desk.calls == [("second_opinion", SQL)]


def test_programs_get_the_same_as_json(rounds: Commands) -> None:
    said = json.loads(rounds("probe", SQL, "--json").out)
    assert said["schema"] == "rounds/1"
    assert (said["device"], said["verdict"], said["address"]) == (SQL, "answers", ADDRESS)
    assert said["looks"] == [
        {"kind": "ping", "what": "3 pings", "seen": "silent", "ms": None, "sentence": None},
        {"kind": "tcp", "what": "tcp 22", "seen": "answered", "ms": 12.0, "sentence": None},
    ]


def test_the_exit_status_tells_the_verdict() -> None:
    assert {verdict.value: STATUS[verdict] for verdict in Verdict} == {
        "answers": 0,
        "refuses": 1,
        "silent": 2,
        "untried": 3,
    }


def test_what_is_refused_is_said_with_its_status(rounds: Commands) -> None:
    rounds.desk.refuse = DeskError(DeskErrorKind.REFUSED, "127.0.0.1 is this machine itself.")
    said = rounds("probe", SQL)
    assert (said.status, said.out, said.err) == (77, "", "rounds: 127.0.0.1 is this machine itself.\n")


def test_a_device_that_is_not_there_is_not_looked_at(rounds: Commands) -> None:
    said = rounds("probe", "10.99.99.99")
    assert said.status != 0
    assert "No device has the id or name '10.99.99.99'" in said.err
    assert rounds.desk.calls == []
