"""Exit statuses (sysexits.h where it has one), and the one sentence that goes with each kind of failure."""

from __future__ import annotations

from typing import Final

from backends.desk.protocol import DeskError, DeskErrorKind

PARTLY: Final = 1
"""Done here, and not in a source that was to be told."""
BAD_INPUT: Final = 64
"""EX_USAGE: wrong use."""
UNAVAILABLE: Final = 69
"""EX_UNAVAILABLE: the engine cannot be reached, or cannot write its record."""
INTERNAL: Final = 70
"""EX_SOFTWARE: a defect of ours."""
CHANGED: Final = 75
"""EX_TEMPFAIL: what was agreed to is no longer so; plan again."""
REFUSED: Final = 77
"""EX_NOPERM: a guard or a missing right says no."""
BAD_CONFIG: Final = 78
"""EX_CONFIG."""

_OF_DESK: Final = {
    DeskErrorKind.NOT_FOUND: BAD_INPUT,
    DeskErrorKind.WRONG_USE: BAD_INPUT,
    DeskErrorKind.REFUSED: REFUSED,
    DeskErrorKind.CHANGED: CHANGED,
    DeskErrorKind.UNAVAILABLE: UNAVAILABLE,
    DeskErrorKind.PARTLY: PARTLY,
}


def failure_of(error: Exception) -> tuple[str, int]:
    """What to say and the exit status for an exception that reached the command line. Defects go to the log."""
    if isinstance(error, DeskError):
        return error.sentence, _OF_DESK[error.kind]
    from backends.config.load import ConfigError  # noqa: PLC0415 - most commands never fail

    if isinstance(error, ConfigError):
        return str(error), BAD_CONFIG
    from backends.private import PathRefused  # noqa: PLC0415

    if isinstance(error, PathRefused):
        return str(error), BAD_CONFIG
    from backends.api import SourceError  # noqa: PLC0415
    from backends.registry import RegistryError  # noqa: PLC0415

    if isinstance(error, SourceError):
        return error.sentence, UNAVAILABLE
    if isinstance(error, RegistryError):
        return error.sentence, BAD_CONFIG
    from backends.log import write_crash  # noqa: PLC0415

    where = write_crash(error)
    details = f"The details are in {where}." if where else "No place could be written for the details."
    return f"Something went wrong inside rounds, a {type(error).__name__}. {details}", INTERNAL
