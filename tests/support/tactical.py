"""A stand-in for a Tactical RMM server, written from the facts of its API at 1.5.1, with its quirks: lists by PATCH,
answers that are bare strings, `"timeout"` and `"natsdown"` with status 200, a missing key that is an internal error, an
agent without a connection that is one too, and lists that leave out what a role may not see.

The real one may not be kept here: its licence is none for that.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime, timedelta
from typing import Any, Final
from urllib.parse import parse_qs, unquote

from tests.support.replayed import Asked, Said
from tests.support.tactical_rows import the_agents, the_alerts, the_checks, the_scripts

KEY: Final = "t0ken-canary-5e7d"
HTML: Final = b'\n<!doctype html>\n<html lang="en"><head><title>Server Error (500)</title></head></html>'
NOW: Final = datetime(2026, 1, 5, 9, tzinfo=UTC)
_NOT_FOUND: Final = Said(body=b"<!doctype html><title>Not Found</title>", status=404, content_type="text/html")
_BROKEN: Final = Said(body=HTML, status=500, content_type="text/html")
_SCRIPT_KEYS: Final = ("script", "output", "args", "run_as_user", "env_vars", "timeout")
_COMMAND_KEYS: Final = ("shell", "cmd", "timeout", "custom_shell", "run_as_user")


class FakeRmm:
    """One server. `answer` is what it says; everything that it was told is in `told`."""

    def __init__(self) -> None:
        self.agents = the_agents()
        self.checks = the_checks()
        self.alerts = the_alerts()
        self.scripts = the_scripts()
        self.history: dict[str, list[dict[str, Any]]] = {}
        self.told: list[tuple[str, str, Mapping[str, Any]]] = []
        """Method, path and body of everything that was to be done."""
        self.asked: list[str] = []
        """Method, path and query of every request."""
        self.mistakes: list[str] = []
        """Requests that the real server answers with an error of its own, whatever state it is in."""
        self.nats = "up"
        """up; down: whatever is told an agent is "natsdown"; slow: it is "timeout", and a command is refused."""
        self.unconnected: set[str] = set()
        """Agents that are not connected to the bus: an internal error."""
        self.broken: set[str] = set()
        """Agents that are listed, and not found when they are asked for."""
        self.lost_after_ping = False
        """Agents answer a ping, and are not connected any more when they are told something."""
        self.bus_lost_after_ping = False
        """The bus goes down between the ping and what an agent is told."""
        self.gateway_gives_up = False
        """The proxy in front does not wait for what agents are told: 504, although it is done."""
        self.busy = False
        """Agents run their checks already."""
        self.exit = 0
        self.output = "done"
        self.beside = 0
        """How many others run the same script at the same time."""
        self.reports_after = 0
        """How often the history is read before an agent has told how a script ended."""
        self.lacking: set[str] = set()
        """Rights that the role has not."""
        self.seen_clients: Sequence[str] | None = None
        """Clients that the role may see; None is all. The lists leave out the others and say nothing."""
        self.seen_sites: Sequence[str] | None = None
        self.repairs: dict[int, int] = {}
        """Checks that pass once a script was run, by the script."""
        self._number = 100

    def answer(self, asked: Asked) -> Said:
        self.asked.append(f"{asked.method} {asked.path}{'?' if asked.query else ''}{asked.query}")
        if asked.headers.get("x-api-key") != KEY:
            return _json({"detail": "Invalid token."}, 401)
        if not asked.path.endswith("/"):
            return self._mistaken(asked)
        words = [unquote(word) for word in asked.path.split("/") if word]
        if _right(asked.method, words) in self.lacking:
            return _json({"detail": "You do not have permission to perform this action."}, 403)
        try:
            body = json.loads(asked.body) if asked.body else {}
            return self._answered(asked.method, words, body, parse_qs(asked.query))
        except KeyError:
            return self._mistaken(asked)

    def _mistaken(self, asked: Asked) -> Said:
        self.mistakes.append(self.asked[-1])
        return _BROKEN

    def _answered(self, method: str, words: list[str], body: dict[str, Any], query: Mapping[str, list[str]]) -> Said:
        match (method, words):
            case ("GET", ["agents"]):
                return _json([row for row in self._visible() if self._in_site(row, query)])
            case ("GET", ["core", "dashinfo"]):
                return _json({"trmm_version": "1.5.1", "dark_mode": True})
            case ("GET", ["clients"]):
                return _json(self._clients())
            case ("GET", ["scripts"]):
                return _json(self.scripts)
            case ("PATCH", ["alerts"]):
                return _json(self._listed(body))
            case _ if words[0] != "alerts" and not self._finds(words):
                return _NOT_FOUND
            case ("GET", ["agents", agent, "checks"]):
                return _json(self.checks.get(agent, []))
            case ("GET", ["agents", agent, "history"]):
                return _json(self._remembered(agent))
            case ("GET", ["agents", agent, "ping"]):
                if agent in self.unconnected:
                    return _BROKEN
                return _json({"name": agent, "status": "online" if self.nats != "down" else "offline"})
            case _:
                self.told.append((method, "/".join(words), body))
                return self._done(method, words, body)

    def _done(self, method: str, words: list[str], body: dict[str, Any]) -> Said:  # noqa: PLR0912 - one a route
        """What changes something."""
        match (method, words):
            case ("POST", ["alerts", "bulk"]):
                for number in body["alerts"]:
                    self._decided(number, body["bulk_action"], body)
                return _json("ok")
            case ("PUT", ["alerts", number]):
                return _json("ok") if self._decided(int(number), body["type"], body) else _NOT_FOUND
            case ("PUT", ["agents", agent]):
                self.row(agent).update(body)
                return _json("The agent was updated successfully")
            case ("POST", ["agents", agent, "runscript"]):
                return self._script(agent, {key: body[key] for key in _SCRIPT_KEYS})
            case ("POST", ["agents", agent, "cmd"]):
                given = {key: body[key] for key in _COMMAND_KEYS}
                if self.nats == "slow":
                    return _json("Unable to contact the agent", 400)
                return self._by_agent(agent, f"{self.output}: {given['cmd']}")
            case ("POST", ["agents", agent, "reboot"]):
                return self._by_agent(agent, "ok")
            case ("POST", ["agents", agent, "wol"]):
                return _json(f"Wake-on-LAN sent to {agent}")
            case ("POST", ["services", agent, name]):
                if self.row(agent)["plat"] != "windows":
                    return _json("Not available on this platform", 400)
                self._passes(agent, "svc_name", name)
                return self._by_agent(agent, f"The service {name} was {body['sv_action']}ed successfully")
            case ("POST", ["checks", agent, "run"]):
                if self.busy:
                    return _json("Checks are already running on the agent", 400)
                return self._by_agent(agent, f"Checks will now be run on {agent}")
            case _:
                return _NOT_FOUND

    def row(self, agent: str) -> dict[str, Any]:
        """The row of one agent."""
        return next(row for row in self.agents if row["agent_id"] == agent)

    def _by_agent(self, agent: str, said: str) -> Said:
        if agent in self.unconnected or self.lost_after_ping:
            return _BROKEN
        if self.gateway_gives_up:
            return Said(body=b"<html><h1>504 Gateway Time-out</h1></html>", status=504, content_type="text/html")
        bus = "down" if self.bus_lost_after_ping else self.nats
        return _json({"down": "natsdown", "slow": "timeout"}.get(bus, said))

    def _script(self, agent: str, given: dict[str, Any]) -> Said:
        results = {"stdout": self.output, "stderr": "", "retcode": self.exit, "execution_time": 0.1, "id": 1}
        for _ in range(1 + self.beside):
            self._number += 1
            row = {"id": self._number, "type": "script_run", "script": given["script"], "script_results": results}
            self.history.setdefault(agent, []).append({**row, "username": "api", "agent": 1})
        self._passes(agent, "id", self.repairs.get(given["script"]))
        waited = given["output"] == "wait"
        return self._by_agent(agent, self.output if waited else f"Script {given['script']} will now be run on {agent}")

    def _passes(self, agent: str, what: str, value: object) -> None:
        """The checks that are called so pass from now on."""
        for check in self.checks.get(agent, []):
            if value is not None and check.get(what) == value:
                check["check_result"]["status"] = "passing"

    def _remembered(self, agent: str) -> list[dict[str, Any]]:
        rows = self.history.get(agent, [])
        if not rows or self.reports_after <= 0:
            return rows
        self.reports_after -= 1
        return [*rows[:-1], {**rows[-1], "script_results": None}]

    def _decided(self, number: int, what: str, body: dict[str, Any]) -> bool:
        alert = next((row for row in self.alerts if row["id"] == number), None)
        if alert is None:
            return False
        if what == "resolve":
            alert["resolved"] = True
        elif what == "unsnooze":
            alert.update(snoozed=False, snooze_until=None)
        else:
            alert.update(snoozed=True, snooze_until=(NOW + timedelta(days=body["snooze_days"])).isoformat())
        return True

    def _listed(self, body: dict[str, Any]) -> object:
        """The filters `resolvedFilter` and `snoozedFilter` act only when they are false."""
        visible = {row["agent_id"] for row in self._visible()}
        found = [row for row in self.alerts if row["agent_id"] in visible or row["agent_id"] is None]
        if "top" in body:
            found = [row for row in found if not (row["resolved"] or row["snoozed"] or row["hidden"])]
            return {"alerts_count": len(found), "alerts": found[: body["top"]]}
        if body.get("resolvedFilter") is False:
            found = [row for row in found if not row["resolved"]]
        if body.get("snoozedFilter") is False:
            found = [row for row in found if not row["snoozed"]]
        if "severityFilter" in body:
            found = [row for row in found if row["severity"] in body["severityFilter"]]
        if "clientFilter" in body:
            names = {client["name"] for client in self._clients() if client["id"] in body["clientFilter"]}
            found = [row for row in found if row["client"] in names]
        return found

    def _visible(self) -> list[dict[str, Any]]:
        return [
            row
            for row in self.agents
            if (self.seen_clients is None or row["client_name"] in self.seen_clients)
            and (self.seen_sites is None or row["site_name"] in self.seen_sites)
        ]

    def _finds(self, words: Sequence[str]) -> bool:
        return any(row["agent_id"] in words for row in self._visible()) and not self.broken & set(words)

    def _in_site(self, row: Mapping[str, Any], query: Mapping[str, list[str]]) -> bool:
        wanted = [int(number) for number in query.get("site", ())]
        sites = {site["id"]: (client["name"], site["name"]) for client in self._clients() for site in client["sites"]}
        return not wanted or (row["client_name"], row["site_name"]) in {sites.get(number) for number in wanted}

    def _clients(self) -> list[dict[str, Any]]:
        """Numbered in the order of all of them. What agents a client has is counted for everybody."""
        places = sorted({(row["client_name"], row["site_name"]) for row in self.agents})
        names = sorted({client for client, _ in places})
        return [
            {
                "id": names.index(name) + 1,
                "name": name,
                "agent_count": sum(row["client_name"] == name for row in self.agents),
                "failing_checks": {"error": False, "warning": False},
                "sites": [
                    {"id": number + 10, "name": site, "client": names.index(name) + 1, "client_name": name}
                    for number, (client, site) in enumerate(places)
                    if client == name and (self.seen_sites is None or site in self.seen_sites)
                ],
            }
            for name in names
            if name in {row["client_name"] for row in self._visible()}
        ]


def _right(method: str, words: Sequence[str]) -> str:
    """The right of the role that a request takes."""
    match (method, words):
        case (_, [("clients" | "scripts" | "alerts" as what)]):
            return f"can_list_{what}"
        case ("GET", ["agents"]):
            return "can_list_agents"
        case (_, ["alerts", *_]):
            return "can_manage_alerts"
        case (_, ["services", *_]):
            return "can_manage_winsvcs"
        case (_, ["checks", *_]):
            return "can_run_checks"
        case ("PUT", ["agents", _]):
            return "can_edit_agent"
    return {
        "checks": "can_list_checks",
        "history": "can_list_agent_history",
        "ping": "can_ping_agents",
        "runscript": "can_run_scripts",
        "cmd": "can_send_cmd",
        "reboot": "can_reboot_agents",
        "wol": "can_send_wol",
    }.get(words[-1], "")


def _json(value: object, status: int = 200) -> Said:
    return Said(body=json.dumps(value).encode(), status=status)
