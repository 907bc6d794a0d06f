"""Whatever speaks SNMP v2c or v3: switches, printers, UPSs, access points, servers; by standard MIBs, read only.

    options.py      the source's table, checked;  credentials.py  community or user
    ber.py messages.py              what travels;  usm.py keys.py  version 3
    wire.py session.py              asking one agent: tries, pace, walks
    mib.py look.py parse.py records.py    what is asked, and the facts in it
    rates.py kinds.py               counters between two looks;  what a device is
    ports.py printer.py ups.py      facts -> checks;  reading.py  all of it -> Reading, pure
    host.py failures.py source.py   the adapter

SNMP is spoken by these modules themselves: a value costs 6 microseconds of processor time (9 with version 3), with the
usual library 90 to 160, and a switch has some hundred of them every half minute.

A host's native id is its address, with `:port` where that is not 161.
"""

from __future__ import annotations

from typing import Final

from backends.api import Access, Adapter, Question, SourceSettings

QUESTIONS: Final = (
    Question(key="hosts", text="Address of a device, or name=address"),
    Question(key="version", text="Version of SNMP", default="2c", choices=("2c", "3")),
    Question(key="user", text="User, for version 3", optional=True),
    Question(
        key="auth",
        text="How the user proves himself",
        default="sha256",
        choices=("md5", "sha", "sha224", "sha256", "sha384", "sha512"),
    ),
    Question(key="privacy", text="How it is encrypted", default="aes", choices=("aes", "aes192", "aes256", "none")),
)
ACCESS: Final = Access(
    text="community, or passphrases of the user",
    hint="Version 2c: the read-only community. Version 3: authentication:privacy, or one passphrase for both.",
)


def open_source(settings: SourceSettings) -> Adapter:
    """Raises `ConfigurationError`."""
    from backends.adapters.snmp.options import snmp_options  # noqa: PLC0415 - loaded by those who use it
    from backends.adapters.snmp.source import SnmpSource  # noqa: PLC0415 - loaded by those who use it

    return SnmpSource(settings, snmp_options(settings))
