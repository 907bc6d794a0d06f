"""What a line may become: candidates for the place of the cursor, each with a word about it."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Final

from backends.fleet.model import SafeText, safe
from backends.fleet.query import complete
from backends.fleet.query_fields import ALIASES, FIELDS
from backends.fleet.query_terms import terms_of
from tui.commands.command import Command
from tui.screens.goto import NOUNS, SAVE, SHORT
from tui.screens.known import NAMED, Choice, Known, Name, quoted, unquoted
from widgets.present.candidate import Candidate

MOST: Final = 40
"""Candidates offered at a time."""

NOUN_ABOUT: Final = {
    "issues": "what is wrong, by urgency",
    "clients": "with what is open there",
    "sites": "and how they are",
    "devices": "all that are watched",
    "sources": "who says so, and since when",
    "runs": "fixes that were run",
    "audit": "who did what",
}
_STATES_ABOUT: Final = {
    "is:": "a state: is:managed, is:incident …",
    "mine": "claimed or done by me",
    "unplaced": "without a client or site",
}


def for_filter(text: str, cursor: int, known: Known, views: Mapping[str, str]) -> list[Candidate]:
    """For `/`: terms of the filter language, and views by their names."""
    begun = text.strip().casefold()
    offered = [
        Candidate(line=safe(query, 500), cursor=len(query), word=safe(name, 40), about=safe(f"view: {query}"))
        for name, query in views.items()
        if name.casefold().startswith(begun) and query != text.strip()
    ]
    return (offered + _terms(text, cursor, known))[:MOST]


def for_goto(text: str, cursor: int, known: Known) -> list[Candidate]:
    """For `:`."""
    head, tail = text[:cursor], text[cursor:]
    word, blank, rest = head.lstrip().partition(" ")
    plain = word.casefold()
    if not blank:
        return [_whole(line, about, tail) for line, about in _words(plain, known)][:MOST]
    if plain in NAMED:
        return [_whole(known.written(name), name.about, tail) for name in _names(plain, unquoted(rest), known)][:MOST]
    if plain in known.choices:
        return [_whole(line, about, tail) for line, about in _choices(known.choices[plain], unquoted(rest))][:MOST]
    if plain in (SAVE, SAVE + "!") and "view" in known.choices:
        names = known.choices["view"].names()
        return [_whole(f"{SAVE}! {name}", query, tail) for name, query in names.items() if name.startswith(rest)]
    if plain in NOUNS or plain in SHORT:
        return _terms(text, cursor, known, begin=len(text) - len(text.lstrip()) + len(word) + 1)[:MOST]
    return []


def _words(plain: str, known: Known) -> Iterable[tuple[str, str]]:
    """First words that begin so: lists, then words, commands and, once something is typed, names."""
    exact = SHORT.get(plain)
    if exact is not None:
        yield f"{exact.value} ", NOUN_ABOUT.get(exact.value, "")
    for name in NOUNS:
        if name.startswith(plain) and NOUNS[name] is not exact:
            yield f"{name} ", NOUN_ABOUT.get(name, "")
    for choice in known.choices.values():
        if choice.word.startswith(plain):
            yield f"{choice.word} ", choice.about
    if plain:
        for kind in NAMED:
            if kind.startswith(plain):
                yield f"{kind} ", "and its name: straight there"
    if SAVE.startswith(plain):
        yield f"{SAVE} ", "this filter under a name"
    yield from ((command.id, about_of(command)) for command in known.commands.values() if command.id.startswith(plain))
    if plain:
        yield from ((known.written(name), name.about) for name in _fitting(known.names, plain))


def _names(kind: str, begun: str, known: Known) -> list[Name]:
    return _fitting((name for name in known.names if name.kind == kind), begun.casefold())


def _fitting(names: Iterable[Name], plain: str) -> list[Name]:
    """Those that begin so before those that have it in them."""
    first: list[Name] = []
    second: list[Name] = []
    for name in names:
        if name.text.casefold().startswith(plain) or any(one.startswith(plain) for one in name.also):
            first.append(name)
        elif plain in name.text.casefold():
            second.append(name)
        if len(first) >= MOST:
            break
    return (first + second)[:MOST]


def _choices(choice: Choice, begun: str) -> Iterable[tuple[str, str]]:
    for name, about in choice.names().items():
        if name.casefold().startswith(begun.casefold()):
            yield f"{choice.word} {quoted(name)}", about


def _terms(text: str, cursor: int, known: Known, begin: int = 0) -> list[Candidate]:
    """Terms of the filter that begins at `begin` of the line."""
    query, at = text[begin:], cursor - begin
    term = next((one for one in terms_of(query) if one.position < at <= one.position + one.length), None)
    start, end = (term.position, term.position + term.length) if term is not None else (at, at)
    offered = []
    for word in complete(query, at, known.values):
        whole = word if _wants_more(word) else f"{word} "
        after = query[end:] if not whole.endswith(" ") else query[end:].lstrip()
        line = safe(f"{text[:begin]}{query[:start]}{whole}{after}", 500)
        offered.append(
            Candidate(line=line, cursor=begin + start + len(whole), word=safe(word, 60), about=_about_term(word))
        )
    return offered


def _wants_more(word: str) -> bool:
    return word.endswith((":", "=", ">", "<"))


def _about_term(word: str) -> SafeText:
    name = word.lstrip("-")
    if name in _STATES_ABOUT:
        return SafeText(_STATES_ABOUT[name])
    if not _wants_more(name):
        return SafeText("")
    name = name.rstrip(":=<>")
    field = FIELDS.get(ALIASES.get(name, name))
    return safe(field.about) if field is not None else SafeText("")


def _whole(line: str, about: str, tail: str) -> Candidate:
    return Candidate(
        line=SafeText(safe(line, 500) + safe(tail.lstrip(), 500)),
        cursor=len(line),
        word=safe(line.strip(), 60),
        about=safe(about),
    )


def about_of(command: type[Command]) -> str:
    """The first sentence of its help."""
    return command.about().splitlines()[0].partition(".")[0].partition(":")[0]
