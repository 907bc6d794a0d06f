"""The options of a `zabbix` source."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Final

from msgspec import Struct

from backends.api import SourceSettings
from backends.fleet.placement import Placement
from backends.http.client import HttpClient
from backends.http.options import http_client
from backends.options import Options

PATH: Final = "api_jsonrpc.php"
FACTS: Final = ("hostgroup", "tag.", "host", "name", "proxy")
USUAL: Final[Sequence[Mapping[str, Any]]] = (
    {"hostgroup": r"^(?:Clients|Customers)/(?P<client>[^/]+)/(?P<site>.+)$"},
    {"hostgroup": r"^(?:Clients|Customers)/(?P<client>[^/]+)$"},
    {"tag.client": r"^(?P<client>.+)$", "tag.site": r"^(?P<site>.+)$"},
    {"tag.client": r"^(?P<client>.+)$"},
)
"""Where the table has no `place`."""


class ZabbixOptions(Struct, frozen=True, kw_only=True):
    """A `zabbix` source as configured."""

    http: HttpClient
    user: str
    """Logs in with the secret as its password; empty when the secret is an API token."""
    placement: Placement
    disabled: bool
    """Whether hosts that are disabled there are shown, as unknown."""
    basic: bool
    """Whether the web server in front takes the header `Authorization` for itself."""


def zabbix_options(settings: SourceSettings) -> ZabbixOptions:
    """Raises `ConfigurationError` naming the key that is wrong."""
    options = Options(settings)
    basic = any(name.lower() == "authorization" for name in options.mapping("headers"))
    made = ZabbixOptions(
        placement=options.placement(FACTS, USUAL),
        user=options.text("user"),
        disabled=options.flag("disabled_hosts", default=True),
        http=http_client(options, path=PATH),
        basic=basic,
    )
    options.finish()
    return made
