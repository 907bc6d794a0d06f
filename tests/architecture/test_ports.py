"""The ports that tests give to servers are nobody else's."""

from __future__ import annotations

import itertools
import socket
from pathlib import Path

from tests.support import ports
from tests.support.ports import SHARES, free_port, free_ports, share


def test_the_processes_of_a_run_have_shares_apart() -> None:
    for ours, theirs in itertools.pairwise(share(f"gw{number}") for number in range(SHARES)):
        assert ours.stop <= theirs.start
    assert share("") == share("gw0")


def test_no_share_reaches_into_what_the_kernel_gives_away() -> None:
    first = int(Path("/proc/sys/net/ipv4/ip_local_port_range").read_text().split()[0])
    assert share(f"gw{SHARES - 1}").stop <= first


def test_no_port_is_given_twice() -> None:
    given = free_ports(100)
    assert len({*given, *free_ports(100)}) == 200


def test_a_port_that_somebody_has_is_passed_over() -> None:
    for kind in (socket.SOCK_STREAM, socket.SOCK_DGRAM):
        with socket.socket(socket.AF_INET, kind) as taken:
            taken.bind((ports.LOOPBACK, free_port()))
            if kind is socket.SOCK_STREAM:
                taken.listen()
            assert not ports._is_free(ports.LOOPBACK, taken.getsockname()[1])
