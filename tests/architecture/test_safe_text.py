"""Safe by type: no text from outside reaches a widget or a cell but through `safe`; the rule, and its examples."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from mypy import api

ROOT = Path(__file__).resolve().parents[2]
PLUGIN = ROOT / "tests" / "support" / "safe_text.py"

FOUND = re.compile(r"^(?P<file>[^:]+):(?P<line>\d+): error: .*\[unsafe-text\]$", re.MULTILINE)

EXAMPLES = """
from datetime import datetime
from enum import StrEnum
from typing import ClassVar, Final

from rich.text import Text
from textual.app import App
from textual.content import Content
from textual.widgets import Button, Static

from backends.fleet.model import Issue, SafeText, Severity, Source, safe
from widgets.present.age import span_text
from widgets.present.row import Cell, line, plain

pytestmark = pytest.mark.xdist_group("safe-text")

GLYPH: Final = {Severity.HIGH: "x"}
changing = "x"


class Verb:
    word: ClassVar[str] = "fix"


def given(text: str) -> str:
    return text


def ours(issue: Issue, source: Source, number: int, at: datetime, flag: bool, safe_name: SafeText) -> object:
    yield SafeText("words")
    yield SafeText(f"{number} rows, {number:>4}, {1.5:.1f}, at {at:%H:%M}")
    yield plain(f"{issue.title} on {issue.device_name}")
    yield plain(safe(source.name))
    yield plain(f"{GLYPH[issue.severity]} {issue.severity.value} {GLYPH.get(issue.severity, '?')}")
    yield plain("a" if flag else f"b {safe_name}")
    yield plain(" · ".join(safe(name) for name in issue.sources))
    yield plain(str(number) + " " + span_text(3.0).rjust(4))
    word = "" if flag else f" {issue.state.value}"
    yield plain(f"{word}{Verb.word}")
    parts = [issue.title]
    parts.append(SafeText("recovered"))
    yield SafeText(" · ".join(parts))
    for label, text in (("Undo", issue.title), ("Proof", issue.advice)):
        yield line(label, Cell(text), "words")
    yield Static(Content(issue.title), markup=False)
    yield Static("", id="box", classes=changing, markup=False)
    yield f"nobody shows this {source.kind}"
    yield plain(f"{source.kind!a}")


def theirs(issue: Issue, source: Source, typed: str, app: App[None], box: Static, at: datetime) -> object:
    yield SafeText(typed)  # bad
    yield SafeText(f"by {issue.owner}")  # bad
    yield plain(source.name)  # bad
    yield plain(f"kind {source.kind}")  # bad
    yield plain(f"{source.kind!r}")  # bad
    yield plain(f"{at}")  # bad
    yield plain(given("x"))  # bad
    yield plain(changing)  # bad
    yield plain("x" + typed)  # bad
    yield plain("{}".format(typed))  # bad
    yield plain("%s" % typed)  # bad
    yield plain(str(issue))  # bad
    yield plain(", ".join(issue.sources))  # bad
    yield plain(typed if issue.behind else "x")  # bad
    yield plain(typed.strip())  # bad
    word = "x"
    if issue.behind:
        word = typed
    yield plain(word)  # bad
    parts = ["x"]
    parts.append(source.kind)
    yield plain(" ".join(parts))  # bad
    yield line(typed)  # bad
    yield line("On", typed)  # bad
    yield Content(issue.owner)  # bad
    yield Static(typed, markup=False)  # bad
    yield Static("x", markup=True)  # bad
    yield Button(typed)  # bad
    box.update(typed)  # bad
    app.notify(typed)  # bad
    yield Content.from_markup("[b]x[/b]")  # bad
    yield Text.from_markup("[b]x[/b]")  # bad
"""


@pytest.fixture(scope="module")
def found(tmp_path_factory: pytest.TempPathFactory) -> dict[str, set[int]]:
    """The lines at fault by file, of the program and of the examples, from one run."""
    folder = tmp_path_factory.mktemp("safe")
    (folder / "mypy.ini").write_text(
        f"[mypy]\nstrict = True\nplugins = {PLUGIN}\n[mypy-pyte.*,tomlkit.*]\nignore_missing_imports = True\n"
    )
    (folder / "examples.py").write_text(EXAMPLES)
    places = [*(str(ROOT / name) for name in ("backends", "widgets", "tui")), str(folder / "examples.py")]
    said, complaint, _ = api.run([
        "--config-file", str(folder / "mypy.ini"), "--cache-dir", str(folder / "cache"), "--no-error-summary", *places,
    ])  # fmt: skip
    assert not complaint
    assert "INTERNAL" not in said
    out: dict[str, set[int]] = {"examples.py": set()}
    for one in FOUND.finditer(said):
        out.setdefault(Path(one["file"]).name if "examples" in one["file"] else one["file"], set()).add(
            int(one["line"])
        )
    return out


def test_nothing_is_shown_that_may_come_from_outside(found: dict[str, set[int]]) -> None:
    assert {file: lines for file, lines in found.items() if file != "examples.py"} == {}


def test_the_rule_finds_every_bad_example_and_no_good_one(found: dict[str, set[int]]) -> None:
    bad = {number for number, line in enumerate(EXAMPLES.splitlines(), 1) if line.endswith("# bad")}
    assert found["examples.py"] == bad
