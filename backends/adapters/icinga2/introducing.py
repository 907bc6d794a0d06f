"""What an Icinga says of itself when it is connected: its rights, and what its hosts could be placed by."""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import Final

from backends.adapters.icinga2.placing import custom, facts
from backends.adapters.icinga2.records import Found, Host
from backends.adapters.icinga2.rights import Rights
from backends.api import Introduction, safe

MOST: Final = 500
_PLAIN: Final = ("hostgroup", "zone", "host", "display_name")
_SECRET: Final = re.compile(r"pass|secret|token|key|community|credential|auth|[._]pin\b", re.IGNORECASE)
"""Custom variables are where people keep what a check has to know: such names are not shown around."""
_LONGEST: Final = 80


def introduction(rights: Rights, hosts: Iterable[Found[Host]]) -> Introduction:
    found: dict[str, set[str]] = {}
    for one in hosts:
        known = facts(one.name, one.attrs, _PLAIN) | {
            name: tuple(values) for name, values in custom(one.attrs).items() if not _SECRET.search(name)
        }
        for name, values in known.items():
            have = found.setdefault(name, set())
            have.update(value for value in values if len(value) <= _LONGEST and len(have) < MOST)
    return Introduction(
        product=safe(f"Icinga {rights.version}", 60),
        account=safe(rights.user, 80),
        rights=rights.told(),
        facts={name: tuple(sorted(values)) for name, values in sorted(found.items()) if values},
    )
