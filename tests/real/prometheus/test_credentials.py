"""An Alertmanager of its own that wants a password over TLS, as its web configuration file says."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import bcrypt
import pytest

from backends.adapters.prometheus.source import PrometheusSource
from backends.api import FaultKind, SourceError
from backends.engine.clock import SystemClock
from tests.support.bad_ssh import free_port
from tests.support.certificates import Issued, issued
from tests.support.prometheus_site import SECRET, open_prometheus
from tests.support.servers.prometheus import LOOPBACK, Process, Prometheus

pytestmark = pytest.mark.real


@pytest.fixture(scope="module")
def guarded(installation: Prometheus, tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[str, Issued]]:
    """Its address and its certificate. The installation is asked for since it knows whether there is one."""
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


def opened(folder: Path, url: str, **options: str) -> PrometheusSource:
    return open_prometheus(folder, SystemClock(), alertmanagers=url, **options)


async def test_with_the_password_and_the_right_certificate_it_is_read(
    guarded: tuple[str, Issued], tmp_path: Path
) -> None:
    url, shown = guarded
    source = opened(tmp_path, url, user="rounds", fingerprint=shown.fingerprint)
    reading = await source.poll()
    await source.close()
    assert reading.version.startswith("Alertmanager 0.")
    assert [one.native for one in reading.sightings] == ["alertmanager"]


@pytest.mark.parametrize(
    ("options", "kind"),
    [
        ({"user": "nobody"}, FaultKind.CREDENTIALS),
        ({}, FaultKind.CREDENTIALS),
        ({"auth": "bearer"}, FaultKind.CREDENTIALS),
        ({"user": "rounds", "fingerprint": "00" * 32}, FaultKind.TLS),
    ],
)
async def test_anything_else_is_told_and_nothing_is_read(
    guarded: tuple[str, Issued], tmp_path: Path, options: dict[str, str], kind: FaultKind
) -> None:
    url, shown = guarded
    source = opened(tmp_path, url, **{"fingerprint": shown.fingerprint, **options})
    with pytest.raises(SourceError) as raised:
        await source.poll()
    await source.close()
    assert raised.value.kind is kind
    assert SECRET not in raised.value.sentence
