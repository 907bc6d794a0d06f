"""The table of a `monit` source, checked."""

from __future__ import annotations

from typing import Final

from msgspec import Struct

from backends.api import ConfigurationError, SourceSettings
from backends.fleet.placement import Placement
from backends.http.agents import FACTS, Place, places
from backends.http.credentials import basic, nobody
from backends.options import Options

PORT: Final = 2812


class MonitOptions(Struct, frozen=True, kw_only=True):
    places: tuple[Place, ...]
    placement: Placement
    user: str
    """Empty where Monit lets everybody in who may reach it."""


def monit_options(settings: SourceSettings) -> MonitOptions:
    """Raises `ConfigurationError`."""
    options = Options(settings)
    user = options.text("user")
    if ":" in user:
        raise ConfigurationError("user", "A user's name has no colon; the password belongs into the secret.")
    made = MonitOptions(
        places=places(
            options,
            port=PORT,
            authorize=basic(settings, user) if user else nobody,
            headers={"Accept": "text/xml, text/html"},
        ),
        placement=options.placement(FACTS),
        user=user,
    )
    options.finish()
    return made
