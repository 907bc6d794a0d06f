"""The table of a `checkmk` source, checked."""

from __future__ import annotations

import re
from typing import Final

from msgspec import Struct

from backends.adapters.checkmk.placing import FACTS, USUAL
from backends.api import ConfigurationError, SourceSettings
from backends.fleet.placement import Placement
from backends.http.client import HttpClient
from backends.http.credentials import header
from backends.http.options import http_client
from backends.options import Options

PATH: Final = "check_mk/api/1.0"
_USER: Final = re.compile(r"[A-Za-z0-9_.@+-]{1,120}")


class CheckmkOptions(Struct, frozen=True, kw_only=True):
    http: HttpClient
    placement: Placement
    user: str
    sticky: bool
    """Acknowledgements stay until it recovers, also when it gets worse or better in between."""


def checkmk_options(settings: SourceSettings) -> CheckmkOptions:
    """Raises `ConfigurationError`."""
    options = Options(settings)
    user = options.text("user", None)
    if not _USER.fullmatch(user):
        raise ConfigurationError("user", "This is no name of a user; the automation secret belongs into the secret.")
    made = CheckmkOptions(
        http=http_client(options, authorize=header(settings, "Authorization", f"Bearer {user} "), path=PATH),
        placement=options.placement(FACTS, USUAL),
        user=user,
        sticky=options.flag("sticky", default=False),
    )
    options.finish()
    return made
