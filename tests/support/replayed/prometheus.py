"""Prometheus 2.42 and Alertmanager 0.25, at one address."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from tests.support.prometheus_site import ANSWERS, USUAL
from tests.support.replayed import Asked, Replayed, Said


def _answer(asked: Asked) -> Said:
    name = USUAL.get(asked.path)
    if name is None:
        return Said(body=b"404 page not found", status=404, content_type="text/plain")
    return Said(body=(ANSWERS / f"{name}.json").read_bytes())


def _options(url: str) -> Mapping[str, Any]:
    return {"alertmanagers": url, "url": url, "auth": "bearer", "watchdog": "Watchdog"}


PLAYED = Replayed(kind="prometheus", answer=_answer, options=_options, devices=5)
