"""Monit 5.33, as it answered when its tests ran on a real one."""

from __future__ import annotations

from pathlib import Path

from tests.support.replayed import Asked, Replayed, Said

ANSWERS = Path(__file__).parents[2] / "backends" / "adapters" / "monit" / "answers"
TOKEN = "1e867686e9ef35b9a9eef84fd8206a39"


def answer(asked: Asked) -> Said:
    """Of a server at which we may do more than read."""
    if asked.path == "/_status":
        return Said(body=(ANSWERS / "status.xml").read_bytes(), content_type="text/xml")
    if asked.path == "/_runtime" and asked.method == "GET":
        cookie = {"Set-Cookie": f"securitytoken={TOKEN}; Max-Age=600; HttpOnly; SameSite=strict"}
        return Said(body=(ANSWERS / "runtime.html").read_bytes(), content_type="text/html", headers=cookie)
    return Said(status=404, body=b"<html>Not Found</html>", content_type="text/html")


PLAYED = Replayed(kind="monit", answer=answer, options=lambda url: {"urls": url, "user": "rounds"}, devices=1)
