"""What the composition root makes of a profile."""

from __future__ import annotations

import os
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from backends import bootstrap
from backends import log as logs
from backends.bootstrap.sources import source_configs
from backends.config.load import parse
from backends.config.schema import DemoOptions, Profile
from backends.fleet.model import FaultKind, Freshness, SourceName
from tests.support.home import short_home

SMALL = DemoOptions(clients=2, devices=20, here=False)


@pytest.fixture(autouse=True)
def home(monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    with short_home(monkeypatch) as folder:
        yield folder
        logs.detach()


def config_at(home: Path, text: str) -> Profile:
    file = home / "rounds.toml"
    file.write_text(text)
    file.chmod(0o600)
    return Profile(config=str(file))


def names(profile: Profile, text: str = "") -> list[str]:
    return [source.name for source in source_configs(profile, parse(text, "rounds.toml", ()))]


def test_without_sources_it_is_this_machine() -> None:
    assert names(Profile()) == ["local"]


def test_with_sources_it_is_those() -> None:
    assert names(Profile(), '[sources.hq]\nkind = "ssh"\nhosts = ["10.0.0.1"]\n') == ["hq"]


def test_a_demo_has_this_machine_in_it_unless_told_otherwise() -> None:
    assert "local" in names(Profile(demo=DemoOptions()))
    assert "local" not in names(Profile(demo=SMALL))


def test_another_story_has_another_folder() -> None:
    folders = {bootstrap.state_folder(Profile(demo=demo)) for demo in (None, DemoOptions(), DemoOptions(seed=8), SMALL)}
    assert len(folders) == 4


def test_without_a_store_there_is_no_last_picture() -> None:
    assert bootstrap.last_picture(Profile()) is None
    assert bootstrap.last_glance(Profile()) is None


async def test_a_desk_of_its_own_has_asked_every_source_once(home: Path) -> None:
    desk = await bootstrap.one_shot(Profile(demo=SMALL))
    picture = await desk.picture()
    assert {source.state for source in picture.sources.values()} == {Freshness.FRESH}
    await desk.close()
    after = bootstrap.last_picture(Profile(demo=SMALL))
    assert after is not None
    assert after.sites.keys() == picture.sites.keys()
    glance = bootstrap.last_glance(Profile(demo=SMALL))
    assert glance is not None
    assert glance.counts.sites == len(picture.sites)


async def test_what_was_decided_on_a_demo_by_one_command_is_there_for_the_next() -> None:
    profile = Profile(demo=SMALL)
    desk = await bootstrap.one_shot(profile)
    issue = min((await desk.picture()).issues)
    await desk.claim(issue, "tech1")
    await desk.close()
    desk = await bootstrap.one_shot(profile)
    assert (await desk.picture()).issues[issue].owner == "tech1"
    await desk.close()


async def test_a_demo_that_was_left_long_ago_begins_anew() -> None:
    profile = Profile(demo=SMALL)
    desk = await bootstrap.one_shot(profile)
    await desk.claim(min((await desk.picture()).issues), "tech1")
    await desk.close()
    for file in bootstrap.state_folder(profile).iterdir():
        os.utime(file, (time.time() - 3600, time.time() - 3600))
    desk = await bootstrap.one_shot(profile)
    assert {issue.owner for issue in (await desk.picture()).issues.values()} == {""}
    assert await desk.audit() == []
    await desk.close()


async def test_a_source_with_a_wrong_option_is_a_fault_that_names_file_line_and_key(home: Path) -> None:
    profile = config_at(home, '[sources.here]\nkind = "local"\n\n[sources.there]\nkind = "local"\nservice = ["x"]\n')
    desk = await bootstrap.one_shot(profile)
    sources = (await desk.picture()).sources
    assert sources[SourceName("here")].state is Freshness.FRESH
    fault = sources[SourceName("there")].fault
    assert fault is not None
    assert fault.kind is FaultKind.CONFIGURATION
    assert "rounds.toml, line 4, sources.there.service" in fault.sentence
    await desk.close()


async def test_the_engines_word_on_what_a_source_can_do_is_in_the_picture() -> None:
    desk = await bootstrap.one_shot(Profile(demo=SMALL))
    assert {source.capabilities for source in (await desk.picture()).sources.values()} == {
        ("run fixes", "tell how values went")
    }
    await desk.close()
