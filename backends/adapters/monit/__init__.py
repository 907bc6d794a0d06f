"""Monit by the web server that each host has of its own: its services, and what it can do with them.

    options.py   the source's table, checked
    markup.py    XML from outside as a tree, and nothing but that;  records.py  the tree as services
    reading.py   services -> checks, pure
    calls.py     requests;  acts.py  start, stop, restart, watch, check now
    source.py    the adapter

A host's native id is its address as it is configured; Monit's own id goes into its identity.
"""

from __future__ import annotations

from typing import Final

from backends.api import Access, Adapter, Question, SourceSettings

QUESTIONS: Final = (
    Question(key="urls", address=True, text="Address of Monit's web server", default="http://localhost:2812"),
    Question(key="user", text="User, as `allow` in the file monitrc names it", default="admin"),
)
ACCESS: Final = Access(
    text="password of the user",
    hint="It stands behind the user's name in `set httpd ... allow NAME:PASSWORD` of the file monitrc.",
)


def open_source(settings: SourceSettings) -> Adapter:
    """Raises `ConfigurationError`."""
    from backends.adapters.monit.options import monit_options  # noqa: PLC0415 - loaded by those who use it
    from backends.adapters.monit.source import MonitSource  # noqa: PLC0415 - loaded by those who use it

    return MonitSource(settings, monit_options(settings))
