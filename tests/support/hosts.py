"""Real hosts on loopback with real faults in them: a stopped service, a full disk, a busy process, a certificate that
expires; and the things that are no SSH servers.

Make hosts from the main thread: they end when the thread that made them ends, whatever way it goes.
"""

from __future__ import annotations

import contextlib
import os
import shutil
import subprocess
import tempfile
import time
from collections.abc import Iterable, Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import TypeVar

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec

from tests.support.bad_ssh import BannerOnly, Dripping, NotSsh, Refused, Silent
from tests.support.machine import Machine, new_key, run
from tests.support.worker import worker

SSHD = "/usr/sbin/sshd"
TOOLS = ("unshare", "nsenter", "setpriv", "mount", "start-stop-daemon", "service", "ps", "ssh-keygen", "openssl")

_Other = TypeVar("_Other", Silent, BannerOnly, Dripping, NotSsh, Refused)


def missing() -> str:
    """Why hosts cannot be started here; empty when they can."""
    if os.geteuid() != 0:
        return "needs root for namespaces and sshd"
    if not Path(SSHD).exists():
        return f"needs {SSHD} (Debian package openssh-server)"
    if gone := [tool for tool in TOOLS if shutil.which(tool) is None]:
        return f"needs {', '.join(gone)}"
    probe = subprocess.run(
        ["unshare", "--mount", "--pid", "--uts", "--fork", "mount", "-t", "tmpfs", "tmpfs", "/mnt"],
        capture_output=True,
        text=True,
        check=False,
    )
    return "" if probe.returncode == 0 else f"namespaces do not work here: {probe.stderr.strip()}"


class Host(Machine):
    """A test host and the faults that can be made in it."""

    def stop_service(self, name: str) -> None:
        self.run(f"service {name} stop")

    def start_service(self, name: str) -> None:
        self.run(f"service {name} start")

    def break_service(self, name: str) -> None:
        """Stopped, and every start of it fails."""
        self.run(f"mkdir -p /run/host/broken && touch /run/host/broken/{name} && service {name} stop")

    def hold_service(self, name: str) -> None:
        """The next start of it writes its line in `service_log` and then waits for `release_service`."""
        self.run(f"mkdir -p /run/host/held && touch /run/host/held/{name}")

    def release_service(self, name: str) -> None:
        self.run(f"rm /run/host/held/{name}")

    def running(self, name: str) -> bool:
        return self.run(f"service {name} status", check=False).returncode == 0

    def fill(self, mount: str = "/var/tmp", percent: float = 97.0, days: int = 30) -> None:
        """Fill a disk with files that were last touched `days` ago. Own disks: /srv/data, /tmp, /var/tmp and
        /var/cache/apt/archives (where the files are packages)."""
        disk = os.statvfs(self.path(mount))
        total = disk.f_blocks * disk.f_frsize
        wanted = int(total * percent / 100) - (disk.f_blocks - disk.f_bfree) * disk.f_frsize
        old = time.time() - days * 86400
        ending = ".deb" if mount.endswith("archives") else ".tmp"
        for part in range(4):
            path = self.path(mount) / f"old-{part}{ending}"
            path.write_bytes(b"\0" * (wanted // 4))
            os.utime(path, (old, old))

    def used_percent(self, mount: str) -> float:
        disk = os.statvfs(self.path(mount))
        return 100.0 * (disk.f_blocks - disk.f_bfree) / disk.f_blocks

    def runaway(self, name: str = "report-gen") -> int:
        """A busy process, lost by its parent; gives its pid in the host. It gives way to others a little, yet is seen
        to be busy on a machine that is busy with other tests as well."""
        self.program(name)
        loop = f"exec nice -n 5 /run/host/bin/{name} -c 'while :; do :; done'"
        started = self.run(f"setsid sh -c {_quoted(loop)} >/dev/null 2>&1 </dev/null & echo $!")
        return int(started.stdout)

    def alive(self, pid: int) -> bool:
        with contextlib.suppress(OSError):
            return "\nState:\tZ" not in self.path(f"/proc/{pid}/status").read_text()
        return False

    def certificate(self, inside: str = "/srv/data/site.pem", *, days: float = 5.0, name: str = "www.example") -> str:
        """A self-signed certificate that expires in `days` (negative: it has expired)."""

        key = ec.generate_private_key(ec.SECP256R1())
        subject = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, name)])
        now = datetime.now(UTC)
        made = (
            x509.CertificateBuilder(subject, subject, key.public_key(), x509.random_serial_number())
            .not_valid_before(min(now, now + timedelta(days=days)) - timedelta(days=90))
            .not_valid_after(now + timedelta(days=days))
            .sign(key, hashes.SHA256())
        )
        self.path(inside).write_bytes(made.public_bytes(serialization.Encoding.PEM))
        return inside


class Hosts:
    """Makes hosts and ends them all. `key` is the private key that every host accepts for root."""

    password = "correct horse 9"
    """Of the user `tech` on every host; root has none."""

    def __init__(self) -> None:
        self.folder = Path(tempfile.mkdtemp(prefix="rounds-hosts-"))
        self.folder.chmod(0o755)
        self.key = self.folder / "technician"
        new_key(self.key)
        self.other_key = self.folder / "stranger"
        """A key that no host accepts."""
        new_key(self.other_key)
        self.password_hash = run("openssl", "passwd", "-6", self.password).stdout.strip()
        self._hosts: list[Host] = []
        self._others: list[Silent | BannerOnly | Dripping | NotSsh | Refused] = []
        self._addresses: Iterator[int] = iter(range(11, 255))

    def add(
        self, name: str = "", *, services: Iterable[str] = ("webshop",), wired: bool = False, wait: bool = True
    ) -> Host:
        """Start a host; `wired` puts a wire before it that can be cut."""
        address = self.next_address()
        host = Host(self, name or f"host{len(self._hosts) + 1:02}", address, services=services, wired=wired)
        self._hosts.append(host)
        if wait:
            host.wait_ready()
        return host

    def add_many(self, count: int, *, services: Iterable[str] = ("webshop",), wired: bool = False) -> list[Host]:
        made = [self.add(services=services, wired=wired, wait=False) for _ in range(count)]
        for host in made:
            host.wait_ready()
        return made

    def silent(self) -> Silent:
        return self._kept(Silent(self.next_address()))

    def banner_only(self) -> BannerOnly:
        return self._kept(BannerOnly(self.next_address()))

    def dripping(self) -> Dripping:
        return self._kept(Dripping(self.next_address()))

    def not_ssh(self) -> NotSsh:
        return self._kept(NotSsh(self.next_address()))

    def refused(self) -> Refused:
        return self._kept(Refused(self.next_address()))

    def known_hosts(self, path: Path, *hosts: Host) -> Path:
        """Write a known-hosts file for these hosts (all by default)."""
        path.touch(mode=0o600)
        path.write_text("".join(host.known_hosts_line + "\n" for host in hosts or self._hosts))
        return path

    def locked_key(self, passphrase: str) -> Path:
        """The technician's key behind a passphrase."""
        path = self.folder / "locked"
        shutil.copy(self.key, path)
        path.chmod(0o600)
        run("ssh-keygen", "-q", "-p", "-P", "", "-N", passphrase, "-f", str(path))
        return path

    def next_address(self) -> str:
        return f"127.1.{worker()}.{next(self._addresses)}"

    def close(self) -> None:
        for other in self._others:
            other.close()
        for host in self._hosts:
            host.power_off()
        shutil.rmtree(self.folder, ignore_errors=True)

    def __enter__(self) -> Hosts:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def _kept(self, other: _Other) -> _Other:
        self._others.append(other)
        return other


def _quoted(text: str) -> str:
    return "'" + text.replace("'", "'\\''") + "'"
