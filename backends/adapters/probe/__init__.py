"""What this machine sees of others with nothing but the network: pings, ports, pages, certificates, names.

    options.py       the source's table, checked;  tools.py: one check of it
    echo.py          ICMP as bytes, pure;  pinger.py: one socket for all pings
    ping.py tcp.py web.py tls.py dns.py          one look each -> Found;  dnswire.py: DNS as bytes, pure
    named.py         names by the system's resolver
    found.py         what a look found, what the last ones together say, pure
    reading.py       -> Reading, pure
    target.py        one device, a part;  source.py: the adapter
    outlook.py       the second opinion on any device, whatever is configured

A target's native id is its address, or the name that its checks give it.
"""

from __future__ import annotations

from typing import Final

from backends.api import Adapter, Question, SourceSettings

QUESTIONS: Final = (Question(key="targets", text="Addresses to ping, with names if you like (10.0.0.1 fw=10.0.0.2)"),)


def open_source(settings: SourceSettings) -> Adapter:
    """Raises `ConfigurationError`."""
    from backends.adapters.probe.source import ProbeSource  # noqa: PLC0415 - loaded by those who use it

    return ProbeSource(settings)
