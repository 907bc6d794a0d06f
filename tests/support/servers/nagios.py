"""A real Nagios Core with its CGIs behind a real Apache on loopback, in a temporary folder.

`Nagios` starts both and ends them; `ask` is a small client of the JSON CGIs that owes nothing to the adapter.
"""

from __future__ import annotations

import contextlib
import json
import os
import re
import shutil
import signal
import socket
import subprocess
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import httpx

from tests.support.ports import free_port
from tests.support.servers.nagios_config import CGIS, USERS, apache_file, main_file, objects

_STARTED_S = 30.0
_CODES = {"ok": 0, "warning": 1, "critical": 2, "unknown": 3}


def missing() -> str:
    """Why it cannot be started here; empty when it can."""
    if os.geteuid() != 0:
        return "needs root"
    gone = [name for name in ("nagios4", "apache2") if shutil.which(name) is None]
    if not (CGIS / "statusjson.cgi").exists():
        gone.append("statusjson.cgi")
    return f"needs {', '.join(gone)} (Debian packages nagios4-core, nagios4-cgi, apache2-bin)" if gone else ""


class Nagios:
    """Daemon, web server and folder. `lock` is `lock_author_names`; `date_format` is that of nagios.cfg; `zone` is what
    both have as TZ."""

    def __init__(self, *, lock: bool = False, date_format: str = "iso8601", zone: str = "UTC") -> None:
        self._zone = zone
        self.folder = Path(tempfile.mkdtemp(prefix="rounds-nagios-"))
        self.port = free_port()
        self.folder.chmod(0o755)
        for name in ("var/results", "rw"):
            (self.folder / name).mkdir(parents=True)
        shutil.chown(self.folder / "rw", group="www-data")
        (self.folder / "rw").chmod(0o2770)
        for name, text in main_file(self.folder, lock=lock, date_format=date_format).items():
            (self.folder / name).write_text(text)
        (self.folder / "objects.cfg").write_text(objects(self.folder))
        (self.folder / "apache.conf").write_text(apache_file(self.folder, self.port))
        self.shop("critical", "SHOP CRITICAL - nobody sells")
        self._daemon: subprocess.Popen[bytes] | None = None
        self._apache: subprocess.Popen[bytes] | None = None
        self.start_apache()
        self.start()

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}/nagios4/cgi-bin"

    def start(self) -> None:
        """Start the daemon and return when its status can be read."""
        self._daemon = self._run("daemon", "nagios4", str(self.folder / "nagios.cfg"))
        before = self._updated()
        self._await(lambda: self._updated() > before and self._reads(), "nagios4")

    def start_apache(self) -> None:
        self._apache = self._run("apache", "apache2", "-D", "FOREGROUND", "-f", str(self.folder / "apache.conf"))
        self._await(self._listens, "apache2")

    def kill(self) -> None:
        """SIGKILL to the daemon; its status file stays, and its pipe."""
        if self._daemon is not None:
            os.killpg(self._daemon.pid, signal.SIGCONT)
            os.killpg(self._daemon.pid, signal.SIGKILL)
            self._daemon.wait(30)
            self._daemon = None
        self._end_workers()

    def stop(self) -> None:
        """SIGTERM to the daemon; it takes its status file away."""
        if self._daemon is not None:
            self._daemon.terminate()
            self._daemon.wait(30)
            self._daemon = None
        self._end_workers()

    def stop_apache(self) -> None:
        if self._apache is not None:
            os.killpg(self._apache.pid, signal.SIGTERM)
            self._apache.wait(30)
            self._apache = None
            self._await(lambda: not self._listens(), "the port to be free")

    def age(self, seconds: float) -> None:
        """Make the status file as old as if it had not been written for so long."""
        then = time.time() - seconds
        os.utime(self.folder / "var/status.dat", (then, then))

    def pause(self) -> None:
        """Stop the daemon where it is; the web server goes on."""
        assert self._daemon is not None
        os.killpg(self._daemon.pid, signal.SIGSTOP)

    def resume(self) -> None:
        assert self._daemon is not None
        os.killpg(self._daemon.pid, signal.SIGCONT)

    def close(self) -> None:
        self.kill()
        self.stop_apache()
        shutil.rmtree(self.folder, ignore_errors=True)

    def ask(self, cgi: str, query: str, **more: str) -> dict[str, Any]:
        """What is in `data` of a query, as the mightiest user, in words where Nagios has words."""
        params = {"query": query, "formatoptions": "enumerate", **more}
        answer = httpx.get(
            f"{self.url}/{cgi}.cgi",
            params=params,
            auth=("nagiosadmin", USERS["nagiosadmin"]),
            headers={"Accept-Language": "C-US"},
            timeout=30,
            trust_env=False,
        )
        answer.raise_for_status()
        # Nagios writes two control characters in a way that is no JSON.
        found: dict[str, Any] = json.loads(re.sub(r"(?<!\\)\\([av])", _control, answer.text))
        assert found["result"]["type_code"] == 0, found["result"]
        data: dict[str, Any] = found["data"]
        return data

    def host(self, name: str) -> dict[str, Any]:
        found: dict[str, Any] = self.ask("statusjson", "hostlist", details="true")["hostlist"][name]
        return found

    def service(self, host: str, name: str) -> dict[str, Any]:
        found: dict[str, Any] = self.ask("statusjson", "servicelist", details="true")["servicelist"][host][name]
        return found

    def downtimes(self) -> list[dict[str, Any]]:
        return list(self.ask("statusjson", "downtimelist", details="true")["downtimelist"].values())

    def do(self, *words: object) -> None:
        """An external command by the pipe, which is not how rounds does it."""
        line = f"[{int(time.time())}] {';'.join(map(str, words))}\n".encode("utf-8", "surrogateescape")
        with (self.folder / "rw/nagios.cmd").open("wb", buffering=0) as pipe:
            pipe.write(line)

    def result(self, host: str, service: str, state: str, output: str) -> None:
        """Hand in the result of a check of a service, or of the host itself where the service is empty."""
        if service:
            self.do("PROCESS_SERVICE_CHECK_RESULT", host, service, _CODES[state], output)
        else:
            self.do("PROCESS_HOST_CHECK_RESULT", host, 0 if state == "ok" else 1, output)

    def shop(self, state: str, says: str) -> None:
        """What the one active check will find the next time."""
        (self.folder / "shop.says").write_text(f"{says}\n")
        (self.folder / "shop.code").write_text(f"{_CODES[state]}\n")

    def _end_workers(self) -> None:
        """They are groups of their own, and stay when the daemon is killed."""
        socket_name = str(self.folder / "rw/nagios.qh").encode()
        for entry in Path("/proc").iterdir():
            with contextlib.suppress(OSError, ValueError):
                if socket_name in (entry / "cmdline").read_bytes().split(b"\0"):
                    os.kill(int(entry.name), signal.SIGKILL)

    def _run(self, name: str, *words: str) -> subprocess.Popen[bytes]:
        with (self.folder / f"{name}.log").open("ab") as log:
            return subprocess.Popen(
                words,
                cwd=self.folder,
                env={"PATH": os.environ["PATH"], "TZ": self._zone},
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                start_new_session=True,
            )

    def _reads(self) -> bool:
        """Whether somebody reads what is put into the command pipe."""
        with contextlib.suppress(OSError):
            os.close(os.open(self.folder / "rw/nagios.cmd", os.O_WRONLY | os.O_NONBLOCK))
            return True
        return False

    def _updated(self) -> float:
        with contextlib.suppress(OSError):
            return (self.folder / "var/status.dat").stat().st_mtime
        return 0.0

    def _listens(self) -> bool:
        with contextlib.suppress(OSError), socket.create_connection(("127.0.0.1", self.port), timeout=1):
            return True
        return False

    def _await(self, holds: Callable[[], bool], what: str) -> None:
        end = time.monotonic() + _STARTED_S
        while not holds():
            ended = [one for one in (self._daemon, self._apache) if one is not None and one.poll() is not None]
            assert not ended, f"ended while waiting for {what}: {self._logs()}"
            assert time.monotonic() < end, f"waited too long for {what}: {self._logs()}"
            time.sleep(0.02)

    def _logs(self) -> str:
        return "\n".join(file.read_text(errors="replace")[-1500:] for file in self.folder.glob("*.log"))


def _control(found: re.Match[str]) -> str:
    return r"\u0007" if found[1] == "a" else r"\u000b"
