"""One real Icinga 2 for the tests beside this file, with its story told."""

from __future__ import annotations

import os
from collections.abc import Iterator

import pytest

from tests.support.servers.icinga2 import Icinga, missing
from tests.support.servers.icinga2_story import tell


@pytest.fixture(scope="session")
def icinga() -> Iterator[Icinga]:
    made = started()
    tell(made)
    yield made
    made.close()


@pytest.fixture
def mortal() -> Iterator[Icinga]:
    """One that a test may kill."""
    made = started()
    yield made
    made.close()


def started() -> Icinga:
    why = missing()
    if why and os.environ.get("CI") == "true":
        pytest.fail(f"icinga2: {why}")
    if why:
        pytest.skip(f"icinga2: {why}")
    return Icinga()
