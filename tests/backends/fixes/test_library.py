"""The bundled fixes, and what is said of a file that is wrong."""

from __future__ import annotations

import shutil
import subprocess
from pathlib import Path

import pytest

from backends.fixes.library import LibraryError, load_library, read_fix
from backends.fixes.model import Fix

FIXES = load_library()
STEPS = [(fix, index) for fix in FIXES.values() for index in range(len(fix.steps))]
NAMES = [f"{fix.id}-{fix.steps[index].platforms[0]}" for fix, index in STEPS]

GOOD = """
id = "mend"
title = "Mend"
about = "Mends."
risk = "safe"
families = ["disk"]

[[parameters]]
name = "mount"
label = "Mount"
pattern = '/.*'
source = "subject"

[[steps]]
says = "Mend {mount}"
platforms = ["linux"]
script = 'echo "$1"'
"""


def test_the_library_has_the_five_fixes_of_the_first_round() -> None:
    assert set(FIXES) == {"restart-service", "free-disk", "renew-lease", "end-process", "reboot"}


def test_every_fix_has_steps_for_linux() -> None:
    assert [fix.id for fix in FIXES.values() if not fix.steps_for("linux")] == []


def test_every_fix_says_what_it_affects_how_to_undo_it_and_what_it_needs() -> None:
    assert [fix.id for fix in FIXES.values() if not all((fix.affects, fix.undo, fix.needs, fix.done))] == []


def test_clearing_fresh_files_is_destructive() -> None:
    fix = FIXES[next(name for name in FIXES if name == "free-disk")]
    risks = {hours: fix.risk_with({"mount": "/", "hours": hours}).value for hours in ("0", "9", "23", "24", "100")}
    assert risks == {
        "0": "destructive",
        "9": "destructive",
        "23": "destructive",
        "24": "disruptive",
        "100": "disruptive",
    }


@pytest.mark.parametrize(("fix", "index"), STEPS, ids=NAMES)
def test_no_script_takes_data_for_code(fix: Fix, index: int) -> None:
    script = fix.steps[index].script
    assert not [word for word in ("eval ", "`", "bash", "[[", "function ") if word in script]


@pytest.mark.parametrize(("fix", "index"), STEPS, ids=NAMES)
@pytest.mark.parametrize("shell", [("dash",), ("busybox", "ash"), ("bash", "--posix"), ("shellcheck", "-s", "sh")])
def test_every_shell_reads_the_script(fix: Fix, index: int, shell: tuple[str, ...], tmp_path: Path) -> None:
    if shutil.which(shell[0]) is None:
        pytest.skip(f"{shell[0]} is not installed")
    script = tmp_path / "script.sh"
    script.write_text(fix.steps[index].script, "utf-8")
    argv = [*shell, script] if shell[0] == "shellcheck" else [*shell, "-n", script]
    done = subprocess.run(argv, capture_output=True, text=True, check=False)
    assert (done.returncode, done.stdout + done.stderr) == (0, "")


def test_a_good_file_is_read() -> None:
    assert read_fix("mend.toml", GOOD, "# common").steps[0].script == '# common\necho "$1"'


@pytest.mark.parametrize(
    ("old", "new", "key", "words"),
    [
        ('id = "mend"', 'id = "end"', "id", "file's name"),
        ('risk = "safe"', 'risk = "mild"', "risk", "mild"),
        ('risk = "safe"', 'rsk = "safe"', "rsk", "did you mean `risk`"),
        ('about = "Mends."', "", "", "about"),
        ('about = "Mends."', 'about = "Mends.\\u001b[2J"', "about", "control"),
        ('families = ["disk"]', "families = []", "families", "at least one"),
        ("source = ", "sauce = ", "parameters[0].sauce", "did you mean `source`"),
        ('source = "subject"', 'source = "object"', "parameters[0].source", "`target`"),
        ("pattern = '/.*'", "pattern = '/(.*'", "parameters[0].pattern", "regular expression"),
        ("pattern = '/.*'", "pattern = '.*'", "parameters[0].pattern", "nothing at all"),
        ('name = "mount"', 'name = "device"', "parameters[0].name", "not `device`"),
        ("Mend {mount}", "Mend {mont}", "steps[0].says", "{mont}"),
        ('platforms = ["linux"]', 'platforms = ["plan9"]', "steps[0].platforms", "freebsd"),
        ("script = 'echo \"$1\"'", "script = ' '", "steps[0].script", "script"),
        ("script = 'echo \"$1\"'", "script = 7", "steps[0].script", "int"),
        ('id = "mend"', 'id = "mend', "", "TOML"),
        ('id = "mend"', 'id = "mend"\nverify_within_s = 0', "verify_within_s", "3600"),
        ('id = "mend"', 'id = "mend"\nexits = { 256 = "x" }', "exits.256", "255"),
        ('id = "mend"', 'id = "mend"\nraises = { path = "x" }', "raises.path", "parameter"),
    ],
)
def test_a_mistake_is_told_by_file_and_key(old: str, new: str, key: str, words: str) -> None:
    assert old in GOOD
    with pytest.raises(LibraryError) as caught:
        read_fix("mend.toml", GOOD.replace(old, new, 1))
    assert (caught.value.file, caught.value.key) == ("mend.toml", key)
    assert words in str(caught.value)
