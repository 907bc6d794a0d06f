"""Scripts for systems that are not at hand, with stand-ins for their commands: what is called, and how it ends."""

from __future__ import annotations

import subprocess
from pathlib import Path

import pytest

from backends.fixes.library import load_library
from backends.fleet.model import FixId

FIXES = load_library()


class Elsewhere:
    """A folder of commands before all others; each call is noted."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.called = folder / "called"
        self.stub("id", "echo 0")
        self.stub("sleep", "")

    def stub(self, name: str, body: str) -> None:
        path = self.folder / name
        note = "" if name in ("id", "sleep", "uname") else f'echo "{name} $*" >>{self.called}\n'
        path.write_text(f"#!/bin/sh\n{note}{body}\n", "utf-8")
        path.chmod(0o755)

    def run(self, fix: str, platform: str, *arguments: str) -> tuple[int, list[str], str]:
        (step,) = FIXES[FixId(fix)].steps_for(platform)
        done = subprocess.run(
            ["sh", "-c", step.script, "sh", *arguments],
            capture_output=True,
            text=True,
            check=False,
            env={"PATH": f"{self.folder}:/usr/bin:/bin", "TMPDIR": str(self.folder)},
        )
        calls = self.called.read_text("utf-8").splitlines() if self.called.exists() else []
        return done.returncode, list(dict.fromkeys(calls)), done.stdout


@pytest.fixture
def elsewhere(tmp_path: Path) -> Elsewhere:
    return Elsewhere(tmp_path)


@pytest.mark.parametrize(
    ("platform", "command", "restart", "status"),
    [
        ("freebsd", "service", "service nginx onerestart", "service nginx onestatus"),
        ("netbsd", "service", "service nginx onerestart", "service nginx onestatus"),
        ("openbsd", "rcctl", "rcctl restart nginx", "rcctl check nginx"),
        ("darwin", "launchctl", "launchctl kickstart -k system/nginx", "launchctl print system/nginx"),
    ],
)
def test_a_service_is_restarted_by_the_systems_own_command(
    elsewhere: Elsewhere, platform: str, command: str, restart: str, status: str
) -> None:
    elsewhere.stub(command, 'echo "  state = running"')
    code, calls, output = elsewhere.run("restart-service", platform, "nginx")
    assert (code, calls) == (0, [restart, status]), output


@pytest.mark.parametrize(
    ("platform", "command"), [("freebsd", "service"), ("openbsd", "rcctl"), ("darwin", "launchctl")]
)
def test_a_restart_that_is_refused_is_told_with_the_systems_words(
    elsewhere: Elsewhere, platform: str, command: str
) -> None:
    elsewhere.stub(command, "echo no such thing; exit 1")
    code, _, output = elsewhere.run("restart-service", platform, "nginx")
    assert (code, "no such thing" in output) == (70, True)


@pytest.mark.parametrize(
    ("platform", "system", "command", "call"),
    [
        ("darwin", "Darwin", "ipconfig", "ipconfig set em0 DHCP"),
        ("openbsd", "OpenBSD", "dhcpleasectl", "dhcpleasectl em0"),
        ("netbsd", "NetBSD", "dhcpcd", "dhcpcd -n em0"),
        ("freebsd", "FreeBSD", "service", "service dhclient restart em0"),
    ],
)
def test_a_lease_is_renewed_by_the_systems_own_command(
    elsewhere: Elsewhere, platform: str, system: str, command: str, call: str
) -> None:
    elsewhere.stub("uname", f"echo {system}")
    elsewhere.stub("ifconfig", 'echo "	inet 10.0.0.7 netmask 0xffffff00"')
    elsewhere.stub(command, "")
    code, calls, output = elsewhere.run("renew-lease", platform, "em0")
    assert (code, call in calls, "Address 10.0.0.7" in output) == (0, True, True), output


def test_without_root_a_program_is_run_by_sudo_that_asks_for_nothing(elsewhere: Elsewhere) -> None:
    elsewhere.stub("id", "echo 1000")
    elsewhere.stub("sudo", 'shift; [ "$1" != -- ] || shift; exec "$@"')
    elsewhere.stub("rcctl", "")
    code, calls, output = elsewhere.run("restart-service", "openbsd", "nginx")
    assert (code, "sudo -n -- rcctl restart nginx" in calls) == (0, True), output


def test_without_root_and_sudo_nothing_is_done(elsewhere: Elsewhere) -> None:
    elsewhere.stub("id", "echo 1000")
    elsewhere.stub("sudo", "echo a password is required >&2; exit 1")
    elsewhere.stub("doas", "exit 1")
    elsewhere.stub("rcctl", "")
    code, calls, _ = elsewhere.run("restart-service", "openbsd", "nginx")
    assert (code, [call for call in calls if "rcctl" in call]) == (77, [])
