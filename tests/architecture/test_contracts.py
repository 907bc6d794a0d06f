"""The import contracts of `pyproject.toml` hold, and each is shown to fail when it is broken."""

from __future__ import annotations

import shutil
import subprocess
import sys
from pathlib import Path

import pytest

pytestmark = pytest.mark.xdist_group("contracts")

ROOT = Path(__file__).resolve().parents[2]

BREACHES = {
    "1. screens know rows": ("widgets/breach.py", "import tui.app\n"),
    "2. inside backends": ("backends/fleet/breach.py", "import backends.api\n"),
    "3. backends and view models": ("widgets/present/breach.py", "import textual\n"),
    "4. the core is pure": ("backends/fleet/breach.py", "import asyncio\n"),
    "5. no adapter knows another": ("backends/adapters/local/breach.py", "import backends.adapters.demo\n"),
    "6. a screen is handed its desk": ("tui/screens/breach.py", "import backends.adapters.local\n"),
    "7. widgets know backends only": ("widgets/breach.py", "import backends.desk.protocol\n"),
    "8. no cycles among siblings": ("backends/fleet/breach.py", "import backends.fleet.breach2\n"),
}
"""Contract (the beginning of its name): a module that breaks it."""


def lint(root: Path) -> subprocess.CompletedProcess[str]:
    program = Path(sys.executable).parent / "lint-imports"
    return subprocess.run(
        [str(program), "--no-cache"], cwd=root, capture_output=True, text=True, check=False, timeout=120
    )


@pytest.fixture(scope="module")
def copy(tmp_path_factory: pytest.TempPathFactory) -> Path:
    root = tmp_path_factory.mktemp("tree")
    for package in ("tui", "widgets", "backends"):
        shutil.copytree(ROOT / package, root / package, ignore=shutil.ignore_patterns("__pycache__"))
    shutil.copy(ROOT / "pyproject.toml", root)
    return root


def test_every_contract_is_kept() -> None:
    result = lint(ROOT)
    assert result.returncode == 0, result.stdout
    assert "8 kept, 0 broken" in result.stdout


@pytest.mark.parametrize("contract", BREACHES)
def test_a_breach_is_found_by_its_contract(contract: str, copy: Path) -> None:
    name, source = BREACHES[contract]
    module = copy / name
    if not module.parent.is_dir():
        module = copy / name.replace("/local/", "/local_breach_")
    second = copy / "backends/fleet/breach2.py"
    module.write_text(source)
    if "breach2" in source:
        second.write_text("import backends.fleet.breach\n")
    try:
        result = lint(copy)
    finally:
        module.unlink()
        second.unlink(missing_ok=True)
    assert result.returncode != 0
    broken = [line for line in result.stdout.splitlines() if " BROKEN" in line]
    assert any(line.startswith(contract) for line in broken), result.stdout
