"""Nothing is validated by half: a value is matched whole, since Python's `$` lets a trailing newline through (F-59)."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
FILES = sorted([*(ROOT / "backends").rglob("*.py"), *(ROOT / "tui" / "cli").rglob("*.py")])
ANCHORED = re.compile(r"(?<!\\)(?:\\\\)*\$(?:\)*)\Z")
"""A pattern that ends in an anchor."""
READS_ON = {
    "backends/adapters/prometheus/matchers.py": "takes one matcher after the other off the front of a text",
    "backends/adapters/uptime_kuma/metrics.py": "takes one label after the other off the front of a text",
    "backends/adapters/ssh/bsd_devices.py": "reads facts out of longer lines, each checked where it is used",
    "backends/config/locate.py": "finds the line of a key that was read by the TOML reader already",
    "backends/config/telltale.py": "looks for secrets in what was written by mistake: one more finding harms nobody",
    "backends/fleet/hours.py": "reads the zone behind the range, and checks that by its name",
    "backends/fleet/proposing.py": "writes patterns for the configuration, in the way in which people write them",
    "backends/fleet/query.py": "fnmatch.translate ends its patterns with \\Z",
    "backends/fleet/query_terms.py": "cuts terms off the front of a text",
}
"""Files in which it is meant, and why."""


def faults(source: str) -> Iterator[str]:
    """What in `source` looks like a validation that is not of the whole value."""
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute) and node.func.attr == "match":
            yield f"line {node.lineno}: match() where fullmatch() says what is meant"
        if isinstance(node, ast.Constant) and isinstance(node.value, str) and _is_pattern(node, source):
            yield f"line {node.lineno}: a pattern that ends with $"


def _is_pattern(node: ast.Constant, source: str) -> bool:
    assert isinstance(node.value, str)
    lines = source.splitlines()[max(0, node.lineno - 4) : node.end_lineno]
    return ANCHORED.search(node.value) is not None and any("re." in line for line in lines)


@pytest.mark.parametrize("file", FILES, ids=lambda file: str(file.relative_to(ROOT)))
def test_values_are_matched_whole(file: Path) -> None:
    name = str(file.relative_to(ROOT))
    found = list(faults(file.read_text("utf-8")))

    assert bool(found) == (name in READS_ON), found


@pytest.mark.parametrize(
    "source",
    ['re.match(r"[a-z]+$", name)', 'X = re.compile(r"^[a-z]+$")\n', "PATTERN.match(name)", 're.compile("(?:a|b$)")'],
)
def test_the_rule_sees_what_it_is_for(source: str) -> None:
    """The control."""
    assert list(faults(source))


@pytest.mark.parametrize("source", ['re.compile(r"[a-z]+").fullmatch(name)', 're.compile(r"costs \\$")', 'say("in $")'])
def test_the_rule_leaves_the_rest_alone(source: str) -> None:
    assert not list(faults(source))
