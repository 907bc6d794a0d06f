"""Rows of a Tactical RMM's lists, with the fields that its API has at 1.5.1; and a small fleet of them."""

from __future__ import annotations

from typing import Any, Final

SEEN: Final = "2026-01-05T08:59:30.000000Z"
FAILING: Final[Any] = {"total": 4, "passing": 1, "failing": 1, "warning": 1, "info": 0, "has_failing_checks": True}
WELL: Final[Any] = {"total": 2, "passing": 2, "failing": 0, "warning": 0, "info": 0, "has_failing_checks": False}
COLD: Final[Any] = {"total": 0, "passing": 0, "failing": 0, "warning": 0, "info": 0, "has_failing_checks": False}


def agent_id(name: str) -> str:
    """More than twenty characters, as the server's addresses want it."""
    return f"{name}-{'x' * 24}"


def an_agent(name: str, client: str = "Acme Dental", site: str = "HQ", **more: Any) -> dict[str, Any]:
    """A row of the list of agents."""
    row: dict[str, Any] = {
        "agent_id": agent_id(name),
        "alert_template": None,
        "hostname": name,
        "site_name": site,
        "client_name": client,
        "monitoring_type": "server",
        "description": "",
        "needs_reboot": False,
        "pending_actions_count": 0,
        "status": "online",
        "overdue_dashboard_alert": False,
        "last_seen": SEEN,
        "boot_time": 1767600000.25,
        "checks": WELL,
        "maintenance_mode": False,
        "logged_username": "-",
        "plat": "windows",
        "has_patches_pending": False,
        "version": "2.11.0",
        "operating_system": "Windows Server 2022 Standard, 64 bit",
        "local_ips": "10.1.0.5/24, fd70::5/64",
        "serial_number": f"SN-{name}",
        "custom_fields": [],
    }
    return row | more


def a_check(number: int, kind: str, name: str, status: str = "failing", **more: Any) -> dict[str, Any]:
    """A row of an agent's checks."""
    result = {
        "id": number + 1000,
        "status": status,
        "alert_severity": more.pop("severity", "error"),
        "more_info": more.pop("info", ""),
        "last_run": SEEN,
        "stdout": more.pop("stdout", None),
        "stderr": None,
        "retcode": None,
    }
    row = {"id": number, "check_type": kind, "readable_desc": name, "alert_severity": "warning", "check_result": result}
    return row | more


def an_alert(number: int, agent: str, kind: str = "check", **more: Any) -> dict[str, Any]:
    row = {
        "id": number,
        "hostname": agent,
        "agent_id": agent_id(agent),
        "client": "Acme Dental",
        "site": "HQ",
        "alert_time": "2026-01-05T08:30:00.000000Z",
        "alert_type": kind,
        "message": f"{agent}: something of it failed",
        "snoozed": False,
        "snooze_until": None,
        "resolved": False,
        "severity": "error",
        "hidden": False,
        "assigned_check": None,
        "assigned_task": None,
    }
    return row | more


def a_script(number: int, name: str, shell: str = "powershell", **more: Any) -> dict[str, Any]:
    row = {
        "id": number,
        "name": name,
        "description": f"what {name} does",
        "script_type": "userdefined",
        "shell": shell,
        "args": [],
        "category": None,
        "default_timeout": 30,
        "filename": f"{number}.ps1",
        "hidden": False,
        "supported_platforms": [],
        "run_as_user": False,
        "env_vars": [],
    }
    return row | more


SNOOZED: Final[Any] = {"snoozed": True, "snooze_until": "2026-01-06T00:00:00Z"}


def the_agents() -> list[dict[str, Any]]:
    """Two clients: servers that are well, fail, are overdue and in maintenance, and a workstation that is off."""
    return [
        an_agent("fs01", checks=FAILING, needs_reboot=True),
        an_agent("web01", site="Depot", plat="linux", operating_system="Debian 12", has_patches_pending=True),
        an_agent("dc01", client="Baker Law", site="Main", status="overdue", last_seen="2026-01-05T07:00:00Z"),
        an_agent("pc01", client="Baker Law", site="Main", monitoring_type="workstation", status="offline"),
        an_agent("bk01", client="Baker Law", site="Main", maintenance_mode=True, pending_actions_count=2),
    ]


def the_checks() -> dict[str, list[dict[str, Any]]]:
    """By agent."""
    return {
        agent_id("fs01"): [
            a_check(1, "diskspace", "Disk Space Check: Drive C:", info="Total: 100GB, Free: 2GB", disk="C:"),
            a_check(2, "winsvc", "Service Check: Print Spooler", svc_name="Spooler", severity="warning"),
            a_check(3, "script", "Script Check: backups", "passing"),
            a_check(4, "ping", "Ping Check: gateway", "pending"),
        ]
    }


def the_alerts() -> list[dict[str, Any]]:
    return [
        an_alert(11, "fs01", assigned_check=1),
        an_alert(12, "fs01", assigned_check=2, severity="warning", **SNOOZED),
        an_alert(13, "fs01", "task", assigned_task=5, message="Task backup failed"),
        an_alert(14, "dc01", "availability", client="Baker Law", message="dc01 in Baker Law, Main is overdue."),
        an_alert(15, "web01", "custom", resolved=True),
        an_alert(16, "web01", "custom", hidden=True),
    ]


def the_scripts() -> list[dict[str, Any]]:
    return [
        a_script(1, "Clear print spooler"),
        a_script(2, "Rotate logs", "shell", supported_platforms=["linux"], args=["--now"]),
        a_script(3, "Hidden one", hidden=True),
        a_script(4, "Of the community", "python", script_type="builtin"),
        a_script(5, "Long defragmentation", default_timeout=1800),
    ]
