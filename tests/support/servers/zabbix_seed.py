"""What the tests put into a real Zabbix: three clients and what goes wrong there.

acme   HQ      acme-dc01   answers (agent); its disk is full and its spooler stands still, which may be closed
               acme-nas01  nobody ever asked it; its RAID is broken, which somebody acknowledged
               acme-old    disabled
borg   Main    borg-fw01   does not answer
               borg-ws01   in a maintenance, with a problem that is suppressed
               borg-ap01   hangs behind borg-fw01 and does not answer either
evil           name, group, problem and tag are full of escape sequences
-              lost01      in no group that names a client
"""

from __future__ import annotations

import time
from typing import Any, Final

from tests.support.servers.zabbix import ZabbixServer
from tests.support.servers.zabbix_api import Api

EVIL: Final = "\x1b[2J\u202eevil\u200b\x07"
"""Clears the screen, turns the direction of writing, hides and rings."""
PASSWORD: Final = "Rounds-1-only"
TOKEN_USER: Final = "tech01"
VIEWER: Final = "viewer"
_TRAP: Final = 2
_AGENT: Final = 0
_INTERNAL: Final = 5
_NUMBER: Final = 3
LIFE: Final = "zabbix[host,agent,available]"


class Seed:
    """The seeded server, with the ids by name that the tests ask for."""

    def __init__(self, server: ZabbixServer) -> None:
        self.server = server
        self.api: Api = server.admin
        self.groups: dict[str, str] = {}
        self.hosts: dict[str, str] = {}
        self.triggers: dict[str, str] = {}
        self.items: dict[str, str] = {}
        self.scripts: dict[str, str] = {}
        self.tokens: dict[str, str] = {}

    def plant(self) -> Seed:
        """Make all of it, and return when the problems are there."""
        # A server looks at maintenances when it starts, and then only at the next whole minute.
        self.server.stop("server")
        self._clients()
        self._people()
        self._scripts()
        self.server.start_server()
        self._values()
        return self

    def host(self, name: str, *groups: str, visible: str = "", port: int = 0, **more: Any) -> str:
        """A host in groups, with an agent's interface where a port is given."""
        interfaces = [{"type": 1, "main": 1, "useip": 1, "ip": "127.0.0.1", "dns": "", "port": str(port)}]
        made = self.api(
            "host.create",
            {
                "host": name,
                "name": visible or name,
                "groups": [{"groupid": self.group(group)} for group in groups],
                "interfaces": interfaces if port else [],
                **more,
            },
        )
        self.hosts[name] = made["hostids"][0]
        return self.hosts[name]

    def group(self, name: str) -> str:
        if name not in self.groups:
            self.groups[name] = self.api("hostgroup.create", {"name": name})["groupids"][0]
        return self.groups[name]

    def item(self, host: str, key: str, name: str, *, kind: int = _TRAP, units: str = "", delay: str = "1s") -> str:
        """An item for numbers: sent to the server, or asked of the agent."""
        item: dict[str, Any] = {
            "hostid": self.hosts[host],
            "key_": key,
            "name": name,
            "type": kind,
            "value_type": 0 if units == "%" else _NUMBER,
            "units": units,
            "history": "7d",
            "trends": "30d",
        }
        if kind != _TRAP:
            item["delay"] = delay
            found = self.api("hostinterface.get", {"hostids": self.hosts[host], "output": ["interfaceid"]})
            if found and not key.startswith("zabbix["):
                item["interfaceid"] = found[0]["interfaceid"]
        self.items[f"{host}/{key}"] = self.api("item.create", item)["itemids"][0]
        return self.items[f"{host}/{key}"]

    def trigger(self, host: str, key: str, when: str, name: str, priority: int, **more: Any) -> str:
        """A trigger over the last value of one item: `> 90`."""
        expression = f"last(/{host}/{key}){when}"
        made = self.api("trigger.create", {"description": name, "expression": expression, "priority": priority, **more})
        self.triggers[f"{host}/{key}"] = made["triggerids"][0]
        return self.triggers[f"{host}/{key}"]

    def reopen(self, host: str, key: str, bad: float, good: float) -> None:
        """Let a problem that was closed by hand begin again."""
        trigger = self.triggers[f"{host}/{key}"]
        self._await(lambda: not self.api("problem.get", {"objectids": [trigger]}), "the end of the problem")
        self.server.sent([(host, key, good)])
        self.server.sent([(host, key, bad)])
        self._await(lambda: bool(self.api("problem.get", {"objectids": [trigger]})), "the problem again")

    def tasks(self, item: str) -> list[str]:
        """Types of the tasks that were made for an item."""
        found = self.server.query(
            f"SELECT t.type FROM task t JOIN task_check_now c ON c.taskid = t.taskid WHERE c.itemid = {int(item)}"
        )
        return found.split()

    def trend(self, item: str, *, days_ago: int, average: float) -> int:
        """An hour of an item, as the server writes it down when the hour is over; when it began."""
        hour = (int(time.time()) - days_ago * 86400) // 3600 * 3600
        columns = "itemid, clock, num, value_min, value_avg, value_max"
        row = f"{int(item)}, {hour}, 60, {average - 1}, {average}, {average + 1}"
        self.server.query(f"INSERT INTO trends ({columns}) VALUES ({row})")
        return hour

    def _clients(self) -> None:
        agent, nobody = self.server.agent_port, self.server.dead_port
        inventory = {"os": "Debian GNU/Linux 12", "serialno_a": "SN-ACME-1", "type": "Server"}
        self.host(
            "acme-dc01",
            "Clients/Acme/HQ",
            visible="dc 01 at acme",
            port=agent,
            inventory_mode=0,
            inventory=inventory,
            tags=[{"tag": "role", "value": "dc"}],
        )
        self.host("acme-web01", "Clients/Acme/HQ", port=agent)
        self.host("acme-nas01", "Clients/Acme/HQ", "Linux boxes")
        self.host("acme-old", "Clients/Acme/HQ", port=agent, status=1)
        self.host("borg-fw01", "Clients/Borg", port=nobody)
        self.host("borg-ws01", "Clients/Borg", port=agent)
        self.host("borg-ap01", "Clients/Borg", port=nobody)
        self.host("evil01", f"Clients/{EVIL}/site", visible=f"host {EVIL}", tags=[{"tag": EVIL, "value": EVIL}])
        self.host("lost01", "Loose ends", port=agent)
        self._conditions()
        now = int(time.time()) // 60 * 60 - 60
        self.api(
            "maintenance.create",
            {
                "name": "patch night",
                "active_since": now,
                "active_till": now + 7200,
                "hosts": [{"hostid": self.hosts["borg-ws01"]}],
                "timeperiods": [{"timeperiod_type": 0, "start_date": now, "period": 7200}],
            },
        )

    def _conditions(self) -> None:
        for host in ("acme-dc01", "acme-web01", "borg-fw01", "borg-ws01", "borg-ap01", "lost01", "acme-old"):
            self.item(host, "agent.ping", "Agent ping", kind=_AGENT)
        self.item("acme-dc01", "disk.used", "Disk used", units="%")
        self.trigger("acme-dc01", "disk.used", ">90", "Disk space on /var", 4, opdata="now {ITEM.LASTVALUE1}")
        self.item("acme-dc01", "spooler", "Print spooler")
        self.trigger("acme-dc01", "spooler", "=0", "Service spooler", 3, manual_close=1)
        self.item("acme-nas01", "raid", "Broken disks of the RAID")
        self.trigger("acme-nas01", "raid", ">0", "RAID: {ITEM.LASTVALUE} broken disks on {HOST.NAME}", 5)
        self.item("borg-ws01", "updates", "Pending updates")
        self.trigger("borg-ws01", "updates", ">20", "Pending updates", 1)
        self.item("evil01", "evil", "Evil")
        self.trigger("evil01", "evil", ">0", f"Problem {EVIL}", 2)
        self.item("lost01", "disk.used", "Disk used", units="%")
        self.trigger("lost01", "disk.used", ">90", "Disk space on /srv", 2)
        for host in ("borg-fw01", "borg-ap01"):
            self.item(host, "ping.lost", "Ping lost")
            made = self.api(
                "trigger.create",
                {"description": "Not reachable", "expression": f"last(/{host}/ping.lost)>0", "priority": 5},
            )
            self.triggers[f"{host}/ping.lost"] = made["triggerids"][0]
        self.item("borg-fw01", LIFE, "Zabbix agent availability", kind=_INTERNAL)
        self.trigger("borg-fw01", LIFE, "=0", "Zabbix agent is not available on {HOST.NAME}", 3)
        dependent, master = self.triggers["borg-ap01/ping.lost"], self.triggers["borg-fw01/ping.lost"]
        self.api("trigger.adddependencies", {"triggerid": dependent, "dependsOnTriggerid": master})

    def _people(self) -> None:
        rights = [{"id": group, "permission": 3} for name, group in self.groups.items() if name != "Linux boxes"]
        group = self.api("usergroup.create", {"name": "technicians", "rights": rights})["usrgrpids"][0]
        reading = [{"id": group, "permission": 2} for group in self.groups.values()]
        onlookers = self.api("usergroup.create", {"name": "onlookers", "rights": reading})["usrgrpids"][0]
        nothing = [
            {"name": name, "status": 0}
            for name in ("acknowledge_problems", "close_problems", "add_problem_comments", "execute_scripts")
        ]
        role = self.api("role.create", {"name": "looks only", "type": 1, "rules": {"actions": nothing}})["roleids"][0]
        for name, its_group, its_role in ((TOKEN_USER, group, "2"), (VIEWER, onlookers, role), ("other01", group, "2")):
            made = self.api(
                "user.create",
                {
                    "username": name,
                    "passwd": PASSWORD,
                    "roleid": its_role,
                    "usrgrps": [{"usrgrpid": its_group}],
                },
            )
            token = self.api("token.create", {"name": f"rounds {name}", "userid": made["userids"][0]})
            self.tokens[name] = self.api("token.generate", token["tokenids"])[0]["token"]

    def _scripts(self) -> None:
        note = self.server.folder / "spooler"
        for name, command, where, more in (
            ("Restart spooler", f"echo running > {note}; echo spooler restarted", 0, {"menu_path": "Fixes"}),
            ("Who asks", 'echo "{HOST.HOST} {USER.USERNAME}"', 1, {}),
            ("Breaks", "echo it broke >&2; exit 3", 1, {}),
            ("Only at acme", "echo acme", 1, {"groupid": self.groups["Clients/Acme/HQ"]}),
        ):
            made = self.api(
                "script.create",
                {
                    "name": name,
                    "command": command,
                    "type": 0,
                    "execute_on": where,
                    "scope": 2,
                    "confirmation": "Restart the spooler of {HOST.NAME}?" if where == 0 else "",
                    **more,
                },
            )
            self.scripts[name] = made["scriptids"][0]

    def _values(self) -> None:
        """The router before what hangs behind it, which Zabbix then keeps quiet about."""
        self.server.sent([("borg-ap01", "ping.lost", 1)])
        self._await_problems(1)
        self.server.sent(
            [
                ("borg-fw01", "ping.lost", 1),
                ("acme-dc01", "disk.used", 97.5),
                ("acme-dc01", "spooler", 0),
                ("acme-nas01", "raid", 2),
                ("borg-ws01", "updates", 41),
                ("evil01", "evil", 1),
                ("lost01", "disk.used", 95),
            ]
        )
        problems = self._await_problems(9)
        raid = next(one for one in problems if one["objectid"] == self.triggers["acme-nas01/raid"])
        Api(self.server.url, self.api.auth)(
            "event.acknowledge", {"eventids": [raid["eventid"]], "action": 6, "message": "disk is ordered"}
        )
        self._await(lambda: self._available("borg-fw01") == "2" and self._available("borg-ap01") == "2", "no answer")
        well = ("acme-dc01", "acme-web01", "borg-ws01", "lost01")
        self._await(lambda: all(self._available(host) == "1" for host in well), "the agents' answers")

    def _available(self, host: str) -> str:
        found = self.api("hostinterface.get", {"hostids": self.hosts[host], "output": ["available"]})
        return str(found[0]["available"])

    def _await_problems(self, number: int) -> list[dict[str, Any]]:
        found: list[dict[str, Any]] = []

        def there() -> bool:
            found[:] = self.api("problem.get", {"output": "extend"})
            return len(found) >= number

        self._await(there, f"{number} problems")
        return found

    @staticmethod
    def _await(holds: Any, what: str) -> None:
        end = time.monotonic() + 40
        while not holds():
            assert time.monotonic() < end, f"never saw {what}"
            time.sleep(0.1)
