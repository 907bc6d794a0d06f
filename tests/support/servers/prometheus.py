"""A real Prometheus with two Alertmanagers in a cluster and a node_exporter for each of three clients, on loopback.

What the exporters tell is written by the test (textfile collector); everything is stopped by its pid.
"""

from __future__ import annotations

import asyncio
import json
import shutil
import signal
import socket
import subprocess
import urllib.error
import urllib.parse
import urllib.request
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any

from backends.adapters.prometheus.source import PrometheusSource
from backends.api import Reading
from tests.support.eventually import wait_for
from tests.support.ports import free_ports

LOOPBACK = "127.0.0.1"
PROGRAMS = ("prometheus", "prometheus-alertmanager", "prometheus-node-exporter", "setpriv")
HOSTILE = "evil\x1b[2J\u202e-\"} or vector(1) #'\\"
"""A label's value that would clear a screen, turn text around, and end a query."""
CLIENTS: Mapping[str, str] = {"acme": "sql01", "baker": "web01", "cole": "nas01"}
"""Each with the name of its host; `cole` has no site."""
RULES: Mapping[str, str] = {
    "Watchdog": 'vector(1)\n    labels: {severity: none}\n    annotations: {summary: "always"}',
    "InstanceDown": "up == 0\n    labels: {severity: critical}\n"
    '    annotations: {summary: "{{ $labels.instance }} is down"}',
    "DiskAlmostFull": "tb_disk_used_percent > 90\n    labels: {severity: warning}\n"
    '    annotations: {summary: "Disk {{ $labels.mountpoint }} is {{ $value }} % full", runbook_url: "urn:disk"}',
    "BackupFailed": 'tb_problem{kind="backup"} == 1\n    labels: {severity: error}\n'
    '    annotations: {description: "Backup of {{ $labels.what }} failed"}',
    "SslHandshakes": 'tb_problem{kind="tls"} == 1\n    labels: {severity: page}',
    "Quota": 'sum by (client) (tb_problem{kind="quota"}) > 0\n    labels: {severity: info}',
    "BackupLate": 'tb_problem{kind="backup"} == 1\n    labels: {severity: warning}',
}
"""Expression and the rest, by the alert's name. BackupLate is inhibited by BackupFailed."""


def missing() -> str:
    """Why it cannot be started here; empty when it can."""
    gone = [program for program in PROGRAMS if shutil.which(program) is None]
    packages = "Debian packages prometheus, prometheus-alertmanager, prometheus-node-exporter"
    return f"needs {', '.join(gone)} ({packages})" if gone else ""


class Process:
    """One server, that can be stopped and started again at the same address."""

    def __init__(self, command: Sequence[str], ready: str, log: Path) -> None:
        self._command, self._ready, self._log = command, ready, log
        self._process: subprocess.Popen[bytes] | None = None

    def start(self) -> None:
        with self._log.open("ab") as log:
            self._process = subprocess.Popen(
                ["setpriv", "--pdeathsig", "KILL", *self._command],
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                cwd=self._log.parent,
            )

    def wait(self) -> None:
        """Until it answers; one that is asked for credentials or over TLS, until it listens."""
        wait_for(self._answers, f"{self._command[0]} at {self._ready}", 30)

    def _answers(self) -> bool:
        ended = self._process.poll() if self._process is not None else None
        assert ended is None, f"{self._command[0]} ended with {ended}: {self._log.read_text()[-2000:]}"
        at = urllib.parse.urlsplit(self._ready)
        try:
            if at.scheme == "tcp":
                socket.create_connection((str(at.hostname), at.port or 0), 2).close()
                return True
            with urllib.request.urlopen(self._ready, timeout=2) as answer:
                return bool(answer.status == 200)
        except OSError:
            return False

    @property
    def running(self) -> bool:
        return self._process is not None

    def reload(self) -> None:
        if self._process is not None:
            self._process.send_signal(signal.SIGHUP)

    def stop(self) -> None:
        if self._process is not None:
            self._process.kill()
            self._process.wait(30)
            self._process = None


class Prometheus:
    """The whole installation. `url` is Prometheus, `alertmanagers` are the other two."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        ports = free_ports(4 + len(CLIENTS) + 1)
        self.url = f"http://{LOOPBACK}:{ports[0]}"
        self.alertmanagers = tuple(f"http://{LOOPBACK}:{port}" for port in ports[1:3])
        self._exporter_ports = dict(zip(CLIENTS, ports[4:], strict=False))
        gossip = (ports[3], ports[-1])
        self.prometheus = Process(self._prometheus_command(ports[0]), f"{self.url}/-/ready", folder / "prometheus.log")
        self.members = tuple(
            Process(self._alertmanager_command(n, port, gossip), f"{at}/-/ready", folder / f"alertmanager{n}.log")
            for n, (port, at) in enumerate(zip(ports[1:3], self.alertmanagers, strict=True))
        )
        self.exporters = {
            client: Process(
                self._exporter_command(client, port), f"http://{LOOPBACK}:{port}/metrics", folder / f"{client}.log"
            )
            for client, port in self._exporter_ports.items()
        }

    @property
    def _all(self) -> list[Process]:
        return [*self.members, *self.exporters.values(), self.prometheus]

    def start(self) -> None:
        """Everything, with the trouble that each test finds; returns when the Alertmanagers know of it."""
        self._write_configuration()
        self.write_rules(RULES)
        self.metrics("acme", disk={"/var": 96, "/home": 93, "/": 40}, problems=[("backup", "sql nightly")])
        self.metrics("baker", disk={"/": 20}, problems=[("tls", HOSTILE)])
        self.metrics("cole", disk={"/": 10}, problems=[("quota", "mail")])
        for process in self._all:
            process.start()
        for process in self._all:
            process.wait()
        for address in self.alertmanagers:
            wait_for(lambda at=address: self._knows(at), f"the alerts at {address}", 30)  # type: ignore[misc]

    def _knows(self, address: str) -> bool:
        names = {alert["labels"]["alertname"] for alert in api(f"{address}/api/v2/alerts")}
        return names >= set(RULES) - {"InstanceDown"}

    def stop(self) -> None:
        for process in self._all:
            process.stop()

    def restore(self) -> None:
        """Everything runs, with the usual rules, whatever a test did."""
        stopped = [process for process in self._all if not process.running]
        if (self.folder / "rules.yml").read_text() != _written(RULES):
            self.write_rules(RULES)
            self.prometheus.reload()
        for process in stopped:
            process.start()
        for process in stopped:
            process.wait()

    def metrics(self, client: str, *, disk: Mapping[str, float], problems: Sequence[tuple[str, str]]) -> None:
        """What the client's host tells from now on."""
        folder = self.folder / client
        folder.mkdir(exist_ok=True)
        lines = [f'tb_disk_used_percent{{mountpoint="{mount}"}} {used}' for mount, used in disk.items()]
        lines += [f'tb_problem{{kind="{kind}", what="{_escaped(what)}"}} 1' for kind, what in problems]
        part = folder / "rounds.prom.part"
        part.write_text("\n".join(lines) + "\n", encoding="utf-8")
        part.rename(folder / "rounds.prom")

    def write_rules(self, rules: Mapping[str, str]) -> None:
        (self.folder / "rules.yml").write_text(_written(rules))

    def reload(self) -> None:
        self.prometheus.reload()

    def _write_configuration(self) -> None:
        scrapes = [
            f'  - targets: ["{LOOPBACK}:{port}"]\n    labels: {self._labels(client)}'
            for client, port in self._exporter_ports.items()
        ]
        senders = ", ".join(f'"{urllib.parse.urlsplit(at).netloc}"' for at in self.alertmanagers)
        (self.folder / "prometheus.yml").write_text(
            "global:\n  scrape_interval: 1s\n  scrape_timeout: 1s\n  evaluation_interval: 1s\n"
            '  external_labels: {msp: "testbed"}\nrule_files: ["rules.yml"]\n'
            f"alerting:\n  alertmanagers:\n  - static_configs:\n    - targets: [{senders}]\n"
            "scrape_configs:\n- job_name: node\n  static_configs:\n" + "\n".join(scrapes) + "\n"
        )
        (self.folder / "alertmanager.yml").write_text(
            "route: {receiver: oncall}\nreceivers: [{name: oncall}]\ninhibit_rules:\n"
            '- {source_matchers: [alertname="BackupFailed"], target_matchers: [alertname="BackupLate"],'
            " equal: [client]}\n"
        )

    def _labels(self, client: str) -> str:
        labels = {"client": client, "instance": f"{CLIENTS[client]}:9100"}
        if client != "cole":
            labels["site"] = "hq"
        return json.dumps(labels)

    def _prometheus_command(self, port: int) -> list[str]:
        return [
            "prometheus",
            f"--config.file={self.folder}/prometheus.yml",
            f"--storage.tsdb.path={self.folder}/tsdb",
            f"--web.listen-address={LOOPBACK}:{port}",
            "--rules.alert.resend-delay=1s",
        ]

    def _alertmanager_command(self, number: int, port: int, gossip: tuple[int, int]) -> list[str]:
        return [
            "prometheus-alertmanager",
            f"--config.file={self.folder}/alertmanager.yml",
            f"--storage.path={self.folder}/alertmanager{number}",
            f"--web.listen-address={LOOPBACK}:{port}",
            f"--cluster.listen-address={LOOPBACK}:{gossip[number]}",
            f"--cluster.peer={LOOPBACK}:{gossip[1 - number]}",
            "--cluster.reconnect-interval=1s",
        ]

    def _exporter_command(self, client: str, port: int) -> list[str]:
        return [
            "prometheus-node-exporter",
            f"--web.listen-address={LOOPBACK}:{port}",
            "--collector.disable-defaults",
            "--collector.textfile",
            f"--collector.textfile.directory={self.folder / client}",
        ]


def api(url: str, method: str = "GET", body: Any = None) -> Any:
    """The test's own way to ask; an empty answer is None."""
    data = json.dumps(body).encode() if body is not None else None
    request = urllib.request.Request(url, data=data, method=method, headers={"Content-Type": "application/json"})
    with urllib.request.urlopen(request, timeout=10) as answer:
        text = answer.read()
    return json.loads(text) if text.strip() else None


async def polled_until(source: PrometheusSource, holds: Callable[[Reading], bool], within_s: float = 40.0) -> Reading:
    """The first reading of which it holds. Raises `TimeoutError` with what was read last."""
    last: Reading | None = None
    try:
        async with asyncio.timeout(within_s):
            while True:
                last = await source.poll()
                if holds(last):
                    return last
                await asyncio.sleep(0.1)
    except TimeoutError:
        raise TimeoutError(f"not seen; last was {last}") from None


def _written(rules: Mapping[str, str]) -> str:
    body = "".join(f"  - alert: {name}\n    expr: {expression}\n" for name, expression in rules.items())
    return f"groups:\n- name: all\n  interval: 1s\n  rules:\n{body}"


def _escaped(value: str) -> str:
    return value.replace("\\", "\\\\").replace('"', '\\"').replace("\n", "\\n")
