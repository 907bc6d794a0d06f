"""Icinga 2.13.6, as it answered when `tests/support/servers/icinga2_story.py` was told to it."""

from __future__ import annotations

from pathlib import Path

from tests.support.replayed import Asked, Replayed, Said

_ANSWERS = Path(__file__).parents[2] / "backends" / "adapters" / "icinga2" / "answers"
_FILES = {
    "/v1/": "about",
    "/v1/status/IcingaApplication": "status-app",
    "/v1/status/CIB": "status-cib",
    **{f"/v1/objects/{name}": name for name in ("hosts", "services", "comments", "downtimes", "dependencies")},
}


def _answer(asked: Asked) -> Said:
    name = _FILES.get(asked.path)
    if name is None:
        return Said(status=404, body=b'{"error":404.0,"status":"No objects found."}')
    return Said(body=(_ANSWERS / f"{name}.json").read_bytes())


PLAYED = Replayed(kind="icinga2", answer=_answer, options=lambda url: {"url": url, "user": "rounds"}, devices=8)
