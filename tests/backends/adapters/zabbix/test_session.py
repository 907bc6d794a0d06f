"""As whom it is asked, what that account may do, and what is said when it may not."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

import pytest
import tomli

from backends.api import Can, ConfigurationError, FaultKind, SourceError
from backends.redaction import forget_all, remember
from tests.support.replayed import Said
from tests.support.replayed.zabbix import TOKEN, FakeZabbix, RefusedError
from tests.support.zabbix_source import opened, reading_from, settings_for

PAGE = (Path(__file__).parents[4] / "docs/sources/zabbix.md").read_text("utf-8")
VERSIONS = ["6.0.14", "6.2.9", "6.4.21", "7.0.19", "7.2.4", "7.4.3"]


def methods(fake: FakeZabbix) -> list[str]:
    return [method for method, _ in fake.calls]


@pytest.mark.parametrize("version", VERSIONS)
async def test_a_user_with_a_password_logs_in_and_out(version: str) -> None:
    fake = FakeZabbix(version)
    async with reading_from(fake, user="tech01") as source:
        await source.poll()
        await source.poll()
    assert fake.asked("user.login") == [{"username": "tech01", "password": TOKEN, "userData": True}]
    assert len(fake.asked("user.logout")) == 1


@pytest.mark.parametrize("version", ["6.0.14", "7.0.19"])
async def test_with_a_password_of_the_web_server_in_the_way_the_token_goes_into_the_body(version: str) -> None:
    fake = FakeZabbix(version)
    async with reading_from(fake, headers={"Authorization": "Basic dGVjaDpzZWNyZXQ="}) as source:
        assert len((await source.poll()).sightings) == 8


async def test_a_session_that_has_run_out_is_begun_anew_within_the_poll() -> None:
    fake = FakeZabbix()
    async with reading_from(fake, user="tech01") as source:
        await source.poll()
        fake.sessions.clear()
        reading = await source.poll()
    assert len(reading.sightings) == 8
    assert len(fake.asked("user.login")) == 2


async def test_after_a_failure_the_same_session_goes_on() -> None:
    fake = FakeZabbix()
    async with reading_from(fake, user="tech01") as source:
        await source.poll()
        fake.special["problem.get"] = lambda _: Said(body=b"", status=502)
        with pytest.raises(SourceError):
            await source.poll()
        del fake.special["problem.get"]
        assert len((await source.poll()).sightings) == 8
    assert len(fake.asked("user.login")) == 1
    assert len(fake.asked("apiinfo.version")) == 2


async def test_the_example_of_the_documentation_opens() -> None:
    example = tomli.loads(PAGE.split("```toml\n")[1].split("```")[0])["sources"]["zabbix-eu"]
    assert example.pop("kind") == "zabbix"
    await opened(settings_for(**example)).close()


def test_the_options_of_the_documentation_are_those_that_there_are() -> None:
    rows = [line.split("|")[1] for line in PAGE.splitlines() if line.startswith("| `")]
    named = {name for row in rows for name in re.findall(r"`([a-z_]+)`", row)}
    with pytest.raises(ConfigurationError) as caught:
        opened(settings_for("https://zabbix.example", x=1))
    there = re.findall(r"[a-z_]+", caught.value.sentence.split("there are ")[1])
    assert named == set(there)


@pytest.mark.parametrize("version", ["6.0.14", "7.0.19", "7.2.4"])
async def test_a_token_that_is_not_accepted_needs_a_hand(version: str) -> None:
    fake = FakeZabbix(version)
    async with reading_from(fake, secret="old token") as source:
        with pytest.raises(SourceError) as caught:
            await source.poll()
    assert caught.value.kind is FaultKind.CREDENTIALS
    assert "old token" not in caught.value.sentence
    assert ("header Authorization" in caught.value.sentence) is (version != "6.0.14")


async def test_a_wrong_password_is_said_so() -> None:
    async with reading_from(FakeZabbix(), user="tech01", secret="wrong") as source:
        with pytest.raises(SourceError, match="with this password") as caught:
            await source.poll()
    assert caught.value.kind is FaultKind.CREDENTIALS


@pytest.mark.parametrize(
    ("version", "sentence"),
    [("5.4.12", "too old"), ("nginx", "none of Zabbix"), ("\x1b[2J", "none of Zabbix")],
)
async def test_another_version_is_a_fault(version: str, sentence: str) -> None:
    fake = FakeZabbix()
    fake.version = version
    async with reading_from(fake) as source:
        with pytest.raises(SourceError, match=sentence):
            await source.poll()


async def test_errors_within_an_answer_of_success_are_faults() -> None:
    """F-69"""
    fake = FakeZabbix()

    def broken(_: Any) -> Any:
        raise RefusedError("Error connecting to database.", 1)

    fake.special["problem.get"] = broken
    async with reading_from(fake) as source:
        with pytest.raises(SourceError, match="database") as caught:
            await source.poll()
    assert caught.value.kind is FaultKind.SERVER


@pytest.mark.parametrize(
    ("version", "kind", "lacks"),
    [
        ("6.0.14", 1, {Can.SNOOZE, Can.RECHECK}),
        ("6.0.14", 2, {Can.RECHECK}),
        ("6.0.14", 3, set()),
        ("7.0.18", 1, {Can.RECHECK}),
        ("7.0.19", 1, set()),
        ("7.2.4", 2, {Can.RECHECK}),
    ],
)
async def test_what_the_type_of_the_user_does_not_permit_is_told(version: str, kind: int, lacks: set[Can]) -> None:
    fake = FakeZabbix(version)
    fake.tables["user.checkAuthentication"]["type"] = kind
    fake.tables["role.get"][0]["rules"] = {"actions": [{"name": "edit_maintenance", "status": "1"}]}
    async with reading_from(fake) as source:
        assert set((await source.poll()).lacks) == lacks


async def test_what_the_role_does_not_permit_is_told() -> None:
    fake = FakeZabbix("7.0.19")
    denied = ("acknowledge_problems", "close_problems", "suppress_problems", "execute_scripts", "invoke_execute_now")
    fake.tables["role.get"][0]["rules"] = {"actions": [{"name": name, "status": "0"} for name in denied]}
    async with reading_from(fake) as source:
        reading = await source.poll()
        introduced = await source.introduce()
    assert set(reading.lacks) == {Can.ACKNOWLEDGE, Can.CLOSE, Can.SNOOZE, Can.RUN_OWN, Can.RECHECK}
    assert reading.fixes == ()
    refused = [right for right in introduced.rights if right.granted is False]
    assert len(refused) == 5
    assert all("role" in right.remedy for right in refused)


async def test_it_says_who_it_is_and_what_there_is_to_place_by() -> None:
    async with reading_from(FakeZabbix("7.0.19")) as source:
        introduced = await source.introduce()
    assert (introduced.product, introduced.account) == ("Zabbix 7.0.19", "tech01")
    assert introduced.facts["hostgroup"] == ("Clients/Acme/HQ", "Clients/Borg", "Loose ends")
    assert introduced.facts["tag.role"] == ("dc",)
    assert "8 hosts are visible" in introduced.rights[0].what


async def test_a_token_that_sees_no_host_is_told_what_to_do() -> None:
    fake = FakeZabbix()
    fake.tables["host.get"] = []
    async with reading_from(fake) as source:
        introduced = await source.introduce()
    assert introduced.rights[0].granted is False
    assert "read access to the host groups" in introduced.rights[0].remedy


@pytest.mark.parametrize(
    ("options", "key"),
    [
        ({"url": "zabbix.example"}, "url"),
        ({"place": {"hostgrup": "^(?P<client>.+)$"}}, "place.hostgrup"),
        ({"disabled_hosts": "no"}, "disabled_hosts"),
        ({"users": "tech01"}, "users"),
    ],
)
def test_a_wrong_option_is_named(options: dict[str, Any], key: str) -> None:
    url = options.pop("url", "https://zabbix.example")
    with pytest.raises(ConfigurationError) as caught:
        opened(settings_for(url, **options))
    assert caught.value.key == key


@pytest.mark.parametrize(
    "url", ["/zabbix/api_jsonrpc.php", "/zabbix", "/zabbix/"], ids=["whole", "of the page", "with a slash"]
)
async def test_the_address_may_be_that_of_the_web_page(url: str) -> None:
    fake = FakeZabbix()
    async with reading_from(fake) as source:
        base = source._session.origin  # its server's address is known to the source alone
        other = opened(settings_for(f"{base}{url}"))
        assert len((await other.poll()).sightings) == 8
        await other.close()


async def test_the_secret_is_in_no_sentence() -> None:
    """F-43"""
    fake = FakeZabbix()

    def echo(_: Any) -> Any:
        raise RefusedError(f"Something about {json.dumps({'auth': TOKEN})} is wrong.")

    fake.special["host.get"] = echo
    remember(TOKEN)
    try:
        async with reading_from(fake) as source:
            with pytest.raises(SourceError) as caught:
                await source.poll()
    finally:
        forget_all()
    assert TOKEN not in caught.value.sentence
