"""What was typed after `/`, applied to whatever the list shows."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from datetime import datetime
from typing import Final, TypeVar

from backends.fleet.model import Issue, SafeText, safe
from backends.fleet.query import Context, QueryError, parse
from backends.fleet.query_fields import STATES
from backends.fleet.query_terms import terms_of
from backends.fleet.tally import is_open, waits

Fact = TypeVar("Fact")

_ASKS_FOR_ALL: Final = ("snoozed", "recovered", "state", "is:")
"""A filter with one of these says itself which states of issues it wants."""


class FilterError(Exception):
    """The text is no filter; the message says what is wrong, `position` and `length` where."""

    def __init__(self, sentence: str, position: int = 0, length: int = 0) -> None:
        super().__init__(sentence)
        self.position, self.length = position, length

    @property
    def sentence(self) -> SafeText:
        return safe(str(self))


class Filter:
    """Raises `FilterError` when it is made of a text that is none."""

    def __init__(self, text: str, me: str = "") -> None:
        self.text, self._me = text.strip(), me
        try:
            self._query = parse(self.text)
        except QueryError as error:
            begin = len(text) - len(text.lstrip())
            raise FilterError(str(error), begin + error.position, error.length) from error
        self._asks_for_all = any(word in self.text for word in _ASKS_FOR_ALL)
        self._words = _plain_words(self.text)

    def is_within(self, other: Filter) -> bool:
        """Whether whatever matches this one matches the other too, at any time: it asks for the same words or longer
        ones, and for more of them. Only told of filters that are nothing but words."""
        if not (self._words and other._words) or self._asks_for_all or other._asks_for_all:
            return False
        return all(any(shorter in word for word in self._words) for shorter in other._words)

    def of(self, facts: Iterable[Fact], now: datetime) -> list[Fact]:
        """Those that match; of issues only the open ones unless others are asked for, without a filter none that are
        behind another."""
        return [*self.matching(facts, now)]

    def matching(self, facts: Iterable[Fact], now: datetime) -> Iterator[Fact]:
        """The same one by one, as they are asked for."""
        context, query = Context(me=self._me, now=now), self._query
        if not query.everything:
            matches = query.matches
            facts = (fact for fact in facts if matches(fact, context))
        if self._asks_for_all:
            return iter(facts)
        shown = waits if query.everything else is_open
        return (fact for fact in facts if not isinstance(fact, Issue) or shown(fact))


def _plain_words(text: str) -> tuple[str, ...]:
    """What is looked for, when that is nothing but words that are to be found anywhere; else nothing."""
    terms = [*terms_of(text)]
    if any(
        term.field or term.negated or term.value in STATES or term.value.casefold() in ("text", "*") for term in terms
    ):
        return ()
    return tuple(term.value.casefold() for term in terms)
