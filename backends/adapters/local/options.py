"""The options of a source of kind `local`, checked: each mistake names its key and says what to write."""

from __future__ import annotations

import difflib
from collections.abc import Mapping

from msgspec import Struct

from backends.api import ClientId, ConfigurationError, SafeText, SiteId, SourceSettings, safe
from backends.fleet.naming import ClientNames, named_id
from backends.fleet.thresholds import ThresholdError, Thresholds, parse_thresholds


class Options(Struct, frozen=True, kw_only=True):
    """What to look at beside what every machine has, and where it is shown."""

    client: str = ""
    """A client's key in the configuration, or any name."""
    site: str = ""
    name: str = ""
    device_kind: str = ""
    """One of `KINDS`; empty is a guess."""
    services: tuple[str, ...] = ()
    processes: tuple[str, ...] = ()
    files: tuple[str, ...] = ()
    certificates: tuple[str, ...] = ()
    thresholds: Thresholds = Thresholds()
    sudo: bool = False
    """Fixes run by `sudo -n` when we are not root."""


class Place(Struct, frozen=True, kw_only=True):
    client: ClientId
    client_name: SafeText
    site: SiteId
    site_name: SafeText


KINDS = ("server", "workstation", "nas", "vm", "firewall", "other")
_PATHS = ("files", "certificates")


def read_options(table: Mapping[str, object]) -> Options:
    """The options in a source's table. Raises `ConfigurationError`."""
    for key in table:
        if key not in Options.__struct_fields__:
            near = difflib.get_close_matches(key, Options.__struct_fields__, 1, 0.5)
            hint = f"did you mean {near[0]}?" if near else f"there are {', '.join(Options.__struct_fields__)}."
            raise ConfigurationError(key, f"A source of kind local has no option {safe(key, 64)}: {hint}")
    try:
        thresholds = parse_thresholds(table.get("thresholds"))
    except ThresholdError as error:
        key = f"thresholds.{error.key}" if error.key else "thresholds"
        raise ConfigurationError(key, error.sentence) from error
    sudo = table.get("sudo", False)
    if not isinstance(sudo, bool):
        raise ConfigurationError("sudo", "sudo must be true or false.")
    return Options(
        client=_text("client", table),
        site=_text("site", table),
        name=_text("name", table),
        device_kind=_kind(table),
        services=_names("services", table),
        processes=_names("processes", table),
        files=_names("files", table),
        certificates=_names("certificates", table),
        thresholds=thresholds,
        sudo=sudo,
    )


def place_of(options: Options, settings: SourceSettings, hostname: str) -> Place:
    """Where the machine is shown: as configured, else as a client of its own with its host name for a site."""
    name = options.client or "This machine"
    client, client_name = ClientNames(settings.clients).meant(name)
    site = options.site or hostname or "here"
    return Place(
        client=client,
        client_name=safe(client_name, 64),
        site=SiteId(f"{client}/{named_id(site)}"),
        site_name=safe(site, 64),
    )


def _text(key: str, table: Mapping[str, object]) -> str:
    if key not in table:
        return ""
    value = table[key]
    if not isinstance(value, str) or not value.strip():
        raise ConfigurationError(key, f'{key} must be a name, such as {key} = "HQ".')
    return value.strip()


def _kind(table: Mapping[str, object]) -> str:
    kind = _text("device_kind", table)
    if kind and kind not in KINDS:
        raise ConfigurationError("device_kind", f"device_kind must be one of {', '.join(KINDS)}.")
    return kind


def _names(key: str, table: Mapping[str, object]) -> tuple[str, ...]:
    value = table.get(key, ())
    example = '["/etc/ssl/www.pem"]' if key in _PATHS else '["nginx"]'
    if not isinstance(value, list | tuple):
        raise ConfigurationError(key, f"{key} must be a list, such as {key} = {example}.")
    for entry in value:
        if not isinstance(entry, str) or not entry.strip() or "\0" in entry or entry.startswith("-"):
            raise ConfigurationError(key, f"{key} must be a list of texts, such as {key} = {example}.")
        if key in _PATHS and not entry.startswith("/"):
            raise ConfigurationError(key, f"{key}: {safe(entry, 64)} must be a whole path that begins with /.")
    return tuple(dict.fromkeys(value))
