"""What the sources of an issue say of it, each for itself: what it found, and what was decided there."""

from __future__ import annotations

from backends.fleet.model import CheckState, Handling, Issue, SafeText, safe
from backends.fleet.run import DeviceCard
from widgets.present.age import full_time
from widgets.present.card import Times
from widgets.present.row import Cell, Line, line, plain, since
from widgets.present.tone import Tone


def witness_lines(issue: Issue, known: DeviceCard) -> list[Line]:
    """One line for each source where there are several: `zabbix-eu: Disk /var is 97.2 % full, seen 12s ago`."""
    mine = [check for check in known.checks if check.key == issue.key and check.state is not CheckState.OK]
    if len({check.source for check in mine}) < 2:
        return []
    mine.sort(key=lambda check: check.source)
    return [
        line(
            "Evidence" if not index else "",
            plain(f"{safe(check.source)}: ", Tone.DIM),
            Cell(check.summary or check.label),
            plain(f", {check.state.value}, seen ", Tone.DIM),
            since(check.seen),
        )
        for index, check in enumerate(mine)
    ]


def handled_lines(issue: Issue, times: Times) -> list[Line]:
    """What was decided in the sources: `zabbix-eu: acknowledged by Admin at 2026-11-21 12:04:31: “ordered”`."""
    return [
        line("There" if not index else "", plain(f"{safe(source)}: ", Tone.DIM), *_decided(word, times))
        for index, (source, word) in enumerate(issue.handled)
    ]


def _decided(word: Handling, times: Times) -> list[Cell]:
    said: list[Cell] = []
    if word.acked:
        at = f" at {full_time(word.acked_at, times.zone)}" if word.acked_at else ""
        said.append(plain(f"acknowledged{_by(word.acked_by)}{at}"))
    if word.quiet:
        until = f" until {full_time(word.quiet_until, times.zone)}" if word.quiet_until else ""
        said.append(plain(f"{', ' if said else ''}quiet{until}{_by(word.quiet_by)}"))
    return [*said, plain(": ", Tone.DIM), Cell(word.text)] if word.text else said


def _by(name: SafeText) -> SafeText:
    return SafeText(f" by {name}" if name else "")
