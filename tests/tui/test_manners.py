"""How the program ends when something is wrong with it."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.support.screen import opened
from tui.manners import CRASHED, crash_text
from tui.rounds import Rounds

CANARY = "tok-4f1d9c"


class BrokenError(Exception):
    """Raised by the test."""


def failing() -> None:
    secret = CANARY
    raise BrokenError(f"password {secret}")


def test_a_crash_report_has_frames_and_no_values() -> None:
    """F-43."""
    with pytest.raises(BrokenError) as caught:
        failing()
    text = crash_text(caught.value)
    assert "failing" in text
    assert "BrokenError" in text
    assert CANARY not in text


async def test_an_error_of_our_own_ends_with_a_sentence_and_a_status(
    capsys: pytest.CaptureFixture[str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """F-43, F-85."""
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path))
    apps: list[Rounds] = []

    async def broken() -> None:
        async with opened() as screen:
            apps.append(screen.app)
            screen.app.call_later(failing)
            await screen.pilot.pause()

    with pytest.raises(BrokenError):
        await broken()
    said = capsys.readouterr().err
    assert "rounds had to stop because of an error of its own (BrokenError)." in " ".join(said.split())
    assert CANARY not in said
    assert apps[0].return_code == CRASHED
    (report,) = tmp_path.rglob("crash-*.txt")  # noqa: ASYNC240 - a small folder of the test's own
    assert report.stat().st_mode & 0o777 == 0o600
    assert CANARY not in report.read_text()
