"""A real Netdata on loopback, in a temporary folder, with alarms of every state; ended by its pid."""

from __future__ import annotations

import json
import shutil
import subprocess
import tempfile
import urllib.request
from pathlib import Path
from typing import Any

from tests.support.eventually import wait_for
from tests.support.ports import free_port

ALARMS = """
 alarm: tb_load
    on: system.load
lookup: max -5s unaligned of load1
 every: 1s
  warn: $this >= 0
  crit: $this > 100000
  info: <b> &amp; \u202e always a warning
 alarm: tb_uptime
    on: system.uptime
  calc: $uptime
 every: 1s
  crit: $this > 0
  info: always critical
 alarm: tb_fine
    on: system.ram
lookup: average -1s percentage of used
 every: 1s
 units: %
  warn: $this > 1000
 alarm: tb_nothing
    on: system.ram
  calc: $nosuch / 0
 every: 1s
  warn: $this > 5
 alarm: ram_in_use
    on: system.ram
lookup: average -1s percentage of used
 every: 1s
 units: %
  warn: $this >= 0
  info: memory in use
"""
_OFF = ("cgroups", "tc", "apps", "python.d", "charts.d", "go.d", "ebpf", "perf", "slabinfo", "nfacct", "cups")


def missing() -> str:
    """Why it cannot be started here; empty when it can."""
    gone = [name for name in ("netdata", "setpriv") if shutil.which(name) is None]
    return (
        f"needs {' and '.join(gone)} (Debian packages netdata-core, netdata-plugins-bash, util-linux)" if gone else ""
    )


class Netdata:
    """The agent and its folder."""

    def __init__(self, host: str = "acme-db01") -> None:
        self.folder = Path(tempfile.mkdtemp(prefix="rounds-netdata-"))
        self.folder.chmod(0o755)
        self.host = host
        self.port = free_port("127.0.0.1")
        self._process: subprocess.Popen[bytes] | None = None
        for name in ("etc/health.d", "stock", "cache", "lib", "log"):
            (self.folder / name).mkdir(parents=True)
        (self.folder / "etc" / "health.d" / "rounds.conf").write_text(ALARMS)
        (self.folder / "etc" / ".opt-out-from-anonymous-statistics").touch()
        (self.folder / "etc" / "netdata.conf").write_text(self._configuration())

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    @property
    def native(self) -> str:
        return f"127.0.0.1:{self.port}"

    def start(self) -> None:
        """Returns when its alarms have been evaluated."""
        with (self.folder / "out").open("ab") as log:
            self._process = subprocess.Popen(
                ["setpriv", "--pdeathsig", "KILL", "netdata", "-D", "-c", str(self.folder / "etc" / "netdata.conf")],
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                cwd=self.folder,
            )
        wait_for(self._ready, lambda: f"Netdata at {self.url}: {(self.folder / 'out').read_text()[-2000:]}", 60)

    def stop(self) -> None:
        if self._process is not None:
            self._process.kill()
            self._process.wait(30)
            self._process = None

    def close(self) -> None:
        self.stop()
        shutil.rmtree(self.folder, ignore_errors=True)

    def ask(self, path: str) -> Any:
        """The test's own way to ask."""
        with urllib.request.urlopen(f"{self.url}/api/v1/{path}", timeout=10) as answer:
            return json.loads(answer.read())

    def _ready(self) -> bool:
        try:
            alarms = self.ask("alarms?all")["alarms"]
        except OSError:
            return False
        known = [one for one in alarms.values() if one["status"] in ("CLEAR", "WARNING", "CRITICAL")]
        return len(known) == ALARMS.count("alarm:") and "disk_space._" in self.ask("charts")["charts"]

    def _configuration(self) -> str:
        at = self.folder
        off = "\n".join(f"  {name} = no" for name in _OFF)
        return f"""
[global]
  hostname = {self.host}
  run as user = root
[directories]
  config = {at}/etc
  stock config = {at}/stock
  cache = {at}/cache
  lib = {at}/lib
  log = {at}/log
  health config = {at}/etc/health.d
  stock health config = {at}/stock
[db]
  mode = ram
  retention = 600
[web]
  bind to = 127.0.0.1:{self.port}
[plugins]
{off}
[health]
  script to execute on alarm = /bin/true
[logs]
  access = none
  debug = none
  health = none
[registry]
  enabled = no
[statsd]
  enabled = no
[cloud]
  enabled = no
"""
