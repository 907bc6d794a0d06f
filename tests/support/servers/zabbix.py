"""A real Zabbix 6.0 on loopback from Debian's packages: PostgreSQL, server, agent and web page in their own folder.

    packages: zabbix-server-pgsql zabbix-frontend-php zabbix-agent php-cli php-pgsql postgresql

The database gets the packages' schema and, of their data, what an empty installation needs: without the 350 templates
it is there in seconds. Ports are below 32768, which is as far as Zabbix takes them.
"""

from __future__ import annotations

import contextlib
import gzip
import json
import os
import pwd
import re
import shutil
import signal
import socket
import struct
import subprocess
import tempfile
import time
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from types import TracebackType
from typing import Final

from tests.support.ports import free_ports
from tests.support.servers.zabbix_api import Api

SERVER: Final = "/usr/sbin/zabbix_server"
AGENT: Final = "/usr/sbin/zabbix_agentd"
WEB: Final = Path("/usr/share/zabbix")
SQL: Final = Path("/usr/share/zabbix-server-pgsql")
ADMIN: Final = ("Admin", "zabbix")
_POSTGRES: Final = Path("/usr/lib/postgresql")
_HEADER: Final = b"ZBXD\x01"
_NEEDED: Final = frozenset(
    [
        "role",
        "role_rule",
        "users",
        "usrgrp",
        "users_groups",
        "hstgrp",
        "config",
        "config_autoreg_tls",
        "globalmacro",
        "regexps",
        "expressions",
        "scripts",
        "graph_theme",
    ]
)
"""Tables whose shipped rows the server or the API cannot do without; the rest is templates and pictures of maps."""

GUARDED: Final = (
    *("setpriv", "--pdeathsig", "USR1", "sh", "-c"),
    'trap "kill -KILL 0" USR1; trap : TERM; "$@" & while kill -0 $! 2>&-; do wait $!; done',
    "guard",
)
"""In front of a command: its guard ends when it does, and ends it and all its children when we end, however that comes
about. Workers of PHP and of the server outlive a parent that gets such a signal itself."""


def missing() -> str:
    """Why it cannot be started here; empty when it can."""
    if os.geteuid() != 0:
        return "needs root, to run PostgreSQL as another user"
    for path in (Path(SERVER), Path(AGENT), WEB / "api_jsonrpc.php", SQL / "schema.sql.gz"):
        if not path.exists():
            return f"needs {path} (zabbix-server-pgsql, zabbix-frontend-php, zabbix-agent)"
    if shutil.which("php") is None or not list(_POSTGRES.glob("*/bin/initdb")):
        return "needs php-cli, php-pgsql and postgresql"
    try:
        pwd.getpwnam("postgres")
    except KeyError:
        return "needs the user postgres"
    return ""


class ZabbixServer:
    """Start with `with`; everything that was started is ended with it."""

    def __init__(self) -> None:
        self.folder = Path(tempfile.mkdtemp(prefix="rounds-zabbix-"))
        self.folder.chmod(0o755)  # PostgreSQL's user has to get through
        self.dead_port: int
        """Nothing listens there."""
        self.running: dict[str, subprocess.Popen[bytes]] = {}
        self.database_port, self.server_port, self.agent_port, self.web_port, self.dead_port = free_ports(5)

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.web_port}/api_jsonrpc.php"

    def __enter__(self) -> ZabbixServer:
        try:
            self._database()
            self._web_files()
            self.start_web()
            self.start_server()
            self.start_agent()
            self.admin = Api(self.url).login(*ADMIN)
        except BaseException:
            self.close()
            raise
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def close(self) -> None:
        for name in ("web", "agent", "server", "postgres"):
            self.stop(name, gently=False)
        shutil.rmtree(self.folder, ignore_errors=True)

    def start_web(self) -> None:
        """The web page with the API; also after it was stopped."""
        self._start(
            "web",
            ["php", "-d", "memory_limit=512M", "-S", f"127.0.0.1:{self.web_port}", "-t", str(self.folder / "web")],
            PHP_CLI_SERVER_WORKERS="4",
        )
        _until(lambda: _listens(self.web_port), "the web page", self._log("web"))

    def start_server(self) -> None:
        self._start("server", [SERVER, "-f", "-c", str(self._write("server.conf", self._server_conf()))])
        _until(lambda: _listens(self.server_port), "the server", self._log("server"))

    def start_agent(self) -> None:
        self._start("agent", [AGENT, "-f", "-c", str(self._write("agent.conf", self._agent_conf()))])
        _until(lambda: _listens(self.agent_port), "the agent", self._log("agent"))

    def stop(self, name: str, *, gently: bool = True) -> None:
        """End `web`, `server`, `agent` or `postgres` with all its children."""
        process = self.running.pop(name, None)
        if process is None:
            return
        for number in (signal.SIGTERM, signal.SIGKILL) if gently else (signal.SIGKILL,):
            with contextlib.suppress(ProcessLookupError):
                os.killpg(process.pid, number)
            with contextlib.suppress(subprocess.TimeoutExpired):
                process.wait(10)
                return

    def send(self, values: Sequence[tuple[str, str, str | float]]) -> int:
        """Values for trapper items (host, key, value), as `zabbix_sender` sends them; how many were taken."""
        told = {"request": "sender data", "data": [{"host": h, "key": k, "value": str(v)} for h, k, v in values]}
        body = json.dumps(told).encode()
        with socket.create_connection(("127.0.0.1", self.server_port), 20) as line:
            line.sendall(_HEADER + struct.pack("<Q", len(body)) + body)
            answer = b"".join(iter(lambda: line.recv(65536), b""))
        found = re.search(rb"processed: (\d+)", answer)
        return int(found[1]) if found else 0

    def sent(self, values: Sequence[tuple[str, str, str | float]]) -> None:
        """The same, again and again until the server knows all the items: its cache of them is seconds behind."""
        left = list(values)
        end = time.monotonic() + 30
        while left:
            left = [value for value in left if not self.send([value])]
            assert time.monotonic() < end, f"the server does not know {left[:3]}"

    def analyze(self) -> None:
        """Let the database look at what there is: many hosts at once take it by surprise, and nothing else tells it."""
        self.query("ANALYZE")

    def query(self, sql: str) -> str:
        """What the database says, without headings."""
        command = [*self._psql(), "-At", "-c", sql, "zabbix"]
        return subprocess.run(command, check=True, capture_output=True, text=True).stdout

    def _psql(self) -> list[str]:
        address = ["-h", "127.0.0.1", "-p", str(self.database_port), "-U", "zabbix"]
        return ["psql", "-q", *address, "-v", "ON_ERROR_STOP=1"]

    def _start(self, name: str, command: Sequence[str], *, user: str | None = None, **more: str) -> None:
        with self._log(name).open("ab") as log:
            self.running[name] = subprocess.Popen(
                [*GUARDED, *command],
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                cwd=self.folder,
                env={"PATH": os.environ["PATH"], "LANG": "C.UTF-8", **more},
                user=user,
                group=user,
                start_new_session=True,
            )

    def _database(self) -> None:
        tools = max(_POSTGRES.glob("*/bin"))
        data, owner = self.folder / "database", "postgres"
        data.mkdir(mode=0o700)
        shutil.chown(data, owner, owner)
        subprocess.run(
            [tools / "initdb", "-D", data, "-U", "zabbix", "-A", "trust", "-E", "UTF8", "--locale=C", "--no-sync"],
            user=owner,
            group=owner,
            cwd=self.folder,
            check=True,
            capture_output=True,
        )
        speed = ("fsync=off", "synchronous_commit=off", "full_page_writes=off", "autovacuum=off", "max_connections=60")
        command = [str(tools / "postgres"), "-D", str(data), "-p", str(self.database_port)]
        for setting in ("listen_addresses=127.0.0.1", "unix_socket_directories=", *speed):
            command += ["-c", setting]
        self._start("postgres", command, user=owner)
        psql = self._psql()
        ready = [*psql, "-c", "SELECT 1", "postgres"]
        _until(lambda: subprocess.run(ready, capture_output=True, check=False).returncode == 0, "PostgreSQL")
        subprocess.run([*psql, "-c", "CREATE DATABASE zabbix", "postgres"], check=True, capture_output=True)
        script = gzip.decompress((SQL / "schema.sql.gz").read_bytes()) + b"\n".join(_statements())
        loaded = subprocess.run([*psql, "-f", "-", "zabbix"], input=script, check=False, capture_output=True)
        assert loaded.returncode == 0, loaded.stderr.decode(errors="replace")[-1000:]

    def _web_files(self) -> None:
        """A copy, since the package has the place of its configuration written into one of its files."""
        target = self.folder / "web"
        shutil.copytree(WEB, target, ignore=shutil.ignore_patterns("assets", "locale", "audio", "js", "fonts"))
        constant = target / "include" / "classes" / "core" / "CConfigFile.php"
        own = self._write(
            "zabbix.conf.php",
            "<?php\n"
            "$DB['TYPE'] = 'POSTGRESQL'; $DB['SERVER'] = '127.0.0.1'; $DB['DATABASE'] = 'zabbix';\n"
            f"$DB['PORT'] = '{self.database_port}'; $DB['USER'] = 'zabbix'; $DB['PASSWORD'] = '';\n"
            "$DB['SCHEMA'] = ''; $DB['ENCRYPTION'] = false; $DB['KEY_FILE'] = ''; $DB['CERT_FILE'] = '';\n"
            "$DB['CA_FILE'] = ''; $DB['VERIFY_HOST'] = false; $DB['CIPHER_LIST'] = ''; $DB['VAULT_URL'] = '';\n"
            "$DB['VAULT_DB_PATH'] = ''; $DB['VAULT_TOKEN'] = ''; $DB['DOUBLE_IEEE754'] = true;\n"
            f"$ZBX_SERVER = '127.0.0.1'; $ZBX_SERVER_PORT = '{self.server_port}'; $ZBX_SERVER_NAME = 'test';\n"
            "$IMAGE_FORMAT_DEFAULT = IMAGE_FORMAT_PNG;\n",
        )
        text = constant.read_text()
        assert "'/etc/zabbix/zabbix.conf.php'" in text
        constant.unlink()
        constant.write_text(text.replace("'/etc/zabbix/zabbix.conf.php'", f"'{own}'"))

    def _server_conf(self) -> str:
        return "\n".join(
            (
                f"ListenPort={self.server_port}\nListenIP=127.0.0.1\nDBHost=127.0.0.1\nDBPort={self.database_port}",
                f"DBName=zabbix\nDBUser=zabbix\nAllowRoot=1\nLogType=console\nPidFile={self.folder}/server.pid",
                f"SocketDir={self.folder}\nCacheUpdateFrequency=1\nHousekeepingFrequency=0\nStartPollers=2",
                "StartPollersUnreachable=1\nStartPingers=1\nStartDiscoverers=0\nStartHTTPPollers=0\nStartTrappers=3",
                "UnreachablePeriod=1\nUnreachableDelay=1\nUnavailableDelay=1\nTimeout=2\nStartPreprocessors=1",
                "StartDBSyncers=1\nStartLLDProcessors=1\nStartAlerters=1\nStartEscalators=1\n",
            )
        )

    def _agent_conf(self) -> str:
        return (
            f"ListenPort={self.agent_port}\nListenIP=127.0.0.1\nServer=127.0.0.1\nAllowRoot=1\nLogType=console\n"
            f"PidFile={self.folder}/agent.pid\nAllowKey=system.run[*]\nStartAgents=2\nHostname=acme-dc01\n"
        )

    def _write(self, name: str, text: str) -> Path:
        path = self.folder / name
        path.write_text(text)
        return path

    def _log(self, name: str) -> Path:
        return self.folder / f"{name}.log"


def _statements() -> Iterator[bytes]:
    """The shipped data of the tables that are needed; a statement may go over several lines."""
    keep = True
    for line in gzip.decompress((SQL / "data.sql.gz").read_bytes()).split(b"\n"):
        if line.startswith(b"INSERT INTO "):
            keep = line.split(b" ", 3)[2].decode().strip('"') in _NEEDED
        elif line in (b"START TRANSACTION;", b"COMMIT;"):
            keep = True
        if keep:
            yield line


def _listens(port: int) -> bool:
    try:
        socket.create_connection(("127.0.0.1", port), 1).close()
    except OSError:
        return False
    return True


def _until(holds: Callable[[], bool], what: str, log: Path | None = None) -> None:
    end = time.monotonic() + 60
    while not holds():
        said = log.read_text(errors="replace")[-2000:] if log and log.exists() else ""
        assert time.monotonic() < end, f"{what} did not start\n{said}"
        time.sleep(0.05)
