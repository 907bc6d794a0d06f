"""Real servers for the tests beside this file."""

from __future__ import annotations

import os
from collections.abc import Iterator

import pytest

from tests.support.hosts import Hosts, missing


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
