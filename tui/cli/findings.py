"""What `rounds doctor` finds, a line each."""

from __future__ import annotations

from enum import StrEnum

from msgspec import Struct


class Level(StrEnum):
    OK = "ok"
    INFO = "info"
    """Nothing is wrong; something could be otherwise, if that is wanted."""
    WARN = "warn"
    FAIL = "fail"


class Finding(Struct, frozen=True, kw_only=True):
    """One line of the doctor's."""

    level: Level
    what: str
    sentence: str
    remedy: str = ""
