"""Doing something about it. None of these harms by its key alone: a fix opens its plan, a mark can be taken back.

Dialogues are imported when one is opened: none is on the way to the first picture.
"""

from __future__ import annotations

from typing import ClassVar

from backends.fleet.model import Can, Issue, SafeText
from tui.aim import Aim
from tui.commands.command import Command, Here, Surface
from widgets.present.tone import Tone


class OnIssues(Command):
    """A verb about the issue under the cursor, or about all that are marked."""

    group, where = "Do", "on an issue, or on the check that raised it"

    @classmethod
    def applies(cls, here: Here) -> bool:
        return not here.views_only and bool(here.aims) and all(aim.issue is not None for aim in here.aims)


def issues_of(aims: tuple[Aim, ...]) -> tuple[Issue, ...]:
    return tuple(aim.issue for aim in aims if aim.issue is not None)


class OnDevice(Command):
    """A verb about the device under the cursor, or the device of the issue there."""

    group, where = "Do", "on a device, or on an issue, check or run of one"

    @classmethod
    def applies(cls, here: Here) -> bool:
        return not here.views_only and here.aim is not None and here.aim.device is not None


class Fix(Command):
    """Choose a fix and see its plan; of marked rows one that answers all of them."""

    id, keys, word, group = "fix", ("f",), "fix", "Do"
    where = "on a device, or on an issue, check or run of one"

    @classmethod
    def applies(cls, here: Here) -> bool:
        return not here.views_only and bool(here.aims) and all(aim.device is not None for aim in here.aims)

    @classmethod
    def run(cls, on: Surface) -> None:
        from tui.flows.fix import choose_fix  # noqa: PLC0415 - see above

        if aims := on.aims():
            on.start(choose_fix(on.stage, aims))


class Acknowledge(OnIssues):
    """Acknowledge it, or take that back."""

    id, keys, word = "acknowledge", ("a",), "ack"

    @classmethod
    def run(cls, on: Surface) -> None:
        from tui.flows.marks import acknowledge  # noqa: PLC0415 - see above

        if issues := issues_of(on.aims()):
            on.start(acknowledge(on.stage, issues))


class Claim(OnIssues):
    """Take it on, or let it go."""

    id, keys, word = "claim", ("c",), "claim"

    @classmethod
    def run(cls, on: Surface) -> None:
        from tui.flows.marks import claim  # noqa: PLC0415 - see above

        if issues := issues_of(on.aims()):
            on.start(claim(on.stage, issues))


class Snooze(OnIssues):
    """Put it to sleep for a while, with a reason; wake what sleeps."""

    id, keys, word = "snooze", ("z",), "snooze"

    @classmethod
    def run(cls, on: Surface) -> None:
        from tui.flows.marks import snooze  # noqa: PLC0415 - see above

        if issues := issues_of(on.aims()):
            on.start(snooze(on.stage, issues))


class OnAble(OnIssues):
    """A verb that a source of each issue has to be able to do."""

    needs: ClassVar[Can]

    @classmethod
    def applies(cls, here: Here) -> bool:
        return super().applies(here) and all(cls.needs in aim.can for aim in here.aims)


class CloseProblem(OnAble):
    """Close the problem in its source, with a reason."""

    id, keys, word, needs = "close", ("C",), "close", Can.CLOSE
    where = "on an issue that its source can close"

    @classmethod
    def run(cls, on: Surface) -> None:
        from tui.flows.marks import close  # noqa: PLC0415 - see above

        if issues := issues_of(on.aims()):
            on.start(close(on.stage, issues))


class CheckNow(OnAble):
    """Have its source check it again now."""

    id, keys, word, needs = "recheck", ("R",), "check", Can.RECHECK
    where = "on an issue that its source can check out of turn"

    @classmethod
    def run(cls, on: Surface) -> None:
        from tui.flows.marks import recheck  # noqa: PLC0415 - see above

        if issues := issues_of(on.aims()):
            on.start(recheck(on.stage, issues))


class WriteNote(OnIssues):
    """Write a note for the next person."""

    id, keys, word = "note", ("n",), "note"

    @classmethod
    def run(cls, on: Surface) -> None:
        from tui.flows.marks import note  # noqa: PLC0415 - see above

        if issues := issues_of(on.aims()):
            on.start(note(on.stage, issues))


class Probe(OnDevice):
    """Look at the device from here: a second opinion beside what its sources say."""

    id, keys, word = "probe", ("p",), "probe"

    @classmethod
    def run(cls, on: Surface) -> None:
        from tui.flows.probe import second_opinion  # noqa: PLC0415 - see above

        aim = on.aim()
        if aim is not None:
            on.aside(second_opinion(on.stage, aim, on.look_again))


class OpenShell(OnDevice):
    """Open a shell on the device."""

    id, keys, word = "shell", ("o",), "shell"

    @classmethod
    def run(cls, on: Surface) -> None:
        from tui.flows.shell import open_shell  # noqa: PLC0415 - see above

        aim = on.aim()
        if aim is not None:
            on.start(open_shell(on.stage, aim))


class Offered(OnDevice):
    """Open the plan of the offered fix with that number."""

    number: int
    where = "where the card offers that many fixes"

    @classmethod
    def about_here(cls, here: Here) -> str:
        offers = here.aim.offers if here.aim is not None else ()
        return f"Open the plan of: {offers[cls.number - 1].title}" if len(offers) >= cls.number else cls.about()

    @classmethod
    def applies(cls, here: Here) -> bool:
        fits = here.aim is not None and len(here.aim.offers) >= cls.number
        return super().applies(here) and fits and not here.marked  # which of the marked rows would it be?

    @classmethod
    def run(cls, on: Surface) -> None:
        from tui.flows.fix import run_fix  # noqa: PLC0415 - see above

        aim = on.aim()
        if aim is None:
            return
        if len(aim.offers) < cls.number:
            on.stage.say(SafeText(f"There is no fix number {cls.number} here."), Tone.WARNING)
            return
        on.start(run_fix(on.stage, (aim,), aim.offers[cls.number - 1]))


def _offered(position: int) -> type[Offered]:
    body = {"id": f"fix-{position}", "keys": (str(position),), "number": position, "__doc__": Offered.__doc__}
    return type(f"Fix{position}", (Offered,), body)


VERBS: tuple[type[Command], ...] = (
    Fix,
    Acknowledge,
    Claim,
    Snooze,
    WriteNote,
    CloseProblem,
    CheckNow,
    OpenShell,
    *(_offered(position) for position in range(1, 10)),
)
