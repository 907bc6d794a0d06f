"""docs/fixes.md says what the files of the library say."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from backends.fixes.library import load_library
from backends.fixes.model import Fix, Proof

PAGE = (Path(__file__).parents[3] / "docs" / "fixes.md").read_text("utf-8")
LIBRARY = PAGE.partition("\n## The library\n")[2].partition("\n## ")[0]
FIXES = load_library()


def section(fix: Fix) -> str:
    return LIBRARY.partition(f"\n### {fix.id}: {fix.title}\n")[2].partition("\n### ")[0]


def test_every_fix_has_its_section_and_no_section_is_left_over() -> None:
    assert re.findall(r"^### ([a-z-]+):", LIBRARY, re.MULTILINE) == sorted(FIXES)


@pytest.mark.parametrize("fix", FIXES.values(), ids=list(FIXES))
def test_a_section_says_what_the_file_says(fix: Fix) -> None:
    proof = "the check is asked again" if fix.proof is Proof.ISSUE_GONE else "it answers with a new boot id"
    lines = [
        fix.about,
        f"- **Risk:** {fix.risk}",
        f"- **Answers:** {', '.join(fix.families)}",
        f"- **Platforms:** {', '.join(fix.platforms)}",
        f"- **Needs:** {fix.needs}",
        f"- **Undo:** {fix.undo}",
        f"- **Verified by:** {proof}, within {fix.verify_within_s:.0f} s",
    ]
    assert [line for line in lines if f"\n{line}\n" not in section(fix)] == []


@pytest.mark.parametrize("fix", FIXES.values(), ids=list(FIXES))
def test_a_section_names_every_parameter_with_its_default(fix: Fix) -> None:
    (told,) = re.findall(r"^- \*\*Parameters:\*\* (.*)$", section(fix), re.MULTILINE)
    named = re.findall(r"`([a-z]+)` \(([^)]*)\)", told)
    assert named == [
        (parameter.name, "from the evidence" if parameter.source else parameter.default) for parameter in fix.parameters
    ]
