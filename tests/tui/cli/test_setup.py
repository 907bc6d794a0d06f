"""`rounds init · login · connect · doctor`: from nothing to a first site, and what is wrong with it."""

from __future__ import annotations

from pathlib import Path

import pytest
from msgspec.structs import replace

from backends import secrets
from backends.adapters.ssh import failures
from backends.adapters.ssh.hostkeys import HostKey
from backends.config.load import parse
from backends.config.schema import Config
from backends.fleet.changes import Changes, Delta
from backends.fleet.model import SourceName, safe
from tests.support import pictures
from tests.support.commands import Commands

SSH = 'kind = "ssh"\nclient = "acme"\nsite = "HQ"\nhosts = ["127.0.0.9"]\n'


def config_of(source: str) -> Config:
    text = f'[technician]\nname = "tech1"\n[clients.acme]\nname = "Acme"\n[sources.acme-hq]\n{source}'
    return parse(text, "", ("ssh", "local", "demo"))


@pytest.fixture
def keyring(monkeypatch: pytest.MonkeyPatch) -> dict[str, str]:
    """What the keyring holds."""
    held: dict[str, str] = {}

    async def store(name: str, value: str) -> None:
        held[name] = value

    async def delete(name: str) -> None:
        del held[name]

    monkeypatch.setattr(secrets, "store", store)
    monkeypatch.setattr(secrets, "delete", delete)
    return held


def test_init_writes_a_configuration_that_can_be_read(rounds: Commands) -> None:
    said = rounds("init", "--technician", "tech7")
    written = rounds.home / "config" / "rounds" / "config.toml"
    assert said.status == 0
    assert str(written) in said.err
    assert parse(written.read_text(), str(written), ("local",)).technician.name == "tech7"
    assert written.stat().st_mode & 0o077 == 0


def test_init_leaves_a_configuration_that_is_there(rounds: Commands) -> None:
    rounds("init")
    written = rounds.home / "config" / "rounds" / "config.toml"
    written.write_text("# mine\n")
    assert rounds("init").status == 78
    assert written.read_text() == "# mine\n"


def test_login_takes_the_secret_from_standard_input_and_shows_it_nowhere(
    rounds: Commands, keyring: dict[str, str]
) -> None:
    rounds.configure(config_of(SSH))
    said = rounds("login", "acme-hq", stdin="s3cret-canary\n")
    assert keyring == {"acme-hq": "s3cret-canary"}
    assert "s3cret-canary" not in said.out + said.err
    assert rounds("login", "acme-hq", "--forget").status == 0
    assert keyring == {}


def test_login_to_a_source_that_is_not_there_names_those_that_are(rounds: Commands) -> None:
    rounds.configure(config_of(SSH))
    said = rounds("login", "acme")
    assert said.status == 64
    assert "there is: acme-hq" in said.err


def test_login_stores_nothing_where_the_secret_comes_from_elsewhere(rounds: Commands, keyring: dict[str, str]) -> None:
    rounds.configure(config_of(SSH + 'secret = "env:ACME"\n'))
    assert rounds("login", "acme-hq", stdin="x\n").status == 78
    assert keyring == {}


@pytest.mark.parametrize("missing", ["--client", "--host"])
def test_connect_without_a_terminal_names_the_option_that_it_needs(rounds: Commands, missing: str) -> None:
    given = {"--client": "Acme", "--contract": "managed", "--site": "HQ", "--host": "127.0.0.9"}
    argv = [word for name, value in given.items() if name != missing for word in (name, value)]
    said = rounds("connect", "ssh", *argv)
    assert said.status == 64
    assert said.err.startswith(f"rounds: Without a terminal this needs {missing}")
    assert not (rounds.home / "config" / "rounds" / "config.toml").exists()


@pytest.mark.parametrize("changed", [False, True])
def test_what_is_said_of_a_host_key_names_a_command_that_runs(rounds: Commands, *, changed: bool) -> None:
    key = HostKey(type="ssh-ed25519", fingerprint="SHA256:abc", line="")
    at, native = "[fd00::7] port 2222", "[fd00::7]:2222"
    error = failures.changed_key(at, native, [key], key) if changed else failures.unknown_key(at, native, key)
    words = error.sentence.split("`")[1].split()
    assert words[0] == "rounds"
    assert rounds(*words[1:]).err.startswith("rounds: Without a terminal this needs --client")


def test_the_doctor_names_what_is_wrong_with_its_level(rounds: Commands) -> None:
    rounds.configure(config_of(SSH + 'key = "~/.ssh/id_ed25519"\n'))
    said = rounds("doctor", "--json")
    found = {(item["what"], item["level"]) for item in said.json["items"]}
    assert {("files", "ok"), ("configuration", "ok"), ("keyring", "ok"), ("source zabbix-eu", "fail")} <= found
    assert said.status == 2


def test_the_doctor_says_what_takes_a_hand_though_the_source_answers(rounds: Commands) -> None:
    """F-80."""
    known = pictures.SOURCES[SourceName("acme-hq")]
    odd = replace(known, unplaced=2, skew_s=-240.0, version=safe("OpenSSH 9.2"))
    rounds.desk.change(Changes(seq=2, at=pictures.NOW, sources=Delta((odd,))))
    found = [item for item in rounds("doctor", "--json").json["items"] if item["what"] == "source acme-hq"]
    assert [item["level"] for item in found] == ["ok", "warn", "warn"]
    assert found[0]["sentence"].startswith("OpenSSH 9.2, 19 devices")
    assert found[1]["sentence"] == "2 of 19 devices are unplaced: no rule gives a client."
    assert "`rounds devices is:unplaced source:acme-hq` lists them" in found[1]["remedy"]
    assert found[2]["sentence"] == "Its clock is 4 min behind ours."


def test_the_doctor_asks_for_a_keyring_only_where_a_secret_is_kept_in_it(
    rounds: Commands, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(secrets, "keyring_trouble", lambda: "This system has no keyring.")

    def level(source: str) -> str:
        rounds.configure(config_of(source))
        return next(item["level"] for item in rounds("doctor", "--json").json["items"] if item["what"] == "keyring")

    assert level('kind = "local"\n') == "ok"
    assert level(SSH + "agent = true\n") == "ok"
    assert level(SSH) == "warn"
    assert level(SSH + 'secret = "env:ACME"\n') == "ok"


def test_the_doctor_says_what_to_do_without_a_source(rounds: Commands) -> None:
    assert "`rounds connect ssh` adds the first site." in rounds("doctor").out


def test_the_doctor_says_where_nothing_can_be_kept(
    rounds: Commands, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    (tmp_path / "file").write_text("in the way")
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path / "file"))
    (files,) = (item for item in rounds("doctor", "--json").json["items"] if item["what"] == "files")
    assert (files["level"], f"State cannot be kept in {tmp_path}/file/rounds" in files["sentence"]) == ("fail", True)


def test_the_doctor_goes_on_after_files_that_others_could_change(rounds: Commands) -> None:
    rounds("init")
    (rounds.home / "config" / "rounds" / "config.toml").chmod(0o666)
    levels = {item["what"]: item["level"] for item in rounds("doctor", "--json").json["items"]}
    assert levels["files"] == "fail"
    assert {"clock", "terminal"} <= levels.keys()


def test_doctor_lists_every_key_and_view_that_cannot_be_meant_so(rounds: Commands) -> None:
    text = '[technician]\nname = "tech1"\n[keys]\nclaim = "x"\nfix = "x"\nnope = "y"\nrefresh = "contrl+r"\n'
    rounds.configure(parse(text + '[views]\nbad = "colour:red"\nmine = "owner:me"\n', "c.toml"))
    said = rounds("doctor")
    for problem in ("x is given to both claim and fix", "no command 'nope'", "no key 'contrl+r'", "no field 'colour'"):
        assert problem in said.out
    assert "view mine" not in said.out
