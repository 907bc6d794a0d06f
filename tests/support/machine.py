"""One test host: a set of namespaces with an sshd in it (`host/power.sh`, `host/boot.sh`)."""

from __future__ import annotations

import contextlib
import os
import re
import shutil
import signal
import socket
import subprocess
import time
import uuid
from collections.abc import Iterable
from pathlib import Path
from typing import Protocol

from tests.support.bad_ssh import Wire
from tests.support.ports import free_port

SCRIPTS = Path(__file__).parent / "host"
READY_S = 60.0
MAINS = (
    *("setpriv", "--pdeathsig", "KILL"),
    *("unshare", "--mount", "--pid", "--fork", "--kill-child", "--propagation", "private"),
)


class Kit(Protocol):
    """What all hosts of a test share."""

    folder: Path
    key: Path
    password_hash: str


class Machine:
    """The life of one test host. `at` is what a configuration names: `root@127.1.0.11:23456`."""

    def __init__(self, kit: Kit, name: str, address: str, *, services: Iterable[str], wired: bool) -> None:
        self.name = name
        self.address = address
        self.services = tuple(services)
        self.state = kit.folder / name
        self._port = free_port(address)
        self._kit = kit
        self._write_state()
        self.wire = Wire(address, self._port) if wired else None
        console = (self.state / "console.log").open("ab")
        # The parent's end ends the host, whatever way the parent goes.
        self._mains = subprocess.Popen(
            [*MAINS, "sh", str(self.state / "power.sh"), str(self.state)],
            stdin=subprocess.DEVNULL,
            stdout=console,
            stderr=subprocess.STDOUT,
            start_new_session=True,
        )
        console.close()

    # What it is

    @property
    def port(self) -> int:
        """Where clients connect: the wire's port when there is one."""
        return self.wire.port if self.wire else self._port

    @property
    def at(self) -> str:
        return f"root@{self.address}:{self.port}"

    @property
    def native(self) -> str:
        return f"{self.address}:{self.port}"

    @property
    def boot_id(self) -> str:
        return (self.state / "boot_id").read_text().strip()

    @property
    def machine_id(self) -> str:
        return (self.state / "machine-id").read_text().strip()

    @property
    def host_key(self) -> str:
        """`ssh-ed25519 AAAA…`"""
        return " ".join((self.state / "host_key.pub").read_text().split()[:2])

    @property
    def known_hosts_line(self) -> str:
        return f"[{self.address}]:{self.port} {self.host_key}"

    @property
    def fingerprint(self) -> str:
        """`SHA256:…` of the host key, as OpenSSH prints it."""
        shown = run("ssh-keygen", "-l", "-E", "sha256", "-f", str(self.state / "host_key.pub"))
        return shown.stdout.split()[1]

    @property
    def log(self) -> str:
        """What sshd wrote so far."""
        path = self.state / "sshd.log"
        return path.read_text(errors="replace") if path.exists() else ""

    @property
    def logins(self) -> int:
        """Log-ins that sshd accepted since the host was made."""
        return len(re.findall(r"^Accepted (?:publickey|password) for ", self.log, re.MULTILINE))

    @property
    def tries(self) -> int:
        """Words of sshd on keys and passwords that it was offered, whatever became of them, since the host was made."""
        return len(re.findall(r"^(?:Accepted|Failed|Postponed|Invalid user) ", self.log, re.MULTILINE))

    @property
    def calls(self) -> int:
        """Connections that sshd took since the host was made."""
        return self.log.count("Connection from ")

    @property
    def sessions(self) -> int:
        """Scripts that were begun over SSH since the host was made."""
        return self.log.count("Starting session: ")

    @property
    def service_log(self) -> list[str]:
        """A line for every time that a service was started, boot included."""
        path = self.state / "service.log"
        return path.read_text().splitlines() if path.exists() else []

    # Hands on it

    def run(self, command: str, *, check: bool = True) -> subprocess.CompletedProcess[str]:
        """Run a line of sh in the host, past SSH."""
        enter = ["nsenter", "-t", self.init(), "-m", "-p", "-u", "-i"]
        clock = ["-T"] if Path("/proc/self/ns/time_for_children").exists() else []
        prefix = "PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin; cd /; "
        return run(*enter, *clock, "sh", "-c", prefix + command, check=check)

    def path(self, inside: str) -> Path:
        """A path of the host as this process can open it."""
        return Path(f"/proc/{self.init()}/root{inside}")

    def reboot(self) -> None:
        """As if somebody typed `reboot` on it; returns when it answers again."""
        before = self.boot_id
        os.kill(int(self.init()), signal.SIGTERM)
        self.wait_ready(after=before)

    def change_host_key(self) -> None:
        """The machine answers with another key from now on, as a replaced or a forged one would."""
        for path in (self.state / "host_key", self.state / "host_key.pub"):
            path.unlink()
        new_key(self.state / "host_key")
        self.reboot()

    def cut(self) -> int:
        """Reset all connections now; needs `wired=True`."""
        assert self.wire is not None, "ask for the host with wired=True"
        return self.wire.drop()

    def power_off(self) -> None:
        (self.state / "off").touch()
        if self.wire:
            self.wire.close()
        # The namespace's first process is a child of unshare and dies with it, and all others with that.
        self._mains.kill()
        self._mains.wait(30)

    def wait_ready(self, after: str = "") -> None:
        """Until sshd answers (with a boot id other than `after`)."""
        end = time.monotonic() + READY_S
        while time.monotonic() < end:
            if self._mains.poll() is not None:
                break
            with contextlib.suppress(OSError):
                booted = (self.state / "booted").exists() and self.boot_id != after
                if booted and self._answers():
                    return
            time.sleep(0.02)
        console = (self.state / "console.log").read_text(errors="replace")
        raise RuntimeError(f"{self.name} did not come up:\n{console}\n{self.log}")

    def wait_for(self, inside: str, seconds: float = 30.0) -> None:
        """Until a file is there."""
        end = time.monotonic() + seconds
        while not self.path(inside).exists():
            if time.monotonic() > end:
                raise TimeoutError(f"{self.name}: {inside} did not appear in {seconds:.0f} s")
            time.sleep(0.01)

    # How it is made

    def init(self) -> str:
        """The process id of its first process, as this process sees it."""
        return (self.state / "init.pid").read_text().strip()

    def _answers(self) -> bool:
        with socket.create_connection((self.address, self._port), timeout=5) as connection:
            return connection.recv(4) == b"SSH-"

    def _write_state(self) -> None:
        for folder in ("", "disks", "bin", "init.d"):
            (self.state / folder).mkdir(mode=0o755)
        for script in ("power.sh", "boot.sh", "reboot.sh"):
            shutil.copy(SCRIPTS / script, self.state / script)
        template = (SCRIPTS / "service.sh").read_text()
        for service in self.services:
            self.program(service)
            path = self.state / "init.d" / service
            path.write_text(template.replace("@NAME@", service))
            path.chmod(0o755)
        (self.state / "name").write_text(self.name + "\n")
        (self.state / "mac").write_text(f"02:{os.urandom(4).hex(':')}\n")
        (self.state / "machine-id").write_text(uuid.uuid4().hex + "\n")
        passwd = _with_line("/etc/passwd", "tech:x:1999:1999:Technician:/run/host:/bin/sh")
        # This machine's own start-up files of root are none of a test host's business.
        root = "root:x:0:0:root:/run/host:/bin/sh"
        (self.state / "passwd").write_text(re.sub(r"^root:.*$", root, passwd, flags=re.MULTILINE))
        (self.state / "group").write_text(_with_line("/etc/group", "tech:x:1999:"))
        (self.state / "shadow").write_text(_with_line("/etc/shadow", f"tech:{self._kit.password_hash}:19000::::::"))
        new_key(self.state / "host_key")
        shutil.copy(self._kit.key.with_suffix(".pub"), self.state / "authorized_keys")
        (self.state / "sshd_config").write_text(_sshd_config(self.address, self._port))

    def program(self, name: str) -> None:
        """A program of that name: the shell, so that what it does can be told on its command line."""
        path = self.state / "bin" / name
        if not path.exists():
            shutil.copy(Path("/bin/sh").resolve(), path)


def new_key(path: Path) -> None:
    run("ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-C", path.name, "-f", str(path))


def _with_line(path: str, line: str) -> str:
    """A copy of a system file with one more line."""
    text = Path(path).read_text() if Path(path).exists() else ""
    return text.rstrip("\n") + "\n" + line + "\n"


def run(*argv: str, check: bool = True) -> subprocess.CompletedProcess[str]:
    return subprocess.run(argv, capture_output=True, text=True, check=check, stdin=subprocess.DEVNULL)


def _sshd_config(address: str, port: int) -> str:
    lines = [
        f"ListenAddress {address}:{port}",
        "HostKey /run/host/host_key",
        "PidFile /run/sshd.pid",
        "AuthorizedKeysFile /run/host/authorized_keys",
        "PermitRootLogin prohibit-password",
        "PasswordAuthentication yes",
        "KbdInteractiveAuthentication no",
        "UsePAM no",
        "StrictModes no",
        "UseDNS no",
        "LogLevel VERBOSE",
        "MaxStartups 500",
        "MaxSessions 50",
        "SetEnv PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin",
    ]
    # Newer servers shut out an address after failures; every test host sees the same client.
    version = run("ssh", "-V", check=False).stderr
    number = version.partition("OpenSSH_")[2].partition("p")[0]
    if number and tuple(int(part) for part in number.split(".")) >= (9, 8):
        lines.append("PerSourcePenalties no")
    return "\n".join(lines) + "\n"
