"""A real Monit on loopback, in a temporary folder, with services of every state; ended by its pid."""

from __future__ import annotations

import base64
import os
import re
import shutil
import signal
import ssl
import subprocess
import tempfile
import urllib.request
from pathlib import Path

from tests.support.eventually import wait_for
from tests.support.ports import free_port

USERS = {"admin": "monit", "viewer": "viewer"}
ODD = "odd é /srv"
PRINTED = '\\033[2J ]]> </service><service type="3"><name>forged</name></service> \\342\\200\\256'
"""What a program prints, in the words of `printf`."""
_UNCHECKED = ssl._create_unverified_context()
"""It is asked by its own test."""
_ALWAYS = "#!/bin/sh\n"


def missing() -> str:
    """Why it cannot be started here; empty when it can."""
    gone = [name for name in ("monit", "setpriv") if shutil.which(name) is None]
    return f"needs {' and '.join(gone)} (Debian packages monit, util-linux)" if gone else ""


class Monit:
    """The daemon and its folder."""

    def __init__(self, host: str = "acme-web01", pem: Path | None = None) -> None:
        """With `pem`, the key and certificate of a server in one file, it speaks TLS."""
        self.folder = Path(tempfile.mkdtemp(prefix="rounds-monit-"))
        self.host = host
        self.port = free_port("127.0.0.1")
        self._scheme, self._ssl = ("https", f"with ssl {{ pemfile: {pem} }}") if pem else ("http", "")
        self._process: subprocess.Popen[bytes] | None = None
        self._script("hostile", f"printf '{PRINTED}'; exit 1\n")
        self._script(
            "shop",
            "case $1 in start) setsid sleep 10000 >/dev/null 2>&1 & echo $! >shop.pid ;;\n"
            "stop) kill $(cat shop.pid); rm -f shop.pid ;; esac\n",
        )
        self._script("broken", "exit 1\n")
        rc = self.folder / "monitrc"
        rc.write_text(self._configuration())
        rc.chmod(0o600)

    @property
    def url(self) -> str:
        return f"{self._scheme}://127.0.0.1:{self.port}"

    @property
    def native(self) -> str:
        return f"127.0.0.1:{self.port}"

    def start(self) -> None:
        """Returns when it has looked at everything once."""
        with (self.folder / "log").open("ab") as log:
            self._process = subprocess.Popen(
                ["setpriv", "--pdeathsig", "KILL", "monit", "-I", "-c", str(self.folder / "monitrc")],
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                cwd=self.folder,
            )
        wait_for(self._ready, lambda: f"Monit at {self.url}: {self.log[-2000:]}", 40)

    def stop(self) -> None:
        if self._process is not None:
            self._process.kill()
            self._process.wait(30)
            self._process = None

    def close(self) -> None:
        self.stop()
        pid = self.shop()
        if pid:
            os.kill(pid, signal.SIGKILL)
        shutil.rmtree(self.folder, ignore_errors=True)

    def summary(self) -> dict[str, str]:
        """What Monit tells people of each service, by name: `OK`, `Does not exist`."""
        text = re.sub(r"\x1b\[[0-9;]*m", "", self._get("_status?format=text&level=summary"))
        found = re.findall(r"^[A-Z][\w ]* '(.+)'\n  status +(.+)$", text, re.MULTILINE)
        return {name: status.strip() for name, status in found}

    @property
    def log(self) -> str:
        return (self.folder / "log").read_text("utf-8", "replace")

    def shop(self) -> int:
        """The process that the service `shop` is; 0 when there is none."""
        try:
            pid = int((self.folder / "shop.pid").read_text())
            state = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0]
        except (OSError, ValueError):
            return 0
        return pid if state != "Z" else 0

    def _get(self, path: str) -> str:
        token = base64.b64encode(f"admin:{USERS['admin']}".encode()).decode()
        request = urllib.request.Request(f"{self.url}/{path}", headers={"Authorization": f"Basic {token}"})
        with urllib.request.urlopen(request, timeout=10, context=_UNCHECKED) as answer:
            return str(answer.read().decode("utf-8", "replace"))

    def _ready(self) -> bool:
        try:
            said = self._get("_status?format=xml&level=full")
        except OSError:
            return False
        # The calendar's one waits for its own time; everything else is looked at in the first cycle.
        return said.count("<monitor>2</monitor>") == 0 and bool(self.shop())

    def _script(self, name: str, body: str) -> None:
        path = self.folder / name
        path.write_text(f"{_ALWAYS}cd {self.folder}\n{body}")
        path.chmod(0o755)

    def _configuration(self) -> str:
        at = self.folder
        return f"""
set daemon 1
set pidfile {at}/monit.pid
set idfile {at}/monit.id
set statefile {at}/monit.state
set httpd port {self.port} and use address 127.0.0.1 {self._ssl}
  allow admin:{USERS["admin"]}
  allow viewer:{USERS["viewer"]} read-only
check system {self.host}
check process shop with pidfile {at}/shop.pid
  start program = "{at}/shop start" with timeout 5 seconds
  stop program = "{at}/shop stop" with timeout 5 seconds
check process spooler with pidfile {at}/spooler.pid
  start program = "{at}/broken" with timeout 2 seconds
  every 1000 cycles
check program hostile with path "{at}/hostile"
  if status != 0 then alert
check program "{ODD}" with path "/bin/false" every 2 cycles
  if status != 0 then alert
check program nightly with path "/bin/true" every "0 3 1 1 *"
  if status != 0 then alert
check filesystem rootfs with path /
  if space usage > 0.01% then alert
check file config with path {at}/no-such-file
check host upstream with address 127.0.0.1
  if failed port 1 with timeout 1 seconds then alert
check file legacy with path /etc/passwd
  mode passive
  onreboot nostart
"""
