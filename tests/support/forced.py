"""A real sshd on loopback that gives whoever has the key one program and nothing else, as `docs/wall.md` says."""

from __future__ import annotations

import pwd
import shlex
import socket
import subprocess
import sys
import time
from collections.abc import Mapping, Sequence
from pathlib import Path

from tests.support.hosts import SSHD
from tests.support.machine import new_key
from tests.support.office import WALL, Office
from tests.support.ports import free_port
from tests.support.terminal import Terminal
from tests.support.worker import worker

ADDRESS = f"127.2.{worker()}.1"
READY_S = 30.0

# Its own /run, and an account whose home is the office: the real one's start-up files are none of this.
_BOOT = """
mount -t tmpfs -o size=1m,mode=755 tmpfs /run && mkdir -p /run/sshd &&
mount --bind "$0/passwd" /etc/passwd && mount --bind "$0/shadow" /etc/shadow && exec "$1" -D -e -f "$0/sshd_config"
"""


class ForcedCommand:
    """Leave the `with` block to end it."""

    def __init__(self, office: Office, folder: Path, words: Sequence[str], program: Sequence[str] = WALL) -> None:
        folder.mkdir(mode=0o755)
        self._office, self._folder = office, folder
        self._port = free_port(ADDRESS)
        self._write([*program, *words])
        with (folder / "sshd.log").open("ab") as log:
            self._sshd = subprocess.Popen(
                ["setpriv", "--pdeathsig", "KILL", "unshare", "--mount", "--propagation", "private",
                 "sh", "-c", _BOOT, str(folder), SSHD],
                stdin=subprocess.DEVNULL, stdout=log, stderr=subprocess.STDOUT,
            )  # fmt: skip
        self._wait()

    def __enter__(self) -> ForcedCommand:
        return self

    def __exit__(self, *_: object) -> None:
        self._sshd.kill()
        self._sshd.wait(30)

    def session(self, *words: str, size: tuple[int, int] = (120, 40)) -> Terminal:
        """Log in with a terminal, asking for `words` to be run."""
        return Terminal([*self._ssh, "-tt", self._at, *words], self._environment, size, str(self._office.home))

    def without_terminal(self, *words: str, stdin: str = "") -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            [*self._ssh, "-T", self._at, *words],
            env=dict(self._environment), input=stdin, capture_output=True, text=True, check=False, timeout=120,
        )  # fmt: skip

    def walls(self) -> list[int]:
        """The processes that were started for the key."""
        return [int(entry.name) for entry in Path("/proc").iterdir() if entry.name.isdigit() and self._is_wall(entry)]

    def _is_wall(self, process: Path) -> bool:
        try:
            words = (process / "cmdline").read_bytes().split(b"\0")
            home = f"HOME={self._office.home}".encode() in (process / "environ").read_bytes().split(b"\0")
        except OSError:
            return False
        return home and words[0] == sys.executable.encode() and b"wall" in words

    @property
    def _at(self) -> str:
        return f"root@{ADDRESS}"

    @property
    def _environment(self) -> Mapping[str, str]:
        return {name: value for name, value in self._office.environment.items() if name != "PYTHONPATH"}

    @property
    def _ssh(self) -> list[str]:
        options = ("StrictHostKeyChecking=no", "UserKnownHostsFile=/dev/null", "LogLevel=ERROR", "IdentitiesOnly=yes")
        flags = [part for option in options for part in ("-o", option)]
        return ["ssh", "-F", "/dev/null", "-e", "none", "-i", str(self._folder / "key"), "-p", str(self._port), *flags]

    def _write(self, argv: Sequence[str]) -> None:
        folder = self._folder
        for name in ("key", "host_key"):
            new_key(folder / name)
        program = folder / "rounds-wall"
        program.write_text(f"#!/bin/sh\nexec {shlex.join(argv)}\n")
        program.chmod(0o755)
        key = (folder / "key.pub").read_text()
        (folder / "authorized_keys").write_text(f'restrict,pty,command="{program}" {key}')
        others = [line for line in Path("/etc/passwd").read_text().splitlines() if not line.startswith("root:")]
        (folder / "passwd").write_text("\n".join([f"root:x:0:0:root:{self._office.home}:/bin/sh", *others, ""]))
        names = [entry.pw_name for entry in pwd.getpwall()]
        (folder / "shadow").write_text("".join(f"{name}:*:19000::::::\n" for name in names))
        (folder / "shadow").chmod(0o600)
        (folder / "sshd_config").write_text(
            f"ListenAddress {ADDRESS}:{self._port}\nHostKey {folder}/host_key\nPidFile none\n"
            f"AuthorizedKeysFile {folder}/authorized_keys\nPermitRootLogin prohibit-password\n"
            "PasswordAuthentication no\nKbdInteractiveAuthentication no\nUsePAM no\nStrictModes no\nUseDNS no\n"
        )

    def _wait(self) -> None:
        end = time.monotonic() + READY_S
        while time.monotonic() < end and self._sshd.poll() is None:
            try:
                socket.create_connection((ADDRESS, self._port), timeout=5).close()
            except OSError:
                time.sleep(0.02)
            else:
                return
        raise RuntimeError(f"sshd did not come up:\n{(self._folder / 'sshd.log').read_text(errors='replace')}")
