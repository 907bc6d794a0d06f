"""One installation for all tests of this folder, and sources on it."""

from __future__ import annotations

import os
import tempfile
from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import pytest

from backends.adapters.prometheus.source import PrometheusSource
from backends.engine.clock import SystemClock
from tests.support.prometheus_site import open_prometheus
from tests.support.servers.prometheus import Prometheus, missing


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
