"""Tables as TOML that people like to read: tables in tables as inline tables with dotted keys, patterns in single
quotes, and nothing in it that a terminal or an editor would obey.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from typing import Any, Final

from backends.text import is_safe

LINE: Final = 118
"""A list that is longer has a line for each of its members."""
_BARE: Final = re.compile(r"[A-Za-z0-9_-]+")
_SHORT: Final = {"\\": "\\\\", '"': '\\"', "\n": "\\n", "\t": "\\t", "\r": "\\r"}


def table_text(path: Sequence[str], table: Mapping[str, Any]) -> str:
    """`[path]` and its keys. Values are texts, numbers, true and false, lists and tables of these."""
    lines = [f"[{'.'.join(map(_key, path))}]"]
    for key, value in table.items():
        begin = f"{_key(key)} = "
        text = begin + value_text(value)
        if len(text) > LINE and isinstance(value, list | tuple) and value:
            text = begin + "[\n" + "".join(f"    {value_text(one)},\n" for one in value) + "]"
        lines.append(text)
    return "\n".join(lines) + "\n"


def value_text(value: Any) -> str:
    """One value on one line. Raises `TypeError` for what TOML has no word for."""
    match value:
        case bool():
            return "true" if value else "false"
        case int() | float():
            return repr(value)
        case str():
            return _text(value)
        case list() | tuple():
            return f"[{', '.join(map(value_text, value))}]"
        case Mapping():
            inner = ", ".join(f"{key} = {value_text(one)}" for key, one in _flat(value))
            return f"{{ {inner} }}" if inner else "{}"
    raise TypeError(f"{type(value).__name__} is no value of TOML")


def _flat(table: Mapping[str, Any], before: str = "") -> Iterator[tuple[str, Any]]:
    """`tag.client = …` for a table in a table."""
    for key, value in table.items():
        name = before + _key(key)
        if isinstance(value, Mapping) and value:
            yield from _flat(value, f"{name}.")
        else:
            yield name, value


def _key(name: str) -> str:
    return name if _BARE.fullmatch(name) else _quoted(name)


def _text(text: str) -> str:
    """In single quotes where a backslash or a double quote would have to be written twice, and nothing forbids it."""
    if ("\\" in text or '"' in text) and not {"'", "\n"} & set(text) and is_safe(text):
        return f"'{text}'"
    return _quoted(text)


def _quoted(text: str) -> str:
    return f'"{"".join(map(_escaped, text))}"'


def _escaped(char: str) -> str:
    if char in _SHORT:
        return _SHORT[char]
    if is_safe(char):
        return char
    return f"\\u{ord(char):04x}" if ord(char) <= 0xFFFF else f"\\U{ord(char):08x}"
