"""The wall's tiles: one a client with something open, worst first, as large as what is wrong there."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from enum import IntEnum
from typing import Final

from msgspec import Struct

from backends.fleet.changes import Picture
from backends.fleet.model import Freshness, Issue, IssueState, SafeText, Severity, Source, safe
from backends.fleet.tally import waits
from widgets.present import letters
from widgets.present.issues import ordinal
from widgets.present.row import Tone
from widgets.present.tone import SEVERITY_GLYPH, SEVERITY_TONE
from widgets.present.wall_line import Piece, WallLine, said, wrapped


class Size(IntEnum):
    LARGE = 0
    MIDDLE = 1
    SMALL = 2


EDGE: Final = {Size.LARGE: "█ ", Size.MIDDLE: "▌ ", Size.SMALL: "│ "}
"""What runs down the left side: how bad it is shows from afar, with or without colour."""

_WRAPPED: Final = {Size.LARGE: 3, Size.MIDDLE: 2, Size.SMALL: 1}
"""At most so many lines of the worst issue's title."""


class Entry(Struct, frozen=True):
    """One issue of a tile, and the source that tells of it where that one cannot be believed now."""

    issue: Issue
    doubtful: Source | None = None


class Tile(Struct, frozen=True, kw_only=True):
    key: str
    name: SafeText
    size: Size
    entries: tuple[Entry, ...]
    """Worst first; never empty."""

    @property
    def worst(self) -> Issue:
        return self.entries[0].issue

    @property
    def old(self) -> bool:
        """Whether nothing in it is fresh."""
        return all(entry.issue.freshness is not Freshness.FRESH for entry in self.entries)


def tiles_of(picture: Picture) -> list[Tile]:
    """Worst first: by severity, what is acknowledged below what waits for somebody, then by urgency."""
    groups: dict[str, list[Issue]] = {}
    for issue in picture.issues.values():
        if waits(issue):
            groups.setdefault(issue.client or f"source:{issue.device_name}", []).append(issue)
    tiles = [_tile(key, sorted(issues, key=_rank), picture) for key, issues in groups.items()]
    return sorted(tiles, key=lambda tile: _rank(tile.worst))


def _tile(key: str, issues: list[Issue], picture: Picture) -> Tile:
    worst = issues[0]
    return Tile(
        key=key,
        name=worst.client_name or SafeText(f"source {worst.device_name}"),
        size=_size(worst),
        entries=tuple(Entry(issue, _doubtful(issue, picture)) for issue in issues),
    )


def _rank(issue: Issue) -> tuple[int, float, float, str]:
    return _weight(issue), -issue.urgency, issue.since.timestamp(), issue.id


def _weight(issue: Issue) -> int:
    """Somebody who acknowledged it sees to it: one step lower."""
    return issue.severity.rank + (issue.state is IssueState.ACKED)


def _size(worst: Issue) -> Size:
    return Size(min(_weight(worst), Size.SMALL))


def _doubtful(issue: Issue, picture: Picture) -> Source | None:
    source = picture.sources.get(issue.source)
    return source if source is not None and source.state is not Freshness.FRESH else None


# -- as lines ---------------------------------------------------------------------------------------------------------


def wanted_height(tile: Tile, width: int, *, big: bool = False) -> int:
    """How many lines say all of it; `big` with the name in large letters, where they fit."""
    if tile.size is Size.SMALL and len(tile.entries) == 1:
        return 2
    inner = width - len(EDGE[tile.size])
    lines = 2 + len(_title(tile, inner, _WRAPPED[tile.size])) + bool(_facts(tile.entries[0])) + len(tile.entries) - 1
    return lines + (len(_sign(tile, inner)) if big else 0)


def lines_of(tile: Tile, width: int, height: int, *, big: bool = False) -> list[WallLine]:
    """The tile in exactly `height` lines (two at least) of `width` columns."""
    inner = width - len(EDGE[tile.size])
    sign = _sign(tile, inner) if big else []
    body = [*sign, *_long(tile, inner, height - 1 - len(sign))] if height >= 4 else _short(tile)
    blank = WallLine()
    lines = [*body, *(blank for _ in range(height - 1 - len(body)))]
    edge = Piece(SafeText(EDGE[tile.size]), Tone.DIM if tile.old else SEVERITY_TONE[tile.worst.severity])
    return [_band(tile), *(WallLine(left=(edge, *line.left), right=line.right) for line in lines[: height - 1])]


def _band(tile: Tile) -> WallLine:
    worst = tile.worst
    word = worst.severity.value.upper() if tile.size is Size.LARGE else worst.severity.value
    tone = SEVERITY_TONE[worst.severity]
    solid = tile.size is not Size.SMALL and not tile.old
    name = Piece(tile.name, tone if solid else Tone.STRONG)
    return WallLine(
        left=(said(f"{SEVERITY_GLYPH[worst.severity]} {word}  ", tone), name),
        right=(Piece(tone=tone if solid else Tone.DIM, since=worst.since), said(" ")),
        fill=tone if solid else None,
    )


def has_sign(tile: Tile, width: int) -> bool:
    """Whether the name fits into a tile of that width in large letters, or is of a script that has none here."""
    inner = width - len(EDGE[tile.size])
    name = letters.drawable(tile.name)
    return not name or letters.columns(name) <= inner


def _sign(tile: Tile, width: int) -> list[WallLine]:
    """The name in letters to be read across the room, between blank lines; nothing where it does not fit."""
    name = letters.drawable(tile.name)
    scale = next((scale for scale in (2, 1) if 0 < letters.columns(name, scale) <= width), 0)
    if not scale:
        return []
    tone = Tone.DIM if tile.old else SEVERITY_TONE[tile.worst.severity]
    rows = [WallLine(left=(Piece(line, tone),)) for line in letters.drawn(name, scale)]
    return [WallLine(), *rows, WallLine()]


def _short(tile: Tile) -> list[WallLine]:
    """One line below the name."""
    entry = tile.entries[0]
    more = (said(f" +{len(tile.entries) - 1} ", Tone.STRONG),) if len(tile.entries) > 1 else ()
    doubt = (*_doubt(entry), said("  ")) if _doubt(entry) else ()
    device = Piece(_device(entry.issue), Tone.STRONG)
    return [WallLine(left=(*doubt, device, said("  "), Piece(entry.issue.title)), right=(*_who(entry.issue), *more))]


def _long(tile: Tile, width: int, height: int) -> list[WallLine]:
    first, others = tile.entries[0], tile.entries[1:]
    lines = [WallLine(left=(Piece(_place(first.issue), Tone.STRONG),), right=_who(first.issue, nobody=True))]
    facts = _facts(first)
    kept = 1 + bool(facts) + (1 if others else 0)
    tone = Tone.STRONG if tile.size is Size.LARGE else Tone.PLAIN
    title = _title(tile, width, max(1, min(_WRAPPED[tile.size], height - kept)))
    lines += [WallLine(left=(Piece(line, tone),)) for line in title]
    if facts and len(lines) < height:
        lines.append(WallLine(left=tuple(facts)))
    room = height - len(lines)
    if len(others) > room:
        shown = max(0, room - 1)
        lines += [_other(entry) for entry in others[:shown]]
        if room > 0:
            lines.append(_rest(others[shown:]))
        return lines
    return [*lines, *(_other(entry) for entry in others)]


def _title(tile: Tile, width: int, lines: int) -> list[SafeText]:
    return wrapped(tile.worst.title, width, lines)


def _facts(entry: Entry) -> list[Piece]:
    """How far it spreads, how often it came, what the contract leaves of time, and whether it is still so."""
    issue = entry.issue
    groups: list[tuple[Piece, ...]] = [_doubt(entry)] if _doubt(entry) else []
    if issue.behind:
        groups.append((said(f"{issue.behind} behind it", Tone.STRONG),))
    if issue.respond_by is not None and not (issue.owner or issue.acked_by):
        groups.append((said("respond ", Tone.DIM), Piece(tone=Tone.ACCENT, until=issue.respond_by)))
    if issue.resolve_by is not None:
        groups.append((said("repair ", Tone.DIM), Piece(tone=Tone.ACCENT, until=issue.resolve_by)))
    if issue.times > 1:
        groups.append((said(f"{ordinal(issue.times)} in 30 days", Tone.DIM),))
    pieces: list[Piece] = []
    for group in groups:
        pieces += [said(" · ", Tone.DIM), *group] if pieces else group
    return pieces


def _doubt(entry: Entry) -> tuple[Piece, ...]:
    """`? zabbix-eu silent 3m`; empty where the issue is seen to be so."""
    source, issue = entry.doubtful, entry.issue
    if source is not None:
        word = said(f"? {safe(source.name, 24)} {source.state.value} ", Tone.UNKNOWN)
        return (word, Piece(tone=Tone.UNKNOWN, since=source.seen)) if source.seen else (word,)
    if issue.freshness is not Freshness.FRESH:
        return said("? last seen ", Tone.UNKNOWN), Piece(tone=Tone.UNKNOWN, since=issue.seen)
    return ()


def _other(entry: Entry) -> WallLine:
    issue = entry.issue
    severity = said(f"{SEVERITY_GLYPH[issue.severity]} {issue.severity.value:<8} ", SEVERITY_TONE[issue.severity])
    doubt = (said("? ", Tone.UNKNOWN),) if _doubt(entry) else ()
    age = Piece(tone=Tone.DIM, since=issue.since, width=4)
    device = Piece(_device(issue), Tone.STRONG)
    return WallLine(left=(severity, age, said("  "), *doubt, device, said("  "), Piece(issue.title)), right=_who(issue))


def _rest(entries: Iterable[Entry]) -> WallLine:
    """`+5 more: ■ 1 critical △ 4 warning`."""
    counts = Counter(entry.issue.severity for entry in entries)
    pieces = [said(f"+{counts.total()} more:", Tone.STRONG)]
    pieces += [
        said(f" {SEVERITY_GLYPH[severity]} {counts[severity]} {severity.value}", SEVERITY_TONE[severity])
        for severity in Severity
        if counts[severity]
    ]
    return WallLine(left=tuple(pieces))


def _who(issue: Issue, *, nobody: bool = False) -> tuple[Piece, ...]:
    if issue.owner:
        return (said(f" @{safe(issue.owner, 24)} ", Tone.ACCENT),)
    if issue.state is IssueState.ACKED:
        return (said(f" acked {safe(issue.acked_by, 16)} ", Tone.DIM),)
    return (said(" nobody has it ", Tone.DIM),) if nobody else ()


def _device(issue: Issue) -> SafeText:
    return issue.device_name or safe(issue.source)


def _place(issue: Issue) -> SafeText:
    return SafeText(f"{_device(issue)} · {issue.site_name}" if issue.site_name else _device(issue))
