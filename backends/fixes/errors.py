"""Why a fix was not planned, approved or checked: one family, one sentence each for the technician.

The names say what came out, as they are read where they are caught; hence no suffix.
"""

from __future__ import annotations

from backends.text import safe


class FixError(Exception):
    """A request about fixes that was not carried out. Nothing was sent because of it."""

    def __init__(self, sentence: str) -> None:
        super().__init__(sentence)
        self.sentence = safe(sentence, 512)


class PlanError(FixError):
    """What was asked for makes no sense; the sentence says what to give instead."""


class Missing(FixError):  # noqa: N818 - see above
    """There is no such fix, plan or run."""


class Refused(FixError):  # noqa: N818 - see above
    """A guard, a lease or missing consent says no."""


class Changed(FixError):  # noqa: N818 - see above
    """What was agreed to is no longer so, or has been started already: ask again with a new plan."""


class Unrecorded(FixError):  # noqa: N818 - see above
    """The journal or the audit cannot be written, so nothing is done."""
