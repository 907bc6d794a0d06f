"""`rounds connect zabbix` with keys in a terminal, from an empty HOME, against a real Zabbix."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from tests.support.certificates import Issued, authority, issued
from tests.support.dialogue import Dialogue
from tests.support.office import Office
from tests.support.servers.zabbix_api import Api
from tests.support.servers.zabbix_seed import PASSWORD, TOKEN_USER, VIEWER, Seed
from tests.support.tls_front import fronted

pytestmark = pytest.mark.real
SIZE = (160, 60)


def test_past_a_wrong_address_and_a_wrong_token_to_a_source_that_answers(office: Office, zabbix: Seed) -> None:
    known = {"RIGHT": zabbix.tokens[TOKEN_USER], "WRONG": "0" * 64}
    office.environment = {**office.environment, **known}
    with office.screen("connect", "zabbix", size=SIZE) as terminal:
        dialogue = Dialogue(terminal)
        dialogue.answer("Address of the web page", f"http://127.0.0.1:{zabbix.server.dead_port}")
        dialogue.answer("User name")
        dialogue.answer("File of the authority")
        dialogue.sees("User settings, API tokens")
        dialogue.answer("Where API token", "env:WRONG")
        dialogue.sees(f"Nothing listens at http://127.0.0.1:{zabbix.server.dead_port}; start it, or check the port.")
        dialogue.answer("Address of the web page", zabbix.server.url)
        dialogue.answer("User name")
        dialogue.answer("File of the authority")
        dialogue.sees("does not accept our API token: it is wrong, disabled or has expired. Make a new one there.")
        dialogue.answer("User name")
        dialogue.answer("Where API token", "env:RIGHT")
        dialogue.sees(
            f"Zabbix {Api(zabbix.server.url)('apiinfo.version')} answers; we are known there as {TOKEN_USER}."
        )
        dialogue.sees("may not have items checked now")
        dialogue.sees("9 devices")
        dialogue.placed_and_written("zabbix")
    theirs = {one["hostid"] for one in zabbix.api("host.get", {"output": ["hostid"]})}
    ours = office.items("devices")
    assert {one["id"].rpartition(":")[2] for one in ours} == theirs
    assert {one["client"] for one in ours if one["name"].startswith("borg")} == {"borg"}
    assert [one["state"] for one in office.items("sources")] == ["fresh"]


def test_too_few_rights_are_named_with_their_remedies(office: Office, zabbix: Seed) -> None:
    office.environment = {**office.environment, "PASSWORD": PASSWORD}
    with office.screen("connect", "zabbix", size=SIZE) as terminal:
        dialogue = Dialogue(terminal)
        dialogue.answer("Address of the web page", zabbix.server.url)
        dialogue.answer("User name", VIEWER)
        dialogue.answer("File of the authority")
        dialogue.answer("Where API token", "env:PASSWORD")
        dialogue.sees("It may not acknowledge problems; ")
        dialogue.sees("To acknowledge problems: permit it in the user's role (Users, User roles)")
        dialogue.placed_and_written("zabbix")
    found = office.rounds("doctor", check=False).stdout
    assert "It may not acknowledge problems. If it is wanted: permit it in the user's role" in found


@contextmanager
def connecting_over_tls(office: Office, zabbix: Seed, shown: Issued) -> Iterator[Dialogue]:
    """With the right token; the certificate is the next thing that is said."""
    office.environment = {**office.environment, "RIGHT": zabbix.tokens[TOKEN_USER]}
    with (
        fronted(zabbix.server.url, shown) as url,
        office.screen("connect", "zabbix", size=SIZE) as terminal,
    ):
        dialogue = Dialogue(terminal)
        dialogue.answer("Address of the web page", url)
        dialogue.answer("User name")
        dialogue.answer("File of the authority")
        dialogue.answer("Where API token", "env:RIGHT")
        yield dialogue
        dialogue.sees("answers; we are known there as ")
        dialogue.placed_and_written("zabbix")
        assert [one["state"] for one in office.items("sources")] == ["fresh"]


def test_past_a_certificate_that_nobody_vouches_for_by_its_fingerprint(
    office: Office, zabbix: Seed, tmp_path: Path
) -> None:
    """F-50: nothing is sent before somebody vouches for the server."""
    shown = issued(tmp_path, "front", None)
    with connecting_over_tls(office, zabbix, shown) as dialogue:
        dialogue.vouches_for(shown.fingerprint)
    assert f'fingerprint = "{shown.fingerprint}"' in office.config.read_text()


def test_past_a_certificate_of_an_authority_of_ones_own_by_its_file(
    office: Office, zabbix: Seed, tmp_path: Path
) -> None:
    ours = authority(tmp_path)
    with connecting_over_tls(office, zabbix, issued(tmp_path, "front", ours)) as dialogue:
        dialogue.sees("Nobody who is known here vouches for this server")
        dialogue.answer("told you?", "n")
        dialogue.sees("is signed by an authority unknown here; name its file as ca_file.")
        dialogue.answer("File of the authority that signed it", str(ours.file))
    assert f'ca_file = "{ours.file}"' in office.config.read_text()
