"""What is open there, as conditions of hosts: one for each trigger that is in trouble, whatever its value does."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from typing import Final

from msgspec import Struct

from backends.adapters.zabbix.gather import Snapshot
from backends.adapters.zabbix.records import Acknowledge, Item, Problem, Trigger, moment, whole
from backends.api import Handling, safe
from backends.fleet.model import SafeText, Severity
from backends.fleet.steps import STEP, Steps

ACKNOWLEDGE: Final = 2
UNACKNOWLEDGE: Final = 16
SUPPRESS: Final = 32
UNSUPPRESS: Final = 64
"""Bits of what somebody did, `event.acknowledge`."""
SEVERITIES: Final = (
    Severity.INFO,
    Severity.INFO,
    Severity.WARNING,
    Severity.WARNING,
    Severity.HIGH,
    Severity.CRITICAL,
)
"""Not classified, information, warning, average, high, disaster."""
_LIVES: Final = re.compile(
    r"(?:icmpping(?:\[.*\])?|agent\.ping|zabbix\[host,(?:.*,)?(?:agent|snmp|active_agent),available\])", re.DOTALL
)


class Trouble(Struct, frozen=True, kw_only=True):
    """One trigger with its open problems, latest first."""

    trigger: Trigger
    problems: tuple[Problem, ...]

    @property
    def worst(self) -> Problem:
        return max(self.problems, key=lambda one: (whole(one.severity) or 0, whole(one.eventid) or 0))

    @property
    def item(self) -> Item | None:
        """The one number behind it."""
        numbers = [item for item in self.trigger.items if item.numeric]
        return numbers[0] if len(self.trigger.items) == len(numbers) == 1 else None

    @property
    def of_life(self) -> bool:
        """Whether it is about nothing but that the host answers."""
        return bool(self.trigger.items) and all(_LIVES.fullmatch(item.key_) for item in self.trigger.items)


def troubles(snapshot: Snapshot) -> Steps[tuple[list[Trouble], dict[str, str]]]:
    """What is open, the worst first and in a fixed order; and which host is not reached because of which other one. In
    steps.

    A problem whose trigger depends on another one that is in trouble is not told, as on Zabbix's own page of problems.
    """
    by_trigger: dict[str, list[Problem]] = {}
    for problem in snapshot.problems:
        by_trigger.setdefault(problem.objectid, []).append(problem)
    told: list[Trouble] = []
    behind: dict[str, str] = {}
    causes = {problem.eventid: problem.objectid for problem in snapshot.problems}
    for number, (name, problems) in enumerate(by_trigger.items()):
        if number % STEP == 0:
            yield
        trigger = snapshot.triggers.get(name)
        if trigger is None:
            continue
        masters = [one.triggerid for one in trigger.dependencies if one.triggerid in by_trigger]
        masters = [one for one in masters if one in snapshot.triggers]
        symptoms = [causes[problem.cause_eventid] for problem in problems if problem.cause_eventid in causes]
        for master in (*masters, *symptoms):
            _set_behind(behind, trigger, snapshot.triggers.get(master))
        if not masters:
            told.append(Trouble(trigger=trigger, problems=tuple(problems)))
    told.sort(key=lambda one: (-(whole(one.worst.severity) or 0), whole(one.trigger.triggerid) or 0))
    return told, behind


def severity_of(problem: Problem) -> Severity:
    level = whole(problem.severity)
    return SEVERITIES[level] if level is not None and level < len(SEVERITIES) else Severity.WARNING


def summary_of(trouble: Trouble) -> SafeText:
    """As Zabbix calls it, with its operational data and how many there are."""
    problem = trouble.worst
    text = problem.name or trouble.trigger.description
    if problem.opdata:
        text += f" ({problem.opdata})"
    if len(trouble.problems) > 1:
        text += f" and {len(trouble.problems) - 1} more of these"
    return safe(text)


def handling_of(problems: Sequence[Problem], snapshot: Snapshot) -> Handling | None:
    """What was decided about them there; they are acknowledged or quiet when all of them are."""
    acts = sorted((act for one in problems for act in one.acknowledges), key=lambda act: whole(act.clock) or 0)
    acked = all(one.acknowledged == "1" for one in problems)
    quiet = all(one.suppressed == "1" for one in problems)
    text = next((act.message for act in reversed(acts) if act.message), "")
    if not acked and not quiet and not text:
        return None
    ack = _last(acts, ACKNOWLEDGE) if acked else None
    ends = [moment(one.suppress_until, snapshot.skew_s) for problem in problems for one in problem.suppression_data]
    for_ever = not ends or any(end is None for end in ends)
    return Handling(
        acked=acked,
        acked_by=safe(snapshot.users.get(ack.userid, "")) if ack else SafeText(""),
        acked_at=moment(ack.clock, snapshot.skew_s) if ack else None,
        quiet=quiet,
        quiet_until=None if not quiet or for_ever else max(end for end in ends if end is not None),
        quiet_by=_quiet_by(problems, snapshot.users, snapshot.maintenances) if quiet else SafeText(""),
        text=safe(text),
    )


def _quiet_by(problems: Iterable[Problem], users: Mapping[str, str], maintenances: Mapping[str, str]) -> SafeText:
    for problem in problems:
        for one in problem.suppression_data:
            if found := maintenances.get(one.maintenanceid) or users.get(one.userid):
                return safe(found)
    return SafeText("")


def _last(acts: Sequence[Acknowledge], bit: int) -> Acknowledge | None:
    return next((act for act in reversed(acts) if act.did(bit)), None)


def _set_behind(behind: dict[str, str], trigger: Trigger, master: Trigger | None) -> None:
    if master is None or not master.hosts:
        return
    first = master.hosts[0].hostid
    for host in trigger.hosts:
        if host.hostid != first:
            behind.setdefault(host.hostid, first)
