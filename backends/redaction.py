"""Secrets that are in use, and text without them.

Whatever resolves a secret remembers it here; whatever writes text to a file or to people passes it through `redacted`.
The other shapes in which a secret travels are known too: URL-escaped, base64, inside JSON.
"""

from __future__ import annotations

import base64
import json
import re
import threading
from typing import Final
from urllib.parse import quote, quote_plus

MARK: Final = "‹secret›"
SHORTEST: Final = 4
"""Shorter secrets are not looked for: they would blot out half of every text."""

_lock = threading.Lock()
_shapes: dict[str, None] = {}
_pattern: re.Pattern[str] | None = None


def remember(secret: str) -> None:
    """From now on `redacted` hides `secret` in every shape."""
    global _pattern  # noqa: PLW0603 - one process, one set of secrets: a copy of it elsewhere would be a leak
    with _lock:
        before = len(_shapes)
        for part in {secret, secret.strip(), *secret.splitlines()}:
            if len(part) >= SHORTEST:
                _shapes.update(dict.fromkeys(shapes_of(part)))
        if len(_shapes) != before:
            longest_first = sorted(_shapes, key=len, reverse=True)
            _pattern = re.compile("|".join(map(re.escape, longest_first)))


def redacted(text: str) -> str:
    """`text` with every remembered secret replaced by a mark."""
    pattern = _pattern
    return text if pattern is None else pattern.sub(MARK, text)


def forget_all() -> None:
    """For tests: as at the start of the process."""
    global _pattern  # noqa: PLW0603 - see `remember`
    with _lock:
        _shapes.clear()
        _pattern = None


def shapes_of(secret: str) -> set[str]:
    """The texts in which `secret` may show itself."""
    raw = secret.encode("utf-8", "surrogatepass")
    shapes = {secret, repr(secret)[1:-1], json.dumps(secret)[1:-1], json.dumps(secret, ensure_ascii=False)[1:-1]}
    for escaped in (quote(raw, safe=""), quote(raw), quote_plus(raw)):
        shapes |= {escaped, re.sub(r"%[0-9A-F]{2}", lambda code: code.group().lower(), escaped)}
    shapes |= {json.dumps(secret)[1:-1].replace("/", "\\/"), raw.hex()}
    for offset in range(3):
        shapes |= _base64_shapes(raw, offset)
    return {shape for shape in shapes if len(shape) >= SHORTEST}


def _base64_shapes(raw: bytes, offset: int) -> set[str]:
    """What of `raw` is sure to show when it is encoded behind `offset` other bytes, as in `user:password`."""
    encoded = base64.b64encode(bytes(offset) + raw).decode("ascii")
    first = (0, 2, 3)[offset]
    """Characters that the bytes in front have a part in."""
    tail = (offset + len(raw)) % 3
    last = len(encoded) - (0, 3, 2)[tail] if tail else len(encoded)
    middle = encoded[first:last]
    return {middle, middle.replace("+", "-").replace("/", "_")} if len(middle) >= SHORTEST + 2 else set()
