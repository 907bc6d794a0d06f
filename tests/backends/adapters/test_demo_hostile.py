"""Hostile texts enter the demo as they would from outside, and what is to be shown comes out safe."""

from __future__ import annotations

import asyncio
from pathlib import Path

import msgspec

from backends.adapters.demo.hostile import PAYLOADS
from backends.api import Script
from backends.fleet.model import RunId
from backends.testing import FakeClock
from backends.text import LINE_COLUMNS, columns_of, is_safe, safe
from tests.support.demo import open_demo


def test_no_two_payloads_have_one_name() -> None:
    assert len(dict(PAYLOADS)) == len(PAYLOADS)


async def test_every_text_that_is_shown_is_safe_and_short(tmp_path: Path) -> None:
    clock = FakeClock()
    source = open_demo(tmp_path, clock, hostile=True)
    for seconds in (0, 100, 900):
        await clock.advance(seconds)
        reading = await source.poll()
        texts = [
            text
            for sighting in reading.sightings
            for text in (sighting.name, sighting.client_name, sighting.site_name, sighting.address, sighting.system)
        ]
        texts += [text for check in reading.checks for text in (check.label, check.summary, check.advice)]
        texts += [client.name for client in reading.clients]
        assert all(is_safe(text) and "\n" not in text and columns_of(text) <= LINE_COLUMNS for text in texts)


async def test_all_kinds_of_payload_are_on_the_fleet(tmp_path: Path) -> None:
    reading = await open_demo(tmp_path, FakeClock(), hostile=True).poll()
    names = {sighting.name for sighting in reading.sightings}
    assert {safe(text) for _, text in PAYLOADS} <= names


async def test_a_hostile_reading_can_be_written_down(tmp_path: Path) -> None:
    reading = await open_demo(tmp_path, FakeClock(), hostile=True).poll()
    assert msgspec.msgpack.decode(msgspec.msgpack.encode(reading), type=type(reading)) == reading


async def test_scripts_print_hostile_bytes_as_they_are(tmp_path: Path) -> None:
    clock = FakeClock()
    source = open_demo(tmp_path, clock, hostile=True)
    native = (await source.poll()).sightings[1].native
    out: list[bytes] = []
    step = Script(code="true", action="free-disk", arguments=("/",))
    task = asyncio.ensure_future(source.execute(native, step, RunId("r1"), out.append))
    await clock.advance(60)
    await task
    assert b"\x1b" in b"".join(out)


async def test_without_the_option_nothing_is_hostile(tmp_path: Path) -> None:
    reading = await open_demo(tmp_path, FakeClock()).poll()
    assert not any("‹U+" in sighting.name or "␛" in sighting.name for sighting in reading.sightings)
