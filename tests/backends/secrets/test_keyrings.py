"""Only the system's own keyrings see a secret, they are asked within a limit, and what they keep is read back."""

from __future__ import annotations

import sys
import threading
import types
from collections.abc import Iterator
from pathlib import Path

import pytest
from keyring.backend import KeyringBackend
from keyring.backends import null
from keyring.errors import InitError, KeyringError
from keyring.util import platform_

from backends import redaction, secrets
from backends.api import FaultKind, SourceError
from backends.config.schema import SecretRef
from backends.secrets import keyrings

CANARY = "s3cr3t-canary-91f0"
KEYRING = SecretRef(kind="keyring")


class Kept(KeyringBackend):
    """A keyring in memory; stands where the system's would."""

    priority = 1  # type: ignore[assignment]
    kept: dict[tuple[str, str], str]

    def __init__(self) -> None:
        super().__init__()
        self.kept = {}

    def get_password(self, service: str, username: str) -> str | None:
        return self.kept.get((service, username))

    def set_password(self, service: str, username: str, password: str) -> None:
        self.kept[service, username] = password

    def delete_password(self, service: str, username: str) -> None:
        del self.kept[service, username]


@pytest.fixture(autouse=True)
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path / ".config"))
    monkeypatch.delenv("PYTHON_KEYRING_BACKEND", raising=False)
    yield tmp_path
    redaction.forget_all()


def use(monkeypatch: pytest.MonkeyPatch, keyring: KeyringBackend) -> None:
    monkeypatch.setattr(keyrings, "backend", lambda: keyring)


async def refusal() -> str:
    with pytest.raises(SourceError) as caught:
        await secrets.resolve(KEYRING, "zabbix-eu")
    assert caught.value.kind is FaultKind.SECRET
    return caught.value.sentence


async def test_what_was_stored_is_resolved(monkeypatch: pytest.MonkeyPatch) -> None:
    use(monkeypatch, Kept())
    await secrets.store("zabbix-eu", CANARY)
    assert await secrets.resolve(KEYRING, "zabbix-eu") == CANARY


async def test_what_was_deleted_is_gone(monkeypatch: pytest.MonkeyPatch) -> None:
    use(monkeypatch, Kept())
    await secrets.store("zabbix-eu", CANARY)
    await secrets.delete("zabbix-eu")
    assert "rounds login zabbix-eu" in await refusal()


async def test_deleting_what_is_not_there_is_no_error(monkeypatch: pytest.MonkeyPatch) -> None:
    use(monkeypatch, Kept())
    await secrets.delete("zabbix-eu")


async def test_a_keyring_that_keeps_nothing_is_found_out(monkeypatch: pytest.MonkeyPatch) -> None:
    """F-47."""
    use(monkeypatch, null.Keyring())
    with pytest.raises(SourceError, match="did not give it back"):
        await secrets.store("zabbix-eu", CANARY)


async def test_an_empty_secret_is_not_stored(monkeypatch: pytest.MonkeyPatch) -> None:
    use(monkeypatch, Kept())
    with pytest.raises(SourceError, match="empty"):
        await secrets.store("zabbix-eu", "")


@pytest.mark.parametrize("error", [InitError(f"Prompt dismissed {CANARY}"), KeyringError(CANARY)])
async def test_an_error_of_the_keyring_becomes_a_sentence_without_its_text(
    monkeypatch: pytest.MonkeyPatch, error: Exception
) -> None:
    """F-44, F-53."""

    class Broken(Kept):
        def get_password(self, service: str, username: str) -> str | None:
            raise error

    use(monkeypatch, Broken())
    sentence = await refusal()
    assert CANARY not in sentence
    assert 'secret = "env:NAME"' in sentence


async def test_a_keyring_that_hangs_costs_the_limit_and_no_more(monkeypatch: pytest.MonkeyPatch) -> None:
    """F-53."""
    hanging, monkeypatched = threading.Event(), keyrings._Worker()

    class Hanging(Kept):
        def get_password(self, service: str, username: str) -> str | None:
            hanging.wait()
            return None

    monkeypatch.setattr(keyrings, "_worker", monkeypatched)
    monkeypatch.setattr(keyrings, "LIMIT_S", 0.1)
    use(monkeypatch, Hanging())
    assert "does not answer" in await refusal()
    assert "does not answer" in await refusal()
    assert secrets.keyring_trouble().startswith("The keyring does not answer")
    assert [thread.name for thread in threading.enumerate()].count("keyring") <= 2
    hanging.set()


@pytest.mark.parametrize(
    "name",
    [
        "keyring.backends.null.Keyring",
        "keyring.backends.fail.Keyring",
        "evil.Keyring",
        "keyrings.alt.file.PlaintextKeyring",
    ],
)
async def test_a_keyring_that_the_environment_slips_in_is_refused_and_not_imported(
    monkeypatch: pytest.MonkeyPatch, name: str
) -> None:
    """F-47."""
    evil = types.ModuleType("evil")
    evil.Keyring = Kept  # type: ignore[attr-defined]
    monkeypatch.setitem(sys.modules, "evil", evil)
    monkeypatch.setenv("PYTHON_KEYRING_BACKEND", name)
    assert "does not give secrets to" in await refusal()


@pytest.mark.parametrize(
    "text",
    ["[backend]\ndefault-keyring=evil.Keyring\n", "[backend]\nkeyring-path=/tmp/evil\n", "nonsense\x00"],
)
async def test_a_keyring_that_a_file_slips_in_is_refused(home: Path, text: str) -> None:
    """F-47."""
    root = platform_.config_root()
    assert root.is_relative_to(home)
    root.mkdir(parents=True)
    (root / "keyringrc.cfg").write_text(text)
    before = list(sys.path)
    assert "does not give secrets to" in await refusal()
    assert sys.path == before


async def test_a_choice_on_the_list_is_followed(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PYTHON_KEYRING_BACKEND", keyrings.ALLOWED[0])
    assert keyrings._candidates() == (keyrings.ALLOWED[0],)


async def test_without_any_keyring_the_other_ways_are_named(monkeypatch: pytest.MonkeyPatch) -> None:
    """F-47."""
    monkeypatch.setattr(keyrings, "ALLOWED", ("keyring.backends.macOS.Keyring",))
    if sys.platform == "darwin":
        pytest.skip("this system has one")
    assert 'secret = "env:NAME" or secret = "command:pass show …"' in await refusal()
