"""What the test's Icinga 2 watches: two clients and one that nobody placed, a router with hosts behind it, hostile
names, checks that never ran, and users with more and with fewer rights."""

from __future__ import annotations

from pathlib import Path

NODE = "icinga-master"
"""The only name in the server's certificate."""

USERS = {"root": "icinga", "viewer": "viewer", "tech01": "tech01", "blind": "blind"}
"""May do all; may read hosts and services; may do all with one client's hosts; may do nothing."""

HOSTILE = "evil[31m$(reboot)\"'`;&|<b>%s{}\\ñ\u202egnp.exe"
"""A host's display name."""
ODD_HOST = "odd host%20/é"
"""A host's real name, which is its id: with a blank, a percent sign, a slash and a letter that is not ASCII."""
ODD_SERVICE = "check [of] 100 % & more?"

_HEAD = """
const NodeName = "{node}"
const ZoneName = "{node}"
object Endpoint NodeName {{ }}
object Zone ZoneName {{ endpoints = [ NodeName ] }}
object IcingaApplication "app" {{ }}
object CheckerComponent "checker" {{ }}
object FileLogger "main-log" {{ severity = "warning", path = "{folder}/log/icinga2.log" }}
object ApiListener "api" {{ bind_host = "127.0.0.1", bind_port = "{port}" }}

object ApiUser "root" {{ password = "icinga", client_cn = "rounds-console", permissions = [ "*" ] }}
object ApiUser "viewer" {{
  password = "viewer"
  permissions = [ "objects/query/Host", "objects/query/Service" ]
}}
object ApiUser "blind" {{ password = "blind", permissions = [ "status/query" ] }}
object ApiUser "tech01" {{
  password = "tech01"
  permissions = [
    "status/query", "events/*",
    {{ permission = "objects/query/Host", filter = {{{{ host.vars.client == "acme" }}}} }},
    {{ permission = "objects/query/Service", filter = {{{{ host.vars.client == "acme" }}}} }},
    {{ permission = "actions/acknowledge-problem", filter = {{{{ host.vars.client == "acme" }}}} }}
  ]
}}

object CheckCommand "never" {{ command = [ "/bin/true" ] }}
object CheckCommand "say" {{
  command = [ "/bin/sh", "-c", "echo told $$1; exit 3", "sh", "$word$" ]
  vars.word = "nothing"
}}
object CheckCommand "shop" {{
  command = [ "/bin/sh", "{folder}/shop", "{folder}/fixed/$host.name$" ]
}}
object EventCommand "restart-shop" {{
  command = [ "/bin/sh", "{folder}/restart", "{folder}/fixed/$host.name$", "$host.name$" ]
}}
object EventCommand "linger" {{ command = [ "/bin/sh", "-c", "sleep 30" ] }}

template Host "seen" {{
  check_command = "never"
  enable_active_checks = false
  check_interval = 10m
  max_check_attempts = 1
}}
template Service "seen" {{
  check_command = "never"
  enable_active_checks = false
  check_interval = 10m
  max_check_attempts = 1
}}
"""

SCRIPTS = {
    "shop": 'test -e "$1" && echo "SHOP OK - it runs" && exit\necho "SHOP CRITICAL - it has stopped"\nexit 2\n',
    "restart": 'touch "$1" && echo "started the shop of $2"\n',
}
"""What the commands run, by the names of their files."""


def configuration(port: int, folder: Path, objects: str | None = None) -> str:
    """The whole configuration: API, users, commands, and `objects` or the usual seed."""
    return _HEAD.format(node=NODE, port=port, folder=folder) + (seed() if objects is None else objects)


def seed() -> str:
    """Hosts and services before any of them was checked."""
    lines = ['object HostGroup "linux-servers" { display_name = "Linux" }']
    for client, site in (("acme", "HQ"), ("globex", "Plant 2")):
        lines.append(f'object HostGroup "{client}" {{ display_name = "{client.title()} Ltd" }}')
        lines.append(host(f"{client}-router", client, site, vars_='vars.os = "RouterOS"'))
        for name in ("web01", "db01"):
            lines.append(host(f"{client}-{name}", client, site, vars_='vars.os = "Linux"', address="192.0.2.7"))
            lines.append(dependency(f"{client}-{name}", f"{client}-router"))
            lines += [service(f"{client}-{name}", one) for one in ("ping4", "disk /var", "load", "shop-copy")]
    lines.append(service("acme-web01", "shop", check="shop", more="enable_active_checks = true\n  check_interval = 1d"))
    lines.append(service("acme-web01", "flaky", more="max_check_attempts = 3"))
    lines.append(service("acme-db01", "never ran"))
    lines.append(host("globex-new", "globex", "Plant 2"))
    lines.append(f'object Host {_quoted(ODD_HOST)} {{\n  import "seen"\n  display_name = {_quoted(HOSTILE)}\n}}')
    lines.append(service(ODD_HOST, ODD_SERVICE))
    return "\n".join(lines)


def host(name: str, client: str, site: str, *, vars_: str = "", address: str = "192.0.2.1") -> str:
    return (
        f'object Host {_quoted(name)} {{\n  import "seen"\n  address = {_quoted(address)}\n'
        f'  groups = [ {_quoted(client)}, "linux-servers" ]\n'
        f"  vars.client = {_quoted(client)}\n  vars.site = {_quoted(site)}\n"
        f'  vars.place = {{ rack = "R1", rooms = [ "a", "b" ] }}\n  {vars_}\n}}'
    )


def service(host_name: str, name: str, *, check: str = "never", more: str = "") -> str:
    return (
        f'object Service {_quoted(name)} {{\n  import "seen"\n  host_name = {_quoted(host_name)}\n'
        f"  check_command = {_quoted(check)}\n  {more}\n}}"
    )


def dependency(child: str, parent: str) -> str:
    return (
        f'object Dependency "uplink" {{\n  parent_host_name = {_quoted(parent)}\n'
        f"  child_host_name = {_quoted(child)}\n}}"
    )


def _quoted(text: str) -> str:
    """A string of Icinga's configuration language."""
    escaped = text.replace("\\", "\\\\").replace('"', '\\"')
    return f'"{escaped}"'
