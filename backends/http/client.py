"""One source's HTTP client. It asks once: no retries, no redirects, no proxies but the configured one, no more than a
deadline and a size allow. Every failure is a `SourceError` with a sentence that names no secret."""

from __future__ import annotations

import asyncio
import re
import socket
import ssl
from collections.abc import AsyncGenerator, Callable, Collection, Iterator, Mapping, Sequence
from contextlib import aclosing
from datetime import UTC, datetime
from typing import Final, TypeVar

import httpx
from msgspec import Struct

from backends import __version__
from backends.api import ConfigurationError, FaultKind, SourceError
from backends.http import body as bodies
from backends.http.credentials import Authorize, nobody
from backends.http.decode import decoded
from backends.http.pace import Pace
from backends.http.retry import retry_after
from backends.http.skew import skew_s
from backends.http.tls import Trust, context_for, sentence_for
from backends.redaction import redacted
from backends.text import safe

Record = TypeVar("Record")
Params = Mapping[str, str | int] | Sequence[tuple[str, str | int]]
"""A query by name, or pairs for names that come several times."""

CONNECT_S: Final = 5.0
DEADLINE_S: Final = 15.0
LONGEST_LINE_BYTES: Final = 1024 * 1024
"""Of a stream: an event that is longer is nothing that was asked for."""
_NO_TRUST: Final = Trust()
_GONE: Final = "Server disconnected"
"""How httpx says that a connection ended before there was an answer. From one that has spoken HTTP before, this means
that it was stopped; from another, that it may speak something else."""
_BROKEN: Final = (httpx.HTTPError, ssl.SSLError)
"""What requests end with. A TLS record that is damaged on the way goes through httpx as it is."""
_KEEP_ALIVE: Final = ((socket.SOL_SOCKET, socket.SO_KEEPALIVE, 1),)
"""So that a connection on which nothing is said for hours is found to be dead."""


class Answer(Struct, frozen=True, kw_only=True):
    """What came back, with a status that says that it worked, or one that was to be let through."""

    status: int
    headers: Mapping[str, str]
    """By name in lower case."""
    body: bytes
    asked: datetime
    answered: datetime
    """Between these two the server looked at its clock."""

    @property
    def skew_s(self) -> float | None:
        """How far the server's clock is ahead of ours, in seconds; None where it does not tell."""
        return skew_s(self.headers.get("date", ""), self.asked, self.answered)


def _now() -> datetime:
    return datetime.now(UTC)


class HttpClient:
    """Talks to one origin. `base` is its address with the path that all requests share: `https://host/api/v1`."""

    def __init__(
        self,
        base: str,
        *,
        trust: Trust = _NO_TRUST,
        headers: Mapping[str, str] | None = None,
        deadline_s: float = DEADLINE_S,
        largest_bytes: int = bodies.LARGEST_BYTES,
        proxy: str = "",
        authorize: Authorize = nobody,
        pace: Pace | None = None,
        now: Callable[[], datetime] = _now,
    ) -> None:
        """Raises `ConfigurationError` (keys `url`, `ca_file`, `fingerprint`, `certificate`, `proxy`). Does no network
        I/O. `authorize` is asked before the first request, and again after credentials were refused."""
        self._base = address(base)
        self._trust = trust
        self._deadline_s = deadline_s
        # Before the deadline: a handshake that is cut off by anything else leaves its socket open.
        self._connect_s = min(CONNECT_S, 0.8 * deadline_s)
        self._largest = largest_bytes
        self._now = now
        self._authorize = authorize
        self._credentials: Mapping[str, str] | None = None
        self._pace = pace
        self._spoke = False
        """Whether there ever was an answer in HTTP."""
        # Given explicitly, since httpx would add encodings of its own.
        own = {"User-Agent": f"rounds/{__version__}", "Accept-Encoding": "gzip", "Accept": "application/json"}
        try:
            self._client = httpx.AsyncClient(
                headers=own | dict(headers or {}),
                timeout=httpx.Timeout(deadline_s, connect=self._connect_s),
                follow_redirects=False,
                trust_env=False,
                transport=httpx.AsyncHTTPTransport(
                    verify=context_for(trust) if self._base.scheme == "https" else False,
                    limits=httpx.Limits(max_connections=4, max_keepalive_connections=2),
                    trust_env=False,
                    proxy=proxy or None,
                    socket_options=_KEEP_ALIVE,
                ),
            )
        except (ValueError, httpx.InvalidURL):
            raise ConfigurationError("proxy", "This is not the address of a proxy.") from None

    @property
    def origin(self) -> str:
        """Scheme, host and port, as they appear in sentences."""
        return _origin(self._base)

    async def get(self, path: str, kind: type[Record], params: Params | None = None) -> Record:
        """The answer to a GET as a `kind`. Raises `SourceError`."""
        answer = await self.request("GET", path, params=params)
        return decoded(answer.body, kind)

    async def post(self, path: str, content: bytes, kind: type[Record]) -> Record:
        """The answer to a POST of JSON as a `kind`. Raises `SourceError`."""
        answer = await self.request("POST", path, content=content, headers={"Content-Type": "application/json"})
        return decoded(answer.body, kind)

    async def request(
        self,
        method: str,
        path: str,
        *,
        params: Params | None = None,
        content: bytes | None = None,
        headers: Mapping[str, str] | None = None,
        also: Collection[int] = (),
        deadline_s: float | None = None,
    ) -> Answer:
        """Ask once and read the whole answer within the deadline, the wait for a turn not included. Any status but 2xx
        is a `SourceError`, but for those in `also`. `params` may be pairs, for names that come several times."""
        limit = self._deadline_s if deadline_s is None else deadline_s
        request = await self._ready(method, path, params, content, headers)
        try:
            async with asyncio.timeout(limit):
                try:
                    return await self._asked(request, also)
                except _BROKEN as error:
                    raise await self._translated(error, limit) from error
        except TimeoutError:
            raise self._slow(limit) from None

    async def lines(
        self, method: str, path: str, *, content: bytes | None = None, headers: Mapping[str, str] | None = None
    ) -> AsyncGenerator[bytes, None]:
        """The lines of an answer that never ends, as they come, without their ends; the deadline is for its beginning.
        First an empty line, when the server has agreed. Ends when the server ends it; raises `SourceError`."""
        request = await self._ready(method, path, None, content, headers)
        request.extensions["timeout"] = httpx.Timeout(self._deadline_s, read=None).as_dict()
        request.headers["Accept-Encoding"] = "identity"
        try:
            async with asyncio.timeout(self._deadline_s):
                response = await self._client.send(request, stream=True)
        except TimeoutError:
            raise self._slow(self._deadline_s) from None
        except _BROKEN as error:
            raise await self._translated(error, self._deadline_s) from error
        try:
            self._refuse(response, ())
            if bodies.packed(response.headers.get("content-encoding", "")):
                raise SourceError(FaultKind.PROTOCOL, f"{self.origin} packs its stream, which was not asked for.")
            yield b""
            async with aclosing(bodies.lines(response.aiter_raw(), LONGEST_LINE_BYTES)) as found:
                async for line in found:
                    yield line
        except _BROKEN as error:
            raise await self._translated(error, self._deadline_s) from error
        finally:
            await response.aclose()

    async def close(self) -> None:
        self._credentials = None
        await self._client.aclose()

    async def _ready(
        self, method: str, path: str, params: Params | None, content: bytes | None, headers: Mapping[str, str] | None
    ) -> httpx.Request:
        """The request, when it is its turn and with the credentials in it."""
        if self._pace is not None:
            await self._pace.turn()
        if self._credentials is None:
            self._credentials = await self._authorize()
        request = self._client.build_request(
            method,
            self._under(path),
            params=httpx.QueryParams(params) if params else None,  # type: ignore[arg-type]
            content=content,
            headers={**self._credentials, **(headers or {})},
        )
        if self._trust.server_name:
            request.extensions["sni_hostname"] = self._trust.server_name
        return request

    async def _asked(self, request: httpx.Request, also: Collection[int]) -> Answer:
        asked = self._now()
        response = await self._client.send(request, stream=True)
        answered = self._now()
        self._spoke = True
        try:
            self._refuse(response, also)
            encoding = response.headers.get("content-encoding", "")
            raw = await bodies.read(response.aiter_raw(), encoding, self._largest)
            return Answer(
                status=response.status_code,
                headers=dict(response.headers),
                body=raw,
                asked=asked,
                answered=answered,
            )
        finally:
            await response.aclose()

    def _under(self, path: str) -> httpx.URL:
        """The address of `path` below the base; never at another origin, whatever the path is."""
        prefix = self._base.raw_path.decode("ascii").rstrip("/")
        return self._base.copy_with(raw_path=f"{prefix}/{path.lstrip('/')}".encode("ascii", "replace"))

    def _refuse(self, response: httpx.Response, also: Collection[int]) -> None:
        """Raise for a status that is no success."""
        status = response.status_code
        if status == 401:
            self._credentials = None  # they may be new ones the next time
        if 200 <= status < 300 or status in also:
            return
        if 300 <= status < 400:
            raise SourceError(FaultKind.PROTOCOL, self._redirected(response))
        wait = retry_after(response.headers.get("retry-after", ""), self._now())
        if status == 429:
            told = f" for {wait:.0f} s" if wait else ""
            raise SourceError(
                FaultKind.RATE_LIMITED, f"{self.origin} asks us to wait{told}: too many requests.", retry_after_s=wait
            )
        kind, sentence = _STATUS.get(status, (FaultKind.PROTOCOL, "{} refuses the request; check the address."))
        if status >= 500:
            kind, sentence = FaultKind.SERVER, "{} has a fault of its own; look at its log."
        raise SourceError(kind, f"{sentence.format(self.origin)} (HTTP {status})", retry_after_s=wait)

    def _redirected(self, response: httpx.Response) -> str:
        try:
            target = response.url.join(response.headers.get("location", ""))
        except (httpx.InvalidURL, ValueError):
            return f"{self.origin} redirects to an address that is none; correct the address."
        if _origin(target) == self.origin:
            return f"{self.origin} redirects to {safe(target.path, 80)}, which is not followed; correct the address."
        return (
            f"{self.origin} redirects to another place, {_origin(target)}, which is not followed: no credentials were "
            "sent there. If that is the right one, put it into the url."
        )

    async def _translated(self, error: Exception, limit: float) -> SourceError:
        causes = list(_causes(error))
        if isinstance(error, httpx.TimeoutException):  # before the next: a handshake that hangs wants to read for ever
            return self._slow(self._connect_s if isinstance(error, httpx.ConnectTimeout) else limit)
        refused = next((cause for cause in causes if isinstance(cause, ssl.SSLError)), None)
        if refused is not None and isinstance(error, httpx.ConnectError):
            sentence = await sentence_for(refused, self._base.host, self._base.port or 443, self._trust)
            return SourceError(FaultKind.TLS, sentence)
        if any(isinstance(cause, socket.gaierror) for cause in causes):
            return SourceError(
                FaultKind.NAME, f"The name {self._base.host} is not known; check it, the DNS or the VPN."
            )
        if any(isinstance(cause, ConnectionRefusedError) for cause in causes):
            return SourceError(FaultKind.REFUSED, f"Nothing listens at {self.origin}; start it, or check the port.")
        if isinstance(error, httpx.ConnectError):
            return SourceError(FaultKind.UNREACHABLE, f"{self.origin} cannot be reached; check the network or the VPN.")
        if isinstance(error, httpx.ProxyError):
            return SourceError(FaultKind.UNREACHABLE, f"The proxy does not let us through to {self.origin}; check it.")
        if self._spoke and isinstance(error, httpx.RemoteProtocolError) and str(error).startswith(_GONE):
            return SourceError(FaultKind.UNREACHABLE, f"{self.origin} closed the connection and gave no answer.")
        if refused is not None or isinstance(error, httpx.NetworkError):
            return SourceError(FaultKind.UNREACHABLE, f"The connection to {self.origin} was lost in the middle.")
        said = redacted(safe(str(error), 120))
        check = "the port, and whether it wants https" if self._base.scheme == "http" else "the port"
        return SourceError(
            FaultKind.PROTOCOL, f"{self.origin} does not speak HTTP as expected ({said}); check {check}."
        )

    def _slow(self, limit: float) -> SourceError:
        return SourceError(
            FaultKind.TIMEOUT,
            f"{self.origin} did not answer completely within {limit:g} s; check the address, the way there and its "
            "load.",
        )


_STATUS: Final = {
    401: (FaultKind.CREDENTIALS, "{} does not accept our credentials; check or renew them with `rounds login`."),
    403: (FaultKind.FORBIDDEN, "{} does not permit this to our user; give it the right to read."),
    404: (FaultKind.PROTOCOL, "There is nothing at this address of {}; correct the address."),
    407: (FaultKind.UNREACHABLE, "The proxy on the way to {} wants credentials."),
}


def address(base: str) -> httpx.URL:
    """The address as it is used. Raises `ConfigurationError` for what is none."""
    try:
        url = httpx.URL(base)
    except (httpx.InvalidURL, ValueError):
        raise ConfigurationError("url", "This is not an address; write it as https://host/path.") from None
    if url.scheme not in ("https", "http") or not url.host or re.search(r"\s", base):
        raise ConfigurationError("url", "This is not an address; write it as https://host/path.")
    if url.userinfo:
        raise ConfigurationError("url", "A user or password has no place in an address; use secret for it.")
    return url.copy_with(query=None, fragment=None)


def _origin(url: httpx.URL) -> str:
    host = f"[{url.host}]" if ":" in url.host else url.host
    return str(safe(f"{url.scheme}://{host}:{url.port}" if url.port else f"{url.scheme}://{host}", 120))


def _causes(error: BaseException) -> Iterator[BaseException]:
    seen: set[int] = set()
    found: BaseException | None = error
    while found is not None and id(found) not in seen:
        seen.add(id(found))
        yield found
        found = found.__cause__ or found.__context__
