"""A site with recorded answers."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.support.prometheus_site import Site, a_site


@pytest.fixture
def site() -> Iterator[Site]:
    with a_site() as made:
        yield made
