"""From the configuration file to a `Config`: every mistake named by file, line, key and the nearest valid key."""

from __future__ import annotations

import getpass
import os
import re
from collections.abc import Collection
from pathlib import Path
from typing import Any, Final

from backends.config.fields import ConfigError, Document, Problem, Table, nearest
from backends.config.schema import EVERY_S, Config, Guard, SecretRef, SourceConfig, Technician
from backends.config.telltale import secret_in
from backends.config.themes import unknown_theme
from backends.fleet.hours import HoursError, parse_hours
from backends.fleet.model import Client, ClientId, Contract, Severity, SlaTarget, SourceName, safe, slug
from backends.fleet.run import Consent

__all__ = ["ConfigError", "Problem", "load", "parse"]

LARGEST_BYTES: Final = 1024 * 1024
SHORTEST_EVERY_S: Final = 5.0
_DAY_S: Final = 86400.0
NAME: Final = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,63}")
"""What a source may be called."""
_VARIABLE: Final = re.compile(r"[A-Za-z_][A-Za-z0-9_]*")


def load(path: Path, kinds: Collection[str] = (), *, must_exist: bool = False) -> Config:
    """The configuration at `path`. `kinds` are the kinds of source that there are; empty asks nothing about them.

    No file, or an empty one, is the default: the login name as the technician and no sources. Raises `ConfigError`.
    """
    file = str(path)
    try:
        with path.open("rb") as opened:
            raw = opened.read(LARGEST_BYTES + 1)
    except FileNotFoundError:
        if must_exist:
            raise _whole(file, "There is no such file; `rounds init` writes a first configuration.") from None
        return parse("", "", kinds)
    except IsADirectoryError:
        raise _whole(file, "This is a folder; the configuration has to be a file.") from None
    except OSError as error:
        raise _whole(file, f"The file cannot be read: {error.strerror}.") from None
    return parse(_text(raw, file), file, kinds)


def parse(text: str, file: str, kinds: Collection[str] = ()) -> Config:
    """The configuration in `text`; `file` is for the messages. Raises `ConfigError`."""
    document = Document(file, text)
    root = Table(document, (), _tables(text, file))
    technician = _technician(root.table("technician"))
    clients = {client.id: client for client in map(_client, root.table("clients").each())}
    config = Config(
        technician=technician,
        clients=clients,
        sources=tuple(_source(table, kinds, clients) for table in root.table("sources").each()),
        guards=tuple(map(_guard, root.tables("guards"))),
        keys=root.table("keys").texts(),
        views=root.table("views").texts(),
        theme=_theme(root),
        path=file,
    )
    root.finish()
    if document.problems:
        raise ConfigError(document.problems)
    return config


def login_name() -> str:
    """Who is at the keyboard, for a configuration that does not say."""
    try:
        return str(safe(getpass.getuser(), 64))
    except (OSError, KeyError):  # a user id without a name, as in some containers
        return f"uid{os.getuid()}"


def _text(raw: bytes, file: str) -> str:
    if len(raw) > LARGEST_BYTES:
        raise _whole(file, "The file is larger than 1 MiB; that cannot be a configuration of rounds.")
    if raw.startswith((b"\xff\xfe", b"\xfe\xff")):
        raise _whole(file, "The file is in UTF-16; save it as UTF-8.")
    if raw.startswith(b"\xef\xbb\xbf"):
        raise _whole(file, "The file begins with a byte order mark; save it as UTF-8 without one.", 1)
    try:
        return raw.decode("utf-8").replace("\r\n", "\n")
    except UnicodeDecodeError as error:
        line = raw.count(b"\n", 0, error.start) + 1
        raise _whole(file, f"Byte {error.start + 1} of the file is not UTF-8; save it as UTF-8.", line) from None


def _tables(text: str, file: str) -> dict[str, Any]:
    if not text:
        return {}
    import tomli  # noqa: PLC0415 - not where there is no file

    try:
        return tomli.loads(text)
    except tomli.TOMLDecodeError as error:
        raise _whole(file, f"This is not TOML: {error.msg}.", error.lineno) from None
    except (ValueError, RecursionError):  # a number of thousands of digits, lists in lists without end
        raise _whole(file, "This is not a configuration: a number is too long or lists are nested too deep.") from None


def _whole(file: str, sentence: str, line: int = 0) -> ConfigError:
    return ConfigError([Problem(file=file, line=line, key="", sentence=safe(sentence, 512))])


def _theme(root: Table) -> str:
    name = root.text("theme")
    if name and (sentence := unknown_theme(name)):
        root.problem("theme", sentence)
        return ""
    return name


def _technician(table: Table) -> Technician:
    name = str(safe(table.text("name"), 64)).strip()
    zone = table.text("zone")
    if zone and not _is_zone(zone):
        table.problem("zone", f'"{zone}" is not a time zone; write one as in "Europe/Berlin".')
    table.finish()
    return Technician(name=name or login_name(), zone=zone)


def _is_zone(name: str) -> bool:
    from zoneinfo import ZoneInfo  # noqa: PLC0415 - only for those who name one

    try:
        ZoneInfo(name)
    except (ValueError, OSError, KeyError):  # a name that is no path, a folder, or simply unknown
        return False
    return True


def _client(table: Table) -> Client:
    key = str(table.path[-1])
    if slug(key) != key:
        table.document.problem(table.path, f'Call it "{slug(key)}": lower case letters, digits, dots and dashes.')
    client = Client(
        id=ClientId(key),
        name=safe(table.text("name", key) or key, 64),
        contract=Contract(table.choice("contract", [*Contract], Contract.MANAGED)),
        hours=_hours(table),
        sla=_sla(table.table("sla")),
    )
    table.finish()
    return client


def _hours(table: Table) -> str:
    hours = table.text("hours")
    if hours:
        try:
            parse_hours(hours)
        except HoursError as error:
            table.problem("hours", str(error))
    return hours


def _sla(table: Table) -> tuple[SlaTarget, ...]:
    targets = []
    for severity in Severity:
        inner = table.table(severity)
        if inner.data:
            respond, resolve = inner.seconds("respond", None), inner.seconds("resolve", None)
            inner.finish()
            targets.append(SlaTarget(severity=severity, respond_s=respond, resolve_s=resolve))
    table.finish()
    return tuple(targets)


def _source(table: Table, kinds: Collection[str], clients: Collection[str]) -> SourceConfig:
    name = str(table.path[-1])
    if not NAME.fullmatch(name):
        table.document.problem(table.path, "A source's name has letters, digits, dots, dashes and underscores only.")
    kind = table.text("kind", required=True)
    if kind and kinds and kind not in kinds:
        table.problem("kind", f'There is no kind of source "{safe(kind, 64)}"{nearest(kind, kinds)}.')
    every: float = table.seconds("every", EVERY_S, SHORTEST_EVERY_S, _DAY_S)
    secret = _secret(table, name)
    options = table.rest()
    for path in secret_in(options):
        table.document.problem(
            (*table.path, *path),
            f'This looks like a secret in clear. Take it out, write secret = "keyring" and run `rounds login {name}`; '
            'or write secret = "env:NAME" or "command:…".',
        )
    _known_client(table, options, clients)
    return SourceConfig(
        name=SourceName(name), kind=kind, every_s=every, secret=secret, options=options, line=table.line
    )


def _known_client(table: Table, options: dict[str, Any], clients: Collection[str]) -> None:
    """A client that is not in the file is fine, one that is nearly the name of another is a slip of the finger."""
    client = options.get("client")
    if isinstance(client, str) and client not in clients and "did you mean" in (hint := nearest(client, clients)):
        table.problem("client", f'There is no client "{safe(client, 64)}" in this file{hint}.')


def _secret(table: Table, name: str) -> SecretRef:
    """Never repeats the value: it may be the secret itself."""
    kind, _, value = table.text("secret", "keyring").partition(":")
    remedy = f'write "keyring" (and run `rounds login {name}`), "env:NAME" or "command:pass show …".'
    if kind == "keyring" and not value:
        return SecretRef(kind="keyring")
    if kind == "env" and _VARIABLE.fullmatch(value):
        return SecretRef(kind="env", value=value)
    if kind == "command" and value.strip():
        return SecretRef(kind="command", value=value.strip())
    if kind in ("env", "command"):
        table.problem("secret", f'Behind "{kind}:" something else is wanted; {remedy}')
    else:
        table.problem("secret", f"This says where the secret is kept, it is not the secret itself; {remedy}")
    return SecretRef(kind="keyring")


def _guard(table: Table) -> Guard:
    consent = table.choice("confirm", [*Consent])
    guard = Guard(
        match=table.text("match", required=True),
        consent=Consent(consent) if consent else None,
        hours=table.choice("hours", ["inside", "outside"]),
        max_targets=table.whole("max_targets", None, 1, 100_000),
        reason=str(safe(table.text("reason"), 256)),
        line=table.line,
    )
    table.finish()
    return guard
