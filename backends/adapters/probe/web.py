"""Whether a web page is there, with the status and the text that it should have. Redirects are never followed."""

from __future__ import annotations

import http
import time
from typing import Final

from backends.adapters.probe.found import Found, Spec
from backends.adapters.probe.named import address_of
from backends.adapters.probe.tcp import knock
from backends.api import FaultKind, SourceError, safe
from backends.fleet.addresses import Whereabouts
from backends.fleet.model import CheckState
from backends.http.client import HttpClient

_ANY_BUT_REDIRECTS: Final = frozenset((*range(200, 300), *range(400, 600)))
KNOCK_S: Final = 2.0
_NOT_REACHED: Final = frozenset((FaultKind.UNREACHABLE, FaultKind.TIMEOUT))


class HttpLook:
    """One page. `path` with its query, below the client's address."""

    def __init__(
        self, spec: Spec, client: HttpClient, path: str, *, status: int | None, text: str, end: Whereabouts | None
    ) -> None:
        """`end` is where the client connects to; None where a proxy is in between."""
        self.spec = spec
        self._end = end
        self._client = client
        self._path = path
        self._status = status
        self._text = text
        self._let = _ANY_BUT_REDIRECTS | ({status} if status is not None else set())

    async def look(self) -> Found:
        began = time.perf_counter()
        try:
            answer = await self._client.request("GET", self._path, also=self._let)
        except SourceError as error:
            return await self._failed(error, (time.perf_counter() - began) * 1000)
        ms = (time.perf_counter() - began) * 1000
        if wrong := self._wrong(answer.status, answer.body):
            return Found(answers=(ms,), wrong=wrong, reached=True, fault=FaultKind.SERVER)
        return Found(answers=(ms,), said=f"answers {_status(answer.status)}", reached=True)

    def _wrong(self, status: int, body: bytes) -> str:
        at = self._client.origin
        if self._status is None and not 200 <= status < 300:
            return f"{at} answers {_status(status)}; look at its log."
        if self._status is not None and status != self._status:
            return f"{at} answers {_status(status)} where {self._status} is expected; look at its log."
        if self._text and self._text.encode() not in body:
            return f"{at} answers, but “{safe(self._text, 60)}” is not in the page; look at what it shows."
        return ""

    async def _failed(self, error: SourceError, ms: float) -> Found:
        wrong, kind = error.sentence, error.kind
        if kind is FaultKind.NAME:
            return Found(wrong=wrong, state=CheckState.UNKNOWN, fault=kind)
        if kind in _NOT_REACHED:
            return Found(answers=(None,), wrong=wrong, reached=await self._is_there(), fault=kind)
        return Found(answers=(None if kind is FaultKind.REFUSED else ms,), wrong=wrong, reached=True, fault=kind)

    async def _is_there(self) -> bool | None:
        """Whether the server is there all the same: one that takes the connection and gives no page is not down."""
        if self._end is None or self._end.port is None:
            return None
        try:
            address = await address_of(self._end.host, KNOCK_S)
        except SourceError:
            return None
        return (await knock(address, self._end.port, KNOCK_S)).ms is not None

    async def close(self) -> None:
        await self._client.close()


def _status(status: int) -> str:
    try:
        return f"{status} {http.HTTPStatus(status).phrase}"
    except ValueError:
        return str(status)
