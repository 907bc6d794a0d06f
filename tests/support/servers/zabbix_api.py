"""A client of Zabbix's API of a few lines that owes nothing to the adapter."""

from __future__ import annotations

import json
import urllib.request
from typing import Any


class ApiError(Exception):
    """The API said no."""


class Api:
    """Calls as one user, by a token or a session."""

    def __init__(self, url: str, auth: str | None = None) -> None:
        self.url = url
        self.auth = auth

    def __call__(self, method: str, params: Any = ()) -> Any:
        """The result of one call; raises `ApiError` with what was said."""
        body: dict[str, Any] = {"jsonrpc": "2.0", "method": method, "params": params or {}, "id": 1}
        if self.auth is not None:
            body["auth"] = self.auth
        request = urllib.request.Request(self.url, json.dumps(body).encode(), {"Content-Type": "application/json-rpc"})
        with urllib.request.urlopen(request, timeout=120) as answer:
            said = json.loads(answer.read())
        if "error" in said:
            raise ApiError(f"{method}: {said['error']['data']}")
        return said["result"]

    def login(self, user: str, password: str) -> Api:
        return Api(self.url, self("user.login", {"username": user, "password": password}))
