"""What which version of Zabbix can, and how it wants to be asked.

Sources: the pages "API changes" of the manuals of 6.2, 6.4, 7.0, 7.2 and 7.4, and for 6.0 the web page's own code.
"""

from __future__ import annotations

import re
from typing import Final

from msgspec import Struct

from backends.api import FaultKind, SourceError
from backends.text import SafeText, safe

_NUMBERS: Final = re.compile(r"(\d{1,4})\.(\d{1,4})(?:\.(\d{1,4}))?(?:[a-z]\w*)?")
OLDEST: Final = (6, 0)


class Version(Struct, frozen=True, order=True):
    """`7.0.19` and what follows from it."""

    major: int
    minor: int
    patch: int = 0

    @property
    def text(self) -> SafeText:
        return safe(f"Zabbix {self.major}.{self.minor}.{self.patch}")

    @property
    def bearer(self) -> bool:
        """Takes the credentials in the header `Authorization`; older ones in the member `auth`."""
        return (self.major, self.minor) >= (6, 4)

    @property
    def auth_in_body(self) -> bool:
        """Still takes them in the body as well."""
        return (self.major, self.minor) < (7, 2)

    @property
    def host_groups(self) -> bool:
        """`selectHostGroups` and `hostgroups`; `selectGroups` and `groups` before."""
        return (self.major, self.minor) >= (6, 2)

    @property
    def suppresses(self) -> bool:
        """Single problems can be suppressed by hand; active agents have an availability of their own."""
        return (self.major, self.minor) >= (6, 2)

    @property
    def causes(self) -> bool:
        """Problems can be symptoms of another one."""
        return (self.major, self.minor) >= (6, 4)

    @property
    def proxy_ids(self) -> bool:
        """`proxyid`, groups, and `name` and `state` of a proxy; `proxy_hostid`, `host` and no state before."""
        return (self.major, self.minor) >= (7, 0)

    @property
    def manual_input(self) -> bool:
        """Scripts may ask for an input, and `script.getscriptsbyhosts` takes objects instead of ids."""
        return (self.major, self.minor) >= (7, 0)

    @property
    def anybody_checks_now(self) -> bool:
        """`task.create` is for every role that permits it; else for super admins only (7.0.19, 7.4.3)."""
        if (self.major, self.minor) >= (7, 4):
            return self >= Version(7, 4, 3)
        return (self.major, self.minor) == (7, 0) and self.patch >= 19


def version_of(text: str) -> Version:
    """From the answer to `apiinfo.version`. Raises `SourceError` for what is none, or too old."""
    found = _NUMBERS.fullmatch(text)
    if found is None:
        raise SourceError(FaultKind.PROTOCOL, f"It calls its version “{safe(text, 40)}”, which is none of Zabbix.")
    version = Version(int(found[1]), int(found[2]), int(found[3] or 0))
    if (version.major, version.minor) < OLDEST:
        raise SourceError(FaultKind.PROTOCOL, f"{version.text} is too old: rounds reads 6.0 and newer.")
    return version
