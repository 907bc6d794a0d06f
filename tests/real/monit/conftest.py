"""One real Monit for the tests beside this file."""

from __future__ import annotations

import os
from collections.abc import Iterator

import pytest

from tests.support.servers.monit import Monit, missing


@pytest.fixture(scope="session")
def monit() -> Iterator[Monit]:
    why = missing()
    if why and os.environ.get("CI") == "true":
        pytest.fail(f"monit: {why}")
    if why:
        pytest.skip(f"monit: {why}")
    made = Monit()
    try:
        made.start()
        yield made
    finally:
        made.close()
