"""Netdata 1.37, as it answered when its tests ran on a real one."""

from __future__ import annotations

from pathlib import Path

from tests.support.replayed import Asked, Replayed, Said

ANSWERS = Path(__file__).parents[2] / "backends" / "adapters" / "netdata" / "answers"
_FILES = {
    "/api/v1/info": "info",
    "/api/v1/alarms": "alarms",
    "/api/v1/allmetrics": "metrics",
    "/api/v1/data": "data",
}


def answer(asked: Asked) -> Said:
    name = _FILES.get(asked.path)
    if name is None:
        return Said(status=404, body=b"Unsupported v1 API command", content_type="text/plain")
    return Said(body=(ANSWERS / f"{name}.json").read_bytes())


PLAYED = Replayed(kind="netdata", answer=answer, options=lambda url: {"urls": url, "user": "rounds"}, devices=1)
