"""Zabbix 6.0, 7.0 and 7.2 or newer, by its JSON-RPC API; which of them is asked of it.

    options.py       the source's table, checked
    version.py       what which version can, and how it wants to be asked
    session.py       one call at a time, as whom, and what its errors mean;  access.py: what that account may do
    asks.py          parameters of the calls that read, pure
    records.py       payloads as structs
    gather.py        the calls of one poll, and what is kept between polls -> Snapshot;  pulse.py
    reading.py       Snapshot -> Reading, pure;  hosts.py conditions.py names.py limits.py
    acts.py          acknowledge, suppress, close, check now;  scripts.py: its global scripts as fixes;  validators.py
    past.py          history and trends
    introduce.py     who we are there, what we may, what there is to place by
    source.py        the adapter

A host's native id is its `hostid`. What is not told anywhere is not made up: a host whose availability Zabbix does not
know has no check `reachable`, and is not green.
"""

from __future__ import annotations

from typing import Final

from backends.api import Access, Adapter, Question, SourceSettings

QUESTIONS: Final = (
    Question(
        key="url", address=True, text="Address of the web page (https://zabbix.example or https://example/zabbix)"
    ),
    Question(key="user", text="User name, when a password is given instead of an API token", optional=True),
    Question(key="ca_file", text="File of the authority that signed its certificate", optional=True),
)
ACCESS: Final = Access(
    text="API token, or the password of the user",
    hint="User settings, API tokens, in the web page of Zabbix; the user needs read access to the host groups.",
)


def open_source(settings: SourceSettings) -> Adapter:
    """Raises `ConfigurationError`."""
    from backends.adapters.zabbix.options import zabbix_options  # noqa: PLC0415 - loaded by those who use it
    from backends.adapters.zabbix.source import ZabbixSource  # noqa: PLC0415 - loaded by those who use it

    return ZabbixSource(settings, zabbix_options(settings))
