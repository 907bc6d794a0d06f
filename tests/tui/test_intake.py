"""What the terminal sends reaches the screen only when a person can have meant it."""

from __future__ import annotations

from msgspec.structs import replace
from textual import events
from textual.geometry import Size
from textual.widgets import Input

from tests.support.screen import NO_PACE, opened
from tui.gate import FASTEST_S

REAL = replace(NO_PACE, fastest_s=FASTEST_S, dead_s=0.5)


async def test_a_paste_without_brackets_presses_nothing_and_says_so() -> None:
    """F-06."""
    async with opened(pace=REAL) as screen:
        for char in ("a", "enter", "y", "enter", "c"):
            screen.app.post_message(events.Key(char, char if len(char) == 1 else "\r"))
        await screen.shows("Keys came too fast, as if pasted: nothing was done.")
        assert screen.desk.calls == []


async def test_a_paste_with_brackets_presses_nothing() -> None:
    """F-06."""
    async with opened(pace=REAL) as screen:
        screen.app.post_message(events.Paste("a\nc\n1\n"))
        await screen.pilot.pause()
        assert screen.desk.calls == []


async def test_a_single_verb_acts_after_a_moment() -> None:
    async with opened(pace=REAL) as screen:
        screen.app.post_message(events.Key("a", "a"))
        await screen.until(lambda: screen.desk.verbs() == ["acknowledge"])


async def test_a_field_takes_a_paste_and_fast_typing() -> None:
    async with opened(pace=REAL) as screen:
        screen.app.post_message(events.Key("slash", "/"))
        await screen.until(lambda: isinstance(screen.app.focused, Input))
        screen.app.post_message(events.Paste("disk"))
        for char in " full":
            screen.app.post_message(events.Key("space" if char == " " else char, char))
        await screen.shows("/disk full")


async def test_a_terminal_that_claims_to_be_enormous_is_not_believed() -> None:
    """F-89."""
    async with opened() as screen:
        screen.app.post_message(events.Resize(Size(99999, 99999), Size(99999, 99999)))
        await screen.until(lambda: screen.app.size == Size(1000, 400))


async def test_what_hides_in_a_pasted_text_is_marked_and_a_field_has_one_line() -> None:
    """F-28, F-30, F-33, F-37."""
    async with opened(pace=REAL) as screen:
        screen.app.post_message(events.Key("slash", "/"))
        await screen.until(lambda: isinstance(screen.app.focused, Input))
        screen.app.post_message(events.Paste("sql\u00ad01\x1b[2J\nmore"))
        await screen.shows("sql‹U+00AD›01␛[2J")
        assert "more" not in screen.app.screen.query_one(Input).value


async def test_a_key_of_a_character_that_hides_is_not_typed() -> None:
    """F-37."""
    async with opened(pace=REAL) as screen:
        screen.app.post_message(events.Key("slash", "/"))
        await screen.until(lambda: isinstance(screen.app.focused, Input))
        for char in "a\u3164b\ufe0f":
            screen.app.post_message(events.Key(char, char))
        await screen.until(lambda: screen.app.screen.query_one(Input).value == "ab")


async def test_the_same_key_right_after_a_field_was_left_is_heard() -> None:
    async with opened(pace=REAL) as screen:
        screen.app.post_message(events.Key("colon", ":"))
        await screen.until(lambda: isinstance(screen.app.focused, Input))
        screen.app.post_message(events.Key("escape", None))
        await screen.until(lambda: not isinstance(screen.app.focused, Input))
        screen.app.post_message(events.Key("colon", ":"))
        await screen.until(lambda: isinstance(screen.app.focused, Input))
