"""`docs/thresholds.md` says of every limit what the code does. Run this file as a program to write the tables anew."""

from __future__ import annotations

import re
import tomllib
from pathlib import Path

import msgspec
import pytest

from backends.fleet.host_finding import amount, span
from backends.fleet.thresholds import DEFAULTS, parse_thresholds, unit_of

PAGE = Path(__file__).parents[3] / "docs/thresholds.md"
GROUPS = [name for name in DEFAULTS.__struct_fields__ if isinstance(getattr(DEFAULTS, name), msgspec.Struct)]
WORDS = {"number": "number", "percent": "%", "celsius": "°C", "bytes": "amount", "seconds": "duration", "days": "days"}


def table_of(group: str) -> str:
    """The table of one group, as the page has it."""
    limits = getattr(DEFAULTS, group)
    rows = ["| key | default | in | means |", "| --- | --- | --- | --- |"]
    for field in limits.__struct_fields__:
        unit, says = unit_of(type(limits), field)
        default = shown(unit, getattr(limits, field))
        rows.append(f"| `{group}.{field}` | {default} | {kind(unit)} | {says} |")
    return "\n".join(rows)


def kind(unit: str) -> str:
    if unit.startswith("choice:"):
        return ", ".join(f"`{word}`" for word in unit.removeprefix("choice:").split(","))
    return {"switch": "`true`, `false`", "names": "list of names"}.get(unit) or WORDS[unit]


def shown(unit: str, value: object) -> str:
    if value is None:
        return "off"
    if isinstance(value, bool):
        return f"`{str(value).lower()}`"
    if isinstance(value, tuple):
        return ", ".join(f"`{name}`" for name in value) or "none"
    if isinstance(value, str):
        return f"`{value}`"
    assert isinstance(value, float)
    if unit == "bytes":
        return amount(value)
    return span(value) if unit == "seconds" else f"{value:g}"


@pytest.mark.parametrize("group", GROUPS)
def test_the_page_has_every_limit_of_a_group_with_its_default_and_meaning(group: str) -> None:
    assert table_of(group) in PAGE.read_text("utf-8")


@pytest.mark.parametrize("group", GROUPS)
def test_the_page_gives_the_reason_for_each_group(group: str) -> None:
    assert re.search(rf"^## {group}\n\n\w[^|]{{40,}}\n\n\|", PAGE.read_text("utf-8"), re.MULTILINE)


def test_every_example_of_the_page_is_understood() -> None:
    examples = re.findall(r"```toml\n(.*?)```", PAGE.read_text("utf-8"), re.DOTALL)
    assert examples
    for example in examples:
        for source in tomllib.loads(example)["sources"].values():
            parse_thresholds(source["thresholds"])


def rewritten(page: str) -> str:
    """The page with its tables as they should be."""
    for group in GROUPS:
        page = re.sub(rf"(^## {group}\n\n[^|]*\n\n)(?:\|.*\n)*", rf"\g<1>{table_of(group)}\n", page, flags=re.MULTILINE)
    return page


if __name__ == "__main__":
    PAGE.write_text(rewritten(PAGE.read_text("utf-8")), "utf-8")
