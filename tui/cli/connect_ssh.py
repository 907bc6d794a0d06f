"""`rounds connect ssh`: the hosts of one site; host keys are shown and asked for, the log-in is tried."""

from __future__ import annotations

import asyncio
import re
from collections.abc import Iterable
from pathlib import Path
from typing import Any

import click

from backends import bootstrap
from backends.adapters.ssh.dial import fetch_host_key
from backends.adapters.ssh.hostkeys import HostKey, accept_host_key, known_keys
from backends.adapters.ssh.options import PORT, check_user, parse_address
from backends.api import ConfigurationError, Reading, SourceError
from backends.bootstrap.trial import try_source
from backends.config.paths import Places, places, secure
from backends.config.schema import Profile, SecretRef, SourceConfig
from backends.config.write import add_client, add_source
from backends.desk.protocol import DeskError, DeskErrorKind
from backends.fleet.model import Client, ClientId, Contract, SourceName, safe, slug
from backends.fleet.naming import ClientNames, free_key
from tui.cli.asks import Prompts
from tui.cli.connect_flow import told_engine
from tui.cli.questions import agreed, answer, asks, choice, typed_secret

DEADLINE_S = 10.0
_NEXT = ("Try again", "Change the answers", "Write it as it is")
_AGAIN, _CHANGE, _WRITE = range(3)
_AT_ITS_CONSOLE = "Ask `ssh-keygen -l -f` of its key's .pub file in /etc/ssh, at its console, and answer again."
_SECRET = re.compile(r"keyring|env:[A-Za-z_][A-Za-z0-9_]*|command:.+")


@click.command("ssh")
@click.option("--client", "client_name", default="", help="The client's name, or its key in the configuration.")
@click.option("--contract", default="", help="managed or break-fix, for a new client.")
@click.option("--site", default="", help="The site's name.")
@click.option(
    "--host", "addresses", multiple=True, help="A host: address, user@address or address:port. May be repeated."
)
@click.option("--user", default="", help="The user to log in as where a host names none.")
@click.option("--sudo", is_flag=True, help="Look and repair through sudo, which must ask no password there.")
@click.option("--auth", default="", help="agent, key or password.")
@click.option("--key", default="", help="The private key's file, with --auth key.")
@click.option("--secret", default="", help='Where a password is kept: keyring, env:NAME or "command:…".')
@click.option("--name", default="", help="The source's name in the configuration.")
@click.option("--accept", multiple=True, metavar="SHA256:…", help="A host key's fingerprint to trust. May be repeated.")
@click.option("--yes", is_flag=True, help="Write it without asking once more. Never accepts a host key.")
@click.pass_obj
def command(profile: Profile, /, *, yes: bool, accept: tuple[str, ...], **given: Any) -> None:
    """Add the hosts of one site. Nothing is installed or written on them."""
    where = places(profile)
    secure(where)
    config = bootstrap.load_config(profile)
    client = _client(config.clients.values(), given["client_name"], given["contract"])
    site = answer(given["site"], "Site", "--site", default="HQ")
    given["accept"] = accept
    source = _met(profile, where, {**config.clients, client.id: client}, {"client": client.id, "site": site}, given)
    if not agreed(f"Add source {source.name} to {where.config}?", given=yes):
        raise click.Abort
    _write(where, client, source, known=client.id in config.clients)
    click.echo(f"Added source {source.name} to {where.config}. {asyncio.run(told_engine(profile))}", err=True)


def _met(
    profile: Profile,
    where: Places,
    clients: dict[ClientId, Client],
    place: dict[str, Any],
    given: dict[str, Any],
) -> SourceConfig:
    """The source as it was tried. Where a host does not let us look, and somebody is there, everything but whose it is
    may be answered again; what an option said counts once."""
    hosts: list[str] = []
    user, name = "root", ""
    while True:
        hosts = _hosts(where, given, hosts)
        user = answer(given.get("user", ""), "User to log in as", "--user", default=user, valid=check_user)
        options = {**place, "hosts": hosts, "user": user}
        if _through_sudo(hosts, user, given=bool(given.get("sudo"))):
            options["sudo"] = True
        secret = _authentication(options, given)
        if not name:
            asked = slug(f"{place['client']}-{place['site']}")
            name = answer(given.get("name", ""), "Name of the source", "--name", default=asked)
        if options.pop("asks_password", False):
            _store(name)
        source = SourceConfig(name=SourceName(name), kind="ssh", secret=secret, options=options)
        again = _AGAIN
        while again == _AGAIN:
            again = _WRITE if _try(profile, source, clients) or not asks() else _what_now()
        if again == _WRITE:
            return source
        given = {}


def _what_now() -> int:
    return asyncio.run(Prompts({}, yes=False).choose("What now", list(map(safe, _NEXT)), default=_CHANGE))


def _hosts(where: Places, given: dict[str, Any], before: list[str]) -> list[str]:
    """Those whose key is known, or was accepted; asked for until there is one."""
    addresses = list(given.get("addresses", ()))
    while True:
        if not addresses:
            typed = answer("", "Hosts, separated by spaces", "--host", default=" ".join(before), valid=_addresses)
            addresses = typed.replace(",", " ").split()
        if trusted := [address for address in addresses if _trust(where, address, given.get("accept", ()))]:
            return trusted
        if not asks():
            raise DeskError(DeskErrorKind.REFUSED, "No host key was accepted, so there is nothing to connect.")
        before, addresses = addresses, []


def _through_sudo(hosts: Iterable[str], user: str, *, given: bool) -> bool:
    """Asked only where somebody else than root logs in."""
    if all((parse_address(host)[0] or user) == "root" for host in hosts):
        return given
    return agreed("Look and repair as root through sudo, without a password?", given=given)


def _client(known: Iterable[Client], given: str, contract: str) -> Client:
    """The configured client of that key or name, else a new one."""
    clients = list(known)
    if clients and not given:
        click.echo(f"Clients so far: {', '.join(client.name for client in clients)}", err=True)
    text = answer(given, "Client", "--client")
    configured = {client.id: client for client in clients}
    if (meant := ClientNames(configured).configured(text)) is not None:
        return meant
    kind = choice(contract, "Contract", "--contract", [kind.value for kind in Contract], Contract.MANAGED.value)
    return Client(id=free_key(text, configured), name=safe(text), contract=Contract(kind))


def _addresses(text: str) -> str:
    for word in text.replace(",", " ").split():
        parse_address(word)
    return text


def _trust(where: Places, address: str, accept: tuple[str, ...]) -> bool:
    """Whether the host's key is, or now becomes, a known one. A changed key is a hard stop."""
    try:
        _, host, port = parse_address(address)
    except ValueError as error:
        raise click.UsageError(str(error)) from error
    number = port or PORT
    try:
        shown = asyncio.run(fetch_host_key(host, number, DEADLINE_S))
    except SourceError as error:
        click.echo(f"{address}: left out. {error.sentence}", err=True)
        return False
    known = known_keys(where.known_hosts, host, number)
    if any(key.fingerprint == shown.fingerprint for key in known):
        click.echo(f"{address}: the host key is known, {shown.fingerprint}", err=True)
        return True
    if known:
        raise DeskError(DeskErrorKind.REFUSED, _changed(address, known[0], shown, where.known_hosts))
    click.echo(f"{address} shows a {shown.type} host key, {shown.fingerprint}", err=True)
    question = "Is this the fingerprint that its administrator, or its console, told you?"
    if shown.fingerprint not in accept and not agreed(question, given=False):
        click.echo(f"{address}: left out, its key was not accepted. {_AT_ITS_CONSOLE}", err=True)
        return False
    accept_host_key(where.known_hosts, host, number, shown)
    return True


def _changed(address: str, old: HostKey, new: HostKey, file: Path) -> str:
    return (
        f"{address} shows another host key than before: it was {old.fingerprint}, now it is {new.fingerprint}. "
        f"Somebody may be in between: ask its administrator, and only then take its line out of {file}."
    )


def _authentication(options: dict[str, Any], given: dict[str, Any]) -> SecretRef:
    key = given.get("key", "")
    ways = ["agent", "key", "password"]
    how = choice(given.get("auth", ""), "Log in by", "--auth", ways, "key" if key else "agent")
    if how == "agent":
        options["agent"] = True
        return SecretRef(kind="keyring")
    if how == "key":
        options["key"] = answer(key, "Private key", "--key", default="~/.ssh/id_ed25519", valid=_key_file)
        return SecretRef(kind="keyring")
    text = answer(given.get("secret", ""), "Where the password is kept", "--secret", default="keyring", valid=_secret)
    kind, _, value = text.partition(":")
    options["asks_password"] = kind == "keyring"
    return SecretRef(kind=kind, value=value)


def _key_file(text: str) -> str:
    path = Path(text).expanduser().absolute()
    if not path.is_file():
        raise ValueError(f"There is no file {path}.")
    return str(path)


def _secret(text: str) -> str:
    if not _SECRET.fullmatch(text):
        raise ValueError("Say keyring, env:NAME, or command:… with the command that prints it.")
    return text


def _store(name: str) -> None:
    from backends import secrets  # noqa: PLC0415 - loads keyring

    asyncio.run(secrets.store(name, typed_secret("Password")))


def _try(profile: Profile, source: SourceConfig, clients: dict[ClientId, Client]) -> bool:
    """Ask every host once and say what it is. Whether all of them let us look; a failure is said."""
    try:
        readings = asyncio.run(try_source(profile, source, clients))
    except ConfigurationError as error:
        raise DeskError(DeskErrorKind.WRONG_USE, error.sentence) from error
    for line in _seen(readings):
        click.echo(line, err=True)
    seen = [sighting for reading in readings for sighting in reading.sightings]
    return len(seen) == len(source.options["hosts"]) and not any(sighting.partial for sighting in seen)


def _seen(readings: Iterable[Reading]) -> Iterable[str]:
    for reading in readings:
        for sighting in reading.sightings:
            checks = [check for check in reading.checks if check.native == sighting.native]
            bad = [check for check in checks if check.state != "ok"]
            system = f", {sighting.system}" if sighting.system else ""
            yield f"{sighting.name} ({sighting.address}){system}: {len(checks)} checks, {len(bad)} of them not ok"
            yield from (f"  {check.state.value}: {check.summary}" for check in bad)


def _write(where: Places, client: Client, source: SourceConfig, *, known: bool) -> None:
    if not known:
        add_client(where.config, client.id, {"name": str(client.name), "contract": client.contract.value})
    secret = source.secret.kind + (f":{source.secret.value}" if source.secret.value else "")
    table: dict[str, Any] = {"kind": source.kind, **source.options, "every": "30s"}
    if secret != "keyring":  # noqa: S105 - the name of a place
        table["secret"] = secret
    add_source(where.config, source.name, table)
