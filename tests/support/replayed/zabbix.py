"""Zabbix as it answered once (6.0.14, recorded), and as newer versions would answer the same: each refuses what it does
not know, or does not know any more.

Of the rules of 7.0 and 7.2 those are kept that an adapter can break: how it says who it is, and which parameters and
fields there are. Sources: the API pages and "API changes" of the manuals of 6.2, 6.4, 7.0 and 7.2.
"""

from __future__ import annotations

import json
import time
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any, Final

from tests.support.replayed import Asked, Replayed, Said

ANSWERS: Final = Path(__file__).resolve().parents[2] / "backends" / "adapters" / "zabbix" / "answers"
TOKEN: Final = "t0ken-canary-5e7d"
SESSION: Final = "5e551017"
RECORDED: Final = 1_795_676_987
"""When the answers were given, by the server's clock."""
_TIMES: Final = frozenset({"clock", "lastclock", "errors_from", "suppress_until", "lastaccess", "active_till"})
_COMMON: Final = frozenset(
    [
        "output",
        "filter",
        "search",
        "searchByAny",
        "startSearch",
        "limit",
        "sortfield",
        "sortorder",
        "preservekeys",
        "countOutput",
    ]
)
_GETS: Final[Mapping[str, str]] = {
    "host.get": "hostids selectInterfaces selectTags selectInventory",
    "problem.get": "eventids hostids objectids source object eventid_till selectAcknowledges selectSuppressionData",
    "trigger.get": "triggerids monitored selectHosts selectDependencies selectItems expandExpression",
    "item.get": "itemids hostids monitored",
    "proxy.get": "proxyids",
    "user.get": "userids",
    "maintenance.get": "maintenanceids hostids selectHosts",
    "script.get": "scriptids hostids selectHosts",
    "role.get": "roleids selectRules",
    "history.get": "itemids history time_from time_till",
    "trend.get": "itemids time_from time_till",
}
_KEYS: Final[Mapping[str, str]] = {
    "host.get": "hostid",
    "problem.get": "eventid",
    "trigger.get": "triggerid",
    "item.get": "itemid",
    "maintenance.get": "maintenanceid",
    "script.get": "scriptid",
    "user.get": "userid",
}
_NOBODY: Final = ("apiinfo.version", "user.login", "user.checkAuthentication")


class RefusedError(Exception):
    """What the API answers with instead of a result."""

    def __init__(self, data: str, code: int = -32602) -> None:
        super().__init__(data)
        self.data = data
        self.code = code


class FakeZabbix:
    """One server. Tests change `tables` (records by method) and `special` (answers of methods), and read `calls`."""

    def __init__(self, version: str = "6.0.14", *, now: Callable[[], float] = time.time) -> None:
        self.version = version
        self.number = tuple(map(int, version.split(".")[:2]))
        self.calls: list[tuple[str, Any]] = []
        self.special: dict[str, Callable[[Any], Any]] = {}
        self.sessions = {TOKEN}
        self.tables: dict[str, Any] = {
            path.stem: shifted(json.loads(path.read_text()), now() - RECORDED) for path in ANSWERS.glob("*.json")
        }
        self.tables["proxy.get"] = []
        if self.number >= (6, 2):
            self._modernise()

    def answer(self, asked: Asked) -> Said:
        """As `Replayed.answer`."""
        call = json.loads(asked.body)
        method, params = call["method"], call["params"]
        self.calls.append((method, params))
        told: dict[str, Any] = {"jsonrpc": "2.0", "id": call["id"]}
        try:
            self._known(method, call, asked.headers.get("authorization", ""))
            result = self._result(method, params)
            if isinstance(result, Said):
                return result
            told["result"] = result
        except RefusedError as refused:
            told["error"] = {"code": refused.code, "message": "Invalid params.", "data": refused.data}
        return Said(body=json.dumps(told).encode())

    def asked(self, method: str) -> list[Any]:
        """The parameters of all calls of one method."""
        return [params for name, params in self.calls if name == method]

    def _known(self, method: str, call: Mapping[str, Any], header: str) -> None:
        if self.number >= (7, 2) and "auth" in call:
            raise RefusedError('Invalid parameter "/": unexpected parameter "auth".', -32600)
        bearer = header.removeprefix("Bearer ") if header.startswith("Bearer ") else ""
        if method in _NOBODY:
            if call.get("auth") or bearer:
                raise RefusedError(f'The "{method}" method must be called without authorization.')
            return
        # The web server in front of it may have taken the header for itself.
        in_body = self.number < (6, 4) or (header.startswith("Basic ") and self.number < (7, 2))
        given = call.get("auth", "") if in_body else bearer
        if given not in self.sessions:
            raise RefusedError("Session terminated, re-login, please." if given else "Not authorized.")

    def _result(self, method: str, params: Any) -> Any:
        if method in self.special:
            return self.special[method](params)
        if method == "apiinfo.version":
            return self.version
        if method == "user.login":
            if params["password"] != TOKEN:
                raise RefusedError("Incorrect user name or password or account is temporarily blocked.", -32500)
            self.sessions.add(SESSION)
            return {**self.tables["user.checkAuthentication"], "sessionid": SESSION}
        if method == "user.logout":
            self.sessions.discard(SESSION)
            return True
        if method == "user.checkAuthentication":
            if params.get("token" if params.get("token") == TOKEN else "sessionid") not in self.sessions:
                raise RefusedError("Session terminated, re-login, please.")
            return self.tables["user.checkAuthentication"]
        if method in _GETS:
            return self._get(method, params)
        raise RefusedError(f'No permissions to call "{method}".')

    def _get(self, method: str, params: Mapping[str, Any]) -> Any:
        self._check(method, params)
        table = self.tables.get(method, [])
        if method == "script.get" and "selectHosts" in params:
            return self.tables["script.get.hosts"]
        if not isinstance(table, list):
            return table
        key = _KEYS.get(method, "")
        wanted = params.get(f"{key}s")
        found = [one for one in table if wanted is None or one.get(key) in wanted]
        if method == "problem.get":
            hosts = {one["triggerid"]: {host["hostid"] for host in one["hosts"]} for one in self.tables["trigger.get"]}
            found = [
                one
                for one in found
                if one["objectid"] in params.get("objectids", [one["objectid"]])
                and ("hostids" not in params or hosts.get(one["objectid"], set()) & set(params["hostids"]))
            ]
            if "eventid_till" in params:
                found = [one for one in found if int(one["eventid"]) <= int(params["eventid_till"])]
            found.sort(key=lambda one: -int(one["eventid"]))
            found = found[: params.get("limit", len(found))]
        return found

    def _check(self, method: str, params: Mapping[str, Any]) -> None:
        known = _COMMON | set(_GETS[method].split())
        if method == "host.get":
            known |= {"selectGroups"} if self.number < (6, 2) else {"selectHostGroups"}
        for name in params:
            if name not in known:
                raise RefusedError(f'Invalid parameter "/": unexpected parameter "{name}".')
        output = params.get("output", [])
        for field, since, until in (
            ("proxy_hostid", (0, 0), (7, 0)),
            ("proxyid", (7, 0), (99, 0)),
            ("proxy_groupid", (7, 0), (99, 0)),
            ("assigned_proxyid", (7, 0), (99, 0)),
            ("active_available", (6, 2), (99, 0)),
            ("cause_eventid", (6, 4), (99, 0)),
            ("manualinput", (7, 0), (99, 0)),
        ):
            if field in output and not since <= self.number < until and not (method == "proxy.get"):
                raise RefusedError(f'Invalid parameter "/output": value must not be "{field}".')
        if "userid" in params.get("selectSuppressionData", ()) and self.number < (6, 2):
            raise RefusedError('Invalid parameter "/selectSuppressionData": value must not be "userid".')

    def _modernise(self) -> None:
        """The same answers in the words of a newer version."""
        for host in self.tables["host.get"]:
            host["hostgroups"] = host.pop("groups", [])
            host["active_available"] = "0"
            if self.number >= (7, 0):
                host["proxyid"] = host.pop("proxy_hostid", "0")
        for problem in self.tables["problem.get"]:
            problem["cause_eventid"] = "0"
            for one in problem["suppression_data"]:
                one["userid"] = "0"


def shifted(told: Any, by_s: float) -> Any:
    """The same with all its times moved."""
    if isinstance(told, list):
        return [shifted(one, by_s) for one in told]
    if isinstance(told, dict):
        return {
            key: str(int(int(value) + by_s)) if key in _TIMES and value not in ("0", 0) else shifted(value, by_s)
            for key, value in told.items()
        }
    return told


PLAYED: Final = Replayed(
    kind="zabbix",
    answer=FakeZabbix().answer,
    options=lambda url: {"url": url, "requests_per_minute": 60_000},
    devices=8,
    secret=TOKEN,
)
