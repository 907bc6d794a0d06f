"""What is asked of one Monit."""

from __future__ import annotations

from typing import Final
from urllib.parse import quote

from msgspec import Struct

from backends.adapters.monit.markup import parsed
from backends.adapters.monit.records import Status, status_of
from backends.api import FaultKind, SourceError
from backends.http.client import HttpClient
from backends.text import safe

_STATUS: Final = (("format", "xml"), ("level", "full"))
_MAY_ACT: Final = b"value='validate'"
"""Of the form that only a user has on the page `_runtime` who may do more than read."""
_TOKEN: Final = "securitytoken"  # noqa: S105 - the name of a cookie, and of a field
_DONE: Final = (200, 302)


class Ticket(Struct, frozen=True, kw_only=True):
    """What Monit wants to see again in a form: the cookie that came with one of its pages."""

    token: str
    may_act: bool


class Calls:
    """Asks and tells one Monit."""

    def __init__(self, client: HttpClient, user: str) -> None:
        self.client = client
        self._user = user
        self.skew_s: float | None = None
        self.may_act: bool | None = None
        """None before it was asked, and after a failure."""

    async def status(self) -> Status:
        """Raises `SourceError`."""
        try:
            answer = await self.client.request("GET", "_status", params=_STATUS)
            found = status_of(parsed(answer.body))
            if self.may_act is None:
                self.may_act = (await self.ticket()).may_act
        except SourceError as error:
            self.may_act = None
            raise self._told(error) from error
        self.skew_s = answer.skew_s
        return found

    async def ticket(self) -> Ticket:
        """Raises `SourceError`."""
        answer = await self.client.request("GET", "_runtime")
        cookie = answer.headers.get("set-cookie", "")
        name, _, value = cookie.partition(";")[0].partition("=")
        token = value.strip() if name.strip() == _TOKEN else ""
        return Ticket(token=token, may_act=_MAY_ACT in answer.body)

    async def send(self, page: str, action: str, token: str) -> int:
        """The status of the answer to a form, sent once. Raises `SourceError`."""
        answer = await self.client.request(
            "POST",
            quote(page, safe=""),
            content=f"{_TOKEN}={quote(token, safe='')}&action={action}".encode("ascii"),
            headers={
                "Content-Type": "application/x-www-form-urlencoded",
                "Cookie": f"{_TOKEN}={quote(token, safe='')}",
            },
            also=(302, 400, 403, 404),
        )
        return answer.status

    def _told(self, error: SourceError) -> SourceError:
        if error.kind is not FaultKind.FORBIDDEN:
            return error
        return SourceError(
            FaultKind.FORBIDDEN,
            f"{self.client.origin} does not let us in: add our address and {safe(self._user, 40) or 'a user'} to "
            "`allow` of `set httpd` in its monitrc. (HTTP 403)",
        )


def done(status: int) -> bool:
    return status in _DONE
