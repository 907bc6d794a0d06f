"""The README's picture can be drawn again by anybody."""

from __future__ import annotations

from backends.config.schema import DemoOptions
from tests.support.snapshot import AT, KEYS, picture

OPTIONS = DemoOptions(at=AT.isoformat(), here=False)


async def test_the_same_options_give_the_same_picture() -> None:
    first = await picture((100, 30), KEYS.split(), OPTIONS)
    assert await picture((100, 30), KEYS.split(), OPTIONS) == first


async def test_a_picture_fetches_nothing_from_elsewhere() -> None:
    assert "url(http" not in await picture((100, 30), [], OPTIONS)
