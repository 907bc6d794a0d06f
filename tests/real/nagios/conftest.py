"""Real Nagios servers for the tests beside this file."""

from __future__ import annotations

import os
from collections.abc import Iterator

import pytest

from tests.support.servers.nagios import Nagios, missing
from tests.support.servers.nagios_story import tell


@pytest.fixture(scope="session")
def nagios() -> Iterator[Nagios]:
    """One with its story told."""
    made = started()
    tell(made)
    yield made
    made.close()


@pytest.fixture
def mortal() -> Iterator[Nagios]:
    """One that a test may kill."""
    made = started()
    yield made
    made.close()


@pytest.fixture
def american() -> Iterator[Nagios]:
    """One five hours behind UTC, that writes the month first and lets nobody choose an author's name."""
    made = started(lock=True, date_format="us", zone="<-05>5")
    yield made
    made.close()


def started(*, lock: bool = False, date_format: str = "iso8601", zone: str = "UTC") -> Nagios:
    why = missing()
    if why and os.environ.get("CI") == "true":
        pytest.fail(f"nagios: {why}")
    if why:
        pytest.skip(f"nagios: {why}")
    return Nagios(lock=lock, date_format=date_format, zone=zone)
