"""What is known of one agent: whether it is heard, its checks, its alerts, and what waits to be done on it. Pure."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from typing import Final

from backends.adapters.tactical_rmm.lookups import KNOWN_S
from backends.adapters.tactical_rmm.records import Agent, AgentCheck, Alert
from backends.adapters.tactical_rmm.world import Moment, World
from backends.api import Check, Handling, SourceName, safe
from backends.fleet.conditions import Conditions
from backends.fleet.model import CheckState, Severity

_SEVERITY: Final = {"error": Severity.HIGH, "warning": Severity.WARNING, "info": Severity.INFO}
_MAINTENANCE: Final = Handling(quiet=True, text=safe("In maintenance mode"))


class AgentChecks:
    """The checks of one agent, and the alerts behind them."""

    def __init__(self, source: SourceName, moment: Moment, world: World, agent: Agent, alerts: Sequence[Alert]) -> None:
        self.checks: list[Check] = []
        self.behind: dict[str, tuple[Alert, ...]] = {}
        """By the key of the check."""
        self._source = source
        self._moment = moment
        self._world = world
        self._agent = agent
        self._looked = world.looked.get(agent.agent_id)
        self._names = Conditions()
        away = [alert for alert in alerts if alert.alert_type == "availability"]
        last = moment.past(agent.last_seen)
        self.heard: datetime = moment.at if agent.online or last is None else last
        """When the agent was last heard: an agent that is online is vouched for."""
        # Who has set an alert up for a workstation wants to know when it is away.
        expected = not agent.may_be_off or any(not alert.hidden for alert in away)
        self.lost = (agent.status == "overdue" or (agent.status == "offline" and last is not None)) and expected
        """It is not heard, and should be."""
        self._reachable(away, last)
        if agent.online or last is not None:
            self._upkeep()
            self._rollup()
            self._own_checks(_by_check(alerts))
        told = {check.id for check in self._looked.checks} if self._looked else set()
        self._others([alert for alert in alerts if _stands_alone(alert, told)])

    @property
    def partial(self) -> bool:
        """Checks that are not told here are not over: nobody has looked at them."""
        unknown = self._agent.checks.fails or (self._agent.checks.cold and self._agent.online)
        return self._world.no_alerts or (self._looked is None and unknown)

    def _reachable(self, alerts: Sequence[Alert], last: datetime | None) -> None:
        """An agent that is not heard is an issue whether or not an alert is set up for it there. Of a workstation that
        may be off, and is not heard, nothing is known: no check says anything of it."""
        agent = self._agent
        if agent.online:
            self._put("reachable", "", "Agent", CheckState.OK, None, "", alerts)
        elif self.lost:
            word = "is overdue" if agent.status == "overdue" else "is offline"
            severity = Severity.HIGH if agent.monitoring_type == "workstation" else Severity.CRITICAL
            summary = f"{agent.hostname} {word}: its agent is not heard"
            self._put("reachable", "", "Agent", CheckState.CRITICAL, severity, summary, alerts, since=last)
        elif agent.status not in ("offline", "overdue") or last is None:
            never = "was never heard" if agent.status == "offline" else "is in a state that rounds does not know"
            summary = f"The agent of {agent.hostname} {never}"
            self._put("reachable", "", "Agent", CheckState.UNKNOWN, Severity.INFO, summary, alerts)

    def _rollup(self) -> None:
        """Whether its checks are known at all. The list of agents tells how many fail, not which; and while the cache
        behind it is cold, nothing."""
        rollup, looked = self._agent.checks, self._looked
        state, severity, summary = CheckState.OK, None, ""
        if rollup.fails and (looked is None or looked.spoiled):
            severity = Severity.HIGH if rollup.failing else Severity.WARNING if rollup.warning else Severity.INFO
            state = CheckState.CRITICAL if severity is Severity.HIGH else CheckState.WARNING
            number = rollup.failing + rollup.warning + rollup.info
            summary = f"{number or 'Some'} of its checks fail: {self._why_unknown()}"
        elif rollup.cold and self._agent.online and not self._known():
            state, severity = CheckState.UNKNOWN, Severity.INFO
            summary = (
                "How its checks are may not be read" if self._world.no_checks else "How its checks are is not known yet"
            )
        self._put("checks", "", "Checks", state, severity, summary, (), seen=self.heard)

    def _why_unknown(self) -> str:
        if self._world.no_checks:
            return "its role may not read which"
        return "which ones is asked for next" if self._looked is None else "some of them cannot be understood"

    def _known(self) -> bool:
        return self._looked is not None and self._moment.at - self._looked.at < timedelta(seconds=KNOWN_S)

    def _own_checks(self, alerts: Mapping[int, Sequence[Alert]]) -> None:
        looked = self._looked
        if looked is None:
            return
        vouched = looked.vouched(self._agent.checks) and self._known()
        seen = self.heard if vouched else min(self.heard, looked.at)
        for check in sorted({check.id: check for check in looked.checks}.values(), key=lambda one: one.id):
            state, severity = _state_of(check)
            family, subject = self._about(check)
            finding = _finding(check) if state is not CheckState.OK else ""
            self._put(family, subject, check.name, state, severity, finding, alerts.get(check.id, ()), seen=seen)

    def _about(self, check: AgentCheck) -> tuple[str, str]:
        """Family and subject; the kind of the check tells most."""
        named = {
            "diskspace": f"disk {check.disk}\\" if check.disk else "",
            "winsvc": f"service {check.svc_name}" if check.svc_name else "",
            "cpuload": "cpu load",
            "memory": "memory",
        }.get(check.check_type, "")
        return self._names.name("", named or check.name)

    def _others(self, alerts: Sequence[Alert]) -> None:
        """Alerts of tasks and such, which no check speaks of; those of one task are one condition."""
        found: dict[tuple[str, str], list[Alert]] = {}
        for alert in sorted(alerts, key=lambda one: one.id):
            task = alert.assigned_task
            found.setdefault(("job", f"task {task}") if task is not None else ("alert", str(alert.id)), []).append(
                alert
            )
        for (family, subject), same in found.items():
            worst = min(same, key=lambda alert: _severity(alert.severity).rank)
            severity = _severity(worst.severity)
            state = CheckState.CRITICAL if severity is Severity.HIGH else CheckState.WARNING
            summary = worst.message or "An alert without a text"
            self._put(family, subject, summary, state, severity, summary, same)

    def _upkeep(self) -> None:
        """What waits to be done on it; nothing that wakes anybody."""
        agent = self._agent
        for family, bad, label, summary in (
            ("reboot", agent.needs_reboot, "Reboot", f"{agent.hostname} needs a reboot"),
            ("patch", agent.has_patches_pending, "Patches", f"Patches of {agent.hostname} are pending"),
        ):
            state = CheckState.WARNING if bad else CheckState.OK
            self._put(family, "", label, state, Severity.INFO, summary if bad else "", (), seen=self.heard)

    def _put(  # noqa: PLR0917 - one argument for each thing that the product says
        self,
        family: str,
        subject: str,
        label: str,
        state: CheckState,
        severity: Severity | None,
        summary: str,
        alerts: Sequence[Alert],
        *,
        since: datetime | None = None,
        seen: datetime | None = None,
    ) -> None:
        wrong = state is not CheckState.OK
        began = since or min((time for alert in alerts if (time := self._moment.past(alert.alert_time))), default=None)
        check = Check(
            source=self._source,
            native=self._agent.agent_id,
            family=family,
            subject=subject,
            label=safe(label, 120),
            state=state,
            severity=severity if wrong else None,
            summary=safe(summary),
            since=began if wrong else None,
            seen=seen or self._moment.at,
            handling=self._handling(alerts) if wrong else None,
        )
        self.checks.append(check)
        if alerts:
            self.behind[check.key] = tuple(sorted(alerts, key=lambda alert: alert.id))

    def _handling(self, alerts: Sequence[Alert]) -> Handling | None:
        """Snoozed there when each of its alerts is; or all of the agent is in maintenance."""
        if alerts and all(alert.snoozed for alert in alerts):
            ends = [self._moment.when(alert.snooze_until) for alert in alerts]
            return Handling(quiet=True, quiet_until=min((end for end in ends if end), default=None))
        return _MAINTENANCE if self._agent.maintenance_mode else None


def _by_check(alerts: Sequence[Alert]) -> Mapping[int, Sequence[Alert]]:
    found: dict[int, list[Alert]] = {}
    for alert in alerts:
        if alert.assigned_check is not None and alert.alert_type != "availability":
            found.setdefault(alert.assigned_check, []).append(alert)
    return found


def _stands_alone(alert: Alert, told: set[int]) -> bool:
    """No check says it, and it is one that is meant to be seen."""
    of_check = alert.assigned_check is not None and alert.assigned_check in told
    return alert.alert_type != "availability" and not of_check and not alert.hidden


def _severity(word: str | None) -> Severity:
    return _SEVERITY.get(word or "", Severity.WARNING)


def _state_of(check: AgentCheck) -> tuple[CheckState, Severity | None]:
    """One that never ran is not known to be anything."""
    if check.failing:
        severity = _severity(check.result.alert_severity or check.alert_severity)
        return (CheckState.CRITICAL if severity is Severity.HIGH else CheckState.WARNING), severity
    return (CheckState.OK, None) if check.result.status == "passing" else (CheckState.UNKNOWN, Severity.INFO)


def _finding(check: AgentCheck) -> str:
    result = check.result
    if not check.failing:
        return f"{check.name}: has not run yet"
    said = next((text for text in (result.more_info, result.stdout, result.stderr) if text and text.strip()), "")
    first = said.strip().splitlines()[0] if said else ""
    return f"{check.name.rstrip(': ')}: {first}" if first else check.name
