"""Samples as monitors. Names and numbers as in Uptime Kuma's `server/prometheus.js` (1.23 to 2.5)."""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Final
from urllib.parse import urlsplit

from msgspec import Struct

from backends.adapters.uptime_kuma.metrics import Sample, lines_of, samples

UP, DOWN, PENDING, MAINTENANCE = 1, 0, 2, 3
_OWN: Final = ("monitor_id", "monitor_name", "monitor_type", "monitor_url", "monitor_hostname", "monitor_port")
_VALUES: Final = frozenset({"monitor_response_time", "monitor_cert_days_remaining", "monitor_cert_is_valid"})
_WANTED: Final = frozenset({"monitor_status", "app_version", *_VALUES})
_NOTHING: Final = ("", "null", "undefined")
"""How it says that a monitor has no host of its own."""


class Monitor(Struct, frozen=True, kw_only=True):
    native: str
    name: str
    type: str
    host: str
    """Of its address or host name; the rest of an address may have a password in it, and is not kept."""
    tags: Mapping[str, tuple[str, ...]]
    """By name in lower case. Kuma leaves only letters, digits and underscores of names and values."""
    status: int
    response_ms: float | None = None
    cert_days: float | None = None
    cert_valid: bool | None = None


class Told(Struct, frozen=True, kw_only=True):
    """One answer."""

    version: str
    monitors: tuple[Monitor, ...]
    spoiled: int


def told(body: bytes) -> Told:
    """Raises `SourceError`. Of two monitors of one id the first one counts, and the other one is spoiled."""
    found: dict[str, Sample] = {}
    values: dict[tuple[str, str], float] = {}
    version, spoiled = "", 0
    for one in samples(lines_of(body), _WANTED):
        if not isinstance(one, Sample):
            spoiled += 1
        elif one.name == "app_version":
            version = one.labels.get("version", "")
        elif not (native := _native(one)):
            spoiled += 1
        elif one.name in _VALUES:
            values[one.name, native] = one.value
        elif native in found or one.value not in (UP, DOWN, PENDING, MAINTENANCE):
            spoiled += 1
        else:
            found[native] = one
    return Told(
        version=version,
        monitors=tuple(_monitor(native, sample, values) for native, sample in sorted(found.items())),
        spoiled=spoiled,
    )


def _native(sample: Sample) -> str:
    return sample.labels.get("monitor_id") or sample.labels.get("monitor_name") or ""


def _monitor(native: str, sample: Sample, values: Mapping[tuple[str, str], float]) -> Monitor:
    labels = sample.labels
    valid = values.get(("monitor_cert_is_valid", native))
    return Monitor(
        native=native,
        name=labels.get("monitor_name") or native,
        type=labels.get("monitor_type", ""),
        host=_host(labels),
        tags={
            name.lower(): tuple(value for value in text.split(",") if value)
            for name, text in labels.items()
            if name not in _OWN and text
        },
        status=int(sample.value),
        response_ms=_amount(values.get(("monitor_response_time", native))),
        cert_days=_number(values.get(("monitor_cert_days_remaining", native))),
        cert_valid=None if valid is None else valid == 1,
    )


def _host(labels: Mapping[str, str]) -> str:
    if (name := labels.get("monitor_hostname", "")) not in _NOTHING:
        return name
    try:
        return urlsplit(labels.get("monitor_url", "")).hostname or ""
    except ValueError:
        return ""


def _number(value: float | None) -> float | None:
    return value if value is not None and math.isfinite(value) else None


def _amount(value: float | None) -> float | None:
    """-1 is how it says that there is none."""
    return value if value is not None and math.isfinite(value) and value >= 0 else None
