"""Checks of what a host runs and keeps: processes, services, files, certificates, kernel log, network, reboot."""

from __future__ import annotations

from collections import defaultdict
from datetime import datetime
from typing import Final

from backends.fleet.host import Certificate, HostFacts, Interface, KernelEvents, Process, Service, WatchedFile
from backends.fleet.host_finding import SEVERITIES, Findings, amount, finite, plural, span, state_of
from backends.fleet.limits import ProcessLimits, Thresholds, at_least, at_most, fits
from backends.fleet.model import CheckState, Severity

_SHOWN_PROCESSES: Final = 5
_LINK_LOCAL: Final = ("fe80:", "169.254.", "127.", "::1")


def watch(facts: HostFacts, limits: Thresholds, found: Findings) -> None:
    """Add a check for everything that is watched, and for whatever else is wrong."""
    _processes(facts.processes, limits.process, found)
    for watched in facts.watched_processes:
        running = watched.count > 0
        found.add(
            "process-count",
            watched.name,
            label=f"Process count {watched.name}",
            state=CheckState.OK if running else CheckState.CRITICAL,
            summary=f"{watched.name} runs {plural(watched.count, 'time')}"
            if running
            else f"{watched.name} is not running",
            advice="Start it, and find out why it ended.",
            value=watched.count,
            crit=0,
        )
    for service in facts.services:
        _service(service, limits, found)
    for file in facts.files:
        _file(file, limits, found)
    for certificate in facts.certificates:
        _certificate(certificate, facts.at, limits, found)
    if facts.kernel_events is not None:
        _kernel(facts.kernel_events, limits, found)
    _network(facts.interfaces, limits, found)
    _reboot(facts, limits, found)


def busy_for(process: Process, limits: ProcessLimits) -> float | None:
    """Seconds for which `process` is known to have kept a core busy; None when it does not now.

    Two kinds of evidence count: looks without a break (`busy_s`), and at first sight the processor time used so far
    when its average over the whole life is as high as the limit, so that a short build is no runaway.
    """
    now = finite(process.cpu_percent)
    if limits.cpu is None or now is None or now < limits.cpu or fits(process.name, limits.ignore):
        return None
    used = finite(process.cpu_s) or 0.0
    age = finite(process.age_s)
    average = 100.0 * used / age if age else now
    lived = (used if age is None else min(used, age)) if average >= limits.cpu else 0.0
    return max(finite(process.busy_s) or 0.0, lived)


def _processes(processes: tuple[Process, ...], limits: ProcessLimits, found: Findings) -> None:
    runaways: dict[str, list[tuple[Process, float]]] = defaultdict(list)
    quiet: dict[str, Process] = {}
    for process in processes:
        busy = busy_for(process, limits)
        if busy is not None and (at_least(busy, limits.warn_after) or at_least(busy, limits.crit_after)):
            runaways[process.name].append((process, busy))
        elif process.name not in quiet and len(quiet) < _SHOWN_PROCESSES:
            quiet[process.name] = process
    for name, group in runaways.items():
        # The oldest comes first: the order of two stays as it is while both live, whatever they use.
        group.sort(key=lambda entry: (-(finite(entry[0].age_s) or 0.0), entry[0].pid))
        for number, (process, busy) in enumerate(group, start=1):
            _process(process, name if number == 1 else f"{name}#{number}", busy, limits, found)
    for name, process in quiet.items():
        if name not in runaways:
            _process(process, name, None, limits, found)


def _process(process: Process, subject: str, busy: float | None, limits: ProcessLimits, found: Findings) -> None:
    cpu = finite(process.cpu_percent) or 0.0
    memory = "" if process.memory_bytes is None else f", {amount(process.memory_bytes)} of memory"
    by = f" ({process.user})" if process.user else ""
    if busy is None:
        summary = f"Process {process.name}{by} uses {cpu:.0f} % of a core{memory}"
    else:
        summary = f"Process {process.name}{by} has kept a core busy for {span(busy)}, now at {cpu:.0f} %"
    found.add(
        "process",
        subject,
        label=f"Process {subject}",
        state=state_of(
            warning=busy is not None and at_least(busy, limits.warn_after),
            critical=busy is not None and at_least(busy, limits.crit_after),
        ),
        summary=summary,
        advice="End it when nobody needs it.",
        value=cpu,
        unit="%",
        warn=limits.cpu,
        target=f"{process.pid}:{process.started}",
    )


def _service(service: Service, limits: Thresholds, found: Findings) -> None:
    state, severity = CheckState.OK, None
    if service.watched:
        bad = {"unknown": CheckState.UNKNOWN, "running": CheckState.OK}
        state = bad.get(service.state, CheckState.CRITICAL)
    elif service.state == "failed" and limits.service.failed != "off" and not fits(service.name, limits.service.ignore):
        state, severity = SEVERITIES[limits.service.failed]
    elif service.state == "unknown":
        return
    words = {
        "running": "is running",
        "stopped": "is stopped",
        "failed": "has failed",
        "missing": "is not installed",
        "unknown": "could not be read",
    }
    detail = f" ({service.detail})" if service.detail and state is not CheckState.OK else ""
    found.add(
        "service",
        service.name,
        label=f"Service {service.name}",
        state=state,
        severity=severity,
        summary=f"Service {service.name} {words.get(service.state, 'is ' + service.state)}{detail}",
        advice="Check its name in the configuration." if service.state == "missing" else "Restart it and read its log.",
    )


def _file(file: WatchedFile, limits: Thresholds, found: Findings) -> None:
    at = limits.file_at(file.path)
    age, size = finite(file.age_s), finite(file.size_bytes)
    state, finding, advice = CheckState.OK, "is there", ""
    if file.problem:
        finding, advice = f"could not be read: {file.problem}", "Check the path and who may read it."
        state = CheckState.UNKNOWN
    elif not file.exists:
        finding, advice = "is missing", "Find the job that writes it."
        state = CheckState.CRITICAL if at.exists else CheckState.OK
    elif not at.exists:
        state, finding, advice = CheckState.CRITICAL, "is there and should not be", "Find out what left it behind."
    elif age is not None and at.max_age is not None and age > at.max_age:
        state, finding, advice = (
            CheckState.CRITICAL,
            f"was last written {span(age)} ago",
            "Find the job that writes it.",
        )
    elif size is not None and at.min_size is not None and size < at.min_size:
        state, finding, advice = CheckState.CRITICAL, f"has only {amount(size)}", "Look at the job that writes it."
    elif size is not None and at.max_size is not None and size > at.max_size:
        state, finding, advice = CheckState.WARNING, f"has grown to {amount(size)}", "Rotate or clear it."
    by_age = at.max_age is not None
    found.add(
        "file",
        file.path,
        label=f"File {file.path}",
        state=state,
        summary=f"File {file.path} {finding}",
        advice=advice,
        value=(age if by_age else size) if file.exists else None,
        unit="s" if by_age else "B",
        warn=None if by_age else at.max_size,
        crit=at.max_age if by_age else None,
    )


def _certificate(certificate: Certificate, now: datetime, limits: Thresholds, found: Findings) -> None:
    warn, crit = limits.certificate.warn, limits.certificate.crit
    name = f"Certificate {certificate.path}"
    if certificate.expires is None:
        found.add(
            "certificate",
            certificate.path,
            label=name,
            state=CheckState.UNKNOWN,
            summary=f"{name} could not be read" + (f": {certificate.problem}" if certificate.problem else ""),
            advice="Check the path and who may read it.",
        )
        return
    left_s = (certificate.expires - now).total_seconds()
    days = left_s / 86400.0
    subject = f" ({certificate.subject})" if certificate.subject else ""
    says = f"expires in {span(left_s)}" if left_s > 0 else f"expired {span(-left_s)} ago"
    found.add(
        "certificate",
        certificate.path,
        label=name,
        state=state_of(warning=at_most(days, warn), critical=left_s <= 0 or at_most(days, crit)),
        summary=f"{name}{subject} {says}",
        advice="Renew it, and find out why it was not renewed by itself.",
        value=max(0.0, days),
        unit="d",
        warn=warn,
        crit=crit,
    )


def _kernel(events: KernelEvents, limits: Thresholds, found: Findings) -> None:
    kinds = (
        ("oom", limits.kernel.oom, events.oom_kills, "Kernel ended processes for lack of memory", "Find what grew."),
        (
            "disk",
            limits.kernel.disk,
            events.disk_errors,
            "Kernel reports disk errors",
            "Save the data, check the disk.",
        ),
    )
    for subject, choice, lines, title, advice in kinds:
        state, severity = SEVERITIES.get(choice, (CheckState.OK, None)) if lines else (CheckState.OK, None)
        last = f"{title} within the last hour: {lines[-1]}" if lines else "Nothing in the kernel log of the last hour"
        found.add(
            "kernel",
            subject,
            label="Out of memory" if subject == "oom" else "Disk errors",
            state=state,
            severity=severity,
            summary=last,
            advice=advice,
            value=len(lines),
        )


def _network(interfaces: tuple[Interface, ...], limits: Thresholds, found: Findings) -> None:
    seen = {interface.name for interface in interfaces}
    for interface in interfaces:
        name = interface.name
        reachable = any(not address.casefold().startswith(_LINK_LOCAL) for address in interface.addresses)
        must_be_up = interface.default_route or name in limits.network.up
        state, finding = CheckState.OK, "is up" if interface.up else "is down"
        if not interface.up and must_be_up:
            state = CheckState.CRITICAL
        elif interface.up and interface.dhcp and not reachable:
            state, finding = CheckState.CRITICAL, "has no address from DHCP"
        addresses = ", ".join(interface.addresses) if interface.up and state is CheckState.OK else ""
        found.add(
            "network",
            name,
            label=f"Network {name}",
            state=state,
            summary=f"Network {name} {finding}" + (f", {addresses}" if addresses else ""),
            advice="Check cable and switch port, then renew the lease.",
            target=name,
        )
    for name in limits.network.up:
        if interfaces and name not in seen:
            found.add(
                "network",
                name,
                label=f"Network {name}",
                state=CheckState.CRITICAL,
                summary=f"Network {name} is missing",
                advice="Check the adapter and its driver.",
                target=name,
            )


def _reboot(facts: HostFacts, limits: Thresholds, found: Findings) -> None:
    if facts.reboot_required is None:
        return
    state, severity = CheckState.OK, None
    if facts.reboot_required and limits.reboot.severity != "off":
        state, severity = SEVERITIES[limits.reboot.severity]
        up = finite(facts.uptime_s)
        if severity is Severity.INFO and up is not None and at_least(up / 86400.0, limits.reboot.warn_days):
            severity = None
    why = f": {facts.reboot_required}" if facts.reboot_required else ""
    found.add(
        "reboot",
        label="Reboot required",
        state=state,
        severity=severity,
        summary=f"Reboot required{why}" if why else "No reboot required",
        advice="Reboot outside of business hours.",
    )
