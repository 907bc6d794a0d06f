"""What a trigger is about, told from its name as it stands in the configuration: with its macros, without its values.

`description` carries `{ITEM.LASTVALUE}` and `{HOST.NAME}` where the problem's own name has numbers and names: taken
from there, a condition keeps its name while its value changes.
"""

from __future__ import annotations

import re
from typing import Final

from backends.text import SafeText, safe

LONGEST: Final = 255
"""Characters of a trigger's name (column `description`)."""
_MACRO: Final = re.compile(r"\{\{[^{}]*\}[^{}]*\}|\{[A-Z#$?][^{}]*\}")
_HOST: Final = r"\{HOST\.(?:NAME|HOST|IP|DNS|CONN)\d?\}"
_AROUND: Final = re.compile(rf"^{_HOST}\s*[:\-–]*\s*|\s*(?:\b(?:on|at|for|of|from)\s+)?{_HOST}\s*\Z")
_ASIDE: Final = re.compile(r"\s*\([^()]*\{[^()]*\)")
_BLANKS: Final = re.compile(r"\s+")
_TEMPLATE: Final = re.compile(r"^(?:Linux|Windows|FreeBSD|OpenBSD|macOS|AIX|HP-UX|Solaris):\s+")
_SHIPPED: Final[tuple[tuple[re.Pattern[str], str], ...]] = tuple(
    (re.compile(pattern), name)
    for pattern, name in (
        (r"FS \[(?:[^\[\]()]*\()?(?P<what>[^\[\]()]+)\)?\]: Space is (?:critically )?low.*", "disk {what}"),
        (r"FS \[(?P<what>[^\[\]]+)\]: Running out of free inodes.*", "inodes {what}"),
        (r"(?P<what>/\S*|[A-Za-z]:): Disk space is (?:critically )?low.*", "disk {what}"),
        (r"(?P<what>/\S*): Running out of free inodes.*", "inodes {what}"),
        (r"\"(?P<what>[^\"]+)\" \(.*\) is not running.*", "service {what}"),
        (r"High memory utilization.*", "memory"),
        (r"High swap space usage.*", "swap"),
        (r"Load average is too high.*", "load"),
    )
)
"""Names in the templates that Zabbix ships (6.0 to 7.4), in words that every source shares."""


def check_name(description: str) -> str:
    """The name of the condition, for `Conditions`: `disk /var`, `RAID: … broken disks`."""
    description = _plain(description)
    text = _AROUND.sub("", _AROUND.sub("", description))
    text = _TEMPLATE.sub("", _ASIDE.sub("", text))
    text = _BLANKS.sub(" ", _MACRO.sub("…", text)).strip()
    for pattern, name in _SHIPPED:
        if found := pattern.fullmatch(text):
            return name.format(**found.groupdict())
    return text or description


def label_of(description: str) -> SafeText:
    """The same for the list of checks, as it was written."""
    description = _plain(description)
    return safe(_BLANKS.sub(" ", _MACRO.sub("…", _AROUND.sub("", description))).strip() or description)


def _plain(description: str) -> str:
    """With single blanks, and no longer than Zabbix lets it be: what else is sent must not keep a pattern busy."""
    return " ".join(description[: 4 * LONGEST].split())[:LONGEST]
