"""Secrets from the environment and from commands."""

from __future__ import annotations

import os
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from backends import redaction, secrets
from backends.api import FaultKind, SourceError
from backends.config.schema import SecretRef
from backends.secrets import command

CANARY = "s3cr3t-canary-91f0"


@pytest.fixture(autouse=True)
def forgotten() -> Iterator[None]:
    yield
    redaction.forget_all()


def shell(script: str) -> SecretRef:
    return SecretRef(kind="command", value=f"/bin/sh -c '{script}'")


async def refusal(ref: SecretRef) -> str:
    with pytest.raises(SourceError) as caught:
        await secrets.resolve(ref, "zabbix-eu")
    assert caught.value.kind is FaultKind.SECRET
    assert CANARY not in caught.value.sentence
    return caught.value.sentence


async def test_a_variable_gives_its_value(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("ZABBIX", CANARY)
    assert await secrets.resolve(SecretRef(kind="env", value="ZABBIX"), "zabbix-eu") == CANARY


async def test_a_variable_that_is_not_set_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("ZABBIX", raising=False)
    assert "ZABBIX is not set" in await refusal(SecretRef(kind="env", value="ZABBIX"))


async def test_a_command_gives_its_output_without_the_line_end() -> None:
    assert await secrets.resolve(shell(f'printf "{CANARY}\\n"'), "x") == CANARY


async def test_only_one_line_end_is_taken_off() -> None:
    assert await secrets.resolve(shell(f'printf "{CANARY}\\n\\n"'), "x") == f"{CANARY}\n"


async def test_whatever_was_resolved_is_redacted_from_then_on() -> None:
    await secrets.resolve(shell(f'printf "{CANARY}"'), "x")
    assert CANARY not in redaction.redacted(f"GET /?token={CANARY}")


async def test_a_command_is_no_shell_line(tmp_path: Path) -> None:
    marker = tmp_path / "marker"
    assert (
        await secrets.resolve(SecretRef(kind="command", value=f"echo a; touch {marker}"), "x") == f"a; touch {marker}"
    )
    assert not marker.exists()


async def test_a_command_that_fails_is_named_and_its_output_is_not() -> None:
    assert "failed (exit 3)" in await refusal(shell(f"echo {CANARY}; echo {CANARY} >&2; exit 3"))


async def test_a_program_that_is_not_there_is_named() -> None:
    assert "/nowhere/pass" in await refusal(SecretRef(kind="command", value="/nowhere/pass show x"))


async def test_a_command_without_output_is_refused() -> None:
    assert "printed nothing" in await refusal(shell("true"))


async def test_output_without_end_is_refused() -> None:
    assert "64 KiB" in await refusal(shell("exec cat /dev/zero"))


async def test_output_that_is_no_text_is_refused() -> None:
    assert "not UTF-8" in await refusal(shell(r'printf "\377\376"'))


async def test_an_open_quote_is_a_sentence() -> None:
    assert "quote" in await refusal(SecretRef(kind="command", value="pass 'show"))


async def test_a_command_that_hangs_is_ended_with_its_children(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """F-53."""
    monkeypatch.setattr(command, "LIMIT_S", 0.5)
    pid_file = tmp_path / "pid"
    assert "did not end" in await refusal(shell(f"sleep 600 & echo $! > {pid_file}; wait"))
    with pytest.raises(ProcessLookupError):
        os.kill(await_gone(int(pid_file.read_text())), 0)


def await_gone(pid: int) -> int:
    """Waits until the orphan has been reaped by whoever adopted it; a zombie is gone as well."""
    stat = Path(f"/proc/{pid}/stat")
    while stat.exists() and ") Z " not in stat.read_text():
        os.sched_yield()
    if stat.exists():
        raise ProcessLookupError
    return pid


async def test_a_child_sees_no_other_secret_of_the_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    """F-45."""
    monkeypatch.setenv("OTHER_TOKEN", CANARY)
    monkeypatch.setenv("VAULT_ADDR", "https://vault.example")
    program = SecretRef(kind="command", value=f"{sys.executable} -c 'import os; print(sorted(os.environ))'")
    seen = await secrets.resolve(program, "x")
    assert "OTHER_TOKEN" not in seen
    assert "VAULT_ADDR" in seen


async def test_an_unknown_place_is_refused_with_those_that_exist() -> None:
    assert "keyring" in await refusal(SecretRef(kind="file", value="x"))
