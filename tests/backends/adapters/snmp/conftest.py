"""An agent that serves the switch."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.support.snmp_agent import Agent, agent, recorded


@pytest.fixture
def switch() -> Iterator[Agent]:
    with agent(recorded("switch")) as made:
        yield made
