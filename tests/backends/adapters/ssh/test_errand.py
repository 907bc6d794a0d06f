"""What is sent to a shell: parameters arrive byte for byte, and nothing of them runs."""

from __future__ import annotations

import random
import re
import shutil
import subprocess
from pathlib import Path

import pytest

from backends.adapters.ssh.errand import ended, fix_input, look_input, look_script
from backends.adapters.ssh.parse import parse
from backends.adapters.ssh.watch import Watch
from tests.backends.adapters.ssh.looks import MARK, MOMENT

SHELLS = [shell for shell in ("sh", "dash", "bash", "busybox", "mksh") if shutil.which(shell)]
SPICES = [
    *(
        "'",
        '"',
        "\\",
        "$",
        "`",
        "$(touch HIT)",
        "`touch HIT`",
        ";touch HIT;",
        "|touch HIT",
        "&touch HIT&",
        "\n",
        "\r\n",
    ),
    *("*", "?", "[a-z]", "{a,b}", "~", "#", "!", "!!", "-rf", "--", "-", " ", "\t", "%s", "%n", "${HOME}", "$((1/0))"),
    *(
        "\x01",
        "\x1b[2J",
        "\x7f",
        "é",
        "ß",
        "日本",
        "\u202e",
        "\udcff\udc80",
        "}",
        "\n}\n",
        "EOF",
        "\nEOF\n",
        "''",
        "' '",
    ),
    *(">HIT", "<HIT", "<<HIT", "&&touch HIT", "$'x'", "=", "\\n", "\\", "\\'"),
]


def hostile(count: int) -> list[str]:
    chance = random.Random(20260105)
    made = ["".join(chance.choices(SPICES, k=chance.randrange(1, 9))) for _ in range(count - len(SPICES))]
    return ["", *SPICES, *made][:count]


def run(shell: str, script: bytes, folder: Path) -> subprocess.CompletedProcess[bytes]:
    argv = [shell, "sh", "-s"] if shell == "busybox" else [shell, "-s"]
    return subprocess.run(argv, input=script, capture_output=True, cwd=folder, check=False, timeout=60)


@pytest.mark.parametrize("shell", SHELLS)
def test_300_hostile_parameters_arrive_as_they_are(shell: str, tmp_path: Path) -> None:
    """F-55."""
    values = hostile(300)
    done = run(shell, fix_input("for word; do printf '%s\\0' \"$word\"; done", values), tmp_path)
    assert [word.decode("utf-8", "surrogateescape") for word in done.stdout.split(b"\0")[:-1]] == values
    assert list(tmp_path.iterdir()) == []


def test_a_parameter_with_nul_is_refused() -> None:
    with pytest.raises(ValueError, match="NUL"):
        fix_input("true", ["a\0b"])


@pytest.mark.parametrize("shell", SHELLS)
def test_a_script_that_was_cut_off_does_not_begin(shell: str, tmp_path: Path) -> None:
    whole = fix_input("touch HIT\nsleep 0\ntouch HIT2", ["x"])
    for length in range(len(whole) - len(b"} </dev/null\n")):
        if length % 7 == 0:
            run(shell, whole[:length], tmp_path)
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("shell", SHELLS)
def test_a_script_does_not_read_itself_as_input(shell: str, tmp_path: Path) -> None:
    done = run(shell, fix_input("cat; echo after; exit 7", []), tmp_path)
    assert (done.stdout, done.returncode) == (b"after\n", 7)


@pytest.mark.parametrize("shell", SHELLS)
def test_the_look_runs_and_writes_nothing(shell: str, tmp_path: Path) -> None:
    watch = Watch(
        services=("nope",),
        processes=("it's", "$(touch HIT)", "a b; touch HIT"),
        files=("/etc/passwd", "/no'pe", "/$(touch HIT)"),
        certificates=("/etc/passwd", '/"; touch HIT; "'),
    )
    done = run(shell, look_input(MARK, "all", watch), tmp_path)
    assert (done.returncode, done.stderr) == (0, b"")
    assert list(tmp_path.iterdir()) == []
    look = parse(done.stdout, MARK, MOMENT, watch)
    assert look.unread == ()
    assert [file.exists for file in look.files] == [True, False, False]
    assert [process.count for process in look.watched_processes] == [0, 0, 0]
    assert "/" in [disk.mount for disk in look.file_systems]


@pytest.mark.parametrize("shell", SHELLS)
def test_a_short_look_asks_only_who_answers(shell: str, tmp_path: Path) -> None:
    done = run(shell, look_input(MARK, "who", Watch()), tmp_path)
    assert ended(done.stdout, MARK)
    assert b"=M=disks" not in done.stdout


def test_the_look_sends_no_output_into_files_and_calls_nothing_that_changes_a_host() -> None:
    lines = [line for line in look_script().splitlines() if not line.lstrip().startswith("#")]
    script = "\n".join(lines).replace(">/dev/null", "")
    assert re.findall(r""">+\s*["$/].*""", script) == []
    calls = re.findall(
        r"(?:^|[;|&({]|then|do|else)\s*(rm|mv|cp|tee|touch|mkdir|chmod|chown|kill|find|du|dd)\b", script, re.M
    )
    assert calls == []
