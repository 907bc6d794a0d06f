"""The log holds one line a record, no control characters, no secret; crash reports hold no values."""

from __future__ import annotations

import base64
import json
import logging
import os
import stat
import warnings
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import quote

import pytest

from backends import log, redaction

CANARY = 'k"ä/ry+&-7f3a9c21'


@pytest.fixture
def file(tmp_path: Path) -> Iterator[Path]:
    before = os.umask(0)
    root = logging.getLogger()
    handlers, level = root.handlers[:], root.level
    log.attach(tmp_path / "state" / "rounds.log", tmp_path / "state" / "crashes")
    yield tmp_path / "state" / "rounds.log"
    log.detach()
    root.handlers[:] = handlers
    root.setLevel(level)
    redaction.forget_all()
    os.umask(before)


def test_a_record_is_one_line_whatever_is_in_it(file: Path) -> None:
    """F-42."""
    logging.getLogger("rounds").warning("two\nlines \x1b[2J\u2028and %s", "a\rb")
    lines = file.read_text().splitlines()
    assert len(lines) == 1
    assert lines[0].endswith("WARNING rounds: two␊lines ␛[2J‹U+2028›and a␍b")


def test_the_file_and_its_folder_are_the_owners_alone(file: Path) -> None:
    """F-48."""
    logging.getLogger("rounds").info("hello")
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    assert stat.S_IMODE(file.parent.stat().st_mode) == 0o700


def test_a_rotated_file_is_the_owners_alone(file: Path) -> None:
    handler = next(found for found in logging.getLogger().handlers if isinstance(found, log.PrivateFile))
    handler.doRollover()
    logging.getLogger("rounds").info("hello")
    modes = {path.name: stat.S_IMODE(path.stat().st_mode) for path in file.parent.glob("rounds.log*")}
    assert modes == {"rounds.log": 0o600, "rounds.log.1": 0o600}


@pytest.mark.parametrize(
    "shape",
    [
        CANARY,
        quote(CANARY, safe=""),
        quote(CANARY),
        json.dumps({"token": CANARY}),
        json.dumps({"token": CANARY}, ensure_ascii=False),
        repr({"token": CANARY}),
        base64.b64encode(CANARY.encode()).decode(),
        base64.b64encode(b"tech1:" + CANARY.encode()).decode(),
        base64.b64encode(b"me:" + CANARY.encode() + b":x").decode(),
        base64.urlsafe_b64encode(b"x" + CANARY.encode()).decode(),
        CANARY.encode().hex(),
    ],
)
def test_a_secret_in_use_is_hidden_in_every_shape(file: Path, shape: str) -> None:
    """F-44."""
    redaction.remember(CANARY)
    logging.getLogger("rounds").error("GET /?token=%s", shape)
    text = file.read_text()
    assert redaction.MARK in text
    assert not any(part in text for part in redaction.shapes_of(CANARY))


def test_a_secret_in_a_traceback_is_hidden(file: Path) -> None:
    """F-43, F-44."""
    redaction.remember(CANARY)
    try:
        int(CANARY)
    except ValueError:
        logging.getLogger("rounds").exception("it failed")
    assert CANARY not in file.read_text()


def test_arguments_that_do_not_fit_do_not_cost_the_record() -> None:
    record = logging.LogRecord("rounds", logging.WARNING, "", 1, "%d of %d", ("one",), None)
    assert "%d of %d" in log.OneLine().format(record)


@pytest.mark.parametrize("name", ["httpx", "asyncssh", "httpcore"])
def test_chatty_libraries_are_heard_from_warnings_up(file: Path, name: str) -> None:
    """F-44."""
    logging.getLogger(name).info("https://host/?token=abc")
    logging.getLogger(f"{name}.child").debug("more")
    assert file.read_text() == ""


def test_warnings_of_the_interpreter_go_to_the_file(file: Path) -> None:
    with warnings.catch_warnings():
        warnings.simplefilter("always")
        warnings.warn("old habit", DeprecationWarning, stacklevel=1)
    assert "old habit" in file.read_text()


def test_a_log_that_cannot_be_written_stops_nothing(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("in the way")
    log.attach(tmp_path / "file" / "rounds.log", tmp_path / "file" / "crashes")
    logging.getLogger("rounds").error("hello")
    log.detach()


def _crash() -> BaseException:
    token = CANARY  # noqa: F841 - the local that must not show
    try:
        raise RuntimeError("broken \x1b]52;c;x\x07 here")  # noqa: TRY301 - a traceback is wanted
    except RuntimeError as error:
        return error


def test_a_crash_report_tells_the_place_and_no_values(file: Path) -> None:
    """F-43."""
    path = log.write_crash(_crash())
    assert path is not None
    text = path.read_text()
    assert "_crash" in text
    assert "RuntimeError: broken ␛]52;c;x␇ here" in text
    assert not text.count("\x1b")
    assert stat.S_IMODE(path.stat().st_mode) == 0o600


def test_a_crash_report_hides_live_secrets(file: Path) -> None:
    """F-43."""
    redaction.remember(CANARY)
    path = log.write_crash(RuntimeError(f"401 for {CANARY}"))
    assert path is not None
    assert CANARY not in path.read_text()


def test_only_the_latest_crash_reports_are_kept(file: Path, tmp_path: Path) -> None:
    folder = tmp_path / "many"
    folder.mkdir(mode=0o700)
    for number in range(30):
        (folder / f"crash-{number:04}.txt").touch()
    path = log.write_crash(RuntimeError("x"), folder)
    assert path is not None
    assert path.exists()
    assert len(list(folder.iterdir())) == log.CRASHES_KEPT
