"""Nagios Core 4.4.6, as its CGIs answered when `tests/support/servers/nagios_story.py` was told to it."""

from __future__ import annotations

from pathlib import Path
from typing import Final
from urllib.parse import parse_qs

from tests.support.replayed import Asked, Replayed, Said

ANSWERS: Final = Path(__file__).parents[2] / "backends" / "adapters" / "nagios" / "answers"
COOKIE: Final = "NagFormId=4353d0cd0b03e0c6"


def answer(asked: Asked) -> Said:
    """What a healthy Nagios says to a poll; a downtime without times is refused, anything else of cmd.cgi is done."""
    told = {name: values[0] for name, values in parse_qs(asked.query).items()}
    cgi = asked.path.rsplit("/", 1)[-1]
    if cgi == "cmd.cgi" and asked.method == "GET":
        return page("form", **{"Set-Cookie": f"{COOKIE}; SameSite=Strict; HttpOnly"})
    if cgi == "cmd.cgi":
        sent = parse_qs(asked.body.decode())
        downtime = sent["cmd_typ"][0] in ("55", "56")
        return page("no-times" if downtime and "start_time" not in sent else "done")
    if cgi == "objectjson.cgi":
        return said({"hostlist": "objects", "hostgrouplist": "groups"}[told["query"]])
    return said(told["query"])


def said(name: str) -> Said:
    return Said(body=(ANSWERS / f"{name}.json").read_bytes())


def page(name: str, **headers: str) -> Said:
    return Said(body=(ANSWERS / f"{name}.html").read_bytes(), content_type="text/html; charset=utf-8", headers=headers)


PLAYED = Replayed(kind="nagios", answer=answer, options=lambda url: {"url": url, "user": "rounds"}, devices=8)
