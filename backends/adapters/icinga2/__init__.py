"""Icinga 2 by its REST API: hosts, services, acknowledgements, downtimes, dependencies; its event stream; its commands.

    options.py     the source's table, checked;  commands.py: which of Icinga's commands are offered
    records.py     what the API answers, typed;  calls.py: requests;  rights.py: what the ApiUser may
    world.py       what is known of one Icinga, and how answers and events (news.py) change it
    reading.py     world -> Reading, pure;  handling.py perfdata.py placing.py
    acts.py        acknowledge, downtime, check now;  errand.py: a command run there, and its result
    stream.py      events in batches
    source.py      the adapter

A host's native id is its name, which is what Icinga itself knows it by; the display name is only shown.
"""

from __future__ import annotations

from typing import Final

from backends.api import Access, Adapter, Question, SourceSettings

QUESTIONS: Final = (
    Question(key="url", address=True, text="Address of the API, with its port", default="https://icinga-master:5665"),
    Question(key="user", text="Name of the ApiUser", default="rounds"),
    Question(key="ca_file", text="File of Icinga's own authority (ca.crt of the master)", optional=True),
    Question(
        key="server_name",
        text="Name in the server's certificate (the node's name), if it is not the one in the address",
        optional=True,
    ),
)
ACCESS: Final = Access(
    text="password of the ApiUser",
    hint="It is what its object ApiUser says in api-users.conf; docs/sources/icinga2.md has one with just the rights.",
)


def open_source(settings: SourceSettings) -> Adapter:
    """Raises `ConfigurationError`."""
    from backends.adapters.icinga2.options import icinga_options  # noqa: PLC0415 - loaded by those who use it
    from backends.adapters.icinga2.source import IcingaSource  # noqa: PLC0415 - loaded by those who use it

    return IcingaSource(settings, icinga_options(settings))
