"""The options that all sources share that are asked over HTTP, made into a client."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Final

from backends.api import ConfigurationError
from backends.http.body import LARGEST_BYTES
from backends.http.client import DEADLINE_S, HttpClient
from backends.http.credentials import Authorize, nobody
from backends.http.pace import Pace
from backends.http.tls import Trust
from backends.options import Options

PER_MINUTE: Final = 300
"""Requests to one server, unless its table says `requests_per_minute`: far below what a monitoring server notices."""
BURST: Final = 20
_TOKEN: Final = re.compile(r"[!#$%&'*+.^_`|~0-9A-Za-z-]+")
_OURS: Final = frozenset({"host", "content-length", "transfer-encoding", "connection", "accept-encoding", "upgrade"})
_NOT_IN_HEADERS: Final = re.compile(r"[^\x20-\x7e]")


def http_client(
    options: Options,
    *,
    authorize: Authorize = nobody,
    path: str = "",
    headers: Mapping[str, str] | None = None,
    key: str = "url",
    url: str = "",
    per_minute: int = PER_MINUTE,
    largest_bytes: int = LARGEST_BYTES,
) -> HttpClient:
    """The client of a source. Takes `url` (or `key`; or `url` as given), `ca_file`, `fingerprint`, `server_name`,
    `certificate`, `certificate_key`, `headers`, `proxy`, `deadline` and `requests_per_minute` from its table. `path` is
    put behind the address where it does not end so already. Raises `ConfigurationError`."""
    base = url or options.text(key, None)
    if path and not base.rstrip("/").endswith(path.rstrip("/")):
        base = base.rstrip("/") + "/" + path.lstrip("/")
    trust = Trust(
        ca_file=options.text("ca_file"),
        fingerprint=options.text("fingerprint"),
        server_name=options.text("server_name"),
        certificate=options.text("certificate"),
        key=options.text("certificate_key"),
    )
    per_minute = options.whole("requests_per_minute", per_minute, 1, 60_000)
    return HttpClient(
        base,
        trust=trust,
        headers={**(headers or {}), **_headers(options.mapping("headers"))},
        deadline_s=options.seconds("deadline", DEADLINE_S, 1.0, 120.0),
        largest_bytes=largest_bytes,
        proxy=options.text("proxy"),
        authorize=authorize,
        pace=Pace(per_minute, min(BURST, per_minute), options.settings.timing),
        now=options.settings.timing.now,
    )


def _headers(given: Mapping[str, str]) -> Mapping[str, str]:
    for name, value in given.items():
        if not _TOKEN.fullmatch(name) or name.lower() in _OURS or _NOT_IN_HEADERS.search(value):
            raise ConfigurationError(f"headers.{name}", "This is no header that can be added to a request.")
    return given
