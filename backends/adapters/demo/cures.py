"""Which fix ends which trouble, and from when on that shows."""

from __future__ import annotations

from datetime import timedelta

from backends.adapters.demo.acts import BOOT_S, EFFECT_S, POINTED, Act
from backends.adapters.demo.moment import Moment
from backends.adapters.demo.trouble import Trouble


def done(act: Act, at: Moment) -> bool:
    """Whether the effect of `act` shows."""
    delay = BOOT_S if act.action == "reboot" else EFFECT_S.get(act.action, 1.0)
    return at.now >= act.at + timedelta(seconds=delay / at.speed)


def cured(trouble: Trouble, act: Act, temper: str, at: Moment) -> bool:
    if act.action not in trouble.cures or trouble.start > act.t or temper == "stubborn":
        return False
    if act.action in POINTED and not any(_names(argument, trouble) for argument in act.arguments):
        return False
    return done(act, at)


def _names(argument: str, trouble: Trouble) -> bool:
    bare = trouble.subject.removesuffix(".service")
    return argument.removesuffix(".service") == bare or argument == trouble.target or (
        bool(argument) and trouble.target.startswith(f"{argument}:")
    )  # fmt: skip
