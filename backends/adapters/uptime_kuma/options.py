"""The table of an `uptime-kuma` source, checked."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

from msgspec import Struct

from backends.api import ConfigurationError, SourceSettings
from backends.fleet.placement import Placement
from backends.http.client import HttpClient
from backends.http.credentials import basic
from backends.http.options import http_client
from backends.options import Options

FACTS: Final = ("name", "host", "type", "tag.")
USUAL: Final[tuple[Mapping[str, Any], ...]] = (
    {"tag.client": "(?P<client>.+)", "tag.site": "(?P<site>.+)"},
    {"tag.client": "(?P<client>.+)"},
    {"tag.customer": "(?P<client>.+)", "tag.site": "(?P<site>.+)"},
    {"tag.customer": "(?P<client>.+)"},
)
PER_MINUTE: Final = 30
"""It refuses more than 60 a minute, from all who ask together."""


class KumaOptions(Struct, frozen=True, kw_only=True):
    http: HttpClient
    placement: Placement
    user: str
    warn_days: int
    """A certificate that has no more days left is a warning."""
    crit_days: int


def kuma_options(settings: SourceSettings) -> KumaOptions:
    """Raises `ConfigurationError`."""
    options = Options(settings)
    user = options.text("user")
    if ":" in user:
        raise ConfigurationError("user", "A user's name has no colon; the password belongs into the secret.")
    made = KumaOptions(
        http=http_client(
            options, authorize=basic(settings, user), headers={"Accept": "text/plain"}, per_minute=PER_MINUTE
        ),
        placement=options.placement(FACTS, USUAL),
        user=user,
        warn_days=options.whole("certificate_warn_days", 21, 0, 3650),
        crit_days=options.whole("certificate_crit_days", 7, 0, 3650),
    )
    options.finish()
    return made
