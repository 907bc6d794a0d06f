"""The configuration of the test Nagios and its web server: two clients, one host of nobody, and names that hurt."""

from __future__ import annotations

import base64
import hashlib
from pathlib import Path
from typing import Final

USERS: Final = {
    "nagiosadmin": "nagios-canary-11",
    "viewer": "viewer-canary-12",
    "tech01": "tech-canary-13",
    "readonly": "readonly-canary-14",
    "stranger": "stranger-canary-15",
}
"""Everything; reads everything; contact of one client; contact of it that may command nothing; known to Apache only."""

ODD_HOST: Final = "ödd\u202ehost & Co <b> 日本"
"""Its brackets are what Nagios's own page cannot take."""
ODD_SERVICE: Final = "sérvice [31m #1"
PRICKLY_SERVICE: Final = "Prüfung & \\ %d \"b\" 'c' C:\\new"

CGIS: Final = Path("/usr/lib/cgi-bin/nagios4")

_HOSTS: Final = (
    # name, client, site, parent, address
    ("acme-router", "acme", "HQ", "", "127.3.0.1"),
    ("acme-web01", "acme", "HQ", "acme-router", "127.3.0.2"),
    ("acme-db01", "acme", "Depot", "acme-router", "127.3.0.3"),
    ("globex-router", "globex", "Main", "", "127.3.1.1"),
    ("globex-web01", "globex", "Main", "globex-router", "127.3.1.2"),
    ("globex-db01", "globex", "Main", "globex-web01", "127.3.1.3"),
    ("globex-new", "globex", "Main", "", "127.3.1.4"),
    (ODD_HOST, "", "", "", "127.3.2.1"),
)
HOSTS: Final = tuple(host[0] for host in _HOSTS)
_PASSIVE: Final = (
    ("acme-web01", "ping"),
    ("acme-web01", "disk /var"),
    ("acme-web01", "load"),
    ("acme-web01", "never ran"),
    ("acme-web01", "disk C:\\ free"),
    ("acme-db01", "load"),
    ("acme-db01", PRICKLY_SERVICE),
    ("acme-db01", "backup"),
    ("globex-db01", "load"),
    ("globex-web01", "load"),
    (ODD_HOST, ODD_SERVICE),
)


def objects(folder: Path) -> str:
    """Hosts, services, groups, contacts and commands."""
    parts = [
        "define timeperiod {\n timeperiod_name always\n alias always\n "
        + "\n ".join(f"{day} 00:00-24:00" for day in _DAYS)
        + "\n}",
        _define("command", command_name="nothing", command_line="/bin/true"),
        _define("command", command_name="of-file", command_line=f"/bin/sh {folder}/check {folder}/$ARG1$"),
    ]
    for name, commands in (("nagiosadmin", 1), ("tech01", 1), ("readonly", 0)):
        parts.append(
            _define(
                "contact",
                contact_name=name,
                alias=f"{name} the contact",
                host_notification_commands="nothing",
                service_notification_commands="nothing",
                host_notification_period="always",
                service_notification_period="always",
                can_submit_commands=commands,
            )
        )
    parts += [_host(*host) for host in _HOSTS]
    parts += [_define("service", **_service(host, name), **_IDLE) for host, name in _PASSIVE]
    parts.append(
        _define(
            "service",
            **_service("acme-web01", "shop"),
            check_command="of-file!shop",
            check_interval=5,
            retry_interval=5,
            max_check_attempts=1,
        )
    )
    for client in ("acme", "globex"):
        members = ",".join(host[0] for host in _HOSTS if host[1] == client)
        parts.append(_define("hostgroup", hostgroup_name=f"client-{client}", alias=f"All of {client}", members=members))
    return "\n".join(parts) + "\n"


def main_file(folder: Path, *, lock: bool = False, date_format: str = "iso8601") -> dict[str, str]:
    """The files of Nagios and Apache beside the objects, by name."""
    return {
        "nagios.cfg": _lines(
            cfg_file=folder / "objects.cfg",
            resource_file=folder / "resource.cfg",
            log_file=folder / "var/nagios.log",
            object_cache_file=folder / "var/objects.cache",
            precached_object_file=folder / "var/objects.precache",
            status_file=folder / "var/status.dat",
            state_retention_file=folder / "var/retention.dat",
            retain_state_information=1,
            status_update_interval=2,
            nagios_user="root",
            nagios_group="www-data",
            check_external_commands=1,
            command_file=folder / "rw/nagios.cmd",
            lock_file=folder / "var/nagios.pid",
            temp_file=folder / "var/nagios.tmp",
            temp_path=folder / "var",
            check_result_path=folder / "var/results",
            log_archive_path=folder / "var",
            use_syslog=0,
            event_broker_options=0,
            query_socket=folder / "rw/nagios.qh",
            translate_passive_host_checks=1,
            log_passive_checks=0,
            check_result_reaper_frequency=1,
            enable_notifications=0,
            enable_flap_detection=0,
            date_format=date_format,
            illegal_object_name_chars="`~$*|?,=",
            illegal_macro_output_chars="`~$&|'\"<>",
            check_for_updates=0,
            interval_length=60,
        ),
        "cgi.cfg": _lines(
            main_config_file=folder / "nagios.cfg",
            physical_html_path="/usr/share/nagios4/htdocs",
            url_html_path="/nagios4",
            use_authentication=1,
            use_pending_states=1,
            lock_author_names=int(lock),
            authorized_for_system_information="nagiosadmin",
            authorized_for_configuration_information="nagiosadmin",
            authorized_for_all_hosts="nagiosadmin,viewer",
            authorized_for_all_services="nagiosadmin,viewer",
            authorized_for_all_host_commands="nagiosadmin",
            authorized_for_all_service_commands="nagiosadmin",
            authorized_for_read_only="readonly",
        ),
        "resource.cfg": "",
        "check": "cat $1.says\nread -r code <$1.code\nexit $code\n",
        "users": "".join(f"{user}:{{SHA}}{_sha(password)}\n" for user, password in USERS.items()),
    }


def apache_file(folder: Path, port: int) -> str:
    names = ("mpm_event", "authn_core", "authz_core", "authn_file", "authz_user", "auth_basic", "alias", "env", "cgid")
    loads = "\n".join(f"LoadModule {name}_module /usr/lib/apache2/modules/mod_{name}.so" for name in names)
    return f"""
ServerName 127.0.0.1
Listen 127.0.0.1:{port}
ServerRoot {folder}
PidFile {folder}/var/apache.pid
ErrorLog {folder}/var/apache.log
{loads}
User www-data
Group www-data
ScriptSock {folder}/var/cgid.sock
StartServers 1
ServerLimit 2
ThreadsPerChild 8
MaxRequestWorkers 16
MinSpareThreads 1
MaxSpareThreads 16
ScriptAlias /nagios4/cgi-bin {CGIS}
<Directory {CGIS}>
    SetEnv NAGIOS_CGI_CONFIG {folder}/cgi.cfg
    PassEnv TZ
    AuthType Basic
    AuthName "Nagios"
    AuthBasicProvider file
    AuthUserFile {folder}/users
    Require valid-user
</Directory>
"""


_DAYS: Final = ("sunday", "monday", "tuesday", "wednesday", "thursday", "friday", "saturday")
_IDLE: Final = {
    "check_command": "nothing",
    "active_checks_enabled": 0,
    "passive_checks_enabled": 1,
    "max_check_attempts": 1,
}


def _host(name: str, client: str, site: str, parent: str, address: str) -> str:
    more = {"parents": parent} if parent else {}
    more |= {"_CLIENT": client, "_SITE": site, "_OS": "Linux"} if client else {}
    return _define(
        "host",
        host_name=name,
        alias=f"{name} of {client or 'nobody'}",
        address=address,
        contacts="nagiosadmin" + (",tech01,readonly" if client == "acme" else ""),
        check_period="always",
        notification_period="always",
        **_IDLE,
        **more,
    )


def _service(host: str, name: str) -> dict[str, object]:
    contacts = "nagiosadmin" + (",tech01,readonly" if host.startswith("acme") else "")
    return {
        "host_name": host,
        "service_description": name,
        "contacts": contacts,
        "check_period": "always",
        "notification_period": "always",
    }


def _define(kind: str, **attributes: object) -> str:
    return f"define {kind} {{\n" + "".join(f" {key} {value}\n" for key, value in attributes.items()) + "}"


def _lines(**settings: object) -> str:
    return "".join(f"{key}={value}\n" for key, value in settings.items())


def _sha(password: str) -> str:
    return base64.b64encode(hashlib.sha1(password.encode(), usedforsecurity=False).digest()).decode()
