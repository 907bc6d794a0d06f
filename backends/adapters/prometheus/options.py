"""The table of a `prometheus` source, checked."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

from msgspec import Struct

from backends.adapters.prometheus.matchers import ALERT_NAME, parsed
from backends.adapters.prometheus.records import Labels, Matcher
from backends.api import ConfigurationError, SourceName, SourceSettings
from backends.fleet.model import Severity
from backends.fleet.placement import Placement
from backends.http.client import HttpClient
from backends.http.credentials import Authorize, basic, bearer, nobody
from backends.http.options import http_client
from backends.options import Options

FACTS: Final = ("label.", "job", "instance", "receiver")
USUAL: Final[tuple[Mapping[str, Any], ...]] = (
    {"label.client": "^(?P<client>.+)$", "label.site": "^(?P<site>.+)$"},
    {"label.client": "^(?P<client>.+)$"},
    {"label.customer": "^(?P<client>.+)$", "label.site": "^(?P<site>.+)$"},
    {"label.customer": "^(?P<client>.+)$"},
)
SEVERITIES: Final[Mapping[str, Severity]] = {
    **dict.fromkeys(("critical", "crit", "page", "emergency", "fatal", "disaster", "p1", "sev1"), Severity.CRITICAL),
    **dict.fromkeys(("high", "error", "major", "p2", "sev2"), Severity.HIGH),
    **dict.fromkeys(("warning", "warn", "average", "minor", "ticket", "p3", "sev3"), Severity.WARNING),
    **dict.fromkeys(("info", "information", "informational", "notice", "low", "none", "p4", "p5"), Severity.INFO),
}
VOLATILE: Final = ("value", "replica", "prometheus_replica", "__replica__")
QUICK_S: Final = 6.0
DOWN: Final = ("HostDown", "NodeDown", "HostUnreachable")


class Watchdog(Struct, frozen=True, kw_only=True):
    """An alert that always fires, so that its absence tells that alerting is dead."""

    text: str
    """As it is written in the configuration."""
    matchers: tuple[Matcher, ...]

    @property
    def labels(self) -> dict[str, str]:
        """What it says outright of the labels, beside the alert's name: whose alerting it watches."""
        return {
            one.name: one.value
            for one in self.matchers
            if one.is_equal and not one.is_regex and one.name != ALERT_NAME and one.value
        }


class PrometheusOptions(Struct, frozen=True, kw_only=True):
    """What the configuration says."""

    source: SourceName
    alertmanagers: tuple[HttpClient, ...]
    prometheus: HttpClient | None
    placement: Placement
    device_labels: tuple[str, ...] = ("instance",)
    severity_label: str = "severity"
    severities: Mapping[str, Severity]
    """By the label's value in lower case."""
    watchdogs: tuple[Watchdog, ...] = ()
    volatile: tuple[str, ...] = VOLATILE
    down: tuple[str, ...] = DOWN
    external: Labels | None = None
    """The labels that Prometheus puts on what it sends to Alertmanager, where the configuration says them."""
    quick_s: float = QUICK_S
    """How long a server may take of which another one, or none, can do without: what hangs must not cost the rest."""
    settle_s: float = 90.0
    """For so long after its start an Alertmanager has not yet been told everything again."""

    @property
    def clients(self) -> tuple[HttpClient, ...]:
        return self.alertmanagers if self.prometheus is None else (*self.alertmanagers, self.prometheus)


def prometheus_options(settings: SourceSettings) -> PrometheusOptions:
    """Raises `ConfigurationError`."""
    table = Options(settings)
    authorize = _authorize(table)
    addresses = table.texts("alertmanagers")
    if not addresses:
        raise ConfigurationError("alertmanagers", 'Say where Alertmanager is: alertmanagers = ["http://host:9093"].')
    if len({address.rstrip("/") for address in addresses}) < len(addresses):
        raise ConfigurationError("alertmanagers", "The same Alertmanager is named twice.")
    url = table.text("url")
    external = table.mapping("external_labels")
    options = PrometheusOptions(
        source=settings.name,
        alertmanagers=tuple(_client(table, "alertmanagers", one, "/api/v2", authorize) for one in addresses),
        prometheus=_client(table, "url", url, "/api/v1", authorize) if url else None,
        placement=table.placement(FACTS, USUAL),
        device_labels=table.texts("device_label") or ("instance",),
        severity_label=table.text("severity_label", "severity"),
        severities={**SEVERITIES, **_severities(table)},
        watchdogs=tuple(_watchdog(text) for text in table.texts("watchdog")),
        volatile=(*VOLATILE, *table.texts("volatile_labels")),
        down=table.texts("down_alerts") or DOWN,
        external=external or None,
        quick_s=min(QUICK_S, table.seconds("deadline", QUICK_S, 1.0, 120.0)),
        settle_s=table.seconds("settle", 90.0, 0.0, 3600.0),
    )
    table.finish()
    return options


def _client(table: Options, key: str, url: str, path: str, authorize: Authorize) -> HttpClient:
    try:
        return http_client(table, authorize=authorize, path=path, key=key, url=url)
    except ConfigurationError as error:
        raise (ConfigurationError(key, error.sentence) if error.key == "url" else error) from None


def _authorize(table: Options) -> Authorize:
    user = table.text("user")
    way = table.choice("auth", ("none", "basic", "bearer"), "basic" if user else "none")
    if way == "basic":
        if not user:
            raise ConfigurationError("user", "Basic authentication needs a user; its password is the secret.")
        return basic(table.settings, user)
    if user:
        raise ConfigurationError("user", f'A user belongs to auth = "basic", not to "{way}".')
    return bearer(table.settings) if way == "bearer" else nobody


def _severities(table: Options) -> dict[str, Severity]:
    ours = {severity.value: severity for severity in Severity}
    found = {}
    for label, word in table.mapping("severity").items():
        if word not in ours:
            raise ConfigurationError(f"severity.{label}", f"Say one of {', '.join(ours)}.")
        found[label.casefold()] = ours[word]
    return found


def _watchdog(text: str) -> Watchdog:
    try:
        return Watchdog(text=text, matchers=parsed(text))
    except ValueError as error:
        raise ConfigurationError("watchdog", f"This is no name of an alert and no list of matchers: {error}.") from None
