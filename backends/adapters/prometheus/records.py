"""What Prometheus and Alertmanager answer, as far as it is used. A list that is empty may be null there.

Sources: `api/v2/openapi.yaml` of prometheus/alertmanager (0.25 to 0.34; `mutedBy` since 0.28) and
`docs/querying/api.md` of prometheus/prometheus (2.42 to 3.x).
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

import msgspec
from msgspec import Struct

Labels = Mapping[str, str]


class _Camel(Struct, frozen=True, kw_only=True, rename="camel"):
    pass


class AlertStatus(_Camel, frozen=True):
    state: str
    """unprocessed, active or suppressed."""
    silenced_by: tuple[str, ...] | None = None
    """Ids of silences."""
    inhibited_by: tuple[str, ...] | None = None
    """Fingerprints of alerts."""
    muted_by: tuple[str, ...] | None = None
    """Names of time intervals."""


class Alert(_Camel, frozen=True):
    """A firing alert, as Alertmanager tells it."""

    labels: dict[str, str]
    fingerprint: str
    status: AlertStatus
    annotations: dict[str, str] | None = None
    starts_at: datetime | None = None
    receivers: Any = None
    """A list of tables with a name; what is wrong in it must not cost the alert."""
    generator_url: str = msgspec.field(name="generatorURL", default="")
    """Of the page that shows the rule's expression, which is in it."""

    @property
    def received_by(self) -> list[str]:
        """The names of the receivers."""
        told = self.receivers if isinstance(self.receivers, list) else []
        names = [one.get("name") for one in told if isinstance(one, dict)]
        return [name for name in names if isinstance(name, str) and name]


class Matcher(_Camel, frozen=True):
    name: str
    value: str
    is_regex: bool
    is_equal: bool = True


class SilenceStatus(_Camel, frozen=True):
    state: str
    """expired, active or pending."""


class Silence(_Camel, frozen=True):
    id: str
    status: SilenceStatus
    matchers: tuple[Matcher, ...]
    ends_at: datetime
    created_by: str = ""
    comment: str = ""


class NewSilence(_Camel, frozen=True, omit_defaults=True):
    """What is sent for a silence; with `id` it takes the place of that one."""

    matchers: tuple[Matcher, ...]
    starts_at: datetime
    ends_at: datetime
    created_by: str
    comment: str
    id: str = ""


class Made(Struct, frozen=True):
    silence_id: str = msgspec.field(name="silenceID")


class VersionInfo(_Camel, frozen=True):
    version: str = ""


class AlertmanagerStatus(_Camel, frozen=True):
    version_info: VersionInfo = VersionInfo()
    uptime: datetime | None = None
    """When it was started, in spite of the name."""


class Refusal(Struct, frozen=True):
    """Alertmanager's own errors are a text or an object with a message."""

    message: str = ""


class Envelope(_Camel, frozen=True):
    """Around every answer of Prometheus."""

    status: str
    data: msgspec.Raw = msgspec.Raw(b"null")
    error_type: str = ""
    error: str = ""


class Target(_Camel, frozen=True):
    labels: dict[str, str]
    health: str
    """up, down or unknown (not scraped yet)."""
    last_error: str = ""
    last_scrape: datetime | None = None
    last_scrape_duration: float | None = None
    scrape_interval: str = ""
    scrape_timeout: str = ""


class Targets(_Camel, frozen=True):
    active_targets: list[msgspec.Raw] | None = None


class RuleAlert(_Camel, frozen=True):
    labels: dict[str, str]
    state: str = ""
    """pending or firing."""
    value: str = ""
    """A number as text, also `NaN` and `+Inf`."""


class Rule(_Camel, frozen=True):
    name: str
    query: str
    type: str = "alerting"
    labels: dict[str, str] | None = None
    alerts: list[msgspec.Raw] | None = None
    health: str = ""
    """ok, err or unknown (not evaluated yet)."""
    last_error: str = ""


class Group(_Camel, frozen=True):
    name: str
    rules: list[msgspec.Raw] | None = None


class Groups(_Camel, frozen=True):
    groups: list[msgspec.Raw] | None = None


class ActiveAlertmanagers(_Camel, frozen=True):
    active_alertmanagers: list[msgspec.Raw] | None = None


class BuildInfo(_Camel, frozen=True):
    version: str = ""


class ConfigText(_Camel, frozen=True):
    yaml: str = ""


class Series(_Camel, frozen=True):
    metric: dict[str, str]
    values: list[tuple[float, str]] = []
    """Of a range."""
    value: tuple[float, str] | None = None
    """Of a moment."""


class Found(_Camel, frozen=True):
    result_type: str
    result: list[msgspec.Raw] | None = None
