"""What a technician does with the keys, told in one word each."""

from __future__ import annotations

import contextlib

from tests.support.terminal import Terminal


def agree(screen: Terminal) -> None:
    """Go to a plan's accept button and press Enter until it counts: an answer right after the first frame does not."""
    plain = screen.look_of("Run it")
    screen.type("tab")
    screen.until_true(lambda: screen.look_of("Run it") != plain, "the focus on the accept button")
    for _ in range(20):
        screen.type("enter")
        with contextlib.suppress(AssertionError):
            screen.until("Outcome", 1.0)
            return
    raise AssertionError(screen.text)


def press_until(screen: Terminal, key: str, pattern: str) -> None:
    """Press a key until the screen shows what it brings about, as somebody does whose key was not heard."""
    for _ in range(20):
        screen.type(key)
        with contextlib.suppress(AssertionError):
            screen.until(pattern, 3.0)
            return
    raise AssertionError(screen.text)
