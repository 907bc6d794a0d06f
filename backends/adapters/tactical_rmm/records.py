"""What the API answers, as far as it is used. There is no versioned contract: every field may be missing, and those
that the server's own models can leave empty may be null."""

from __future__ import annotations

from datetime import datetime

from msgspec import Struct


class Rollup(Struct, frozen=True):
    """How many checks of an agent are how, from a cache: all zero while that is cold, and where there are none."""

    total: int = 0
    failing: int = 0
    warning: int = 0
    info: int = 0
    has_failing_checks: bool = False

    @property
    def cold(self) -> bool:
        """It says nothing: not that there are no checks, and not that none fails."""
        return self.total <= 0 and not self.fails

    @property
    def fails(self) -> bool:
        return self.has_failing_checks or max(self.failing, self.warning, self.info) > 0


class Agent(Struct, frozen=True, kw_only=True):
    """A row of `GET /agents/`."""

    agent_id: str
    hostname: str
    client_name: str = ""
    site_name: str = ""
    monitoring_type: str = "server"
    """server, workstation."""
    status: str = ""
    """online; offline after `offline_time` (4 minutes by default) or when never seen; overdue after `overdue_time`."""
    last_seen: datetime | None = None
    boot_time: float | None = None
    """Epoch seconds, by the agent's clock."""
    checks: Rollup = Rollup()
    maintenance_mode: bool = False
    needs_reboot: bool = False
    has_patches_pending: bool = False
    overdue_dashboard_alert: bool = False
    plat: str | None = ""
    operating_system: str | None = ""
    local_ips: str | None = ""
    serial_number: str | None = ""

    @property
    def online(self) -> bool:
        return self.status == "online"

    @property
    def may_be_off(self) -> bool:
        """A workstation, unless somebody has asked to be told when it is away."""
        return self.monitoring_type == "workstation" and not self.overdue_dashboard_alert


class Alert(Struct, frozen=True, kw_only=True):
    """A row of `PATCH /alerts/`."""

    id: int
    agent_id: str | None = None
    alert_time: datetime | None = None
    alert_type: str = "custom"
    """availability, check, task, custom."""
    message: str | None = ""
    severity: str = "warning"
    """info, warning, error."""
    snoozed: bool = False
    snooze_until: datetime | None = None
    resolved: bool = False
    hidden: bool = False
    """Made for a mail or a message only: no alert on its dashboard is wanted, and its own pages do not show it."""
    assigned_check: int | None = None
    assigned_task: int | None = None


class CheckResult(Struct, frozen=True, kw_only=True):
    """The latest result; every field is missing for a check that never ran."""

    status: str = "pending"
    """passing, failing, pending."""
    alert_severity: str | None = None
    more_info: str | None = ""
    last_run: datetime | None = None
    stdout: str | None = ""
    stderr: str | None = ""


class AgentCheck(Struct, frozen=True, kw_only=True):
    """A row of `GET /agents/ID/checks/`."""

    id: int
    check_type: str = "script"
    """diskspace, ping, cpuload, memory, winsvc, script, eventlog."""
    readable_desc: str | None = ""
    alert_severity: str | None = None
    check_result: CheckResult | None = None
    disk: str | None = None
    svc_name: str | None = None

    @property
    def result(self) -> CheckResult:
        return self.check_result or _NEVER_RAN

    @property
    def failing(self) -> bool:
        return self.result.status == "failing"

    @property
    def name(self) -> str:
        return self.readable_desc or f"{self.check_type} check {self.id}"


_NEVER_RAN = CheckResult()


class Script(Struct, frozen=True, kw_only=True):
    """A row of `GET /scripts/`."""

    id: int
    name: str
    description: str | None = ""
    script_type: str = "userdefined"
    """userdefined; builtin are those of its community."""
    shell: str = ""
    args: list[str] | None = None
    default_timeout: int = 90
    filename: str | None = ""
    hidden: bool = False
    supported_platforms: list[str] | None = None
    run_as_user: bool = False
    env_vars: list[str] | None = None


class ScriptResults(Struct, frozen=True, kw_only=True):
    """What the agent told when the script had ended."""

    stdout: str | None = ""
    stderr: str | None = ""
    retcode: int | None = None


class History(Struct, frozen=True, kw_only=True):
    """A row of `GET /agents/ID/history/`."""

    id: int
    type: str = ""
    """task_run, script_run, cmd_run."""
    script: int | None = None
    script_results: ScriptResults | None = None


class Ping(Struct, frozen=True):
    """`GET /agents/ID/ping/`."""

    status: str = ""
    """online, offline."""


class SiteRow(Struct, frozen=True, kw_only=True):
    """A site in a row of `GET /clients/`."""

    id: int
    name: str


class ClientRow(Struct, frozen=True, kw_only=True):
    """A row of `GET /clients/`."""

    id: int
    name: str
    sites: list[SiteRow] = []
    agent_count: int = 0
    """All that it has, also those that a role limited to some of its sites does not show."""


class DashInfo(Struct, frozen=True):
    """`GET /core/dashinfo/`."""

    trmm_version: str = ""
