"""The example configurations of the manuals of small sources are accepted as they stand."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from backends import registry
from backends.config.load import parse
from tests.support.opened import opened

SOURCES = Path(registry.__file__).parents[1] / "docs" / "sources"
KINDS = ("checkmk", "monit", "netdata", "uptime-kuma")


@pytest.mark.parametrize("kind", KINDS)
def test_the_example_in_the_manual_is_accepted(kind: str, tmp_path: Path) -> None:
    blocks = re.findall(r"```toml\n(.*?)```", (SOURCES / f"{kind}.md").read_text(), re.DOTALL)
    assert blocks
    clients = '[clients.acme]\nname = "Acme Dental"\n'
    for source in parse(clients + "".join(blocks), Path("config.toml")).sources:
        assert source.kind == kind
        assert opened(kind, tmp_path, **source.options).name == "one"
