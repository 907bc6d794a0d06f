"""The table of a `netdata` source, checked."""

from __future__ import annotations

from typing import Final

from msgspec import Struct

from backends.api import ConfigurationError, SourceSettings
from backends.fleet.placement import Placement
from backends.fleet.thresholds import ThresholdError, Thresholds, parse_thresholds
from backends.http.agents import FACTS, Place, places
from backends.http.credentials import basic, nobody
from backends.options import Options

PORT: Final = 19999


class NetdataOptions(Struct, frozen=True, kw_only=True):
    places: tuple[Place, ...]
    placement: Placement
    thresholds: Thresholds
    user: str


def netdata_options(settings: SourceSettings) -> NetdataOptions:
    """Raises `ConfigurationError`."""
    options = Options(settings)
    user = options.text("user")
    if ":" in user:
        raise ConfigurationError("user", "A user's name has no colon; the password belongs into the secret.")
    options.table("thresholds")
    try:
        thresholds = parse_thresholds(settings.options.get("thresholds"))
    except ThresholdError as error:
        raise ConfigurationError(f"thresholds.{error.key}" if error.key else "thresholds", error.sentence) from None
    made = NetdataOptions(
        places=places(options, port=PORT, authorize=basic(settings, user) if user else nobody),
        placement=options.placement(FACTS),
        thresholds=thresholds,
        user=user,
    )
    options.finish()
    return made
