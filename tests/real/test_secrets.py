"""A password that opens real hosts is nowhere but where it was kept (F-43, F-44, F-45, F-48)."""

from __future__ import annotations

import contextlib
import os
import stat
from collections.abc import Iterator
from pathlib import Path

import pytest

from backends.redaction import shapes_of
from tests.support.hosts import Hosts
from tests.support.office import Office

pytestmark = pytest.mark.real

SHAPES = [shape.encode() for shape in shapes_of(Hosts.password)]


@contextlib.contextmanager
def open_mask() -> Iterator[None]:
    """What is made without care is open to everybody."""
    before = os.umask(0)
    try:
        yield
    finally:
        os.umask(before)


def leaks(place: Path) -> list[str]:
    """Files below `place` that hold the password in any shape."""
    files = [path for path in place.rglob("*") if path.is_file()]
    return [str(path) for path in files if any(shape in path.read_bytes() for shape in SHAPES)]


def told_by_processes(home: Path) -> list[str]:
    """Processes of this office whose arguments or environment hold the password."""
    found = []
    for process in Path("/proc").glob("[0-9]*"):
        try:
            environment, words = (process / "environ").read_bytes(), (process / "cmdline").read_bytes()
        except OSError:
            continue
        if f"HOME={home}".encode() in environment and any(shape in environment + words for shape in SHAPES):
            found.append(words.decode("utf-8", "replace"))
    return found


def opened_too_far(place: Path) -> list[str]:
    modes = {path: stat.S_IMODE(path.lstat().st_mode) for path in [place, *place.rglob("*")]}
    return [f"{path} {mode:o}" for path, mode in modes.items() if mode & 0o077]


def test_a_password_that_is_used_is_nowhere_to_be_found(
    hosts: Hosts, office: Office, tmp_path_factory: pytest.TempPathFactory
) -> None:
    host = hosts.add(services=["webshop"])
    host.stop_service("webshop")
    vault = tmp_path_factory.mktemp("vault") / "vault"
    vault.write_text(f"#!/bin/sh\nprintf '%s' '{Hosts.password}'\n")
    vault.chmod(0o700)
    office.trust(hosts, host)
    office.configure(
        f'[sources.acme-hq]\nkind = "ssh"\nclient = "acme"\nsite = "HQ"\nevery = "5s"\nhosts = ["tech@{host.native}"]\n'
        f'secret = "command:{vault}"\nservices = ["webshop"]\n'
    )
    with open_mask(), office.follow("issues"):
        seen = office.rounds("devices", "--json").stdout
        assert '"platform": "linux"' in seen, office.rounds("issues").stdout
        run = office.rounds(
            "fix",
            "run",
            "restart-service",
            f"acme-hq:{host.native}",
            "--yes",
            "--param",
            "service=webshop",
            check=False,
        )
        said = [
            seen,
            run.stdout,
            run.stderr,
            office.rounds("audit", "export").stdout,
            office.rounds("doctor", check=False).stdout,
        ]
        engines = office.engine_pids()
        limits = [Path(f"/proc/{pid}/limits").read_text() for pid in engines]
        told = told_by_processes(office.home)

    assert run.returncode == 1, run  # this user is not root there
    assert '"health": "ok"' in seen or '"health": "degraded"' in seen  # it did open the host
    assert host.logins >= 1
    assert engines
    assert told == []
    assert leaks(office.home) == []
    assert leaks(vault.parent) == [str(vault)]  # the control
    assert all(line.split()[4:6] == ["0", "0"] for text in limits for line in text.splitlines() if "core file" in line)
    assert not any(shape in "".join(said).encode() for shape in SHAPES)
    assert opened_too_far(office.state) == []
