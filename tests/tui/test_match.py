"""Finding by a few letters."""

from __future__ import annotations

from tui.match import best, score


def found(typed: str, *names: str) -> list[str]:
    return best(typed, names, lambda name: (name,))


def test_letters_have_to_stand_in_their_order() -> None:
    assert score("rfh", "refresh") is not None
    assert score("hfr", "refresh") is None


def test_a_beginning_is_better_than_a_middle_and_that_better_than_scattered_letters() -> None:
    assert found("not", "annotate", "next of it", "note") == ["note", "annotate", "next of it"]


def test_the_beginning_of_a_later_word_is_better_than_the_middle_of_one() -> None:
    assert found("view", "preview", "save-view") == ["save-view", "preview"]


def test_every_word_has_to_fit() -> None:
    assert found("view mi", "view mine", "view night") == ["view mine"]


def test_nothing_typed_finds_all_in_their_order() -> None:
    assert found("", "b", "a") == ["b", "a"]


def test_scattered_letters_in_a_sentence_find_nothing() -> None:
    assert best("zk", [("fix", "a zoo of keys")], lambda texts: texts) == []
