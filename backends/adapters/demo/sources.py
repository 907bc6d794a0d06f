"""How the imaginary fleet is spread over the tools of an imaginary MSP. Light: the composition root imports it."""

from __future__ import annotations

from typing import Any, Final

from backends.config.schema import DemoOptions

SPLIT: Final = ("zabbix-eu", "icinga-us", "rmm", "probe")
"""Two monitoring servers, the agents' console and our own agentless probe."""

FAULTS: Final = ("silent", "refused", "empty", "slow", "garbage", "flapping", "clock", "identity")


def demo_sources(options: DemoOptions, epoch: str = "") -> list[tuple[str, str, dict[str, Any]]]:
    """Name, kind and options of each source of the demo. `epoch` (ISO) is when the story began, if that is known."""
    common: dict[str, Any] = {
        "seed": options.seed,
        "clients": options.clients,
        "devices": options.devices,
        "speed": options.speed,
        "at": options.at,
        "hostile": options.hostile,
        "changes": options.changes,
        "epoch": epoch,
    }
    found = [(name, "demo", {**common, "only": name}) for name in SPLIT]
    if options.faults:
        found += [(f"demo-{fault}", "demo", {**common, "fault": fault}) for fault in FAULTS]
    return found
