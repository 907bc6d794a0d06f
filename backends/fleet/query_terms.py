"""Filter text cut into terms: `-field>=value`, words, quoted phrases, each with its place in the text."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Final

from msgspec import Struct

_WORD: Final = re.compile(r"\S+")
_FIELD: Final = re.compile(r"(?P<field>[A-Za-z][A-Za-z_-]*)(?P<op>>=|<=|!=|:|=|>|<)")
_QUOTES: Final = "\"'"


class QueryError(Exception):
    """A filter that makes no sense. `sentence` says why and what would; the rest says where."""

    def __init__(self, sentence: str, position: int, length: int) -> None:
        super().__init__(sentence)
        self.sentence = sentence
        self.position = position
        """Of the first character that is wrong, from 0."""
        self.length = length


class Term(Struct, frozen=True, kw_only=True):
    """One condition as it was written."""

    negated: bool
    field: str
    """Empty for a word or phrase."""
    op: str
    value: str
    quoted: bool
    position: int
    length: int
    value_at: int
    """Where the value begins."""

    def wrong(self, sentence: str) -> QueryError:
        """An error about the whole term."""
        return QueryError(sentence, self.position, self.length)

    def wrong_value(self, sentence: str) -> QueryError:
        return QueryError(sentence, self.value_at, max(1, self.position + self.length - self.value_at))


def terms_of(text: str) -> Iterator[Term]:
    """The terms of a filter, in order. A quote that is not closed reaches to the end; nothing here is an error."""
    at = 0
    while True:
        while at < len(text) and text[at].isspace():
            at += 1
        if at >= len(text):
            return
        begin = at
        negated = text[at] == "-" and at + 1 < len(text) and not text[at + 1].isspace()
        at += negated
        matched = _FIELD.match(text, at)
        value_at = matched.end() if matched is not None else at
        value, quoted, end = _value(text, value_at)
        yield Term(
            negated=negated,
            field=matched["field"].casefold() if matched is not None else "",
            op=matched["op"] if matched is not None else "",
            value=value,
            quoted=quoted,
            position=begin,
            length=end - begin,
            value_at=value_at,
        )
        at = end


def _value(text: str, at: int) -> tuple[str, bool, int]:
    """A word or quoted phrase that begins at `at`: its value, whether it was quoted, and where it ends."""
    if at < len(text) and text[at] in _QUOTES:
        end = text.find(text[at], at + 1)
        if end < 0:
            return text[at + 1 :], True, len(text)
        return text[at + 1 : end], True, end + 1
    matched = _WORD.match(text, at)
    return (matched.group(), False, matched.end()) if matched is not None else ("", False, at)
