"""Netdata by the API of each agent: its alarms, what its charts measure now, and how that went.

    options.py   the source's table, checked;  records.py  what the API answers, typed;  calls.py  requests
    measures.py  charts -> the host's own facts, by the thresholds that all agentless sources have
    alarms.py    alarms -> checks;  reading.py  both of it, pure;  past.py  how a value went
    source.py    the adapter

A host's native id is its address as it is configured; the id that the agent gave itself goes into its identity.
"""

from __future__ import annotations

from typing import Final

from backends.api import Access, Adapter, Question, SourceSettings

QUESTIONS: Final = (
    Question(key="urls", address=True, text="Address of the agent", default="http://localhost:19999"),
    Question(key="user", text="User of the web server in front, if there is one", optional=True),
)
ACCESS: Final = Access(
    text="password",
    optional=True,
    hint="Of the web server in front of Netdata: an agent itself asks nobody who he is.",
)


def open_source(settings: SourceSettings) -> Adapter:
    """Raises `ConfigurationError`."""
    from backends.adapters.netdata.options import netdata_options  # noqa: PLC0415 - loaded by those who use it
    from backends.adapters.netdata.source import NetdataSource  # noqa: PLC0415 - loaded by those who use it

    return NetdataSource(settings, netdata_options(settings))
