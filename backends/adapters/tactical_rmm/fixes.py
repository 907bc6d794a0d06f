"""What can be run on its agents: the server's scripts, and what every agent can do."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable, Mapping, Sequence
from typing import Final

from backends.adapters.tactical_rmm.records import Script
from backends.api import OwnFix, SafeText, safe
from backends.fleet.run import Parameter, Risk

SCRIPT: Final = "script-"
WAKE: Final = "wake-on-lan"
REBOOT: Final = "reboot"
MAINTENANCE: Final = {"maintenance-on": True, "maintenance-off": False}
COMMAND: Final = ("command", "command-posix")
SERVICE: Final = {"service-restart": "restart", "service-start": "start", "service-stop": "stop"}
AROUND_S: Final = 60.0
"""Beside what runs itself: the ping before it (20 s), what the server adds (3 s), the wait for its end (15 s)."""
COMMAND_S: Final = 120
"""How long a command may run."""
SERVICE_S: Final = 70.0
"""A restart is a stop and a start: up to 64 s."""
_LONGEST_S: Final = 3600.0 - AROUND_S
_SHELLS: Final[Mapping[str, tuple[str, ...]]] = {
    "powershell": ("windows",),
    "cmd": ("windows",),
    "shell": ("linux", "darwin"),
}
"""Platforms of a script that names none; the other shells run everywhere."""
_SERVICE: Final = Parameter(
    name="service", label=safe("Service"), pattern=r"[A-Za-z0-9_][A-Za-z0-9_.$ ()\-]{0,127}", source="subject"
)
"""Part of an address: it cannot begin with a dot."""
_COMMAND: Final = Parameter(name="command", label=safe("Command"), pattern=r".{1,4000}")


def own_fixes(
    platforms: Mapping[str, str], scripts: Iterable[Script], denied: Collection[str] = ()
) -> tuple[OwnFix, ...]:
    """All of them, each with the agents that it is for. `platforms` is by agent; what was refused for want of a right
    is in `denied`, by that right."""
    by_platform = _Platforms(platforms)
    found = [
        *_services(by_platform.of(("windows",))),
        _REBOOT,
        _WAKE,
        _command("command", by_platform.of(("windows",)), "cmd|powershell", "powershell"),
        _command("command-posix", by_platform.of(("linux", "darwin")), r"/[A-Za-z0-9/._-]{1,100}", "/bin/sh"),
        *(_maintenance(name, on=on) for name, on in MAINTENANCE.items()),
        *(_of_script(script, by_platform) for script in scripts),
    ]
    return tuple(fix for fix in found if right_for(fix) not in denied)


def offered(scripts: Iterable[Script], *, community: bool) -> dict[int, Script]:
    """The scripts that are offered, by id: not the hidden ones, and those that came with the product when wanted."""
    return {one.id: one for one in scripts if not one.hidden and (community or one.script_type != "builtin")}


def right_for(fix: OwnFix) -> str:
    """The right of the role that it takes."""
    if fix.id in SERVICE:
        return "can_manage_winsvcs"
    if fix.id in MAINTENANCE:
        return "can_edit_agent"
    if fix.id in COMMAND:
        return "can_send_cmd"
    return {REBOOT: "can_reboot_agents", WAKE: "can_send_wol"}.get(fix.id, "can_run_scripts")


def script_of(fix: OwnFix) -> int | None:
    """The server's id of the script that a fix is; None for the others."""
    found = re.fullmatch(rf"{SCRIPT}([0-9]{{1,18}})", fix.id)
    return int(found[1]) if found else None


def runs_for(script: Script) -> int:
    """How long the server lets it run, in seconds."""
    return int(min(_LONGEST_S, max(1, script.default_timeout)))


def _services(windows: tuple[str, ...]) -> list[OwnFix]:
    about = {
        "restart": "The agent stops it and starts it again at once; this may take a minute.",
        "start": "The agent starts it at once.",
        "stop": "The agent stops it at once; what needs it stands still until it is started again.",
    }
    return [
        OwnFix(
            id=name,
            title=safe(f"{verb.capitalize()} a Windows service"),
            about=safe(about[verb]),
            risk=Risk.DISRUPTIVE,
            # A service that is found wrong is not mended by stopping it.
            families=("device",) if verb == "stop" else ("device", "service"),
            natives=windows,
            parameters=(_SERVICE,),
            deadline_s=SERVICE_S + AROUND_S,
        )
        for name, verb in SERVICE.items()
    ]


_REBOOT: Final = OwnFix(
    id=REBOOT,
    title=safe("Reboot now"),
    about=safe("The agent reboots the machine at once; who works on it is not asked."),
    risk=Risk.DISRUPTIVE,
    families=("device", "reboot"),
    deadline_s=15.0 + AROUND_S,
    disconnects=True,
)
_WAKE: Final = OwnFix(
    id=WAKE,
    title=safe("Wake on LAN"),
    about=safe("Tactical RMM sends the machine the signal to switch itself on; whether it does, shows by itself."),
    risk=Risk.SAFE,
    families=("device", "reachable"),
    deadline_s=15.0 + AROUND_S,
    away=True,
)


def _command(name: str, natives: tuple[str, ...], shells: str, usual: str) -> OwnFix:
    return OwnFix(
        id=name,
        title=safe("Run a command"),
        about=safe(
            f"Any command, in the shell that is named, for {COMMAND_S} s at most. Tactical RMM tells what it printed, "
            "not how it ended: read what it says."
        ),
        risk=Risk.DESTRUCTIVE,
        natives=natives,
        parameters=(Parameter(name="shell", label=safe("Shell"), pattern=shells, default=usual), _COMMAND),
        deadline_s=COMMAND_S + AROUND_S,
    )


def _maintenance(name: str, *, on: bool) -> OwnFix:
    return OwnFix(
        id=name,
        title=safe(f"Maintenance {'on' if on else 'off'}"),
        about=safe("Tactical RMM raises no alerts of the agent." if on else "Tactical RMM raises alerts of it again."),
        risk=Risk.SAFE,
        deadline_s=15.0 + AROUND_S,
        away=True,
    )


def about_of(script: Script) -> SafeText:
    """What it is and what it is run with: who has agreed to it has agreed to that."""
    described = " ".join((script.description or "").split())
    args = f"arguments: {' '.join(script.args)}" if script.args else ""
    names = " ".join(pair.partition("=")[0] for pair in script.env_vars or ())
    parts = (
        script.filename or "",
        script.shell,
        args,
        f"environment: {names}" if names else "",
        "as the user who is logged in" if script.run_as_user else "",
        described,
    )
    return safe(" · ".join(part for part in parts if part), 500)


def _of_script(script: Script, by_platform: _Platforms) -> OwnFix:
    platforms = tuple(script.supported_platforms or ()) or _SHELLS.get(script.shell, ())
    return OwnFix(
        id=f"{SCRIPT}{script.id}",
        title=safe(script.name, 120),
        about=about_of(script),
        risk=Risk.DISRUPTIVE,
        natives=by_platform.of(platforms) if platforms else None,
        deadline_s=runs_for(script) + AROUND_S,
    )


class _Platforms:
    """Agents by platform; one tuple for all fixes that are for the same ones."""

    def __init__(self, platforms: Mapping[str, str]) -> None:
        self._platforms = platforms
        self._made: dict[frozenset[str], tuple[str, ...]] = {}

    def of(self, platforms: Sequence[str]) -> tuple[str, ...]:
        wanted = frozenset(platforms)
        if wanted not in self._made:
            self._made[wanted] = tuple(sorted(agent for agent, plat in self._platforms.items() if plat in wanted))
        return self._made[wanted]
