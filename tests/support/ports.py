"""Ports of loopback for servers that a test starts a while after it chose their address.

What the kernel gives for port 0 may be anybody's by then, and so may what another process of the same run found free:
a server that others wait for would end with "address in use". So the ports lie below the range from which the kernel
takes those of outgoing connections, each process of a run has a share of its own, and none is given twice.
"""

from __future__ import annotations

import itertools
import os
import random
import socket

LOW, HIGH, SHARES = 20_000, 32_000, 12
_EACH = (HIGH - LOW) // SHARES
LOOPBACK = "127.0.0.1"


def share(worker: str) -> range:
    """The ports of one process of the run, by xdist's name for it ("gw3"; empty without xdist)."""
    number = int(worker.removeprefix("gw") or 0) % SHARES
    return range(LOW + number * _EACH, LOW + (number + 1) * _EACH)


_SHARE = share(os.environ.get("PYTEST_XDIST_WORKER", ""))
_TURNS = itertools.count(random.randrange(_EACH))
"""Begun anywhere, for a run in another folder has the same shares."""


def free_port(address: str = LOOPBACK) -> int:
    """A port of `address` on which nobody listens, by TCP or UDP. Raises `RuntimeError` if there is none."""
    for turn in itertools.islice(_TURNS, _EACH):
        port = _SHARE[turn % _EACH]
        if _is_free(address, port):
            return port
    raise RuntimeError(f"no free port on {address}")


def free_ports(count: int) -> list[int]:
    """So many, all different."""
    return [free_port() for _ in range(count)]


def _is_free(address: str, port: int) -> bool:
    try:
        for kind in (socket.SOCK_STREAM, socket.SOCK_DGRAM):
            with socket.socket(socket.AF_INET, kind) as probe:
                if kind is socket.SOCK_STREAM:
                    probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
                probe.bind((address, port))
    except OSError:
        return False
    return True
