"""One real Zabbix for the tests beside this file, with three clients in it."""

from __future__ import annotations

import os
from collections.abc import Iterator

import pytest

from tests.support.servers.zabbix import ZabbixServer, missing
from tests.support.servers.zabbix_seed import Seed


@pytest.fixture(scope="session")
def zabbix() -> Iterator[Seed]:
    """What the tests change there they put back."""
    why = missing()
    if why and os.environ.get("CI") == "true":
        pytest.fail(f"zabbix: {why}")
    if why:
        pytest.skip(f"zabbix: {why}")
    with ZabbixServer() as server:
        yield Seed(server).plant()
