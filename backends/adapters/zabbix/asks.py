"""Parameters of the calls that read, by version: only what is used, and nothing that a version does not know."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from typing import Any, Final

from backends.adapters.zabbix.version import Version

Params = dict[str, Any]

PAGE: Final = 5_000
"""Problems in one answer; more come with the next one."""
_ITEM: Final = ("itemid", "key_", "value_type", "units", "lastvalue", "lastclock", "type", "master_itemid")
_PULSE: Final = ("itemid", "hostid", "key_", "delay", "lastvalue", "lastclock", "value_type")
_INTERFACE: Final = ("type", "main", "useip", "ip", "dns", "available", "error", "errors_from")
_STOCK: Final = ("os", "os_full", "type", "type_full", "serialno_a", "macaddress_a", "macaddress_b")


def hosts(version: Version, facts: Collection[str], *, only: Sequence[str] | None = None) -> Params:
    """`host.get` for all that is known of hosts; `facts` are those that the placement goes by."""
    params = states(version, only=only)
    params["output"] += ["host", "name", "proxyid" if version.proxy_ids else "proxy_hostid"]
    params["selectInventory"] = list(_STOCK)
    if "hostgroup" in facts:
        params["selectHostGroups" if version.host_groups else "selectGroups"] = ["name"]
    if any(fact.startswith("tag.") for fact in facts):
        params["selectTags"] = ["tag", "value"]
    return params


def states(version: Version, *, only: Sequence[str] | None = None) -> Params:
    """`host.get` for what changes from minute to minute."""
    output = ["hostid", "name", "status", "maintenance_status", "maintenanceid"]
    if version.suppresses:
        output.append("active_available")
    if version.proxy_ids:
        output += ["proxy_groupid", "assigned_proxyid"]
    params: Params = {"output": output, "selectInterfaces": list(_INTERFACE)}
    if only is not None:
        params["hostids"] = list(only)
    return params


def problems(version: Version, *, below: str | None = None, only: Sequence[str] | None = None) -> Params:
    """`problem.get` for a page of what is open, latest first; `below` is the oldest event of the page before."""
    output = ["eventid", "objectid", "clock", "name", "acknowledged", "severity", "opdata", "suppressed"]
    if version.causes:
        output.append("cause_eventid")
    params: Params = {
        "output": output,
        "source": 0,
        "object": 0,
        "selectAcknowledges": ["userid", "clock", "message", "action"],
        "selectSuppressionData": ["maintenanceid", "suppress_until", *(["userid"] if version.suppresses else [])],
        "sortfield": ["eventid"],
        "sortorder": "DESC",
        "limit": PAGE,
    }
    if below is not None:
        params["eventid_till"] = str(int(below) - 1)
    if only is not None:
        params["hostids"] = list(only)
    return params


def problems_of(version: Version, triggerids: Iterable[str]) -> Params:
    """`problem.get` for what is open of some triggers."""
    return {**problems(version), "objectids": list(triggerids)}


def events(version: Version, eventids: Iterable[str]) -> Params:
    """`problem.get` for those that are still open among some events."""
    params = problems(version)
    del params["limit"]
    return {**params, "eventids": list(eventids)}


def triggers(ids: Iterable[str]) -> Params:
    """`trigger.get` for what stands behind problems; those of disabled hosts, items and triggers are left out."""
    return {
        "triggerids": list(ids),
        "monitored": True,
        "output": ["triggerid", "description", "expression", "manual_close"],
        "expandExpression": True,
        "selectHosts": ["hostid"],
        "selectDependencies": ["triggerid"],
        "selectItems": list(_ITEM),
    }


def still(ids: Iterable[str]) -> Params:
    """`trigger.get` for which of them are not disabled."""
    return {"triggerids": list(ids), "monitored": True, "output": ["triggerid"]}


def pulses(hostids: Iterable[str]) -> Params:
    """`item.get` for what tells by itself that hosts answer, and that the server works at all."""
    return {
        "hostids": list(hostids),
        "output": list(_PULSE),
        "monitored": True,
        "filter": {"state": 0, "status": 0},
        "search": {"key_": ["icmpping", "agent.ping", "zabbix["]},
        "searchByAny": True,
        "startSearch": True,
    }


def values(ids: Iterable[str]) -> Params:
    """`item.get` for their latest values."""
    return {"itemids": list(ids), "output": ["itemid", "lastvalue", "lastclock"]}


def proxies(version: Version) -> Params:
    return {"output": ["proxyid", "lastaccess", *(("name", "state") if version.proxy_ids else ("host",))]}


def users(ids: Iterable[str]) -> Params:
    return {"userids": list(ids), "output": ["userid", "username", "name", "surname"]}


def maintenances(ids: Iterable[str]) -> Params:
    return {"maintenanceids": list(ids), "output": ["maintenanceid", "name", "description"]}


def scripts(version: Version) -> Params:
    """`script.get` for those that are run on hosts by hand."""
    output = ["scriptid", "name", "command", "description", "confirmation", "type", "execute_on", "scope", "groupid"]
    output += ["host_access", "menu_path"]
    if version.manual_input:
        output += ["manualinput", "manualinput_prompt", "manualinput_validator", "manualinput_validator_type"]
        output += ["manualinput_default_value"]
    return {"output": output, "filter": {"scope": 2}}


def script_hosts(ids: Iterable[str]) -> Params:
    return {"scriptids": list(ids), "output": ["scriptid"], "selectHosts": ["hostid"]}
