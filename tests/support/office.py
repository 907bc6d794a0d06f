"""A technician's office: a HOME of its own with a configuration, the command `rounds`, and its screen in a terminal."""

from __future__ import annotations

import contextlib
import json
import os
import select
import signal
import subprocess
import sys
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

from backends.wire.launch import holder_of
from tests.support.following import Following
from tests.support.hosts import Host, Hosts
from tests.support.terminal import Terminal

ROOT = Path(__file__).resolve().parents[2]

ROUNDS = (sys.executable, "-m", "tui")

WALL = (sys.executable, "-c", f"import sys; sys.path.insert(0, {str(ROOT)!r}); from tui.__main__ import main; main()")
"""The same without a variable for the interpreter, with which no wall starts."""


class Office:
    """Commands run in `home`; nothing of the real user's is read. `close` ends the engines that it started."""

    def __init__(self, home: Path) -> None:
        self.home = home
        for folder in ("run", "config", "state"):
            (home / folder).mkdir(mode=0o700)
        self.environment: Mapping[str, str] = {
            "PATH": os.environ["PATH"],
            "HOME": str(home),
            "XDG_CONFIG_HOME": str(home / "config"),
            "XDG_STATE_HOME": str(home / "state"),
            "XDG_RUNTIME_DIR": str(home / "run"),
            "TMPDIR": str(home),
            "LANG": "C.UTF-8",
            "TERM": "xterm-256color",
            "PYTHONPATH": str(ROOT),
        }

    @property
    def config(self) -> Path:
        return self.home / "config" / "rounds" / "config.toml"

    @property
    def state(self) -> Path:
        return self.home / "state" / "rounds" / "default"

    def configure(self, text: str) -> None:
        self.config.parent.mkdir(mode=0o700, exist_ok=True)
        self.config.write_text(text)
        self.config.chmod(0o600)

    def trust(self, hosts: Hosts, *known: Host) -> None:
        """Put the hosts' keys into the known-hosts file of rounds."""
        self.state.mkdir(mode=0o700, parents=True, exist_ok=True)
        self.state.parent.chmod(0o700)
        hosts.known_hosts(self.state / "known_hosts", *known)

    def rounds(self, *words: str, check: bool = True, stdin: str = "") -> subprocess.CompletedProcess[str]:
        """Run one command without a terminal."""
        result = subprocess.run(
            [*ROUNDS, *words],
            cwd=self.home,
            env=dict(self.environment),
            input=stdin,
            capture_output=True,
            text=True,
            check=False,
            timeout=180,
        )
        assert "Traceback" not in result.stderr, result.stderr
        assert not check or result.returncode == 0, (words, result.returncode, result.stdout, result.stderr)
        return result

    def items(self, *words: str) -> list[dict[str, Any]]:
        """The items of a list command with `--json`."""
        document = json.loads(self.rounds(*words, "--json").stdout)
        assert document["schema"] == "rounds/1"
        items: list[dict[str, Any]] = document["items"]
        return items

    def recorded(self, run: str) -> list[str]:
        """What the audit says of a run, oldest first."""
        records = json.loads(self.rounds("audit", "show", "--json").stdout)["items"]
        return [record["event"] for record in reversed(records) if record["subject"] == run]

    def screen(self, *words: str, size: tuple[int, int] = (160, 50), **more: str) -> Terminal:
        """Open the screen (or any command) in a terminal."""
        return Terminal([*ROUNDS, *words], {**self.environment, **more}, size, str(self.home))

    def wall(self, *words: str, size: tuple[int, int] = (160, 50), before: Sequence[str] = (), **more: str) -> Terminal:
        """Open the wall in a terminal; `before` is a program that starts it."""
        environment = {name: value for name, value in self.environment.items() if name != "PYTHONPATH"}
        return Terminal([*before, *WALL, *words], {**environment, **more}, size, str(self.home))

    def follow(self, *words: str) -> Following:
        """A list command with `--watch`; it starts an engine and keeps it."""
        return Following([*ROUNDS, *words], self.environment, str(self.home))

    @contextlib.contextmanager
    def started(self, *words: str) -> Iterator[subprocess.Popen[str]]:
        """A command that runs beside the test; killed at the end when it still runs."""
        with subprocess.Popen(
            [*ROUNDS, *words],
            cwd=self.home,
            env=dict(self.environment),
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        ) as process:
            try:
                yield process
            finally:
                process.kill()

    def engine_pids(self) -> list[int]:
        """The engines that run in this office, by their environment."""
        return [int(entry.name) for entry in Path("/proc").iterdir() if entry.name.isdigit() and self._ours(entry)]

    def end(self, pid: int, number: signal.Signals = signal.SIGTERM) -> None:
        """End an engine of this office, and return when it is gone."""
        watched = os.pidfd_open(pid)
        try:
            os.kill(pid, number)
            assert select.select([watched], [], [], 60)[0], f"engine {pid} did not end"
        finally:
            os.close(watched)

    def _ours(self, process: Path) -> bool:
        try:
            words = set((process / "cmdline").read_bytes().split(b"\0"))
            zombie = "\nState:\tZ" in (process / "status").read_text()
        except OSError:
            return False
        return bool({b"engine", b"backends.bootstrap"} & words) and not zombie and self._at_home(process)

    def _at_home(self, process: Path) -> bool:
        try:
            return f"HOME={self.home}".encode() in (process / "environ").read_bytes().split(b"\0")
        except PermissionError:  # an engine lets only root look into its memory: others know it by its lock
            return int(process.name) in map(holder_of, self.home.rglob("engine.lock"))
        except OSError:
            return False

    def close(self) -> None:
        for pid in self.engine_pids():
            os.kill(pid, signal.SIGKILL)


def ssh_source(
    name: str, client: str, site: str, key: Path, hosts: Sequence[str], *, every: int = 5, more: str = ""
) -> str:
    """The configuration of one agentless site. Load is left out: the test machine is shared."""
    listed = ", ".join(f'"{host}"' for host in hosts)
    return f"""
[sources.{name}]
kind = "ssh"
client = "{client}"
site = "{site}"
every = "{every}s"
key = "{key}"
hosts = [{listed}]
{more}
"""


def quiet(source: str) -> str:
    """Thresholds of a source whose hosts share one machine: its load says nothing about them. A runaway shows soon."""
    return f"""
[sources.{source}.thresholds]
load = {{ warn = "off", crit = "off" }}
memory = {{ warn = "off", crit = "off" }}
swap = {{ warn = "off", crit = "off" }}
process = {{ cpu = 5, warn_after = "2s", crit_after = "1h" }}
"""


def one_site(office: Office, hosts: Hosts, *members: Host, every: int = 5, more: str = "") -> None:
    """Configure an office with one client whose site has these hosts, all trusted, each with a web shop."""
    office.trust(hosts, *members)
    office.configure(
        '[technician]\nname = "tech1"\n[clients.acme]\nname = "Acme Dental"\n'
        + ssh_source(
            "acme-hq",
            "acme",
            "HQ",
            hosts.key,
            [host.at for host in members],
            every=every,
            more=f'services = ["webshop"]\n{more}',
        )
        + quiet("acme-hq")
    )
