"""Our own list of host keys."""

from __future__ import annotations

import stat
from pathlib import Path

import asyncssh
import pytest

from backends.adapters.ssh.hostkeys import HostKey, accept_host_key, algorithms, host_key, known_keys


def new(host: str = "web01", port: int = 22, kind: str = "ssh-ed25519") -> HostKey:
    return host_key(host, port, asyncssh.generate_private_key(kind).convert_to_public())


def test_nothing_is_known_at_first(tmp_path: Path) -> None:
    assert known_keys(tmp_path / "known_hosts", "web01", 22) == ()


@pytest.mark.parametrize("port", [22, 2222])
def test_an_accepted_key_is_known_on_its_port_only(tmp_path: Path, port: int) -> None:
    key = new(port=port)
    accept_host_key(tmp_path / "known_hosts", "web01", port, key)
    assert known_keys(tmp_path / "known_hosts", "web01", port) == (key,)
    assert known_keys(tmp_path / "known_hosts", "web01", port + 1) == ()


def test_a_new_key_takes_the_place_of_the_old_and_leaves_other_hosts_alone(tmp_path: Path) -> None:
    path = tmp_path / "known_hosts"
    old, other, fresh = new(), new("web02"), new()
    for host, key in (("web01", old), ("web02", other), ("web01", fresh)):
        accept_host_key(path, host, 22, key)
    assert known_keys(path, "web01", 22) == (fresh,)
    assert known_keys(path, "web02", 22) == (other,)


def test_the_list_is_for_the_owner_only(tmp_path: Path) -> None:
    accept_host_key(tmp_path / "inner" / "known_hosts", "web01", 22, new())
    assert stat.S_IMODE((tmp_path / "inner" / "known_hosts").stat().st_mode) == 0o600
    assert stat.S_IMODE((tmp_path / "inner").stat().st_mode) == 0o700


def test_damaged_lines_count_for_nothing(tmp_path: Path) -> None:
    key = new()
    lines = ["# a comment", "web01", "web01 ssh-ed25519 garbage", "\xff", "@revoked web01 x y", key.line, ""]
    (tmp_path / "known_hosts").write_text("\n".join(lines), encoding="latin-1")
    assert known_keys(tmp_path / "known_hosts", "web01", 22) == (key,)


def test_the_kind_of_a_known_key_is_asked_for_first() -> None:
    assert algorithms([new(kind="ssh-rsa")])[:2] == ("rsa-sha2-512", "rsa-sha2-256")
    assert algorithms([])[0] == "ssh-ed25519"


def test_the_fingerprint_is_as_openssh_prints_it() -> None:
    assert new().fingerprint.startswith("SHA256:")
