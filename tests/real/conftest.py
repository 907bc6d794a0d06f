"""Real servers for the tests beside this file."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.support.hosts import Hosts, missing
from tests.support.office import Office


@pytest.fixture
def hosts() -> Iterator[Hosts]:
    """Makes real hosts on loopback (`hosts.add()`), all ended after the test."""
    why = missing()
    if why and os.environ.get("CI") == "true":
        pytest.fail(f"test hosts: {why}")
    if why:
        pytest.skip(f"test hosts: {why}")
    with Hosts() as made:
        yield made


@pytest.fixture
def office(tmp_path: Path) -> Iterator[Office]:
    """A technician's own HOME; engines that were started there are ended after the test."""
    made = Office(tmp_path)
    yield made
    made.close()
