"""Nagios Core 4 by its CGIs: hosts, services, acknowledgements, downtimes and parents as JSON; acts by its form.

    options.py     the source's table, checked
    records.py     what the JSON CGIs answer, typed;  calls.py: requests;  world.py: what one round of them brought
    reading.py     world -> Reading, pure;  handling.py placing.py
    form.py        the pages of cmd.cgi, understood, pure;  times.py: times as its fields want them
    acts.py        acknowledge, downtime, check now;  rights.py: what the user may, found without changing anything
    source.py      the adapter

Nagios has no ids: a host's native id is its name. Facts about the CGIs are from the source of 4.4.6 (in `cgi/`:
`statusjson.c`, `objectjson.c`, `jsonutils.c`, `cmd.c`, `cgiauth.c`, `getcgi.c`) and were seen on Debian's 4.4.6.
"""

from __future__ import annotations

from typing import Final

from backends.api import Access, Adapter, Question, SourceSettings

QUESTIONS: Final = (
    Question(
        key="url",
        address=True,
        text="Address of the CGIs (the page status.cgi without its name)",
        default="https://nagios/nagios4/cgi-bin",
    ),
    Question(key="user", text="Name of the web user", default="rounds"),
    Question(key="ca_file", text="File of the authority that signed its certificate", optional=True),
)
ACCESS: Final = Access(
    text="password of the web user",
    hint="It is set on the web server: htpasswd /etc/nagios4/htpasswd.users rounds; see docs/sources/nagios.md.",
)


def open_source(settings: SourceSettings) -> Adapter:
    """Raises `ConfigurationError`."""
    from backends.adapters.nagios.options import nagios_options  # noqa: PLC0415 - loaded by those who use it
    from backends.adapters.nagios.source import NagiosSource  # noqa: PLC0415 - loaded by those who use it

    return NagiosSource(settings, nagios_options(settings))
