"""Net-SNMP's snmpd on loopback: one that tells of this machine, and others that serve a walk. Stopped by pid.

No file outside of its folder is read or written: no MIBs are needed, and what it remembers (engine id, boots, users) is
in the folder, so that one that is started again is the same engine with one boot more.
"""

from __future__ import annotations

import json
import os
import shutil
import signal
import socket
import subprocess
import sys
import threading
from collections.abc import Callable, Sequence
from pathlib import Path

from tests.support.eventually import wait_for
from tests.support.snmp_agent import Row

LOOPBACK = "127.0.0.1"
PROGRAMS = ("snmpd", "snmpget", "snmpbulkwalk", "setpriv")
COMMUNITY = "public-for-rounds"
NARROW, BLIND = "system-for-rounds", "nothing-for-rounds"
"""Communities that see the system group only, and nothing that rounds asks for."""
USER, AUTH, PRIVACY = "monitor", "correct horse battery", "staple to the wall"
USERS = {
    USER: f'SHA-256 "{AUTH}" AES "{PRIVACY}"',
    "old": f'MD5 "{AUTH}" AES "{PRIVACY}"',
    "sha1": f'SHA "{AUTH}" AES "{PRIVACY}"',
    "strong": f'SHA-512 "{AUTH}" AES-256 "{PRIVACY}"',
    "long": f'SHA-224 "{AUTH}" AES-192 "{PRIVACY}"',
    "short": f'SHA "{AUTH}" AES-256 "{PRIVACY}"',
    "open": f'SHA-384 "{AUTH}"',
}
_SERVES = "pass_persist,vacm_conf,usmUser,usmConf,snmpEngine"
_SCRIPT = Path(__file__).with_name("snmp_walk.py")


def missing() -> str:
    """Why it cannot be started here; empty when it can."""
    gone = [program for program in PROGRAMS if shutil.which(program) is None]
    return f"needs {', '.join(gone)} (Debian packages snmpd, snmp, util-linux)" if gone else ""


def free_udp_port() -> int:
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as probe:
        probe.bind((LOOPBACK, 0))
        return int(probe.getsockname()[1])


class Snmpd:
    """One agent. With `rows` it serves those, below 1.3.6.1.2.1, and nothing of this machine."""

    def __init__(self, folder: Path, rows: Sequence[Row] | None = None) -> None:
        self.folder = folder
        self.port = free_udp_port()
        self._rows = rows
        self._process: subprocess.Popen[bytes] | None = None
        folder.mkdir(parents=True)

    @property
    def at(self) -> str:
        return f"{LOOPBACK}:{self.port}"

    def serve(self, rows: Sequence[Row]) -> None:
        """From now on."""
        part = self.folder / "walk.json.part"
        part.write_text(json.dumps([list(row) for row in rows]), encoding="utf-8")
        part.rename(self.folder / "walk.json")

    def start(self) -> None:
        if self._rows is not None and not (self.folder / "walk.json").exists():
            self.serve(self._rows)
        (self.folder / "snmpd.conf").write_text("\n".join(self._configuration()) + "\n")
        kept = self.folder / "kept" / "snmpd.conf"  # read as any other: with -C nothing is read by itself
        files = ",".join(str(one) for one in (self.folder / "snmpd.conf", kept) if one.exists())
        modules = ["-I", "-smux,mteTrigger,mteTriggerConf" if self._rows is None else _SERVES]
        with (self.folder / "log").open("ab") as log:
            self._process = subprocess.Popen(
                ["setpriv", "--pdeathsig", "KILL", "snmpd", "-f", "-Lo", "-C", "-c", files, *modules],
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                cwd=self.folder,
                env=self._environment,
            )

    def wait(self) -> None:
        wait_for(self._answers, lambda: f"snmpd at {self.at}: {(self.folder / 'log').read_text()[-2000:]}", 30)

    def stop(self) -> None:
        """In order, so that it writes down its boots."""
        if self._process is not None:
            self._process.send_signal(signal.SIGTERM)
            self._process.wait(30)
            self._process = None

    def forget(self) -> None:
        """Started again, it will be another engine."""
        shutil.rmtree(self.folder / "kept")

    def walked(self, root: str, *how: str) -> dict[str, str]:
        """What snmpbulkwalk prints of a subtree: object id to value, numbers bare and octets in quotes or as hex."""
        return _told(self._run("snmpbulkwalk", root, *how))

    def asked(self, oid: str, *how: str) -> str:
        """What snmpget prints of one variable."""
        return next(iter(_told(self._run("snmpget", oid, *how)).values()))

    def _run(self, program: str, oid: str, *how: str) -> str:
        way = how or ("-v2c", "-c", COMMUNITY)
        words = [program, *way, "-m", "", "-On", "-Oe", "-OU", "-Ot", "-t", "5", self.at, oid]
        return subprocess.run(
            words, check=True, capture_output=True, encoding="utf-8", timeout=60, env=self._environment
        ).stdout

    @property
    def _environment(self) -> dict[str, str]:
        return {
            **os.environ,
            "SNMP_PERSISTENT_DIR": str(self.folder / "kept"),
            "SNMPCONFPATH": str(self.folder),
            "MIBS": "",
        }

    def _answers(self) -> bool:
        words = ["snmpget", "-v2c", "-c", COMMUNITY, "-m", "", "-t", "0.2", "-r", "0", self.at, ".1.3.6.1.2.1.1.1.0"]
        return subprocess.run(words, check=False, capture_output=True, env=self._environment).returncode == 0

    def _configuration(self) -> list[str]:
        lines = [f"agentaddress udp:{self.at}", f"rocommunity {COMMUNITY} {LOOPBACK}"]
        lines += [f"rocommunity {NARROW} {LOOPBACK} .1.3.6.1.2.1.1", f"rocommunity {BLIND} {LOOPBACK} .1.3.6.1.4"]
        if not (self.folder / "kept" / "snmpd.conf").exists():
            lines += [f"createUser {user} {ways}" for user, ways in USERS.items()]
        lines += [f"rouser {user} {'auth' if user == 'open' else 'priv'}" for user in USERS]
        if self._rows is None:
            return [*lines, "sysName this-machine", "sysLocation HQ"]
        program = f"{sys.executable} -SE {_SCRIPT} {self.folder / 'walk.json'} .1.3.6.1.2.1"
        return [*lines, f"pass_persist -p 1 .1.3.6.1.2.1 {program}"]


def _told(output: str) -> dict[str, str]:
    found: dict[str, str] = {}
    last = ""
    for line in output.splitlines():
        oid, equals, value = line.partition(" = ")
        if equals and oid.startswith(".1."):
            kind, colon, rest = value.partition(": ")
            last = oid[1:]
            found[last] = (rest if colon else kind).strip()
        elif last:
            found[last] = f"{found[last]} {line}".strip()
    return found


class Proxy(threading.Thread):
    """Stands between a manager and an agent, and does to answers what a test wants."""

    def __init__(self, to: Snmpd) -> None:
        super().__init__(daemon=True)
        self._to = (LOOPBACK, to.port)
        self._socket = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        self._socket.bind((LOOPBACK, 0))
        self.port: int = self._socket.getsockname()[1]
        self.change: Callable[[bytes], list[bytes]] = lambda answer: [answer]
        self.answers: list[bytes] = []

    def run(self) -> None:
        with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as beyond:
            beyond.settimeout(2)
            while True:
                data, sender = self._socket.recvfrom(65535)
                if not data:
                    return
                beyond.sendto(data, self._to)
                try:
                    answer = beyond.recv(65535)
                except TimeoutError:
                    continue
                self.answers.append(answer)
                for one in self.change(answer):
                    self._socket.sendto(one, sender)

    def close(self) -> None:
        with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as waker:
            waker.sendto(b"", (LOOPBACK, self.port))
        self.join(10)
        self._socket.close()
