"""Whether a web page is there, with the status and the text that it should have. Redirects are never followed."""

from __future__ import annotations

import http
import time
from typing import Final

from backends.adapters.probe.found import Found, Spec
from backends.api import FaultKind, SourceError, safe
from backends.fleet.model import CheckState
from backends.http.client import HttpClient

_ANY_BUT_REDIRECTS: Final = frozenset((*range(200, 300), *range(400, 600)))
_NOT_REACHED: Final = frozenset((FaultKind.UNREACHABLE, FaultKind.TIMEOUT))


class HttpLook:
    """One page. `path` with its query, below the client's address."""

    def __init__(self, spec: Spec, client: HttpClient, path: str, status: int | None, text: str) -> None:
        self.spec = spec
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
            return _failed(error, time.perf_counter() - began)
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

    async def close(self) -> None:
        await self._client.close()


def _failed(error: SourceError, took_s: float) -> Found:
    if error.kind is FaultKind.NAME:
        return Found(wrong=error.sentence, state=CheckState.UNKNOWN, fault=error.kind)
    spoke = error.kind not in _NOT_REACHED
    answered = error.kind not in (*_NOT_REACHED, FaultKind.REFUSED)
    return Found(
        answers=(took_s * 1000,) if answered else (None,), wrong=error.sentence, reached=spoke, fault=error.kind
    )


def _status(status: int) -> str:
    try:
        return f"{status} {http.HTTPStatus(status).phrase}"
    except ValueError:
        return str(status)
