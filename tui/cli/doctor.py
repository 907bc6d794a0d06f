"""`rounds doctor`: every part that has to work, each in a line with its remedy. Changes nothing."""

from __future__ import annotations

import ctypes
import os
import shutil
import sys
from collections.abc import Callable, Iterable, Iterator
from typing import Final

import click

from backends import bootstrap
from backends.bootstrap.ground import writable
from backends.config.fields import ConfigError
from backends.config.paths import PathRefused, faults, places
from backends.config.schema import Config, Profile, SourceConfig
from backends.desk.protocol import Desk, DeskError
from backends.fleet.changes import Picture
from backends.fleet.model import Device, Freshness, Source, safe
from backends.fleet.query import QueryError, parse
from backends.fleet.remarks import skew, unplaced
from backends.fleet.run import AuditReport
from backends.registry import RegistryError, asked_of
from tui.cli import items
from tui.cli.context import ask, json_option
from tui.cli.doctor_sources import accounts
from tui.cli.findings import Finding, Level
from tui.cli.tables import counted, table

_EXIT: Final = {Level.OK: 0, Level.INFO: 0, Level.WARN: 1, Level.FAIL: 2}
_SMALLEST: Final = (80, 24)
_TIME_ERROR: Final = 5
"""What adjtimex(2) returns while the clock is not synchronised."""


@click.command()
@json_option
@click.pass_context
def doctor(ctx: click.Context, *, as_json: bool) -> None:
    """Check configuration, files, sources, clock, keyring and terminal. Exit status: 0 well, 1 warnings, 2 faults."""
    found = list(examine(ctx.obj))
    if as_json:
        click.echo(items.dump({"schema": items.SCHEMA, "items": found}))
    else:
        rows = [(finding.level.value, finding.what, " ".join((finding.sentence, finding.remedy))) for finding in found]
        click.echo(table(("", "WHAT", "FINDING"), rows, width=10_000))
    ctx.exit(exit_status(found))


def exit_status(found: Iterable[Finding]) -> int:
    """Of the worst of them. What could be otherwise, if that is wanted, is no reason to fail."""
    return max(_EXIT[finding.level] for finding in found)


def examine(profile: Profile) -> Iterator[Finding]:
    """All findings; what needs the configuration is left out when it cannot be read."""
    yield from _files(profile)
    try:
        config = bootstrap.load_config(profile)
    except ConfigError as error:
        for problem in error.problems:
            yield Finding(level=Level.FAIL, what="configuration", sentence=str(problem))
    except PathRefused:
        pass  # said above, under files
    else:
        yield _configuration(config)
        yield from _keys_and_views(config)
        yield from _keyring(config)
        yield from _engine(profile, config)
    yield _clock()
    yield from _terminal()


def _files(profile: Profile) -> Iterator[Finding]:
    where = places(profile)
    bad = faults(where)
    for fault in bad:
        yield Finding(level=Level.FAIL, what="files", sentence=fault.sentence, remedy=f"Run: {fault.remedy}")
    if bad:
        return
    there = next(path for path in (where.state, *where.state.parents) if path.exists())
    if there.is_dir() and writable(there):
        yield Finding(level=Level.OK, what="files", sentence=f"State is in {where.state}, for its owner only.")
    else:
        yield Finding(
            level=Level.FAIL,
            what="files",
            sentence=f"State cannot be kept in {where.state}: {there} is not yours to write.",
            remedy="Check its owner, the disk, and HOME.",
        )


def _configuration(config: Config) -> Finding:
    if not config.sources:
        return Finding(
            level=Level.WARN,
            what="configuration",
            sentence="No source is configured, so rounds shows this machine alone.",
            remedy="`rounds init` writes a first configuration, `rounds connect ssh` adds the first site.",
        )
    counts = ", ".join(
        counted(len(found), noun)
        for found, noun in ((config.sources, "source"), (config.clients, "client"), (config.guards, "guard"))
    )
    return Finding(level=Level.OK, what="configuration", sentence=f"{config.path}: {counts}.")


def _keys_and_views(config: Config) -> Iterator[Finding]:
    """What of `[keys]` and `[views]` cannot be meant so; nothing where there is neither."""
    if config.keys:
        from tui.keymap import Keymap  # noqa: PLC0415 - the commands of the screen load Textual

        problems = Keymap(config.keys).problems
        for problem in problems:
            yield Finding(level=Level.WARN, what="keys", sentence=safe(problem), remedy=f"Edit {config.path}.")
        if not problems:
            yield Finding(level=Level.OK, what="keys", sentence=f"{counted(len(config.keys), 'command')} remapped.")
    for name, query in config.views.items():
        try:
            parse(query)
        except QueryError as error:
            yield Finding(
                level=Level.WARN,
                what=f"view {safe(name, 40)}",
                sentence=safe(error.sentence),
                remedy=f"Edit {config.path}.",
            )


def _keyring(config: Config) -> Iterator[Finding]:
    """A keyring is looked for only where a source keeps its secret there."""
    if not any(map(_asks_keyring, config.sources)):
        yield Finding(level=Level.OK, what="keyring", sentence="Not needed: no source keeps its secret in a keyring.")
        return
    from backends.secrets import keyring_trouble  # noqa: PLC0415 - loads keyring

    trouble = keyring_trouble()
    if trouble:
        yield Finding(level=Level.WARN, what="keyring", sentence=trouble)
    else:
        yield Finding(level=Level.OK, what="keyring", sentence="It answers.")


def _asks_keyring(source: SourceConfig) -> bool:
    """A key or an agent may do without; a key that does not is a fault of its source."""
    if source.secret.kind != "keyring" or source.kind in ("local", "demo"):
        return False
    if source.kind == "ssh":
        return not {"key", "agent"} & source.options.keys()
    try:
        _, access = asked_of(source.kind)
    except RegistryError:
        return False  # which is a fault of the source
    return access is not None and not access.optional


def _engine(profile: Profile, config: Config) -> Iterator[Finding]:
    """What the sources say right now, by the running engine or by one poll of our own; and the record."""

    async def question(desk: Desk) -> tuple[Picture, AuditReport, list[Device]]:
        return await desk.picture(), await desk.audit_verify(), await desk.devices()

    try:
        picture, report, devices = ask(profile, question)
    except DeskError as error:
        yield Finding(level=Level.FAIL, what="engine", sentence=error.sentence)
        return
    for source in sorted(picture.sources.values(), key=lambda source: source.name):
        if source.fault is not None:
            level = Level.WARN if source.state is Freshness.FRESH else Level.FAIL
            yield Finding(level=level, what=f"source {source.name}", sentence=source.fault.sentence)
        elif source.state is not Freshness.FRESH:
            yield Finding(level=Level.FAIL, what=f"source {source.name}", sentence=f"It is {source.state.value}.")
        else:
            what = source.version or source.kind
            said = f"{what}, {counted(source.devices, 'device')}, every {source.every_s:.0f} s. {source.note}"
            yield Finding(level=Level.OK, what=f"source {source.name}", sentence=said.rstrip())
        yield from _remarks(source)
    yield from accounts(profile, config, picture, devices)
    yield Finding(level=Level.OK if report.ok else Level.FAIL, what="audit", sentence=report.sentence)


def _remarks(source: Source) -> Iterator[Finding]:
    """What is not as it should be and takes a hand, though the source answers."""
    if said := unplaced(source):
        remedy = (
            f"`rounds devices is:unplaced source:{source.name}` lists them; in [sources.{source.name}] add a rule to"
            " place, or say client for all that no rule places, and `rounds doctor` again shows what is left."
        )
        yield Finding(level=Level.WARN, what=f"source {source.name}", sentence=said, remedy=remedy)
    if said := skew(source):
        remedy = "Start a time service there; when several sources say so, on this machine."
        yield Finding(level=Level.WARN, what=f"source {source.name}", sentence=said, remedy=remedy)


def _clock() -> Finding:
    """Whether the kernel holds the clock for synchronised; ages do not depend on it, times for people do."""
    try:
        state = ctypes.CDLL(None).adjtimex(ctypes.create_string_buffer(512))
    except (OSError, AttributeError):
        state = -1
    if state == _TIME_ERROR:
        return Finding(
            level=Level.WARN,
            what="clock",
            sentence="The clock of this machine is not synchronised.",
            remedy="Start a time service such as systemd-timesyncd or chrony.",
        )
    if state < 0:
        return Finding(level=Level.OK, what="clock", sentence="Whether it is synchronised cannot be told here.")
    return Finding(level=Level.OK, what="clock", sentence="It is synchronised.")


def _terminal() -> Iterator[Finding]:
    checks: tuple[Callable[[], Finding | None], ...] = (_a_terminal, _size, _encoding)
    found = [finding for check in checks if (finding := check()) is not None]
    yield from found
    if not found:
        yield Finding(level=Level.OK, what="terminal", sentence=f"{os.environ.get('TERM', 'unknown')}, UTF-8.")


def _a_terminal() -> Finding | None:
    if sys.stdout.isatty() and os.environ.get("TERM", "dumb") != "dumb":
        return None
    return Finding(
        level=Level.WARN,
        what="terminal",
        sentence="This is no terminal that can show a screen; the lists and --json work.",
        remedy="For the screen use a terminal with TERM set, for example xterm-256color.",
    )


def _size() -> Finding | None:
    size = shutil.get_terminal_size((0, 0))
    if not sys.stdout.isatty() or (size.columns >= _SMALLEST[0] and size.lines >= _SMALLEST[1]):
        return None
    return Finding(
        level=Level.WARN,
        what="terminal",
        sentence=f"It has {size.columns}×{size.lines} characters; the screen is made for 80×24 and more.",
        remedy="Make the window larger or the letters smaller.",
    )


def _encoding() -> Finding | None:
    if (sys.stdout.encoding or "").lower().replace("-", "") == "utf8":
        return None
    return Finding(
        level=Level.WARN,
        what="terminal",
        sentence=f"The encoding is {sys.stdout.encoding}, so that names may show question marks.",
        remedy="Set LC_ALL to a UTF-8 locale such as C.UTF-8.",
    )
