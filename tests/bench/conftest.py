"""An office for what is measured, pictures for it to show, and a way to print the figures."""

from __future__ import annotations

import asyncio
import sys
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path

import pytest

from tests.bench.churn import crowded, store
from tests.bench.demo_fleet import demo_picture
from tests.bench.programs import Programs, Say
from tests.support.office import Office


@pytest.fixture(scope="session")
def say(request: pytest.FixtureRequest) -> Say:
    """Prints whether or not what tests print is shown."""
    capture = request.config.pluginmanager.getplugin("capturemanager")

    def said(line: str) -> None:
        with capture.global_and_fixture_disabled():
            sys.stdout.write(f"\n{line}")
            sys.stdout.flush()

    return said


@pytest.fixture
def office(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Office]:
    made = Office(tmp_path_factory.mktemp("o"))
    yield made
    made.close()


@pytest.fixture
def programs(office: Office) -> Programs:
    return Programs(office)


class Made(dict[int, Path]):
    """Files by number of devices, each made when it is first asked for: a large one takes half a minute."""

    def __init__(self, make: Callable[[int], Path]) -> None:
        super().__init__()
        self._make = make

    def __missing__(self, devices: int) -> Path:
        self[devices] = self._make(devices)
        return self[devices]


@pytest.fixture(scope="session")
def pictures(tmp_path_factory: pytest.TempPathFactory) -> Mapping[int, Path]:
    """A demo fleet after its first minutes, by number of devices."""
    folder = tmp_path_factory.mktemp("pictures")

    def make(devices: int) -> Path:
        store(folder / f"{devices}.picture", asyncio.run(demo_picture(devices)))
        return folder / f"{devices}.picture"

    return Made(make)


@pytest.fixture(scope="session")
def crowds(pictures: Mapping[int, Path]) -> Mapping[int, Path]:
    """The same fleets on their worst day: as many open issues as there are devices."""

    def make(devices: int) -> Path:
        path = pictures[devices].with_suffix(".crowd")
        crowded(pictures[devices], path, devices)
        return path

    return Made(make)
