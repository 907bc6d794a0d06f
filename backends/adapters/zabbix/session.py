"""One call at a time: as whom, in the way that the version wants it, and what its errors mean.

JSON-RPC 2.0 over POST to `api_jsonrpc.php`. Errors come with HTTP 200. `apiinfo.version`, `user.login` and
`user.checkAuthentication` must be called without credentials.
"""

from __future__ import annotations

import asyncio
import contextlib
from typing import Any, Final, TypeVar

import msgspec
from msgspec import Struct

from backends.adapters.zabbix.options import ZabbixOptions
from backends.adapters.zabbix.version import Version, version_of
from backends.api import FaultKind, SourceError, SourceSettings
from backends.http.client import Answer
from backends.http.decode import decoded, each
from backends.redaction import redacted, remember
from backends.text import safe

Record = TypeVar("Record")

LOGOUT_S: Final = 2.0
_NOBODY: Final = frozenset({"apiinfo.version", "user.login", "user.checkAuthentication"})
_OVER: Final = ("session terminated", "not authorized", "not authorised", "api token expired", "re-login")
_WRONG: Final = ("incorrect user name or password", "login name or password is incorrect", "temporarily blocked")


class Refusal(SourceError):  # noqa: N818 - an answer, not a mistake
    """The API answered with an error: nothing was done."""

    def __init__(self, kind: FaultKind, sentence: str, said: str) -> None:
        super().__init__(kind, sentence)
        self.said = said
        """In its own words."""


class _Error(Struct):
    code: int = 0
    message: str = ""
    data: str = ""


class _Envelope(Struct):
    result: msgspec.Raw = msgspec.Raw()
    error: _Error | None = None


class Account(Struct, frozen=True, kw_only=True):
    """Who we are there."""

    userid: str = ""
    username: str = ""
    roleid: str = ""
    type: int = 0
    """1 user, 2 admin, 3 super admin; 0 where it is not known."""


class _Login(Account, frozen=True, kw_only=True):
    sessionid: str = ""


class Session:
    """The connection of one source."""

    def __init__(self, settings: SourceSettings, options: ZabbixOptions) -> None:
        self._settings = settings
        self._http = options.http
        self._user = options.user
        self._basic = options.basic
        self._version: Version | None = None
        self._auth: str = ""
        self._account: Account | None = None
        self._last: Answer | None = None
        self._door = asyncio.Lock()
        """Whoever comes while somebody logs in waits, and takes the same session."""

    @property
    def origin(self) -> str:
        return self._http.origin

    @property
    def by_token(self) -> bool:
        return not self._user

    @property
    def skew_s(self) -> float | None:
        """How far its clock is ahead, by the last answer."""
        return self._last.skew_s if self._last else None

    @property
    def known_version(self) -> Version | None:
        return self._version

    async def version(self) -> Version:
        """Asked once, and again after `reset`."""
        if self._version is None:
            self._version = version_of(await self._ask("apiinfo.version", {}, str))
        return self._version

    async def account(self) -> Account:
        """Who we are; empty where it is not told."""
        if self._account is None:
            auth = await self._credentials()
            if self._account is None:  # a login tells it by itself
                try:
                    asked = {"token" if self.by_token else "sessionid": auth}
                    self._account = await self._ask("user.checkAuthentication", asked, Account)
                except Refusal as refusal:
                    if refusal.kind is FaultKind.CREDENTIALS:
                        raise
                    self._account = Account()
        return self._account

    async def call(
        self, method: str, params: Any, kind: type[Record], *, deadline_s: float | None = None, again: bool = True
    ) -> Record:
        """The result of one call as a `kind`. A session that has run out is begun anew, once: then nothing was done.
        Not so without `again`, for calls whose errors may be the words of somebody else than Zabbix. Raises
        `SourceError`; `Refusal` when the API said no."""
        await self.version()
        try:
            return await self._ask(method, params, kind, deadline_s=deadline_s)
        except Refusal as refusal:
            if refusal.kind is not FaultKind.CREDENTIALS or self.by_token or not self._auth or not again:
                self._forget_if_over(refusal)
                raise
            self._forget()
        return await self._ask(method, params, kind, deadline_s=deadline_s)

    async def records(self, method: str, params: Any, kind: type[Record]) -> tuple[list[Record], int]:
        """The records of a `get`, and how many were spoiled."""
        return each(await self.call(method, params, list[msgspec.Raw]), kind)

    def reset(self) -> None:
        """After a failure: it may be another one that answers next."""
        self._version = None
        self._account = None
        if self.by_token:
            self._auth = ""

    async def close(self) -> None:
        if self._auth and not self.by_token:
            with contextlib.suppress(SourceError):
                await self._ask("user.logout", [], bool, deadline_s=LOGOUT_S)
        self._forget()
        await self._http.close()

    async def _credentials(self) -> str:
        async with self._door:
            return self._auth or await self._log_in()

    async def _log_in(self) -> str:
        secret = str(await self._settings.secret()).strip()
        if self.by_token:
            if not secret.isascii() or not secret.isprintable() or not secret:
                raise SourceError(
                    FaultKind.SECRET,
                    f"The secret of {self._settings.name} is no API token; store it again with `rounds login`.",
                )
            self._auth = secret
        else:
            asked = {"username": self._user, "password": secret, "userData": True}
            login = await self._ask("user.login", asked, _Login)
            remember(login.sessionid)
            self._auth = login.sessionid
            self._account = Account(userid=login.userid, username=login.username, roleid=login.roleid, type=login.type)
        return self._auth

    def _forget(self) -> None:
        self._auth = ""
        self._account = None

    def _forget_if_over(self, refusal: Refusal) -> None:
        if refusal.kind is FaultKind.CREDENTIALS:
            self._forget()

    async def _ask(self, method: str, params: Any, kind: type[Record], *, deadline_s: float | None = None) -> Record:
        body: dict[str, Any] = {"jsonrpc": "2.0", "method": method, "params": params, "id": 1}
        headers = {"Content-Type": "application/json-rpc"}
        if method not in _NOBODY:
            auth = await self._credentials()
            version = self._version
            if version is None or not version.bearer or (self._basic and version.auth_in_body):
                body["auth"] = auth
            else:
                headers["Authorization"] = f"Bearer {auth}"
        answer = await self._http.request(
            "POST", "", content=msgspec.json.encode(body), headers=headers, deadline_s=deadline_s
        )
        self._last = answer
        envelope = decoded(answer.body, _Envelope)
        if envelope.error is not None:
            raise self._refusal(method, envelope.error)
        return decoded(bytes(envelope.result), kind)

    def _refusal(self, method: str, error: _Error) -> Refusal:
        said = redacted(error.data or error.message)
        low = said.lower()
        if any(word in low for word in _OVER):
            return Refusal(FaultKind.CREDENTIALS, self._unknown_here(), said)
        if any(word in low for word in _WRONG):
            return Refusal(
                FaultKind.CREDENTIALS,
                f"{self.origin} does not know this user with this password, or has blocked it for a while; check both, "
                "and store the password with `rounds login`.",
                said,
            )
        if "no permissions to call" in low or "do not have permission" in low:
            return Refusal(
                FaultKind.FORBIDDEN,
                f"Zabbix does not permit {method} to our user; change its role there (API methods, actions).",
                said,
            )
        if error.code == 1 or "database" in low:
            return Refusal(FaultKind.SERVER, f"Zabbix has trouble with its database: {_ended(said)}", said)
        return Refusal(FaultKind.PROTOCOL, f"Zabbix refuses {method}: {_ended(said)}", said)

    def _unknown_here(self) -> str:
        if not self.by_token:
            return f"{self.origin} has ended our session; it is begun again with the next poll."
        more = ""
        if self._version is not None and self._version.bearer:
            more = " If it is good, the web server in front may drop the header Authorization (see the documentation)."
        return (
            f"{self.origin} does not accept our API token: it is wrong, disabled or has expired. Make a new one there, "
            f"and store it with `rounds login`.{more}"
        )


def _ended(said: str) -> str:
    """Its words as the end of a sentence."""
    return safe(said, 200).rstrip(".! ") + "."
