"""What `:` understands: a noun with a filter, the name of one thing, a command, a view.

A word that is written out always means the same: what clients call themselves cannot take the place of a command.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from difflib import get_close_matches
from typing import Final, TypeAlias

from msgspec import Struct

from backends.fleet.model import safe
from tui.commands.command import Command
from tui.place import Noun, Place
from tui.screens.known import NAMED, Choice, Known, Name, unquoted

NOUNS: Final = {noun.value: noun for noun in Noun if noun is not Noun.CHECKS}

SHORT: Final = {
    "i": Noun.ISSUES, "c": Noun.CLIENTS, "s": Noun.SITES, "d": Noun.DEVICES, "so": Noun.SOURCES, "src": Noun.SOURCES,
    "r": Noun.RUNS, "a": Noun.AUDIT,
}  # fmt: skip
"""Nouns for those in a hurry."""

COMMAND_SHORT: Final = {"q": "quit", "q!": "quit", "quit!": "quit", "h": "help", "?": "help", "ack": "acknowledge"}

SAVE: Final = "save"
"""`:save NAME` keeps the filter of the list as a view, `:save! NAME` also over another of that name."""


class Go(Struct, frozen=True):
    """To a list."""

    place: Place
    sure: bool = True
    """It was written out; else it is the only thing known that fits what was typed."""


class Do(Struct, frozen=True):
    command: type[Command]
    sure: bool = True


class Choose(Struct, frozen=True):
    """One of the names behind a word."""

    choice: Choice
    name: str


class Browse(Struct, frozen=True):
    """All the names behind a word: `:views`."""

    choice: Choice


class Keep(Struct, frozen=True):
    """The filter of the list, as a view."""

    name: str
    over: bool
    """Also where there is a view of that name."""


Meaning: TypeAlias = Go | Do | Choose | Browse | Keep


class GotoError(Exception):
    """Nothing that is understood; the message says what would be, `position` and `length` where it is wrong."""

    def __init__(self, sentence: str, position: int = 0, length: int = 0) -> None:
        super().__init__(sentence)
        self.position, self.length = position, length


def understand(text: str, known: Known) -> Meaning:
    """Raises `GotoError`."""
    text = text.strip()
    word, _, rest = text.partition(" ")
    plain, rest = word.casefold(), rest.strip()
    if not plain:
        return Go(Place())
    if plain in (SAVE, SAVE + "!"):
        return Keep(rest, over=plain != SAVE)
    if (meaning := _written_out(plain, rest, known, len(word) + 1)) is not None:
        return meaning
    called = [name for name in known.names if name.is_called(unquoted(text).casefold())]
    if len(called) == 1:
        return Go(called[0].place)
    if called:
        raise GotoError(_several(text, [known.written(name) for name in called]), 0, len(text))
    return _begun(plain, rest, text, known)


def destination(text: str, known: Known) -> Place:
    """The list that `text` names; raises `GotoError` when it means something else."""
    meaning = understand(text, known)
    if isinstance(meaning, Go):
        return meaning.place
    raise GotoError(f"{safe(text, 40)} is no list.")


def _written_out(plain: str, rest: str, known: Known, at: int) -> Meaning | None:
    """What has one meaning whatever else there is."""
    noun = NOUNS.get(plain) or SHORT.get(plain)
    if noun is not None:
        return Go(Place(noun=noun, query=rest))
    if plain in NAMED and rest:
        return _named(plain, unquoted(rest), known, at)
    if (choice := known.choices.get(plain)) is not None:
        return Choose(choice, _chosen(choice, unquoted(rest), at)) if rest else Browse(choice)
    if plain.endswith("s") and plain[:-1] in known.choices and not rest:
        return Browse(known.choices[plain[:-1]])
    command = known.commands.get(COMMAND_SHORT.get(plain, plain))
    return Do(command) if command is not None and not rest else None


def _named(kind: str, wanted: str, known: Known, at: int) -> Go:
    names = [name for name in known.names if name.kind == kind]
    fits = _fits(names, wanted)
    if len(fits) == 1:
        return Go(fits[0].place, sure=fits[0].is_called(wanted.casefold()))
    if fits:
        raise GotoError(_several(wanted, [known.written(name) for name in fits]), at, len(wanted))
    spelled = {word: name for name in names for word in name.spellings}
    near = get_close_matches(wanted.casefold(), spelled, 1)
    hint = (
        f"did you mean {spelled[near[0]].text}?" if near else f"`:{NAMED[kind].value} {safe(wanted, 40)}` looks for it."
    )
    raise GotoError(f"There is no {kind} called {safe(wanted, 40)}; {hint}", at, len(wanted))


def _fits(names: Iterable[Name], wanted: str) -> list[Name]:
    """Those that are called so; else those that begin so; else those that have it in them."""
    names, plain = list(names), wanted.casefold()
    tests: tuple[Callable[[Name], bool], ...] = (
        lambda name: name.is_called(plain),
        lambda name: name.text.casefold().startswith(plain) or any(one.startswith(plain) for one in name.also),
        lambda name: plain in name.text.casefold(),
    )
    return next((fits for test in tests if (fits := [name for name in names if test(name)])), [])


def _chosen(choice: Choice, wanted: str, at: int) -> str:
    names: Mapping[str, str] = {name.casefold(): name for name in choice.names()}
    plain = wanted.casefold()
    fits = [names[plain]] if plain in names else [name for low, name in names.items() if low.startswith(plain)]
    if len(fits) == 1:
        return fits[0]
    if fits:
        raise GotoError(_several(wanted, fits), at, len(wanted))
    near = get_close_matches(plain, names, 1)
    some = f"there are {', '.join(list(names.values())[:12])}." if names else "there is none yet."
    hint = f"did you mean {names[near[0]]}?" if near else some
    raise GotoError(f"There is no {choice.noun} {safe(wanted, 40)}; {safe(hint)}", at, len(wanted))


def _begun(plain: str, rest: str, text: str, known: Known) -> Meaning:
    """The one thing whose name begins so; lists before all others."""
    lists = [name for name in NOUNS if name.startswith(plain)]
    if len(lists) == 1:
        return Go(Place(noun=NOUNS[lists[0]], query=rest))
    fits: dict[str, Meaning] = {name: Go(Place(noun=NOUNS[name], query=rest)) for name in lists}
    if not rest:
        fits |= {name: Do(known.commands[name], sure=False) for name in known.commands if name.startswith(plain)}
    fits |= {known.written(name): Go(name.place, sure=False) for name in _fits(known.names, unquoted(text))}
    if len(fits) == 1:
        return next(iter(fits.values()))
    if fits:
        raise GotoError(_several(text, list(fits)), 0, len(text))
    words = {word: word for word in (*NOUNS, *known.commands, *known.choices, *NAMED, SAVE)}
    names = {word: str(name.text) for name in known.names for word in name.spellings}
    near = get_close_matches(plain, words | names, 1) or get_close_matches(text.casefold(), names, 1)
    end = len(text) if not rest else len(plain)
    if near:
        raise GotoError(f"Did you mean {(names | words)[near[0]]}?", 0, end)
    raise GotoError(f"One can go to {', '.join(NOUNS)}, to a client, site or device by its name.", 0, end)


def _several(typed: str, fits: list[str]) -> str:
    some = ", ".join(fits[:4]) if len(fits) > 4 else f"{', '.join(fits[:-1])} or {fits[-1]}"
    more = f" or one of {len(fits) - 4} more" if len(fits) > 4 else ""
    return f"{safe(typed, 40)} may be {some}{more}."
