"""The pages of cmd.cgi, understood: pure. Success and refusal are sentences in HTML with HTTP 200 (`cgi/cmd.c`)."""

from __future__ import annotations

import html
import re
from enum import Enum
from typing import Final

from msgspec import Struct

from backends.api import SafeText, safe

ACKNOWLEDGE_HOST: Final = 33
ACKNOWLEDGE_SERVICE: Final = 34
REMOVE_HOST_ACKNOWLEDGEMENT: Final = 51
REMOVE_SERVICE_ACKNOWLEDGEMENT: Final = 52
SCHEDULE_HOST_DOWNTIME: Final = 55
SCHEDULE_SERVICE_DOWNTIME: Final = 56
DELETE_HOST_DOWNTIME: Final = 78
DELETE_SERVICE_DOWNTIME: Final = 79
SCHEDULE_SERVICE_CHECK: Final = 7
SCHEDULE_HOST_CHECK: Final = 96
"""`include/common.h`"""
FORM_ID: Final = "nagFormId"
"""The hidden field; the cookie is called `NagFormId`. Versions before 4.4 have neither, and do not ask for them."""
NO_TIMES: Final = "Start or end time not valid"
"""What a downtime without times is refused with, but only to a user that may have one (`commit_command_data`)."""
_DONE: Final = "Your command request was successfully submitted to Nagios for processing"
_LONGEST: Final = 512 * 1024
_FIELD: Final = re.compile(r"<input\b([^<>]*)", re.IGNORECASE)
_ATTRIBUTE: Final = re.compile(r"\b(name|value)\s*=\s*(?:'([^']*)'|\"([^\"]*)\")", re.IGNORECASE)
_COOKIE: Final = re.compile(r"\b(NagFormId=[0-9A-Za-z]{1,64})\b")
_REFUSAL: Final = re.compile(r"<div class='errorMessage'>(.*?)</div>|<p>(Error: .*?)</p>", re.IGNORECASE | re.DOTALL)
_TAGS: Final = re.compile(r"<[^<>]*>")


class Verdict(Enum):
    """What became of a command."""

    DONE = "taken by Nagios, to be done within a moment"
    FORBIDDEN = "this user may not"
    REFUSED = "refused, with a reason"
    UNKNOWN = "the page says neither"


class Form(Struct, frozen=True, kw_only=True):
    """The page with the fields of a command."""

    fields: dict[str, str]
    cookie: str
    """For the header; empty where the server sets none."""
    locked: bool
    """The name of the author cannot be chosen (`lock_author_names`): it will be the user's."""


class Outcome(Struct, frozen=True, kw_only=True):
    verdict: Verdict
    said: SafeText
    """Nagios's own words, where it refuses."""


def form_of(page: str, set_cookie: str) -> Form:
    """`set_cookie` is the header of that name."""
    fields: dict[str, str] = {}
    locked = False
    for found in _FIELD.finditer(page[:_LONGEST]):
        told = {name.lower(): html.unescape(one or other) for name, one, other in _ATTRIBUTE.findall(found[1])}
        if "name" in told:
            fields.setdefault(told["name"], told.get("value", ""))
            locked |= told["name"] == "com_author" and "readonly" in _ATTRIBUTE.sub("", found[1]).lower()
    cookie = _COOKIE.search(set_cookie)
    return Form(fields=fields, cookie=cookie[1] if cookie else "", locked=locked)


def outcome_of_page(page: str) -> Outcome:
    page = page[:_LONGEST]
    found = _REFUSAL.search(page)
    if found is None:
        return Outcome(verdict=Verdict.DONE if _DONE in page else Verdict.UNKNOWN, said=SafeText(""))
    told = found[2] if found[1] is None else found[1]
    said = safe(" ".join(html.unescape(_TAGS.sub(" ", told)).split()), 200)
    lower = said.lower()
    forbidden = "not authorized" in lower or "do not have permission" in lower
    return Outcome(verdict=Verdict.FORBIDDEN if forbidden else Verdict.REFUSED, said=said)
