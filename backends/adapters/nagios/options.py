"""The table of a `nagios` source, checked."""

from __future__ import annotations

from typing import Final
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from msgspec import Struct

from backends.adapters.nagios.placing import FACTS, USUAL
from backends.adapters.nagios.times import FORMATS
from backends.api import ConfigurationError, SourceSettings
from backends.fleet.placement import Placement
from backends.http.client import HttpClient
from backends.http.credentials import basic, nobody
from backends.http.options import http_client
from backends.options import Options

STATUS_AGE_S: Final = 90.0
"""Nagios writes its status down every `status_update_interval`, 10 s in the configurations that are shipped."""
LANGUAGES: Final = {"Accept-Language": "en-US,C-US;q=0.5"}
"""The CGIs make a locale `language_REGION.utf8` of this header (`getcgi.c`); where there is none of that name, every
text that is not ASCII is left out. `C_US.utf8` is found wherever `C.utf8` is. The CGIs understand no blank in it."""
LARGEST_BYTES: Final = 32 * 1024 * 1024
"""A page of `calls.PAGE` records is about half of this; where plugins write a lot, smaller pages are asked for."""


class NagiosOptions(Struct, frozen=True, kw_only=True):
    http: HttpClient
    placement: Placement
    user: str
    """Empty: the web server asks nobody, or our certificate says who we are."""
    status_age_s: float
    """A status file that is older than this is that of a dead Nagios."""
    sticky: bool
    """Acknowledgements stay until it recovers, also when it gets worse or better in between."""
    notify: bool
    """Nagios tells its contacts of acknowledgements."""
    date_format: str
    """How nagios.cfg has dates written; empty: it is found from the page."""
    zone: ZoneInfo | None
    """Where the clock of the server is read; None: its distance from UTC is found from the page."""


def nagios_options(settings: SourceSettings) -> NagiosOptions:
    """Raises `ConfigurationError`."""
    options = Options(settings)
    user = options.text("user")
    if ":" in user:
        raise ConfigurationError("user", "A user's name has no colon; the password belongs into the secret.")
    made = NagiosOptions(
        http=http_client(
            options,
            authorize=basic(settings, user) if user else nobody,
            headers=LANGUAGES,
            largest_bytes=LARGEST_BYTES,
        ),
        placement=options.placement(FACTS, USUAL),
        user=user,
        status_age_s=options.seconds("status_age", STATUS_AGE_S, 15.0, 3600.0),
        sticky=options.flag("sticky", default=True),
        notify=options.flag("notify", default=False),
        date_format=options.choice("date_format", ("", *FORMATS), ""),
        zone=_zone(options.text("timezone")),
    )
    options.finish()
    return made


def _zone(name: str) -> ZoneInfo | None:
    if not name:
        return None
    try:
        return ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError, OSError):
        raise ConfigurationError("timezone", "This is no time zone; write it as Europe/Berlin.") from None
