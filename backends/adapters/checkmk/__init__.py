"""Checkmk by its REST API 1.0: hosts and services, acknowledgements and downtimes.

    options.py   the source's table, checked
    records.py   what the API answers, typed;  calls.py  requests
    reading.py   records -> Reading, pure;  placing.py
    acts.py      acknowledge, downtime;  source.py  the adapter

A host's native id is its name, which is what Checkmk itself knows it by.
"""

from __future__ import annotations

from typing import Final

from backends.api import Access, Adapter, Question, SourceSettings

QUESTIONS: Final = (
    Question(key="url", address=True, text="Address of the site", default="https://monitoring.example/mysite"),
    Question(key="user", text="Name of the automation user", default="automation"),
)
ACCESS: Final = Access(
    text="automation secret",
    hint="Setup, Users, the automation user: it is its automation secret for machine accounts.",
)


def open_source(settings: SourceSettings) -> Adapter:
    """Raises `ConfigurationError`."""
    from backends.adapters.checkmk.options import checkmk_options  # noqa: PLC0415 - loaded by those who use it
    from backends.adapters.checkmk.source import CheckmkSource  # noqa: PLC0415 - loaded by those who use it

    return CheckmkSource(settings, checkmk_options(settings))
