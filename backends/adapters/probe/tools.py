"""One `[[sources.NAME.check]]` table -> what looks at it."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Final

import msgspec

from backends.adapters.probe import dnswire
from backends.adapters.probe.dns import DnsLook
from backends.adapters.probe.found import Limits, Spec
from backends.adapters.probe.target import Look
from backends.adapters.probe.tcp import TcpLook
from backends.api import ConfigurationError, safe
from backends.fleet.addresses import Whereabouts, is_host_name, whereabouts
from backends.options import Options

CHECKS: Final = ("tcp", "http", "tls", "dns")
DEADLINE_S: Final = 5.0
DAY_S: Final = 86400.0
LARGEST_PAGE_BYTES: Final = 2 * 1024 * 1024
_QUICK: Final = Limits(latency_warn=500.0)
_PAGE: Final = Limits(latency_warn=3000.0)

LimitsOf = Callable[[Options, Limits], Limits]


def checked(table: Options, at: str, limits_of: LimitsOf) -> tuple[str, Look]:
    """The host that a check is about, and the look. Raises `ConfigurationError`."""
    said = {kind: table.text(kind) for kind in CHECKS}
    kinds = [kind for kind, text in said.items() if text]
    if len(kinds) != 1:
        raise ConfigurationError(at, f"A check says exactly one of {', '.join(CHECKS)}: what it looks at.")
    kind = kinds[0]
    return _MADE[kind](table, f"{at}.{kind}", said[kind], limits_of)


def _tcp(table: Options, at: str, text: str, limits_of: LimitsOf) -> tuple[str, Look]:
    where, port = _with_port(at, text, None)
    spec = Spec(family="tcp", subject=text, label=f"TCP {text}", limits=limits_of(table, _QUICK))
    return where.host, TcpLook(spec, where.host, port, _deadline(table))


def _http(table: Options, at: str, text: str, limits_of: LimitsOf) -> tuple[str, Look]:
    from urllib.parse import urlsplit  # noqa: PLC0415 - with the next two for those who look at pages

    from backends.adapters.probe.web import HttpLook  # noqa: PLC0415
    from backends.http.options import http_client  # noqa: PLC0415

    spec = Spec(family="http", subject=text, label=f"Page {text}", limits=limits_of(table, _PAGE))
    status = table.whole("status", 0, 100, 599) or None
    body = table.text("text")
    try:
        parts = urlsplit(text)
        base = f"{parts.scheme}://{parts.netloc}"
        client = http_client(
            table,
            url=base,
            headers={"Accept": "*/*"},
            largest_bytes=LARGEST_PAGE_BYTES,
        )
        host = parts.hostname or ""
        port = parts.port or (443 if parts.scheme == "https" else 80)
    except ValueError:
        raise ConfigurationError(at, "This is no address of a page; write it as https://host/path.") from None
    except ConfigurationError as error:
        raise (ConfigurationError(at, error.sentence) if error.key == "url" else error) from None
    path = f"{parts.path}?{parts.query}" if parts.query else parts.path
    end = None if table.text("proxy") else Whereabouts(host, port)
    return host, HttpLook(spec, client, path, status=status, text=body, end=end)


def _tls(table: Options, at: str, text: str, limits_of: LimitsOf) -> tuple[str, Look]:
    from backends.adapters.probe.tls import TlsLook  # noqa: PLC0415 - with the next for those who look at certificates
    from backends.http.tls import Trust  # noqa: PLC0415

    where, port = _with_port(at, text, 443)
    warn_s = table.seconds("warn", 21 * DAY_S, 0.0, 3650 * DAY_S)
    crit_s = table.seconds("crit", min(7 * DAY_S, warn_s), 0.0, 3650 * DAY_S)
    if crit_s > warn_s:
        raise ConfigurationError(f"{at.rpartition('.')[0]}.warn", "warn must not be below crit: set both.")
    limits = msgspec.structs.replace(limits_of(table, Limits()), days_warn=warn_s / DAY_S, days_crit=crit_s / DAY_S)
    trust = Trust(
        ca_file=table.text("ca_file"), fingerprint=table.text("fingerprint"), server_name=table.text("server_name")
    )
    spec = Spec(family="certificate", subject=text, label=f"Certificate of {text}", limits=limits)
    timing = table.settings.timing
    return where.host, TlsLook(spec, where.host, port, trust=trust, deadline_s=_deadline(table), now=timing.now)


def _dns(table: Options, at: str, text: str, limits_of: LimitsOf) -> tuple[str, Look]:
    server = table.text("server")
    kind = table.choice("type", tuple(dnswire.TYPES), "A")
    expect = _expected(table.texts("expect"))
    try:
        dnswire.question(0, text, kind)
    except ValueError as error:  # UnicodeError is one
        raise ConfigurationError(at, f"“{safe(text, 60)}” is no name to ask for: {error}.") from None
    beside = at.rpartition(".")[0]
    if not server and kind not in ("A", "AAAA"):
        raise ConfigurationError(f"{beside}.type", f"This machine resolves A and AAAA only: for {kind} say a server.")
    if not server and not is_host_name(text):
        raise ConfigurationError(at, f"“{safe(text, 60)}” is no host name.")
    host, port = ("", 53)
    if server:
        where, port = _with_port(f"{beside}.server", server, 53)
        host = where.host
    subject = f"{kind} {text}" + (f" at {server}" if server else "")
    spec = Spec(family="dns", subject=subject, label=f"DNS {subject}", limits=limits_of(table, _QUICK))
    look = DnsLook(spec, text, kind=kind, server=host, port=port, expect=expect, deadline_s=_deadline(table))
    return host or text, look


_MADE: Final = {"tcp": _tcp, "http": _http, "tls": _tls, "dns": _dns}


def _expected(texts: Sequence[str]) -> tuple[str, ...]:
    return tuple(text.strip() for text in texts)


def _deadline(table: Options) -> float:
    return table.seconds("deadline", DEADLINE_S, 0.1, 60.0)


def _with_port(at: str, text: str, usual: int | None) -> tuple[Whereabouts, int]:
    where = whereabouts(text)
    port = where.port or usual if where is not None else None
    if where is None or port is None:
        raise ConfigurationError(at, f"“{safe(text, 60)}” is no host with a port: write 10.0.0.1:443, or [IPv6]:443.")
    return where, port
