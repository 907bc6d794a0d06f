"""What the imaginary machines print while a fix runs on them, piece by piece."""

from __future__ import annotations

from backends.adapters.demo.luck import fraction, number
from backends.adapters.demo.machines import Machine
from backends.adapters.demo.trouble import Trouble

Piece = tuple[float, str]
"""Seconds to wait, then what is printed."""


def spoken(
    action: str, machine: Machine, arguments: tuple[str, ...], trouble: Trouble | None, at_s: float
) -> list[Piece]:
    """The output of a script that does what it should."""
    argument = arguments[0] if arguments else (trouble.subject if trouble is not None else "")
    tell = {
        "restart-service": _restart,
        "free-disk": _free_disk,
        "end-process": _end_process,
        "renew-lease": _renew_lease,
        "reboot": _reboot,
    }.get(action, _other)
    return tell(machine, argument, at_s)


def refused(action: str, arguments: tuple[str, ...]) -> list[Piece]:
    """The output of a script that fails, whatever it is."""
    argument = arguments[0] if arguments else action
    return [
        (0.3, f"{argument}: working on it\n"),
        (1.9, f"Job for {argument} failed because the control process exited with error code.\n"),
        (0.2, f'See "systemctl status {argument}" and "journalctl -xeu {argument}" for details.\n'),
        (0.1, f"{argument}: cannot bind its port: Address already in use\n"),
    ]


def _restart(machine: Machine, service: str, at_s: float) -> list[Piece]:
    pid = 2000 + int(fraction("pid", machine.index, at_s) * 50_000)
    return [
        (0.2, f"stopping {service} on {machine.name}\n"),
        (0.9, f"starting {service}\n"),
        (1.1, f"{service} is active, main process {pid}\n"),
    ]


def _free_disk(machine: Machine, mount: str, at_s: float) -> list[Piece]:
    logs = 400 + number("logs", machine.index, at_s) % 5000
    cache = 150 + number("cache", machine.index, at_s) % 1900
    old = 20 + number("old", machine.index, at_s) % 700
    return [
        (0.4, f"before: {mount or '/'} is being measured\n"),
        (1.2, f"package cache: {cache} MiB freed\n"),
        (1.8, f"journal: archived journals deleted, {logs} MiB freed\n"),
        (1.1, f"temporary files older than 7 days: {old} MiB freed\n"),
        (0.5, f"together {logs + cache + old} MiB freed on {mount or '/'}\n"),
    ]


def _end_process(_machine: Machine, process: str, _at_s: float) -> list[Piece]:
    return [(0.2, f"asked process {process} to end\n"), (0.5, "it has ended\n")]


def _renew_lease(machine: Machine, interface: str, _at_s: float) -> list[Piece]:
    return [
        (0.2, f"DHCPRELEASE of {interface}\n"),
        (0.6, f"DHCPDISCOVER on {interface} interval 3\n"),
        (0.7, f"DHCPOFFER of {machine.address}\nDHCPREQUEST for {machine.address} on {interface}\n"),
        (0.2, f"DHCPACK: bound to {machine.address}, renewal in 1740 seconds\n"),
    ]


def _reboot(machine: Machine, _argument: str, _at_s: float) -> list[Piece]:
    return [(0.2, f"{machine.name} is going down for reboot NOW\n")]


def _other(machine: Machine, argument: str, _at_s: float) -> list[Piece]:
    return [(0.3, f"{machine.name}: begun {argument}\n"), (1.0, "done\n")]
