"""This machine: live facts by psutil and small files, fixes in its own shell. See `docs/sources/local.md`."""

from __future__ import annotations

from backends.adapters.local.adapter import NATIVE, LocalAdapter
from backends.adapters.local.options import read_options
from backends.adapters.local.vitals import PsutilVitals
from backends.api import SourceSettings

__all__ = ["NATIVE", "LocalAdapter", "open_source"]


def open_source(settings: SourceSettings) -> LocalAdapter:
    """Raises `ConfigurationError` for an option that is wrong; looks at nothing yet."""
    return LocalAdapter(settings, read_options(settings.options), PsutilVitals())
