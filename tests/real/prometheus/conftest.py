"""One installation for all tests of this folder, and sources on it."""

from __future__ import annotations

import os
import tempfile
from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import bcrypt
import pytest

from backends.adapters.prometheus.source import PrometheusSource
from backends.engine.clock import SystemClock
from tests.support.certificates import Issued, issued
from tests.support.ports import free_port
from tests.support.prometheus_site import SECRET, open_prometheus
from tests.support.servers.prometheus import LOOPBACK, Process, Prometheus, missing


@pytest.fixture(scope="package")
def installation() -> Iterator[Prometheus]:
    why = missing()
    if why and os.environ.get("CI") == "true":
        pytest.fail(f"Prometheus: {why}")
    if why:
        pytest.skip(f"Prometheus: {why}")
    with tempfile.TemporaryDirectory(prefix="prometheus-", ignore_cleanup_errors=True) as folder:
        made = Prometheus(Path(folder))
        try:
            made.start()
            yield made
        finally:
            made.stop()


@pytest.fixture(scope="package")
def guarded(installation: Prometheus, tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[str, Issued]]:
    """The address and the certificate of an Alertmanager of its own that wants a password over TLS. The installation is
    asked for since it knows whether there is one."""
    folder: Path = tmp_path_factory.mktemp("guarded")
    shown = issued(folder, "alertmanager", None)
    password = bcrypt.hashpw(SECRET.encode(), bcrypt.gensalt(4)).decode()
    (folder / "web.yml").write_text(
        f"tls_server_config: {{cert_file: {shown.file}, key_file: {shown.file}}}\n"
        f"basic_auth_users: {{rounds: '{password}'}}\n"
    )
    port = free_port(LOOPBACK)
    process = Process(
        [
            "prometheus-alertmanager",
            f"--config.file={installation.folder}/alertmanager.yml",
            f"--storage.path={folder}",
            f"--web.listen-address={LOOPBACK}:{port}",
            f"--web.config.file={folder}/web.yml",
            "--cluster.listen-address=",
        ],
        f"tcp://{LOOPBACK}:{port}",
        folder / "log",
    )
    process.start()
    process.wait()
    yield f"https://{LOOPBACK}:{port}", shown
    process.stop()


@pytest.fixture
async def source(installation: Prometheus, tmp_path: Path) -> AsyncIterator[PrometheusSource]:
    made = open_prometheus(
        tmp_path,
        SystemClock(),
        url=installation.url,
        alertmanagers=list(installation.alertmanagers),
        watchdog="Watchdog",
        settle="3s",
    )
    yield made
    await made.close()
