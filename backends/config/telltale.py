"""Secrets that were written into the configuration by mistake, told by the name of their key or their shape."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Any, Final

from backends.config.locate import Step

_SECRET_KEY: Final = re.compile(
    r"(?:^|[_-])(?:password|passwd|passphrase|pass|pwd|token|secret|credentials?|authorization|bearer|cookie"
    r"|api[_-]?key|private[_-]?key|access[_-]?key|psk|community)$|apikey$|password$|token$|secret$",
    re.IGNORECASE,
)
"""Key names that end in one of these hold a secret; `token_url` and `password_file` do not."""
_AMBIGUOUS_KEY: Final = re.compile(r"(?:^|[_-])key$", re.IGNORECASE)
"""`key` may name a file."""
_SECRET_VALUE: Final = re.compile(
    r"-----BEGIN [A-Z ]*PRIVATE KEY|^(?:Bearer|Basic|Token)\s+\S{6,}|://[^/\s:@]*:[^/\s@]+@"
    r"|[?&](?:token|api_?key|password|secret|access_token)=[^&\s]",
    re.IGNORECASE,
)
_HARMLESS: Final = frozenset({"", "keyring"})


def secret_in(options: Mapping[str, Any]) -> Iterator[tuple[Step, ...]]:
    """The paths of values that look like secrets."""
    yield from _search(options, ())


def _search(value: Any, path: tuple[Step, ...]) -> Iterator[tuple[Step, ...]]:
    if isinstance(value, Mapping):
        for key, inner in value.items():
            yield from _search(inner, (*path, key))
    elif isinstance(value, list):
        for number, inner in enumerate(value):
            yield from _search(inner, (*path, number))
    elif isinstance(value, str | int) and not isinstance(value, bool) and _looks_secret(path, str(value)):
        yield path


def _looks_secret(path: tuple[Step, ...], value: str) -> bool:
    if value in _HARMLESS or value.startswith(("env:", "command:")):
        return False
    key = next((step for step in reversed(path) if isinstance(step, str)), "")
    if _SECRET_KEY.search(key) or _SECRET_VALUE.search(value):
        return True
    return bool(_AMBIGUOUS_KEY.search(key)) and not value.startswith(("~", "/", ".")) and len(value) >= 8
