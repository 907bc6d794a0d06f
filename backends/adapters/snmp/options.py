"""The table of an `snmp` source, checked."""

from __future__ import annotations

import re
from typing import Any, Final

from msgspec import Struct

from backends.adapters.snmp.keys import AUTHENTICATION, PRIVACY
from backends.adapters.snmp.printer import SupplyLimits
from backends.adapters.snmp.ups import UpsLimits
from backends.api import ConfigurationError, SourceSettings, safe
from backends.fleet.placement import Placement
from backends.fleet.thresholds import ThresholdError, Thresholds, parse_thresholds
from backends.options import Options

PORT: Final = 161
DEADLINE_S: Final = 12.0
ROWS: Final = 1000
FACTS: Final = ("host", "name", "location")

_ADDRESS: Final = re.compile(
    r"(?:(?P<name>[^=\[\]]+)=)?(?:\[(?P<v6>[^\]]*)\]|(?P<host>[^:\[\]=]*))(?::(?P<port>[0-9]{1,5}))?"
)
_BARE_IPV6: Final = re.compile(r"(?:(?P<name>[^=\[\]]+)=)?(?P<v6>[0-9A-Fa-f:.]*:[0-9A-Fa-f:.]*:[0-9A-Fa-f:.]*)")
_HOST: Final = re.compile(r"[A-Za-z0-9](?:[A-Za-z0-9._-]{0,252}[A-Za-z0-9])?\.?")
_IPV6: Final = re.compile(r"[0-9A-Fa-f:.]{2,45}(?:%[A-Za-z0-9._-]{1,32})?")
_KIND: Final = re.compile(r"[a-z][a-z-]{0,31}")
_INHERITED: Final = ("place", "client", "site", "version", "user", "auth", "privacy", "thresholds", "supplies", "ups")


class HostOptions(Struct, frozen=True, kw_only=True):
    """One host as configured."""

    address: str
    """Host name or IP address, without brackets."""
    port: int
    name: str
    """For people; empty until the host tells its own."""
    kind: str
    """Empty: what its MIBs tell."""
    placement: Placement
    thresholds: Thresholds
    supplies: SupplyLimits
    ups: UpsLimits
    version: str
    """`2c` or `3`."""
    user: str
    auth: str
    privacy: str
    """Empty without."""

    @property
    def native(self) -> str:
        """The id at this source: the address, with the port where it is not 161."""
        if self.port == PORT:
            return self.address
        return f"[{self.address}]:{self.port}" if ":" in self.address else f"{self.address}:{self.port}"

    @property
    def spoken(self) -> str:
        return f"v{self.version}"


class SnmpOptions(Struct, frozen=True, kw_only=True):
    """What the configuration says."""

    hosts: tuple[HostOptions, ...]
    deadline_s: float
    """For one look at one host."""
    rows: int
    """Of one table, at most."""


def snmp_options(settings: SourceSettings) -> SnmpOptions:
    """Raises `ConfigurationError`."""
    table = Options(settings)
    addresses = table.texts("hosts")
    own = table.tables("host")
    shared = {key: settings.options[key] for key in _INHERITED if key in settings.options}
    port = table.whole("port", PORT, 1, 65535)
    found = [_host(Options(settings, {**shared, "address": one}), "hosts", port) for one in addresses]
    for number in range(len(own)):
        table_of = settings.options["host"][number]
        found.append(
            _host(Options(settings, {**shared, **table_of}, f"host[{number}]."), f"host[{number}].address", port)
        )
    if not found:
        raise ConfigurationError("hosts", 'An snmp source needs hosts, such as hosts = ["10.0.0.1", "sw1=10.0.0.2"].')
    _take_shared(table)
    options = SnmpOptions(
        hosts=_once(found),
        deadline_s=table.seconds("deadline", DEADLINE_S, 0.5, 120.0),
        rows=table.whole("rows", ROWS, 10, 20_000),
    )
    table.finish()
    return options


def _take_shared(table: Options) -> None:
    """What stands for all hosts: it was read for each of them, and is known here as well."""
    table.placement(FACTS)
    for key in _INHERITED:
        table.anything(key)


def _host(table: Options, at: str, port: int) -> HostOptions:
    name, address, own_port = parse_address(table.text("address", None), at)
    version = table.choice("version", ("2c", "3"), "2c")
    user, auth, privacy = _user(table, version)
    kind = table.text("kind") if at != "hosts" else ""
    if kind and not _KIND.fullmatch(kind):
        raise ConfigurationError(at, f"{_shown(kind)} is no kind of device, such as switch or printer.")
    supplies, ups = table.table("supplies"), table.table("ups")
    options = HostOptions(
        address=address,
        port=own_port or table.whole("port", port, 1, 65535),
        name=table.text("name") or name,
        kind=kind,
        placement=table.placement(FACTS),
        thresholds=_thresholds(table.anything("thresholds")),
        supplies=SupplyLimits(warn=supplies.whole("warn", 10, 0, 100), crit=supplies.whole("crit", 3, 0, 100)),
        ups=UpsLimits(minutes=ups.whole("minutes", 10, 0, 1440), load=ups.whole("load", 85, 1, 1000)),
        version=version,
        user=user,
        auth=auth,
        privacy=privacy,
    )
    for part in (table, supplies, ups):
        part.finish()
    return options


def _user(table: Options, version: str) -> tuple[str, str, str]:
    user = table.text("user")
    auth = table.choice("auth", tuple(AUTHENTICATION), "sha256")
    privacy = table.choice("privacy", (*PRIVACY, "none"), "aes")
    if version == "3" and not user:
        raise ConfigurationError("user", 'Version 3 needs the name of a user, such as user = "monitor".')
    if version == "3" and len(user.encode("utf-8")) > 32:
        raise ConfigurationError("user", "The name of a user has 32 bytes at most.")
    return user, auth, "" if privacy == "none" else privacy


def parse_address(text: str, at: str) -> tuple[str, str, int | None]:
    """Name, host and port of `name=host:port`, `[v6]:port`, `host`. Raises `ConfigurationError`."""
    match = _BARE_IPV6.fullmatch(text) or _ADDRESS.fullmatch(text)
    if match is None:
        raise ConfigurationError(at, f"{_shown(text)} is no host: write host, name=host, host:port or [IPv6]:port.")
    parts = match.groupdict()
    host = parts["v6"] if parts["v6"] is not None else parts.get("host") or ""
    if not (_IPV6 if parts["v6"] is not None else _HOST).fullmatch(host) or ".." in host:
        raise ConfigurationError(at, f"{_shown(host)} is no host name or IP address.")
    port = parts.get("port")
    if port is not None and not 1 <= int(port) <= 65535:
        raise ConfigurationError(at, "A port is a number from 1 to 65535.")
    return (parts["name"] or "").strip(), host.rstrip(".").lower(), None if port is None else int(port)


def _thresholds(table: Any) -> Thresholds:
    try:
        return parse_thresholds(table)
    except ThresholdError as error:
        raise ConfigurationError(f"thresholds.{error.key}" if error.key else "thresholds", error.sentence) from error


def _once(hosts: list[HostOptions]) -> tuple[HostOptions, ...]:
    found: dict[str, HostOptions] = {}
    for host in hosts:
        if host.native in found:
            raise ConfigurationError("hosts", f"Host {host.native} is listed twice.")
        found[host.native] = host
    return tuple(found.values())


def _shown(text: str) -> str:
    return f"“{safe(text, 60)}”"
