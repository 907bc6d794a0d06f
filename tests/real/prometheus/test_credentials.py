"""An Alertmanager that wants a password over TLS, as its web configuration file says."""

from __future__ import annotations

from pathlib import Path

import pytest

from backends.adapters.prometheus.source import PrometheusSource
from backends.api import FaultKind, SourceError
from backends.engine.clock import SystemClock
from tests.support.certificates import Issued
from tests.support.prometheus_site import SECRET, open_prometheus

pytestmark = pytest.mark.real


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
