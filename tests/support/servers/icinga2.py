"""A real Icinga 2 on loopback, in a temporary folder: its own certificates, its own configuration, one daemon.

`Icinga` starts it and ends it, and it ends with the thread that started it, whatever way that goes; `ask` is a small
client of its API that owes nothing to the adapter.
"""

from __future__ import annotations

import contextlib
import os
import shutil
import signal
import socket
import subprocess
import tempfile
import time
from pathlib import Path
from typing import Any
from urllib.parse import quote

import httpx

from tests.support.ports import free_port
from tests.support.servers.icinga2_config import NODE, SCRIPTS, USERS, configuration

PROGRAM = "icinga2"
_STARTED_S = 60.0


def missing() -> str:
    """Why it cannot be started here; empty when it can."""
    gone = [name for name in (PROGRAM, "openssl", "setpriv") if shutil.which(name) is None]
    return f"needs {' and '.join(gone)} (Debian packages icinga2-bin, openssl, util-linux)" if gone else ""


class Icinga:
    """The daemon and its folder. Made from `objects`, configuration text of its own, or from the usual seed."""

    def __init__(self, objects: str | None = None) -> None:
        self.folder = Path(tempfile.mkdtemp(prefix="rounds-icinga-"))
        self.folder.chmod(0o755)
        self.port = free_port()
        self.fixed = self.folder / "fixed"
        """A folder in which the event command `restart-shop` leaves a file for each host."""
        self.fixed.mkdir()
        self._process: subprocess.Popen[bytes] | None = None
        try:
            self._make(objects)
            self.start()
        except BaseException:
            self.close()
            raise

    @property
    def url(self) -> str:
        return f"https://127.0.0.1:{self.port}"

    @property
    def ca_file(self) -> Path:
        return self.folder / "data" / "certs" / "ca.crt"

    def start(self) -> None:
        """Start the daemon and return when its API answers."""
        log = (self.folder / "daemon.log").open("ab")
        with log:
            self._process = subprocess.Popen(
                [
                    "setpriv",
                    "--pdeathsig",
                    "TERM",
                    PROGRAM,
                    "daemon",
                    "-c",
                    str(self.folder / "icinga2.conf"),
                    *self._folders(),
                ],
                env=self._environment(),
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                start_new_session=True,
            )
        end = time.monotonic() + _STARTED_S
        while not self._answers():
            assert self._process.poll() is None, (self.folder / "daemon.log").read_text()[-3000:]
            assert time.monotonic() < end, "icinga2 did not answer in time"
            time.sleep(0.05)

    def kill(self) -> None:
        """SIGKILL to the daemon and its workers; returns when the port is free."""
        self._signal(signal.SIGCONT)
        self._signal(signal.SIGKILL)
        if self._process is not None:
            self._process.wait(30)
        end = time.monotonic() + 30
        while self._listens():
            assert time.monotonic() < end, "icinga2 still listens"
            time.sleep(0.02)

    def pause(self) -> None:
        self._signal(signal.SIGSTOP)

    def resume(self) -> None:
        self._signal(signal.SIGCONT)

    def close(self) -> None:
        self.kill()
        shutil.rmtree(self.folder, ignore_errors=True)

    def client(self, user: str = "root") -> httpx.Client:
        """A client of its API as one of the users."""
        import ssl  # noqa: PLC0415 - only here

        context = ssl.create_default_context(cafile=self.ca_file)
        context.check_hostname = False  # the certificate is for the node's name; the authority is what counts here
        return httpx.Client(
            base_url=f"{self.url}/v1/",
            auth=(user, USERS[user]),
            headers={"Accept": "application/json"},
            verify=context,
            timeout=30,
            trust_env=False,
        )

    def ask(self, path: str, **parameters: str) -> list[dict[str, Any]]:
        """The results of a GET, as the mightiest user."""
        with self.client() as client:
            answer = client.get(path, params=parameters)
            answer.raise_for_status()
            found: list[dict[str, Any]] = answer.json()["results"]
            return found

    def do(self, action: str, **body: object) -> list[dict[str, Any]]:
        """The results of an action, as the mightiest user."""
        with self.client() as client:
            answer = client.post(f"actions/{action}", json=body)
            answer.raise_for_status()
            found: list[dict[str, Any]] = answer.json()["results"]
            return found

    def result(self, host: str, service: str = "", *, exit_status: int = 0, output: str = "OK", **more: object) -> None:
        """Hand in the result of a check."""
        target = {"type": "Service", "service": f"{host}!{service}"} if service else {"type": "Host", "host": host}
        self.do("process-check-result", exit_status=exit_status, plugin_output=output, **target, **more)

    def create(self, kind: str, name: str, attributes: dict[str, object]) -> None:
        """Make an object while the daemon runs."""
        with self.client() as client:
            client.put(f"objects/{kind}/{name}", json={"attrs": attributes}).raise_for_status()

    def remove(self, kind: str, name: str) -> None:
        with self.client() as client:
            client.delete(f"objects/{kind}/{name}", params={"cascade": 1}).raise_for_status()

    def object(self, host: str, service: str = "") -> dict[str, Any]:
        """All attributes of a host or service."""
        path = (
            f"objects/services/{quote(f'{host}!{service}', safe='')}"
            if service
            else f"objects/hosts/{quote(host, safe='')}"
        )
        found: dict[str, Any] = self.ask(path)[0]["attrs"]
        return found

    def _make(self, objects: str | None) -> None:
        for name in ("data/certs", "data/ca", "log", "cache", "spool", "run"):
            (self.folder / name).mkdir(parents=True)
        authority = self.folder / "data" / "ca"
        _openssl(
            "-x509", "-days", "30", "-subj", "/CN=Icinga CA", "-out", authority / "ca.crt", key=authority / "ca.key"
        )
        self.certificate_for(NODE)
        shutil.copy(authority / "ca.crt", self.ca_file)
        for name, script in SCRIPTS.items():
            (self.folder / name).write_text(script)
        text = configuration(self.port, self.folder, objects)
        (self.folder / "icinga2.conf").write_text(text)

    def certificate_for(self, name: str) -> tuple[Path, Path]:
        """A certificate signed by Icinga's own authority, and its key."""
        certs = self.folder / "data" / "certs"
        key, csr, cert = (certs / f"{name}.{ending}" for ending in ("key", "csr", "crt"))
        _openssl("-subj", f"/CN={name}", "-out", csr, key=key)
        self._run("pki", "sign-csr", "--csr", str(csr), "--cert", str(cert))
        return cert, key

    def _run(self, *words: str) -> None:
        done = subprocess.run(
            [PROGRAM, *words, *self._folders()], env=self._environment(), capture_output=True, text=True, check=False
        )
        assert done.returncode == 0, done.stdout + done.stderr

    def _folders(self) -> list[str]:
        places = {"Config": "etc", "Data": "data", "Log": "log", "Cache": "cache", "Spool": "spool", "InitRun": "run"}
        return [f"-DConfiguration.{name}Dir={self.folder / place}" for name, place in places.items()]

    def _environment(self) -> dict[str, str]:
        import grp  # noqa: PLC0415 - only here
        import pwd  # noqa: PLC0415 - only here

        us = {"ICINGA2_USER": pwd.getpwuid(os.geteuid()).pw_name, "ICINGA2_GROUP": grp.getgrgid(os.getegid()).gr_name}
        return {"PATH": os.environ["PATH"], "HOME": str(self.folder), "LANG": "C.UTF-8", **us}

    def _signal(self, number: signal.Signals) -> None:
        if self._process is None:
            return
        for pid in _session(self._process.pid):
            with contextlib.suppress(ProcessLookupError):
                os.kill(pid, number)

    def _listens(self) -> bool:
        with contextlib.suppress(OSError), socket.create_connection(("127.0.0.1", self.port), timeout=1):
            return True
        return False

    def _answers(self) -> bool:
        if not self._listens():
            return False
        with contextlib.suppress(httpx.HTTPError), self.client() as client:
            return client.get("").status_code == 200
        return False


def _openssl(*words: str | Path, key: Path) -> None:
    """A request or certificate with a new key; Icinga's own `pki new-ca` makes keys that take seconds."""
    new = ("openssl", "req", "-new", "-newkey", "rsa:2048", "-nodes", "-keyout", key)
    made = subprocess.run([*new, *words], capture_output=True, text=True, check=False)
    assert made.returncode == 0, made.stderr


def _session(leader: int) -> list[int]:
    """The processes of the session that `leader` began: the daemon starts a worker, and that one another."""
    found = []
    for entry in Path("/proc").iterdir():
        with contextlib.suppress(OSError, ValueError, IndexError):
            if int((entry / "stat").read_text().rsplit(")", 1)[1].split()[3]) == leader:
                found.append(int(entry.name))
    return found
