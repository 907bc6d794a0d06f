"""The table of an `icinga2` source, checked."""

from __future__ import annotations

from msgspec import Struct

from backends.adapters.icinga2.commands import Command, commands_of
from backends.adapters.icinga2.placing import FACTS, USUAL
from backends.api import ConfigurationError, SourceSettings
from backends.fleet.placement import Placement
from backends.http.client import HttpClient
from backends.http.credentials import basic, nobody
from backends.http.options import http_client
from backends.options import Options


class IcingaOptions(Struct, frozen=True, kw_only=True):
    http: HttpClient
    placement: Placement
    user: str
    """Empty: our certificate says who we are."""
    sticky: bool
    """Acknowledgements stay until it recovers, also when it gets worse or better in between."""
    acknowledge_s: float
    """After so many seconds an acknowledgement expires; 0 is never."""
    commands: tuple[Command, ...]


def icinga_options(settings: SourceSettings) -> IcingaOptions:
    """Raises `ConfigurationError`."""
    options = Options(settings)
    user = options.text("user")
    if ":" in user:
        raise ConfigurationError("user", "A user's name has no colon; the password belongs into the secret.")
    http = http_client(options, authorize=basic(settings, user) if user else nobody, path="/v1")
    if not user and not options.text("certificate"):
        raise ConfigurationError("user", "Name the ApiUser here, or the certificate by which Icinga is to know us.")
    made = IcingaOptions(
        http=http,
        placement=options.placement(FACTS, USUAL),
        user=user,
        sticky=options.flag("sticky", default=False),
        acknowledge_s=options.seconds("acknowledge_for", 0.0, 60.0, 366 * 86400.0),
        commands=commands_of(options),
    )
    options.finish()
    return made
