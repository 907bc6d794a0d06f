"""`rounds snapshot`: text on standard output, a picture in a file, and wrong use in a sentence."""

from __future__ import annotations

from pathlib import Path

import pytest

from backends import bootstrap
from backends.config.schema import Profile
from tests.support.cli import obeyed
from tests.support.commands import Commands
from tests.support.desk import MemoryDesk


@pytest.fixture
def looking(rounds: Commands, monkeypatch: pytest.MonkeyPatch) -> list[bool]:
    """How the desk was asked for."""
    asked: list[bool] = []

    async def reached(profile: Profile, *, views_only: bool = False) -> MemoryDesk:
        asked.append(views_only)
        return MemoryDesk()

    monkeypatch.setattr(bootstrap, "one_shot", reached)
    return asked


def test_the_frame_is_text_on_standard_output(rounds: Commands, looking: list[bool]) -> None:
    said = rounds("snapshot", "--size", "100x30")
    assert (said.err, said.status, looking) == ("", 0, [True])
    assert len(said.out.splitlines()) == 30
    assert "■ critical" in said.out
    assert obeyed(said.out) == []


def test_a_filter_and_options_go_together_in_any_order(rounds: Commands, looking: list[bool]) -> None:
    said = rounds("snapshot", "client:baker", "--size", "100x30", "-acked")
    assert "/client:baker -acked" in said.out


def test_keys_are_pressed_first(rounds: Commands, looking: list[bool]) -> None:
    assert "Cancel" in rounds("snapshot", "--size=100x30", "--keys", "j 1").out


def test_a_picture_goes_into_its_file_alone(rounds: Commands, looking: list[bool], tmp_path: Path) -> None:
    file = tmp_path / "a.svg"
    said = rounds("snapshot", "--size", "80x24", "--theme", "light", "--svg", str(file))
    assert (said.out, said.err, said.status) == ("", "", 0)
    assert file.read_text(encoding="utf-8").startswith("<svg")


def test_hostile_names_are_printed_as_data(rounds: Commands) -> None:
    """F-28."""
    said = rounds("snapshot", "--hostile", "--size", "120x40")
    assert said.status == 0
    assert obeyed(said.out) == []


def test_an_option_of_the_demo_means_the_demo(rounds: Commands) -> None:
    said = rounds("snapshot", "--seed", "8", "--size", "100x30")
    assert said.out.startswith(" demo ")
    assert "09:04:31" in said.out


@pytest.mark.parametrize(
    ("argv", "sentence"),
    [
        (("--size", "80"), "'80' is no size from 20x5 to 1000x400, such as 160x50."),
        (("--size", "9999x9999"), "is no size"),
        (("--theme", "drak"), 'There is no theme "drak"; did you mean "dark"; possible are dark, light,'),
        (("--svg", "/nowhere/a.svg"), "/nowhere/a.svg cannot be written: No such file or directory."),
        (("no:field",), "There is no field 'no'"),
    ],
)
def test_wrong_use_is_one_sentence(rounds: Commands, looking: list[bool], argv: tuple[str, ...], sentence: str) -> None:
    said = rounds("snapshot", *argv)
    assert (said.out, said.status) == ("", 64)
    assert sentence in said.err
    assert said.err.count("\n") == 1
