"""The strip at the foot of the wall: clients where nothing is open, those first of whom too little is known."""

from __future__ import annotations

from collections import Counter
from typing import Final

from backends.fleet.changes import Picture
from backends.fleet.model import Health, IssueState, SafeText, columns_of
from widgets.present.clients import ClientSums
from widgets.present.row import Tone
from widgets.present.tone import HEALTH_GLYPH, HEALTH_TONE
from widgets.present.wall_line import WallLine, said

_ORDER: Final = (Health.DOWN, Health.DEGRADED, Health.UNKNOWN, Health.MAINTENANCE, Health.OK)
_BETWEEN: Final = "   "


def calm_lines(picture: Picture, width: int, lines: int) -> list[WallLine]:
    """`? 1 unknown   Depot Co` over `● 9 ok   Acme Dental   Baker Law`; in more than `lines` lines only where there
    are more kinds of health than that. Names for which there is no room are counted."""
    sums = ClientSums(picture)
    snoozed = Counter(one.client for one in picture.issues.values() if one.state is IssueState.SNOOZED)
    groups: dict[Health, list[SafeText]] = {}
    for client in sorted(picture.clients.values(), key=lambda one: one.name.casefold()):
        if client.id not in sums.worst:
            health = sums.health.get(client.id, Health.UNKNOWN)
            groups.setdefault(health, []).append(_named(client.name, snoozed[client.id]))
    kinds = [health for health in _ORDER if health in groups]
    rows = {health: _rows(groups[health], width - _indent(health, groups[health])) for health in kinds}
    while sum(map(len, rows.values())) > max(lines, len(kinds)):
        longest = max(kinds, key=lambda health: len(rows[health]))
        rows[longest].pop()
    return [line for health in kinds for line in _group(health, groups[health], rows[health], width)]


def _named(name: SafeText, snoozed: int) -> SafeText:
    return SafeText(f"{name} ({snoozed} snoozed)") if snoozed else name


def _head(health: Health, names: list[SafeText]) -> SafeText:
    return SafeText(f"{HEALTH_GLYPH[health]} {len(names)} {health.value}{_BETWEEN}")


def _indent(health: Health, names: list[SafeText]) -> int:
    return columns_of(_head(health, names)) + 1


def _rows(names: list[SafeText], width: int) -> list[list[SafeText]]:
    rows: list[list[SafeText]] = [[]]
    used = 0
    for name in names:
        wide = columns_of(name) + len(_BETWEEN)
        if rows[-1] and used + wide > width:
            rows.append([])
            used = 0
        rows[-1].append(name)
        used += wide
    return rows


def _group(health: Health, names: list[SafeText], rows: list[list[SafeText]], width: int) -> list[WallLine]:
    head = _head(health, names)
    missing = len(names) - sum(map(len, rows))
    if missing:
        shown = rows[-1]
        while shown and columns_of(head + _BETWEEN.join(shown)) + len(f"{_BETWEEN}+{missing} more") > width - 2:
            shown.pop()
            missing += 1
    tone = HEALTH_TONE[health]
    lines = []
    for number, row in enumerate(rows):
        first = said(f" {head}" if number == 0 else " " * _indent(health, names), tone)
        last = (said(f"+{missing} more ", Tone.STRONG),) if missing and number == len(rows) - 1 else ()
        lines.append(
            WallLine(
                left=(first, said(_BETWEEN.join(row), tone if health is not Health.OK else Tone.PLAIN)), right=last
            )
        )
    return lines
