"""The test hosts themselves: what is made in one is real and stays in it."""

from __future__ import annotations

import socket

import pytest

from tests.support.hosts import Hosts

pytestmark = pytest.mark.real


def test_a_host_has_its_own_name_machine_id_and_processes(hosts: Hosts) -> None:
    host = hosts.add("web01")
    assert host.run("hostname; cat /etc/machine-id").stdout.split() == ["web01", host.machine_id]
    assert "webshop" in host.run("ps ax -o comm").stdout
    assert "pytest" not in host.run("ps ax -o args").stdout


def test_a_service_stops_and_starts(hosts: Hosts) -> None:
    host = hosts.add(services=("webshop", "mailer"))
    host.stop_service("webshop")
    assert (host.running("webshop"), host.running("mailer")) == (False, True)
    host.start_service("webshop")
    assert host.running("webshop")


def test_a_broken_service_does_not_start(hosts: Hosts) -> None:
    host = hosts.add()
    host.break_service("webshop")
    assert host.run("service webshop start", check=False).returncode != 0


def test_a_reboot_gives_a_new_boot_id_and_starts_the_services_again(hosts: Hosts) -> None:
    host = hosts.add()
    before = host.boot_id
    pid = host.runaway()
    host.stop_service("webshop")
    host.run("reboot", check=False)
    host.wait_ready(after=before)
    assert host.boot_id != before
    assert host.running("webshop")
    assert not host.alive(pid)


@pytest.mark.parametrize("mount", ["/var/tmp", "/tmp", "/srv/data"])
def test_a_disk_fills_and_keeps_its_files_over_a_reboot(hosts: Hosts, mount: str) -> None:
    host = hosts.add()
    host.fill(mount, 95)
    assert 94 < host.used_percent(mount) < 97
    host.reboot()
    assert 94 < host.used_percent(mount) < 97


def test_another_host_key_is_another_fingerprint(hosts: Hosts) -> None:
    host = hosts.add()
    before = host.fingerprint
    host.change_host_key()
    assert host.fingerprint != before


def test_a_wire_passes_and_is_cut(hosts: Hosts) -> None:
    host = hosts.add(wired=True)
    with socket.create_connection((host.address, host.port), timeout=10) as connection:
        assert connection.recv(4) == b"SSH-"
        host.cut()
        with pytest.raises(ConnectionResetError):
            list(iter(lambda: connection.recv(65536), b""))
