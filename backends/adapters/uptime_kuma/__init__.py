"""Uptime Kuma by its page of metrics, which is all that it offers to programs: its monitors, and their certificates.

    options.py   the source's table, checked;  metrics.py  the text format of Prometheus
    monitors.py  samples -> monitors;  reading.py  monitors -> Reading, pure
    source.py    the adapter

A monitor is a device. Its native id is Kuma's own number (2.x), or its name where that is not told.
"""

from __future__ import annotations

from typing import Final

from backends.api import Access, Adapter, Question, SourceSettings

QUESTIONS: Final = (
    Question(key="url", address=True, text="Address of Uptime Kuma", default="http://localhost:3001"),
    Question(key="user", text="User, where there are no API keys", optional=True),
)
ACCESS: Final = Access(
    text="API key",
    hint="Made in Settings, API Keys; it begins with uk. Without API keys, the password of the user.",
)


def open_source(settings: SourceSettings) -> Adapter:
    """Raises `ConfigurationError`."""
    from backends.adapters.uptime_kuma.options import kuma_options  # noqa: PLC0415 - loaded by those who use it
    from backends.adapters.uptime_kuma.source import KumaSource  # noqa: PLC0415 - loaded by those who use it

    return KumaSource(settings, kuma_options(settings))
