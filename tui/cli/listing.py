"""The lists: `clients sites devices issues sources runs [FILTER]`, as a table, as JSON, or followed as JSON lines."""

from __future__ import annotations

import asyncio
import sys
from collections.abc import Awaitable, Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Generic, TypeVar

import click

from backends.config.schema import Profile
from backends.desk.protocol import Desk, Interest
from backends.fleet.changes import Changes, Delta, Picture
from backends.fleet.model import UNPLACED, Client, Device, Issue, IssueId, IssueState, Site, Source
from backends.fleet.query import Context, Query
from backends.fleet.remarks import remarks
from backends.fleet.run import Run
from backends.fleet.urgency import order
from tui.cli import items
from tui.cli.context import (
    FILTER_HELP,
    Filtered,
    attached,
    filter_argument,
    json_option,
    one_shot,
    query_of,
    technician,
    text_of,
)
from tui.cli.tables import age, table

Fact = TypeVar("Fact")


@dataclass(frozen=True)
class Listing(Generic[Fact]):
    """One noun: where its facts come from and how each is shown."""

    fetch: Callable[[Desk, Query, Context, str], Awaitable[tuple[datetime, Sequence[Fact]]]]
    item: Callable[[Fact], items.Item]
    head: Sequence[str]
    row: Callable[[Fact, datetime], Sequence[str]]
    delta: Callable[[Changes], Delta[Any, Fact]]
    empty: str


def show(listing: Listing[Fact], profile: Profile, words: tuple[str, ...], *, as_json: bool, watch: bool) -> None:
    query = query_of(words)
    if watch:
        asyncio.run(_watch(listing, profile, query))
        return
    at, facts = asyncio.run(_fetch(listing, profile, query, text_of(words)))
    if as_json:
        click.echo(items.envelope(at, map(listing.item, facts)))
    elif facts:
        width = None if sys.stdout.isatty() else 10_000
        click.echo(table(listing.head, [list(listing.row(fact, at)) for fact in facts], width))
    else:
        click.echo(listing.empty, err=True)


async def _fetch(listing: Listing[Fact], profile: Profile, query: Query, text: str) -> tuple[datetime, Sequence[Fact]]:
    async with one_shot(profile) as desk:
        picture = await desk.picture()
        return await listing.fetch(desk, query, Context(me=technician(profile), now=picture.at), text)


async def _watch(listing: Listing[Fact], profile: Profile, query: Query) -> None:
    """One JSON line for each fact that is new or different, and one for each that is gone or no longer matches."""
    me = technician(profile)
    shown: set[str] = set()
    async with attached(profile) as desk:
        async for changes in desk.changes(Interest(devices=True)):
            context = Context(me=me, now=changes.at)
            delta = listing.delta(changes)
            for fact in delta.put:
                item = listing.item(fact)
                key = str(item.get("id", item.get("name")))
                if query.matches(fact, context):
                    shown.add(key)
                    _line(changes.at, "put", item)
                elif key in shown:
                    shown.discard(key)
                    _line(changes.at, "gone", {"id": key})
            for key in delta.gone:
                if str(key) in shown:
                    shown.discard(str(key))
                    _line(changes.at, "gone", {"id": str(key)})
            sys.stdout.flush()


def _line(at: datetime, change: str, item: items.Item) -> None:
    click.echo(items.line({"schema": items.SCHEMA, "at": items.iso(at), "change": change, "item": item}))


def _from_picture(pick: Callable[[Picture], Iterable[Fact]]) -> Callable[..., Awaitable[tuple[datetime, list[Fact]]]]:
    async def fetch(desk: Desk, query: Query, context: Context, text: str) -> tuple[datetime, list[Fact]]:  # noqa: ARG001
        picture = await desk.picture()
        return picture.at, [fact for fact in pick(picture) if query.matches(fact, context)]

    return fetch


async def _devices(desk: Desk, query: Query, context: Context, text: str) -> tuple[datetime, list[Device]]:  # noqa: ARG001
    return context.now, await desk.devices(text)


async def _runs(desk: Desk, query: Query, context: Context, text: str) -> tuple[datetime, list[Run]]:  # noqa: ARG001
    return context.now, await desk.runs(text)


def _issues_in_order(picture: Picture) -> list[Issue]:
    ids: Sequence[IssueId] = order(list(picture.issues.values()), picture.at)
    return [picture.issues[issue] for issue in ids]


def _state_words(issue: Issue) -> str:
    words = [] if issue.state is IssueState.OPEN else [issue.state.value]
    if issue.owner:
        words.append(f"@{issue.owner}")
    if issue.behind:
        words.append(f"{issue.behind} behind it")
    if issue.incident is not None:
        words.append(f"behind {issue.incident}")
    return " ".join(words)


ISSUES: Listing[Issue] = Listing(
    fetch=_from_picture(_issues_in_order),
    item=items.issue_item,
    head=("ID", "SEVERITY", "AGE", "CLIENT/SITE", "DEVICE", "STATE", "ISSUE"),
    row=lambda issue, now: (
        issue.id,
        issue.severity.value,
        age(issue.since, now),
        f"{issue.client_name}/{issue.site_name}" if issue.device else "—",
        issue.device_name or issue.source,
        _state_words(issue),
        issue.title,
    ),
    delta=lambda changes: changes.issues,
    empty="No open issue matches. `rounds status` says whether all facts are fresh.",
)

DEVICES: Listing[Device] = Listing(
    fetch=_devices,
    item=items.device_item,
    head=("HEALTH", "CLIENT/SITE", "DEVICE", "KIND", "ADDRESS", "SEEN", "SOURCES"),
    row=lambda device, now: (
        device.health.value if device.freshness == "fresh" else f"{device.health.value} ({device.freshness.value})",
        f"{device.client_name}/{device.site_name}",
        device.name,
        device.kind,
        device.address,
        age(device.seen, now),
        ", ".join(device.sources),
    ),
    delta=lambda changes: changes.devices,
    empty="No device matches.",
)

SOURCES: Listing[Source] = Listing(
    fetch=_from_picture(lambda picture: sorted(picture.sources.values(), key=lambda source: source.name)),
    item=items.source_item,
    head=("SOURCE", "KIND", "STATE", "SEEN", "EVERY", "DEVICES", "UNPLACED", "FAULT"),
    row=lambda source, now: (
        source.name,
        source.kind,
        source.state.value,
        age(source.seen, now),
        f"{source.every_s:.0f}s",
        str(source.devices),
        str(source.unplaced) if source.unplaced else "",
        source.fault.sentence if source.fault else " ".join(remarks(source)),
    ),
    delta=lambda changes: changes.sources,
    empty="No source matches.",
)

SITES: Listing[Site] = Listing(
    fetch=_from_picture(lambda picture: sorted(picture.sites.values(), key=lambda site: site.id)),
    item=items.site_item,
    head=("HEALTH", "CLIENT", "SITE", "DEVICES", "OK", "DEGRADED", "DOWN", "UNKNOWN"),
    row=lambda site, now: (  # noqa: ARG005 - every row takes the time
        site.health.value,
        site.client_name,
        site.name,
        str(site.devices.total),
        str(site.devices.ok),
        str(site.devices.degraded),
        str(site.devices.down),
        str(site.devices.unknown),
    ),
    delta=lambda changes: changes.sites,
    empty="No site matches.",
)

RUNS: Listing[Run] = Listing(
    fetch=_runs,
    item=items.run_item,
    head=("RUN", "STATE", "OUTCOME", "AGE", "BY", "CLIENT", "DEVICE", "FIX", "RESULT"),
    row=lambda run, now: (
        run.id,
        run.state.value,
        run.verified.value,
        age(run.started or run.planned, now),
        run.by,
        run.client_name,
        run.device_name,
        run.title,
        run.sentence,
    ),
    delta=lambda changes: changes.runs,
    empty="No run matches.",
)

_watch_option = click.option("--watch", is_flag=True, help="Follow as JSON lines until interrupted.")


def _command(name: str, about: str, listing: Listing[Any]) -> click.Command:
    @click.command(name, cls=Filtered, help=about, epilog=FILTER_HELP)
    @filter_argument
    @json_option
    @_watch_option
    @click.pass_obj
    def body(profile: Profile, /, words: tuple[str, ...], *, as_json: bool, watch: bool) -> None:
        show(listing, profile, words, as_json=as_json, watch=watch)

    return body


issues = _command("issues", "List open issues in the order of urgency.", ISSUES)
devices = _command("devices", "List devices, worst first.", DEVICES)
sources = _command("sources", "List sources and what their facts are worth now.", SOURCES)
sites = _command("sites", "List sites with the health of their devices.", SITES)
runs = _command("runs", "List runs of fixes, latest first.", RUNS)


@click.command(cls=Filtered, epilog=FILTER_HELP)
@filter_argument
@json_option
@_watch_option
@click.pass_obj
def clients(profile: Profile, /, words: tuple[str, ...], *, as_json: bool, watch: bool) -> None:
    """List clients with what is open at each."""
    holder: dict[str, Picture] = {}

    async def fetch(desk: Desk, query: Query, context: Context, text: str) -> tuple[datetime, list[Client]]:  # noqa: ARG001
        picture = holder["picture"] = await desk.picture()
        found = [client for client in picture.clients.values() if query.matches(client, context)]
        return picture.at, sorted(found, key=lambda client: client.name.casefold())

    def item(client: Client) -> items.Item:
        return items.client_item(client, holder.get("picture") or Picture(seq=0, at=datetime.min))  # noqa: DTZ901

    def row(client: Client, now: datetime) -> Sequence[str]:  # noqa: ARG001
        facts = item(client)
        counts = facts["issues"]
        return (
            f"{client.name} ({facts['devices']})" if client.id == UNPLACED else client.name,
            client.contract.value,
            str(facts["sites"]),
            str(facts["devices"]),
            str(counts["critical"]),
            str(counts["high"]),
            str(counts["warning"]),
        )

    head = ("CLIENT", "CONTRACT", "SITES", "DEVICES", "CRITICAL", "HIGH", "WARNING")
    listing: Listing[Client] = Listing(fetch, item, head, row, lambda changes: changes.clients, "No client matches.")
    show(listing, profile, words, as_json=as_json, watch=watch)
