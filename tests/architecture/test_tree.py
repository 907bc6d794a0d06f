"""What a stranger may count on: names on the top level, no machine paths, no hosts of registries, docs that agree."""

from __future__ import annotations

import re

import pytest

from tests.support.tree import ROOT, tracked
from tui.cli.main import COMMANDS


def test_the_top_level_is_what_was_agreed() -> None:
    names = {path.relative_to(ROOT).parts[0] for path in tracked()}
    files = {
        "pyproject.toml",
        "README.md",
        "LICENSE",
        "CHANGELOG.md",
        "CONTRIBUTING.md",
        "constraints.txt",
        ".gitignore",
    }
    assert names - files <= {"tui", "widgets", "backends", "tests", "docs", ".ci"}


def test_no_file_names_a_package_registry() -> None:
    hosts = re.compile("pypi" + r"\.org|python" + "hosted|registry" + r"\.npmjs|deb" + r"\.debian")
    for path in tracked():
        if path.suffix in {".py", ".toml", ".txt", ".md", ".cfg", ""}:
            assert not hosts.search(path.read_text(encoding="utf-8", errors="replace")), path


def test_the_readme_begins_with_two_commands_of_one_line() -> None:
    blocks = re.findall(r"^```sh\n(.*?)^```$", (ROOT / "README.md").read_text(), re.MULTILINE | re.DOTALL)
    first, second = (block.strip() for block in blocks[:2])
    assert "\n" not in first
    assert "\n" not in second
    assert first.endswith("rounds")
    assert "pytest" in second


@pytest.mark.parametrize("command", sorted(COMMANDS))
def test_every_command_is_documented(command: str) -> None:
    assert f"`rounds {command}" in (ROOT / "docs" / "cli.md").read_text()


def test_every_path_on_the_map_is_there() -> None:
    text = (ROOT / "CONTRIBUTING.md").read_text()
    named = set(re.findall(r"`((?:backends|widgets|tui|tests|adapters|fleet|engine|fixes|store)/[\w/.]*)`", text))
    assert len(named) > 20
    missing = [name for name in named if not (ROOT / name).exists() and not (ROOT / "backends" / name).exists()]
    assert missing == []


def test_every_link_in_the_docs_leads_somewhere() -> None:
    for page in [*ROOT.glob("*.md"), *(ROOT / "docs").rglob("*.md")]:
        for link in re.findall(r"\]\(([^)#:]+)\)", page.read_text()):
            assert (page.parent / link).exists(), f"{page.relative_to(ROOT)}: {link}"
