"""Prometheus and its Alertmanagers: alerts are issues, targets that do not answer are devices that are down.

    options.py      the source's table, checked;  matchers.py  alerts by their labels
    records.py      the payloads;  cluster.py  the Alertmanagers as one;  server.py  Prometheus
    names.py        labels -> device, condition, severity
    targets.py alerts.py rules.py   records -> checks;  reading.py  all of it -> Reading, pure
    promql.py history.py            what a rule measures, and how that went
    silences.py ledger.py           snoozing
    introduction.py source.py       the adapter

A device's native id is the label that names it with the site that its labels place it at: `sql01@acme/hq`.
"""

from __future__ import annotations

from typing import Final

from backends.api import Access, Adapter, Question, SourceSettings

QUESTIONS: Final = (
    Question(key="alertmanagers", address=True, text="Address of Alertmanager", default="http://localhost:9093"),
    Question(key="url", address=True, text="Address of Prometheus, for targets and values", optional=True),
    Question(key="auth", text="How to say who asks", default="none", choices=("none", "basic", "bearer")),
    Question(key="user", text="User, for basic", when=("auth", "basic")),
    Question(key="watchdog", text="Name of the alert that always fires", default="Watchdog", optional=True),
)
ACCESS: Final = Access(
    text="password or token",
    optional=True,
    when=("auth", "basic", "bearer"),
    hint="It is that of the web server in front, or of basic_auth_users of the server itself; empty without either.",
)


def open_source(settings: SourceSettings) -> Adapter:
    """Raises `ConfigurationError`."""
    from backends.adapters.prometheus.options import prometheus_options  # noqa: PLC0415 - loaded by those who use it
    from backends.adapters.prometheus.source import PrometheusSource  # noqa: PLC0415 - loaded by those who use it

    return PrometheusSource(settings, prometheus_options(settings))
