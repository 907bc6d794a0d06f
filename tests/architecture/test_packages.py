"""What is shipped: three packages side by side, whole in wheel and sdist, under names that nobody else owns."""

from __future__ import annotations

import os
import subprocess
import sys
import tarfile
import zipfile
from collections.abc import Sequence
from importlib import metadata
from pathlib import Path

import pytest

from tests.support.tree import PACKAGES, ROOT, tracked

pytestmark = pytest.mark.xdist_group("packages")

BUILD = "import sys, hatchling.build; print(getattr(hatchling.build, sys.argv[1])(sys.argv[2]))"


def build(hook: str, folder: Path) -> Path:
    """The archive that a builder's `hook` makes of the tree."""
    made = subprocess.run(
        [sys.executable, "-c", BUILD, hook, str(folder)], cwd=ROOT, capture_output=True, text=True, check=False
    )
    assert made.returncode == 0, made.stderr
    return folder / made.stdout.split()[-1]


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with what the wheel puts into an environment."""
    folder = tmp_path_factory.mktemp("wheel")
    with zipfile.ZipFile(build("build_wheel", folder)) as opened:
        opened.extractall(folder / "unpacked")
    return folder / "unpacked"


def rounds(search: Sequence[Path], arguments: Sequence[str], home: Path) -> subprocess.CompletedProcess[str]:
    """`rounds ARGUMENTS` from the first folder of `search` that has it, in a HOME and a working folder of its own."""
    environment = {
        "PATH": os.environ["PATH"],
        "HOME": str(home),
        "LANG": "C.UTF-8",
        "PYTHONPATH": os.pathsep.join(str(folder) for folder in search),
    }
    return subprocess.run(
        [sys.executable, "-P", "-m", "tui", *arguments],
        cwd=home,
        env=environment,
        capture_output=True,
        text=True,
        check=False,
        timeout=120,
    )


@pytest.mark.parametrize("package", PACKAGES)
def test_nobody_else_owns_a_name_of_ours(package: str) -> None:
    assert set(metadata.packages_distributions().get(package, ())) <= {"rounds"}


@pytest.mark.parametrize("package", ["widgets", "backends"])
def test_a_package_of_a_stranger_is_named_before_it_is_run(package: str, tmp_path: Path) -> None:
    theirs = tmp_path / "theirs"
    (theirs / package).mkdir(parents=True)
    (theirs / package / "__init__.py").write_text("raise SystemExit('a stranger was run')\n")
    result = rounds([theirs, ROOT], ["--version"], tmp_path)
    assert result.returncode == 70
    assert result.stderr == (
        f"rounds: The package {package} is in {theirs}, not beside tui in {ROOT}: "
        "install rounds into a virtual environment of its own.\n"
    )


def test_the_wheel_has_every_file_of_the_packages(wheel: Path) -> None:
    wanted = [path.relative_to(ROOT) for path in tracked() if path.relative_to(ROOT).parts[0] in PACKAGES]
    assert [str(path) for path in wanted if not (wheel / path).is_file()] == []


def test_the_wheel_puts_nothing_but_the_packages_on_the_top_level(wheel: Path) -> None:
    assert {path.name for path in wheel.iterdir() if path.suffix != ".dist-info"} == set(PACKAGES)


def test_the_sdist_has_every_file_of_the_tree(tmp_path: Path) -> None:
    with tarfile.open(build("build_sdist", tmp_path)) as opened:
        there = {name.partition("/")[2] for name in opened.getnames()}
    assert {str(path.relative_to(ROOT)) for path in tracked()} <= there


@pytest.mark.parametrize("arguments", [["--version"], ["fix", "show", "free-disk"], ["--demo", "issues"]], ids=" ".join)
def test_what_the_wheel_unpacks_to_works_away_from_the_tree(arguments: list[str], wheel: Path, tmp_path: Path) -> None:
    result = rounds([wheel], arguments, tmp_path)
    assert (result.returncode, result.stderr) == (0, "")
    assert result.stdout
