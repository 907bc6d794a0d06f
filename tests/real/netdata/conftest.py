"""One real Netdata for the tests beside this file."""

from __future__ import annotations

import os
from collections.abc import Iterator

import pytest

from tests.support.servers.netdata import Netdata, missing


@pytest.fixture(scope="session")
def netdata() -> Iterator[Netdata]:
    why = missing()
    if why and os.environ.get("CI") == "true":
        pytest.fail(f"netdata: {why}")
    if why:
        pytest.skip(f"netdata: {why}")
    made = Netdata()
    try:
        made.start()
        yield made
    finally:
        made.close()
