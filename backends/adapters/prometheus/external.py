"""The labels that Prometheus puts on everything that it sends, from its own configuration."""

from __future__ import annotations

import json
import re
from typing import Final

_GLOBAL: Final = re.compile(r"^global:\n((?: .*\n)*)", re.MULTILINE)
_BLOCK: Final = re.compile(r"^  external_labels:\n((?:    .*\n)*)", re.MULTILINE)
_ENTRY: Final = re.compile(r"^    ([A-Za-z_][A-Za-z0-9_]*): (.*)", re.MULTILINE)


def external_labels(yaml: str) -> dict[str, str]:
    """`global.external_labels` of the configuration as `/api/v1/status/config` shows it: written out by Prometheus
    itself, two blanks a level, each label on a line (seen with 2.42). Whatever looks otherwise is left out."""
    whole = _GLOBAL.search(yaml + "\n")
    block = _BLOCK.search(whole[1]) if whole else None
    if block is None:
        return {}
    found = ((name, _scalar(text.strip())) for name, text in _ENTRY.findall(block[1]))
    return {name: value for name, value in found if value is not None}


def _scalar(text: str) -> str | None:
    """A plain, single- or double-quoted scalar on one line; None for anything else."""
    if text.startswith('"'):
        try:
            value = json.loads(text)
        except ValueError:
            return None
        return value if isinstance(value, str) else None
    if text.startswith("'"):
        return text[1:-1].replace("''", "'") if len(text) > 1 and text.endswith("'") else None
    return None if not text or text[0] in "|>{[&*!%@`" else text
