"""Rows of the clients beside the issue list, and of the sites of one client."""

from __future__ import annotations

from collections import Counter
from datetime import datetime
from typing import Final

from backends.fleet.changes import Picture, replaced
from backends.fleet.model import UNPLACED, Client, ClientId, Contract, Health, Issue, IssueId, SafeText, Site, SiteId
from backends.fleet.tally import waits
from backends.fleet.urgency import due
from widgets.present.issues import due_cell
from widgets.present.row import EMPTY, Cell, Column, Row, number, plain
from widgets.present.tone import HEALTH_GLYPH, HEALTH_TONE, SEVERITY_GLYPH, SEVERITY_TONE, Tone, health_word

ALL_CLIENTS: Final = ""
"""The key of the row that leads back to the whole fleet."""

COLUMNS: Final = (
    Column(name=EMPTY, width=1),
    Column(name=SafeText("Client"), width=10, grow=1),
    Column(name=SafeText("Open"), width=4, right=True),
    Column(name=SafeText("SLA"), width=4, right=True, time=True),
)

TABLE_COLUMNS: Final = (
    Column(name=SafeText("Worst"), width=10),
    Column(name=SafeText("Client"), width=16, grow=2, most=44),
    Column(name=SafeText("Contract"), width=9),
    Column(name=SafeText("Open"), width=4, right=True),
    Column(name=SafeText("Age"), width=4, right=True, time=True),
    Column(name=SafeText("SLA"), width=4, right=True, time=True),
    Column(name=SafeText("Sites"), width=5, right=True),
    Column(name=SafeText("Devices"), width=22, grow=1, most=40),
)

SITE_COLUMNS: Final = (
    Column(name=SafeText("Health"), width=13),
    Column(name=SafeText("Client"), width=12, grow=1, most=34, from_width=64),
    Column(name=SafeText("Site"), width=12, grow=1, most=34),
    Column(name=SafeText("Devices"), width=7, right=True),
    Column(name=SafeText("of these"), width=22, grow=1, most=44),
    Column(name=SafeText("Open issues"), width=11, right=True),
)

_WORST_FIRST: Final = (Health.DOWN, Health.DEGRADED, Health.UNKNOWN, Health.MAINTENANCE, Health.OK)


Rank = tuple[bool, int, int, int, str]


class ClientSums:
    """What the lists say of each client. Facts that two pictures share are looked at once."""

    def __init__(self, picture: Picture | None = None) -> None:
        self.worst: dict[ClientId, Issue] = {}
        self.due: dict[ClientId, datetime] = {}
        """When the SLA of one of its issues runs out first."""
        self.open: Counter[ClientId] = Counter()
        self.health: dict[ClientId, Health] = {}
        self.sites: Counter[ClientId] = Counter()
        self.devices: Counter[ClientId] = Counter()
        self._issues: dict[IssueId, Issue] = {}
        self._sites: dict[SiteId, Site] = {}
        self._issues_of: dict[ClientId, dict[IssueId, Issue]] = {}
        self._sites_of: dict[ClientId, dict[SiteId, Site]] = {}
        if picture is not None:
            self.follow(picture)

    def follow(self, picture: Picture) -> set[ClientId]:
        """Go on to this picture. Gives the clients of which something may be different."""
        touched: set[ClientId] = set()
        for before, after in replaced(self._issues, picture.issues):
            if before is not None and before.client:
                touched.add(before.client)
                self._issues_of.get(before.client, {}).pop(before.id, None)
            if after is not None and after.client and waits(after):
                touched.add(after.client)
                self._issues_of.setdefault(after.client, {})[after.id] = after
        for gone, come in replaced(self._sites, picture.sites):
            if gone is not None:
                touched.add(gone.client)
                self._sites_of.get(gone.client, {}).pop(gone.id, None)
            if come is not None:
                touched.add(come.client)
                self._sites_of.setdefault(come.client, {})[come.id] = come
        self._issues, self._sites = picture.issues, picture.sites
        for client in touched:
            self._sum_up(client)
        return touched

    def _sum_up(self, client: ClientId) -> None:
        for table in (self.worst, self.due, self.open, self.health, self.sites, self.devices):
            table.pop(client, None)
        issues, sites = self._issues_of.get(client, {}).values(), self._sites_of.get(client, {}).values()
        if issues:
            self.open[client] = len(issues)
            self.worst[client] = min(issues, key=lambda issue: (issue.severity.rank, issue.since))
            if times := [until for issue in issues if (until := due(issue)) is not None]:
                self.due[client] = min(times)
        if sites:
            self.sites[client] = len(sites)
            self.devices[client] = sum(site.devices.total for site in sites)
            self.health[client] = min((Health.OK, *(site.health for site in sites)), key=_WORST_FIRST.index)

    def rank(self, client: Client) -> Rank:
        """Managed first, then the worst severity, then the most issues, then those we know too little of."""
        worst = self.worst.get(client.id)
        return (
            client.contract is Contract.BREAK_FIX,
            worst.severity.rank if worst else 9,
            -self.open[client.id],
            _WORST_FIRST.index(self.health.get(client.id, Health.UNKNOWN)),
            client.name.casefold(),
        )

    def badness(self, client: ClientId) -> int:
        """By the worst issue; without issues by health."""
        worst = self.worst.get(client)
        return worst.severity.rank if worst else 9 + _WORST_FIRST.index(self.health.get(client, Health.UNKNOWN))

    def mark(self, client: ClientId) -> Cell:
        """The glyph of the worst issue; without issues that of its health."""
        worst = self.worst.get(client)
        if worst:
            return plain(SEVERITY_GLYPH[worst.severity], SEVERITY_TONE[worst.severity])
        health = self.health.get(client, Health.UNKNOWN)
        return plain(HEALTH_GLYPH[health], HEALTH_TONE[health])


def in_order(picture: Picture, sums: ClientSums) -> list[Client]:
    return sorted(picture.clients.values(), key=sums.rank)


def client_row(client: Client, sums: ClientSums) -> Row:
    worst = sums.worst.get(client.id)
    return Row(
        key=client.id,
        cells=(
            sums.mark(client.id),
            Cell(client_name(client, sums), Tone.PLAIN if worst else Tone.DIM),
            number(sums.open[client.id]) if worst else plain("", Tone.DIM),
            due_cell(sums.due.get(client.id)) if worst else Cell(),
        ),
    )


def client_name(client: Client, sums: ClientSums) -> SafeText:
    """The name; of what is nobody's also how many devices that are: `Unplaced (3)`."""
    return SafeText(f"{client.name} ({sums.devices[client.id]})") if client.id == UNPLACED else client.name


def all_row(waiting: int) -> Row:
    """The row above all clients, with the number of issues that wait."""
    return Row(key=ALL_CLIENTS, cells=(Cell(), plain("All clients", Tone.STRONG), number(waiting), Cell()))


def client_table_row(client: Client, sums: ClientSums) -> Row:
    worst = sums.worst.get(client.id)
    mark = sums.mark(client.id)
    word = worst.severity.value if worst else sums.health.get(client.id, Health.UNKNOWN).value
    return Row(
        key=client.id,
        cells=(
            Cell(SafeText(f"{mark.text} {word}"), mark.tone, rank=sums.badness(client.id)),
            Cell(client_name(client, sums), Tone.STRONG),
            plain(client.contract.value, Tone.DIM),
            number(sums.open[client.id]),
            Cell(tone=Tone.DIM, since=worst.since) if worst else Cell(),
            due_cell(sums.due.get(client.id)),
            number(sums.sites[client.id]),
            number(sums.devices[client.id], Tone.DIM),
        ),
    )


def sites_in_order(picture: Picture, client: ClientId | None) -> list[Site]:
    """Worst first; all sites when `client` is None."""
    chosen = [site for site in picture.sites.values() if client is None or site.client == client]
    return sorted(chosen, key=lambda site: (_WORST_FIRST.index(site.health), site.client_name, site.name))


def site_row(site: Site, open_issues: int) -> Row:
    return Row(
        key=site.id,
        cells=(
            Cell(health_word(site.health), HEALTH_TONE[site.health], rank=_WORST_FIRST.index(site.health)),
            Cell(site.client_name),
            Cell(site.name, Tone.STRONG),
            number(site.devices.total),
            Cell(health_counts(site), Tone.DIM, rank=-(site.devices.down * 1000 + site.devices.degraded)),
            number(open_issues, Tone.STRONG) if open_issues else Cell(),
        ),
    )


def health_counts(site: Site) -> SafeText:
    """`● 12 ■ 1`: only what there is."""
    numbers = site.devices
    pairs = (
        (Health.OK, numbers.ok),
        (Health.DEGRADED, numbers.degraded),
        (Health.DOWN, numbers.down),
        (Health.UNKNOWN, numbers.unknown),
        (Health.MAINTENANCE, numbers.maintenance),
    )
    return SafeText("  ".join(f"{HEALTH_GLYPH[health]} {number}" for health, number in pairs if number))
