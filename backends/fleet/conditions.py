"""What a check of another system is about, told from its name: the same fact gets the same family and subject from
every source, so that two sources that see one full disk are one issue with two witnesses.

Careful on purpose: only names that leave no doubt are understood. Everything else is a condition of its own, `check`
with the name that it has there.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Final

OTHER: Final = "check"
"""The family of conditions that only their own source understands."""

_PATH: Final = r"(?P<subject>/[^\s,:;()\[\]\"']*|[A-Za-z]:\\?)"
_NAME: Final = r"(?P<subject>[A-Za-z0-9_][A-Za-z0-9_.@\\-]*)"
_DISK: Final = r"(?:disk|filesystem|file system|partition|volume|fs|mount|storage)"
_RULES: Final[Sequence[tuple[str, re.Pattern[str]]]] = tuple(
    (family, re.compile(pattern, re.IGNORECASE))
    for family, pattern in (
        ("inode", rf"(?:disk |free )?inodes?(?: usage)?(?: (?:on|of))?[ :=]+{_PATH}"),
        ("disk", rf"{_DISK}(?: (?:space|usage|full|free))*(?: (?:on|of))?[ :=]+{_PATH}"),
        ("disk", rf"{_PATH}: disk space is (?:low|critically low).*"),
        ("load", r"(?:cpu |system )?load(?: average)?(?: is too high)?"),
        ("memory", r"(?:memory|mem|ram)(?: usage| utili[sz]ation)?"),
        ("swap", r"swap(?: space| usage)?"),
        ("service", rf"(?:service|systemd unit|unit)[ :=]+\"?{_NAME}\"?"),
        ("clock", r"(?:ntp|ntp time|clock|clock skew|system time)(?: offset| drift)?"),
    )
)


def condition_of(name: str) -> tuple[str, str]:
    """Family and subject of the check that another system calls `name`; `check` and the name itself where it is not
    one that is known for certain."""
    told = " ".join(name.split())
    for family, pattern in _RULES:
        if found := pattern.fullmatch(told):
            subject = found.groupdict().get("subject") or ""
            if family == "service":
                subject = subject.removesuffix(".service")
            if family in ("disk", "inode") and len(subject) > 1:
                subject = subject.rstrip("/\\") or "/"
            return family, subject
    return OTHER, told or name


class Conditions:
    """Names for the checks of one reading: no two of a device are called the same."""

    def __init__(self) -> None:
        self._given: set[tuple[str, str, str]] = set()
        self._numbers: dict[tuple[str, str], int] = {}
        """The last number that a name was given with."""

    def keep(self, native: str, family: str, subject: str) -> bool:
        """Let a device's check be called as it was before, unless another one is called so by now."""
        name = (native, family, subject)
        free = name not in self._given
        self._given.add(name)
        return free

    def name(self, native: str, check: str) -> tuple[str, str]:
        """Family and subject for a device's check. Where a device has two that are about the same, the first one that
        is named (name them in a fixed order) is called so, and the others by their own names."""
        for family, subject in (condition_of(check), (OTHER, check)):
            if (native, family, subject) not in self._given:
                self._given.add((native, family, subject))
                return family, subject
        number = self._numbers.get((native, check), 1) + 1
        while (native, OTHER, f"{check} ({number})") in self._given:
            number += 1
        self._numbers[native, check] = number
        self._given.add((native, OTHER, f"{check} ({number})"))
        return OTHER, f"{check} ({number})"
