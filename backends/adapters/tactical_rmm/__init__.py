"""Tactical RMM: agents, checks, alerts, and what its agents are told to do.

There is no public contract of its API: what is used here was read in the server's source at 1.5.1 (`TRMM_VERSION`), in
the files that the docstrings name, and every field is taken as one that may be missing.
"""

from __future__ import annotations

from backends.api import Access, Adapter, Question, SourceSettings

QUESTIONS = (Question(key="url", address=True, text="Address of its API, such as https://api.example.com"),)
ACCESS = Access(
    text="API key",
    hint="Settings > Global Settings > API Keys; the key may do what the role of its user may do.",
)


def open_source(settings: SourceSettings) -> Adapter:
    """Raises `ConfigurationError`. Does no I/O."""
    from backends.adapters.tactical_rmm.source import TacticalRmm  # noqa: PLC0415 - httpx, for those who use it

    return TacticalRmm(settings)
