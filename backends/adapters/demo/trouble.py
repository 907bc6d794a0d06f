"""What can be wrong with a machine: one trouble is one condition on one machine from a moment on, maybe to another."""

from __future__ import annotations

import math

from msgspec import Struct

from backends.fleet.model import CheckState, Severity

FOREVER = math.inf


class Trouble(Struct, frozen=True, kw_only=True):
    """A condition and how it develops. Times are seconds of the story."""

    machine: int = -1
    family: str
    subject: str = ""
    label: str = ""
    """Empty means the gauge's own."""
    start: float = 0.0
    end: float = FOREVER
    state: CheckState = CheckState.WARNING
    severity: Severity | None = None
    summary: str = ""
    """`{value}` stands for the value, `{left}` for what is left of a disk."""
    advice: str = ""
    value: float | None = None
    slope: float = 0.0
    """Change of the value a second."""
    cap: float = FOREVER
    """Where the slope comes to its end."""
    size: float = 0.0
    """Of the disk in GiB."""
    unit: str = ""
    warn: float | None = None
    crit: float | None = None
    target: str = ""
    cures: tuple[str, ...] = ()
    """Fixes that end it."""
    flap_s: float = 0.0
    """It comes and goes with this period."""
    down: bool = False
    """The machine does not answer meanwhile."""
    reboots: bool = False
    """When it ends the machine has started anew."""

    @property
    def key(self) -> str:
        return f"{self.family}/{self.subject}" if self.subject else self.family

    @property
    def restless(self) -> bool:
        """It changes while it lasts."""
        return self.slope != 0.0 or self.flap_s > 0.0

    def present(self, t: float) -> bool:
        """Whether the condition is there at `t`, were nothing done about it."""
        if not self.start <= t < self.end:
            return False
        return not self.flap_s or (t - self.start) % self.flap_s < self.flap_s * 0.6

    def since(self, t: float) -> float:
        """When the state that holds at `t` began."""
        if self.flap_s:
            return self.start + (t - self.start) // self.flap_s * self.flap_s
        return self.start

    def value_at(self, t: float) -> float | None:
        if self.value is None:
            return None
        now = self.value + self.slope * (t - self.start)
        return min(now, self.cap) if self.slope >= 0 else max(now, self.cap if self.cap < FOREVER else 0.0)

    def state_at(self, t: float) -> tuple[CheckState, Severity | None]:
        """A trouble that develops is judged by its thresholds, another is as bad as it began."""
        now = self.value_at(t)
        if not self.slope or now is None or self.crit is None:
            return self.state, self.severity
        past = now >= self.crit if self.slope > 0 else now <= self.crit
        return (CheckState.CRITICAL, Severity.HIGH) if past else (CheckState.WARNING, Severity.WARNING)

    def says(self, t: float, jitter: float = 0.0) -> tuple[str, float | None]:
        """The finding in words, and its value."""
        now = self.value_at(t)
        if now is None:
            return self.summary, None
        now = round(now + jitter, 1)
        left = f"{max(self.size * (100.0 - now) / 100.0, 0.0):.1f}"
        shown = f"{now:g}" if now == int(now) else f"{now:.1f}"
        return self.summary.replace("{value}", shown).replace("{left}", left), now
