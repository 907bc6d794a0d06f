"""The filter language of the screen, the command line, saved views and guards.

`sev>=high client:acme -acked age>2h "disk full"`: all terms have to hold, `-` negates one. A term is a field with a
value, a state (`acked`, `mine`, `stale` …), or a word or quoted phrase that is looked for anywhere, whatever its case.
"""

from __future__ import annotations

import math
import re
from collections.abc import Callable, Collection, Iterable, Mapping
from datetime import datetime
from difflib import get_close_matches
from fnmatch import translate
from operator import eq, ge, gt, le, lt
from typing import Final

from backends.fleet.query_fields import ALIASES, FIELDS, MORE_STATES, STATES, Context, Field, Shape, haystack, texts
from backends.fleet.query_terms import QueryError, Term, terms_of

__all__ = ["Context", "Query", "QueryError", "complete", "parse"]

Predicate = Callable[[object, Context], bool]

_COMPARE: Final[Mapping[str, Callable[[float, float], bool]]] = {
    ":": eq, "=": eq, "!=": lambda one, other: one != other, ">": gt, ">=": ge, "<": lt, "<=": le,
}  # fmt: skip
_UNITS: Final = {"s": 1, "m": 60, "min": 60, "h": 3600, "d": 86_400, "w": 604_800}
_DURATION: Final = re.compile(r"(\d{1,9}(?:\.\d{1,6})?)(s|min|m|h|d|w)", re.ASCII)
_NUMBER: Final = re.compile(r"\d{1,9}(\.\d{1,6})?", re.ASCII)
_IS: Final = {**STATES, **MORE_STATES}


class Query:
    """A filter that was understood. Two of the same text are equal."""

    __slots__ = ("_terms", "text")

    def __init__(self, text: str, terms: tuple[tuple[str, Predicate], ...]) -> None:
        self.text = text
        self._terms = terms

    def matches(self, fact: object, context: Context) -> bool:
        """Whether an issue, device, site, client, source, run, check or plan's target is meant."""
        return all(term(fact, context) for _, term in self._terms)

    @property
    def fields(self) -> frozenset[str]:
        """What is asked about: names of fields, `text` for words, `is` for states."""
        return frozenset(name for name, _ in self._terms)

    def only(self, fields: Collection[str]) -> Query:
        """The part of the filter that asks about `fields`."""
        return Query(self.text, tuple(term for term in self._terms if term[0] in fields))

    @property
    def everything(self) -> bool:
        """Whether nothing is asked for, so that everything matches."""
        return not self._terms

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Query) and self.text == other.text

    def __hash__(self) -> int:
        return hash(self.text)


def parse(text: str) -> Query:
    """The filter that `text` spells; raises `QueryError`, and nothing else, for any text."""
    predicates: list[tuple[str, Predicate]] = []
    pending: Term | None = None
    for term in terms_of(text):
        if pending is not None and not (term.quoted and not term.field and not term.negated):
            predicates.append(_predicate(pending))
        pending = None
        if not term.field and term.value.casefold() == "text" and not term.quoted and not term.negated:
            pending = term  # `text "a phrase"` is the phrase; alone it is a word
            continue
        if not (term.value == "*" and not term.field and not term.negated):
            predicates.append(_predicate(term))
    if pending is not None:
        predicates.append(_predicate(pending))
    return Query(text, tuple(predicates))


def complete(text: str, cursor: int, known: Mapping[str, Iterable[str]] | None = None) -> list[str]:
    """What the term at `cursor` could become, whole terms, best first. `known` names values of fields (clients,
    sources) that only the picture knows."""
    term = next((one for one in terms_of(text) if one.position < cursor <= one.position + one.length), None)
    typed = text[term.position : cursor] if term is not None else ""
    sign, body = ("-", typed[1:]) if typed.startswith("-") else ("", typed)
    if term is None or not term.field:
        words = [*(f"{name}{_usual_op(field)}" for name, field in FIELDS.items()), "is:", *STATES]
        return [sign + word for word in words if word.startswith(body.casefold()) and word != body]
    head = body[: term.value_at - term.position - len(sign)]
    begun = body[len(head) :].strip("\"'").casefold()
    field = FIELDS.get(ALIASES.get(term.field, term.field))
    values = _IS if term.field == "is" else (*(field.words if field else ()), *(known or {}).get(term.field, ()))
    fits = [value for value in values if value.casefold().startswith(begun) and value.casefold() != begun]
    return [f"{sign}{head}{_quoted(value)}" for value in fits]


def _predicate(term: Term) -> tuple[str, Predicate]:
    """What the term asks about, and whether a fact fits it."""
    found = _for_field(term) if term.field else _for_word(term)
    if not term.negated:
        return _about(term), found
    return _about(term), lambda fact, context: not found(fact, context)


def _about(term: Term) -> str:
    if not term.field:
        return "is" if not term.quoted and term.value in STATES else "text"
    return ALIASES.get(term.field, term.field)


def _for_word(term: Term) -> Predicate:
    if not term.quoted and term.value in STATES:
        return STATES[term.value]
    needle = term.value.casefold()
    return lambda fact, _: needle in haystack(fact)


def _for_field(term: Term) -> Predicate:
    if not term.value and not term.quoted:
        raise term.wrong(f"{term.field}{term.op} needs a value after it.")
    if term.field == "text":
        return _for_text(term)
    if term.field == "is":
        return _for_is(term)
    field = FIELDS.get(ALIASES.get(term.field, term.field))
    if field is None:
        raise QueryError(_no_field(term.field), term.position + term.negated, len(term.field))
    return _BY_SHAPE[field.shape](field, term)


def _for_text(term: Term) -> Predicate:
    needle = term.value.casefold()
    if term.op == "!=":
        return lambda fact, _: needle not in haystack(fact)
    return lambda fact, _: needle in haystack(fact)


def _for_is(term: Term) -> Predicate:
    word = term.value.casefold()
    if word not in _IS:
        raise term.wrong_value(_no_value("is", word, tuple(_IS)))
    return _IS[word]


def _of_text(field: Field, term: Term) -> Predicate:
    if term.op not in (":", "=", "!="):
        raise term.wrong(f"{field.name} has no order; use {field.name}:{term.value or 'something'}.")
    wanted = term.value.casefold()
    whole = term.op != ":"
    pattern = re.compile(translate(wanted if whole else f"*{wanted}*")) if "*" in wanted else None

    def said(fact: object, context: Context) -> bool:
        found = _said(field, fact, context)
        if field.name == "owner" and wanted in ("me", "none", ""):
            return not found if wanted != "me" else bool(context.me) and context.me.casefold() in found
        if pattern is not None:
            return any(pattern.match(one) for one in found)
        if whole or context.risk is not None:  # a guard means what it names, not what sounds like it
            return wanted in found or (field.name == "site" and any(one.endswith(f"/{wanted}") for one in found))
        return any(wanted in one for one in found)

    if term.op == "!=":
        return lambda fact, context: _has(field, fact, context) and not said(fact, context)
    return lambda fact, context: _has(field, fact, context) and said(fact, context)


def _of_word(field: Field, term: Term) -> Predicate:
    if term.op not in (":", "=", "!="):
        raise term.wrong(f"{field.name} has no order; use {field.name}:{field.words[0]}.")
    wanted = term.value.casefold()
    if wanted not in field.words and field.name != "kind":
        raise term.wrong_value(_no_value(field.name, wanted, field.words))
    if term.op == "!=":
        return lambda fact, context: _has(field, fact, context) and wanted not in _said(field, fact, context)
    return lambda fact, context: wanted in _said(field, fact, context)


def _of_rank(field: Field, term: Term) -> Predicate:
    wanted = term.value.casefold()
    if wanted not in field.words:
        raise term.wrong_value(_no_value(field.name, wanted, field.words))
    rank = {word: -place for place, word in enumerate(field.words)}
    least, compare = rank[wanted], _COMPARE[term.op]
    return lambda fact, context: any(compare(rank[one], least) for one in _said(field, fact, context) if one in rank)


def _of_age(field: Field, term: Term) -> Predicate:
    parts = _DURATION.findall(term.value.casefold())
    if not parts or "".join(number + unit for number, unit in parts) != term.value.casefold():
        raise term.wrong_value(f"{term.value[:40]!r} is no length of time; write it like 90s, 15m, 2h or 3d.")
    seconds = sum(float(number) * _UNITS[unit] for number, unit in parts)
    compare = ge if term.op in (":", "=") else _COMPARE[term.op]

    def old(fact: object, context: Context) -> bool:
        times = (getattr(fact, place, None) for place in field.attributes.get(type(fact), ()))
        return any(compare(_age(time, context.now), seconds) for time in times if isinstance(time, datetime))

    return old


def _of_number(field: Field, term: Term) -> Predicate:
    if _NUMBER.fullmatch(term.value) is None:
        raise term.wrong_value(f"{field.name} is compared with a number, as in {field.name}>3.")
    number, compare = float(term.value), _COMPARE[term.op]
    return lambda fact, _: any(compare(getattr(fact, place), number) for place in field.attributes.get(type(fact), ()))


_BY_SHAPE: Final = {
    Shape.TEXT: _of_text,
    Shape.WORD: _of_word,
    Shape.RANK: _of_rank,
    Shape.AGE: _of_age,
    Shape.NUMBER: _of_number,
}


def _has(field: Field, fact: object, context: Context) -> bool:
    return type(fact) in field.attributes or (field.name == "fix" and bool(context.fix))


def _said(field: Field, fact: object, context: Context) -> list[str]:
    if field.name == "risk" and context.risk is not None:
        return [context.risk.value]
    if field.name == "fix" and context.fix:
        return [context.fix.casefold()]
    return texts(fact, field.attributes.get(type(fact), ()))


def _age(time: datetime, now: datetime) -> float:
    seconds = (now - time).total_seconds()
    return seconds if math.isfinite(seconds) else 0.0


def _no_field(name: str) -> str:
    names = [*FIELDS, *ALIASES, "is", "text"]
    near = get_close_matches(name, names, 1, 0.5)
    hint = f"did you mean {ALIASES.get(near[0], near[0])}?" if near else f"fields are {', '.join(FIELDS)}, is and text."
    return f"There is no field {name[:40]!r}; {hint}"


def _no_value(field: str, value: str, words: tuple[str, ...]) -> str:
    near = get_close_matches(value, words, 1, 0.5)
    hint = f"did you mean {near[0]}?" if near else f"it is one of {', '.join(words)}."
    return f"{field} is never {value[:40]!r}; {hint}"


def _usual_op(field: Field) -> str:
    return {Shape.RANK: ">=", Shape.AGE: ">", Shape.NUMBER: ">"}.get(field.shape, ":")


def _quoted(value: str) -> str:
    return f'"{value}"' if " " in value else value
