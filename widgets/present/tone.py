"""How a state looks: one word, one glyph, one tone. Colour comes last and never stands alone."""

from __future__ import annotations

from datetime import datetime
from enum import StrEnum
from typing import Final

from backends.fleet.model import CheckState, Freshness, Health, SafeText, Severity
from backends.fleet.run import Risk, Run, RunState, Verified


class Tone(StrEnum):
    """What a piece of text means to the eye; the value ends the name of its style (`live-table--critical`)."""

    PLAIN = "plain"
    DIM = "dim"
    STRONG = "strong"
    ACCENT = "accent"
    OK = "ok"
    CRITICAL = "critical"
    HIGH = "high"
    WARNING = "warning"
    INFO = "info"
    UNKNOWN = "unknown"


_SOON_S: Final = 900.0

SEVERITY_GLYPH: Final = {
    Severity.CRITICAL: "■",
    Severity.HIGH: "▲",
    Severity.WARNING: "△",
    Severity.INFO: "○",
}

SEVERITY_TONE: Final = {
    Severity.CRITICAL: Tone.CRITICAL,
    Severity.HIGH: Tone.HIGH,
    Severity.WARNING: Tone.WARNING,
    Severity.INFO: Tone.INFO,
}

HEALTH_GLYPH: Final = {
    Health.OK: "●",
    Health.DEGRADED: "▲",
    Health.DOWN: "■",
    Health.UNKNOWN: "?",
    Health.MAINTENANCE: "◇",
}

HEALTH_TONE: Final = {
    Health.OK: Tone.OK,
    Health.DEGRADED: Tone.HIGH,
    Health.DOWN: Tone.CRITICAL,
    Health.UNKNOWN: Tone.UNKNOWN,
    Health.MAINTENANCE: Tone.INFO,
}

CHECK_GLYPH: Final = {
    CheckState.OK: "●",
    CheckState.WARNING: "△",
    CheckState.CRITICAL: "■",
    CheckState.UNKNOWN: "?",
}

CHECK_TONE: Final = {
    CheckState.OK: Tone.OK,
    CheckState.WARNING: Tone.WARNING,
    CheckState.CRITICAL: Tone.CRITICAL,
    CheckState.UNKNOWN: Tone.UNKNOWN,
}

FRESHNESS_GLYPH: Final = {
    Freshness.FRESH: "●",
    Freshness.STALE: "◌",
    Freshness.SILENT: "?",
    Freshness.FAILED: "■",
}

FRESHNESS_TONE: Final = {
    Freshness.FRESH: Tone.OK,
    Freshness.STALE: Tone.WARNING,
    Freshness.SILENT: Tone.UNKNOWN,
    Freshness.FAILED: Tone.CRITICAL,
}

RISK_TONE: Final = {Risk.SAFE: Tone.OK, Risk.DISRUPTIVE: Tone.HIGH, Risk.DESTRUCTIVE: Tone.CRITICAL}


def due_tone(until: datetime | None, now: datetime) -> Tone | None:
    """What has to happen within a quarter of an hour is told apart, and what should have happened."""
    if until is None:
        return None
    left_s = (until - now).total_seconds()
    return Tone.CRITICAL if left_s < 0 else Tone.HIGH if left_s < _SOON_S else None


def severity_word(severity: Severity) -> SafeText:
    """`■ critical`."""
    return SafeText(f"{SEVERITY_GLYPH[severity]} {severity.value}")


def health_word(health: Health) -> SafeText:
    """`● ok`."""
    return SafeText(f"{HEALTH_GLYPH[health]} {health.value}")


def outcome(run: Run) -> tuple[SafeText, Tone]:
    """What became of a run, in a word or two: `● fixed`, `? may have run`."""
    if run.state is RunState.SUCCEEDED:
        return {
            Verified.FIXED: (SafeText("● fixed"), Tone.OK),
            Verified.NOT_FIXED: (SafeText("■ not fixed"), Tone.CRITICAL),
            Verified.NOT_VERIFIED: (SafeText("? not verified"), Tone.UNKNOWN),
            Verified.PENDING: (SafeText("◌ verifying"), Tone.ACCENT),
        }[run.verified]
    return {
        RunState.PLANNED: (SafeText("○ planned"), Tone.DIM),
        RunState.APPROVED: (SafeText("○ approved"), Tone.ACCENT),
        RunState.RUNNING: (SafeText("▶ running"), Tone.ACCENT),
        RunState.FAILED: (SafeText("■ failed"), Tone.CRITICAL),
        RunState.UNKNOWN: (SafeText("? may have run"), Tone.UNKNOWN),
    }[run.state]
