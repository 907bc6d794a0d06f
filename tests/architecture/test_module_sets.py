"""What a command loads is what it costs: counted as sets of modules, never in milliseconds."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]

HEAVY = {"textual", "rich", "httpx", "keyring", "asyncssh"}

PROBE = """
import json, runpy, sys
sys.argv = ["rounds", *{arguments!r}]
try:
    runpy.run_module("tui", run_name="__main__")
except SystemExit:
    pass
print("\\n@@" + json.dumps(sorted({{name.partition(".")[0] for name in sys.modules}})))
"""


def loaded(arguments: list[str], home: Path) -> set[str]:
    """The top-level modules that are loaded when `rounds ARGUMENTS` has ended, in a HOME of its own."""
    environment = {
        "PATH": os.environ["PATH"],
        "HOME": str(home),
        "XDG_RUNTIME_DIR": str(home / "run"),
        "LANG": "C.UTF-8",
    }
    (home / "run").mkdir(mode=0o700, exist_ok=True)
    result = subprocess.run(
        [sys.executable, "-c", PROBE.format(arguments=arguments)],
        cwd=ROOT,
        env=environment,
        capture_output=True,
        text=True,
        check=False,
        timeout=120,
    )
    assert "@@" in result.stdout, result.stderr
    modules = json.loads(result.stdout.rpartition("@@")[2])
    assert "Traceback" not in result.stderr
    return set(modules)


@pytest.mark.parametrize(
    "arguments", [["--version"], ["--help"], ["status", "--json"], ["issues", "--help"]], ids=" ".join
)
def test_an_answer_on_the_command_line_loads_nothing_heavy(arguments: list[str], tmp_path: Path) -> None:
    assert loaded(arguments, tmp_path) & HEAVY == set()


def test_the_version_is_answered_before_anything_of_ours_is_loaded(tmp_path: Path) -> None:
    assert loaded(["--version"], tmp_path) & {"click", "asyncio", "msgspec", "sqlite3", "psutil"} == set()


def test_the_probe_sees_what_is_loaded() -> None:
    code = "import textual.app, sys; print('textual' in {name.partition('.')[0] for name in sys.modules})"
    result = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True, timeout=60)
    assert result.stdout.strip() == "True"
