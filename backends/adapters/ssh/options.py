"""The options of an `ssh` source, read from its table and checked: names by full match, unknown keys by name."""

from __future__ import annotations

import difflib
import re
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any, Final, TypeVar

from msgspec import Struct

from backends.adapters.ssh.watch import Watch
from backends.api import ConfigurationError, SourceSettings
from backends.fleet.model import Client, ClientId, SafeText, SiteId, safe
from backends.fleet.naming import ClientNames, named_id
from backends.fleet.thresholds import ThresholdError, Thresholds, parse_thresholds

_Raw = TypeVar("_Raw")
_Checked = TypeVar("_Checked")

PORT: Final = 22
DEADLINE_S: Final = 10.0

_HOST: Final = re.compile(r"[A-Za-z0-9](?:[A-Za-z0-9._-]{0,252}[A-Za-z0-9])?\.?")
_IPV6: Final = re.compile(r"[0-9A-Fa-f:.]{2,45}(?:%[A-Za-z0-9._-]{1,32})?")
_USER: Final = re.compile(r"[A-Za-z_][A-Za-z0-9._-]{0,63}")
_ADDRESS: Final = re.compile(
    r"(?:(?P<user>[^@]*)@)?(?:\[(?P<v6>[^\]]*)\]|(?P<host>[^@:\[\]]*))(?::(?P<port>[0-9]{1,5}))?"
)
_BARE_IPV6: Final = re.compile(r"(?:(?P<user>[^@]*)@)?(?P<v6>[^@\[\]]*:[^@\[\]]*:[^@\[\]]*)")
_SERVICE: Final = re.compile(r"[A-Za-z0-9_][A-Za-z0-9_.@:\\+-]{0,254}")
_KIND: Final = re.compile(r"[a-z][a-z-]{0,31}")

_WATCHED: Final = ("services", "processes", "files", "certificates")
_HOST_KEYS: Final = frozenset(
    (*("address", "name", "user", "port", "client", "site", "kind", "thresholds", "sudo"), *_WATCHED)
)
_SOURCE_KEYS: Final = (_HOST_KEYS - {"address", "name", "kind"}) | {"hosts", "host", "key", "agent", "deadline"}


class HostOptions(Struct, frozen=True, kw_only=True):
    """One host as configured."""

    address: str
    """Host name or IP address, without brackets."""
    port: int
    user: str
    name: str
    """For people; empty until the host tells its own."""
    client: ClientId
    client_name: SafeText
    site: SiteId
    site_name: SafeText
    kind: str
    watch: Watch
    thresholds: Thresholds
    sudo: bool

    @property
    def native(self) -> str:
        """The id at this source: the address, with the port where it is not 22. Never changes with names or users."""
        if self.port == PORT:
            return self.address
        return f"[{self.address}]:{self.port}" if ":" in self.address else f"{self.address}:{self.port}"


class Options(Struct, frozen=True, kw_only=True):
    """An `ssh` source as configured."""

    hosts: tuple[HostOptions, ...]
    key: Path | None
    """Private key; its passphrase, when it needs one, is the source's secret."""
    agent: bool
    deadline_s: float


def ssh_options(settings: SourceSettings) -> Options:
    """Raises `ConfigurationError` naming the key that is wrong."""
    table = settings.options
    _known(table, _SOURCE_KEYS, "")
    around = _Around(settings.clients, table)
    hosts = [around.host("hosts", {"address": address}) for address in _texts(table, "hosts", "")]
    for number, entry in enumerate(_tables(table, "host")):
        path = f"host[{number}]"
        _known(entry, _HOST_KEYS, path + ".")
        if "address" not in entry:
            raise ConfigurationError("host", f'Host {number + 1} needs an address, such as address = "10.0.0.11".')
        hosts.append(around.host(path, entry))
    if not hosts:
        raise ConfigurationError("hosts", 'An ssh source needs hosts, such as hosts = ["10.0.0.11"].')
    return Options(
        hosts=_once(hosts),
        key=_key(table.get("key")),
        agent=_switch(table, "agent", "", default=False),
        deadline_s=_deadline(table.get("deadline", DEADLINE_S)),
    )


def parse_address(text: str) -> tuple[str | None, str, int | None]:
    """User, host and port of `user@host:port`, `[v6]:port`, `host`. Raises `ValueError` with a sentence."""
    match = _BARE_IPV6.fullmatch(text) or _ADDRESS.fullmatch(text)
    if match is None:
        raise ValueError(f"{_shown(text)} is no host: write host, user@host, host:port or [IPv6]:port.")
    parts = match.groupdict()
    host = parts["v6"] if parts["v6"] is not None else parts.get("host") or ""
    if not (_IPV6 if parts["v6"] is not None else _HOST).fullmatch(host) or ".." in host:
        raise ValueError(f"{_shown(host)} is no host name or IP address.")
    if parts["user"] is not None:
        check_user(parts["user"])
    port = parts.get("port")
    return parts["user"], host.rstrip(".").lower(), None if port is None else check_port(int(port))


def check_user(name: str) -> str:
    if not _USER.fullmatch(name):
        raise ValueError(f"{_shown(name)} is no user name: letters, digits, dots, dashes and underscores only.")
    return name


def check_port(port: object) -> int:
    if isinstance(port, bool) or not isinstance(port, int) or not 1 <= port <= 65535:
        raise ValueError("A port is a number from 1 to 65535.")
    return port


class _Around:
    """What the source's table says for all its hosts."""

    def __init__(self, clients: Mapping[ClientId, Client], table: Mapping[str, Any]) -> None:
        self._names = ClientNames(clients)
        self._table = table
        self._watch = _watch(table, "")
        self._thresholds = _thresholds(table.get("thresholds"), "thresholds")

    def host(self, path: str, entry: Mapping[str, Any]) -> HostOptions:
        at = "" if path == "hosts" else path + "."
        user, address, port = _checked(path, parse_address, _text(entry, "address", at, ""))
        if user is None:
            user = _checked((at if "user" in entry else "") + "user", check_user, self._of(entry, "user", at, "root"))
        if port is None:
            told = entry.get("port", self._table.get("port", PORT))
            port = _checked((at if "port" in entry else "") + "port", check_port, told)
        client, client_name = self._client(entry, at)
        site_name = self._of(entry, "site", at, "Main")
        kind = _text(entry, "kind", at, "")  # the source's own `kind` is ssh
        if kind and not _KIND.fullmatch(kind):
            raise ConfigurationError(at + "kind", f"{_shown(kind)} is no kind of device, such as server or firewall.")
        own = entry.get("thresholds")
        return HostOptions(
            address=address,
            port=port,
            user=user,
            name=_text(entry, "name", at, ""),
            client=client,
            client_name=client_name,
            site=SiteId(f"{client}/{named_id(site_name)}"),
            site_name=safe(site_name),
            kind=kind,
            watch=_watch(entry, at).over(self._watch),
            thresholds=self._thresholds if own is None else _thresholds(own, at + "thresholds"),
            sudo=_switch(entry, "sudo", at, default=_switch(self._table, "sudo", "", default=False)),
        )

    def _of(self, entry: Mapping[str, Any], key: str, at: str, default: str) -> str:
        """The host's own word, else the source's."""
        return _text(entry, key, at, "") or _text(self._table, key, "", default)

    def _client(self, entry: Mapping[str, Any], at: str) -> tuple[ClientId, SafeText]:
        word = self._of(entry, "client", at, "")
        if not word:
            raise ConfigurationError("client", 'An ssh source needs its client, such as client = "acme".')
        return self._names.meant(word)


def _checked(key: str, check: Callable[[_Raw], _Checked], value: _Raw) -> _Checked:
    try:
        return check(value)
    except ValueError as error:
        raise ConfigurationError(key, str(error)) from error


def _once(hosts: list[HostOptions]) -> tuple[HostOptions, ...]:
    """Refuse a host that is listed twice."""
    found: dict[str, HostOptions] = {}
    for host in hosts:
        if host.native in found:
            raise ConfigurationError("hosts", f"Host {host.native} is listed twice.")
        found[host.native] = host
    return tuple(found.values())


def _watch(table: Mapping[str, Any], at: str) -> Watch:
    watch = Watch(
        services=_texts(table, "services", at),
        processes=_texts(table, "processes", at),
        files=_texts(table, "files", at),
        certificates=_texts(table, "certificates", at),
    )
    for service in watch.services:
        if not _SERVICE.fullmatch(service):
            raise ConfigurationError(at + "services", f"{_shown(service)} is no name of a service.")
    for key, paths in (("files", watch.files), ("certificates", watch.certificates)):
        for path in paths:
            if not path.startswith("/"):
                raise ConfigurationError(at + key, f"{_shown(path)} must be a whole path, which begins with a slash.")
    return watch


def _thresholds(table: object, path: str) -> Thresholds:
    try:
        return parse_thresholds(table)
    except ThresholdError as error:
        raise ConfigurationError(f"{path}.{error.key}" if error.key else path, error.sentence) from error


def _known(table: Mapping[str, Any], known: frozenset[str], at: str) -> None:
    for key in table:
        if key not in known:
            near = difflib.get_close_matches(key, known, n=1, cutoff=0.5)
            hint = f"did you mean {near[0]}?" if near else f"there are {', '.join(sorted(known))}."
            raise ConfigurationError(at + key, f"{_shown(key)} is no option of an ssh source: {hint}")


def _text(table: Mapping[str, Any], key: str, at: str, default: str) -> str:
    value = table.get(key, default)
    if not isinstance(value, str) or "\0" in value:
        raise ConfigurationError(at + key, f"{key} must be a text in quotes.")
    return value


def _texts(table: Mapping[str, Any], key: str, at: str) -> tuple[str, ...]:
    value = table.get(key, ())
    if not isinstance(value, list | tuple) or not all(isinstance(text, str) and text for text in value):
        raise ConfigurationError(at + key, f'{key} must be a list of texts, such as ["one", "two"].')
    for text in value:
        if "\0" in text or len(text) > 1024 or "\n" in text:
            raise ConfigurationError(
                at + key, f"{_shown(text)} in {key} has a character that cannot be, or is too long."
            )
    return tuple(dict.fromkeys(value))


def _tables(table: Mapping[str, Any], key: str) -> tuple[Mapping[str, Any], ...]:
    value = table.get(key, ())
    if not isinstance(value, list | tuple) or not all(isinstance(entry, Mapping) for entry in value):
        raise ConfigurationError(key, "Hosts with options of their own are [[sources.NAME.host]] tables.")
    return tuple(value)


def _switch(table: Mapping[str, Any], key: str, at: str, *, default: bool) -> bool:
    value = table.get(key, default)
    if not isinstance(value, bool):
        raise ConfigurationError(at + key, f"{key} must be true or false.")
    return value


def _key(value: object) -> Path | None:
    if value is None:
        return None
    if not isinstance(value, str) or not value or "\0" in value:
        raise ConfigurationError("key", 'key must be the path of a private key, such as "~/.ssh/msp_ed25519".')
    path = Path(value).expanduser()
    if not path.is_absolute():
        raise ConfigurationError("key", "key must be a whole path, which begins with / or ~.")
    return path


def _deadline(value: object) -> float:
    if isinstance(value, str) and value.endswith("s") and value[:-1].strip().replace(".", "", 1).isdigit():
        value = float(value[:-1])
    if isinstance(value, bool) or not isinstance(value, int | float) or not 1 <= value <= 120:
        raise ConfigurationError("deadline", 'deadline must be from 1 to 120 seconds, such as "10s".')
    return float(value)


def _shown(text: str) -> str:
    return f"“{safe(text, 60)}”"
