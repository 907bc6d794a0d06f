"""Agents for all tests of this folder: this machine, a switch, a printer and a UPS."""

from __future__ import annotations

import os
import socket
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.support.servers.snmp import Proxy, Snmpd, missing
from tests.support.snmp_agent import recorded

DEVICES = ("switch", "printer", "ups")


class Agents:
    """`here` is this machine's own; the others serve walks."""

    def __init__(self, folder: Path) -> None:
        self.here = Snmpd(folder / "here")
        self.switch, self.printer, self.ups = (Snmpd(folder / name, recorded(name)) for name in DEVICES)

    @property
    def all(self) -> tuple[Snmpd, ...]:
        return self.here, self.switch, self.printer, self.ups

    def restore(self) -> None:
        for name in DEVICES:
            getattr(self, name).serve(recorded(name))


@pytest.fixture(scope="package")
def started() -> Iterator[Agents]:
    why = missing()
    if why and os.environ.get("CI") == "true":
        pytest.fail(f"snmpd: {why}")
    if why:
        pytest.skip(f"snmpd: {why}")
    with tempfile.TemporaryDirectory(prefix="snmpd-", ignore_cleanup_errors=True) as folder:
        made = Agents(Path(folder))
        try:
            for one in made.all:
                one.start()
            for one in made.all:
                one.wait()
            yield made
        finally:
            for one in made.all:
                one.stop()


@pytest.fixture
def agents(started: Agents) -> Agents:
    """They serve what was recorded, whatever a test before did."""
    started.restore()
    return started


@pytest.fixture
def proxy(agents: Agents) -> Iterator[Proxy]:
    """In front of the switch."""
    made = Proxy(agents.switch)
    made.start()
    yield made
    made.close()


@pytest.fixture
def mute() -> Iterator[str]:
    """An address where something takes datagrams and says nothing."""
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as taker:
        taker.bind(("127.0.0.1", 0))
        yield f"127.0.0.1:{taker.getsockname()[1]}"
