"""A network of its own for one program: loopback only, with settings that nobody else notices. Linux, for root."""

from __future__ import annotations

import os
import shutil
import subprocess
from collections.abc import Mapping, Sequence
from typing import Final

import pytest

EVERYBODY: Final = "net.ipv4.ping_group_range=0 2147483647"
NOBODY: Final = "net.ipv4.ping_group_range=1 0"
DEAF: Final = "net.ipv4.icmp_echo_ignore_all=1"
"""Hosts of this network answer no pings."""


def closed_net_or_skip() -> None:
    """Skip where there cannot be one; on the machine that decides, fail."""
    why = next((f"{one} is missing" for one in ("unshare", "ip", "sysctl", "setpriv") if shutil.which(one) is None), "")
    if not why:
        tried = subprocess.run(["unshare", "--net", "true"], capture_output=True, text=True, check=False)
        why = "" if tried.returncode == 0 else tried.stderr.strip()
    if why and os.environ.get("CI") == "true":
        pytest.fail(f"a network of its own: {why}")
    if why:
        pytest.skip(f"a network of its own: {why}")


def in_closed_net(
    argv: Sequence[str],
    environment: Mapping[str, str],
    *,
    sysctls: Sequence[str] = (),
    addresses: Sequence[str] = (),
    raw: bool = True,
) -> subprocess.CompletedProcess[str]:
    """Run a program there, as `closed` says."""
    return subprocess.run(
        closed(argv, sysctls=sysctls, addresses=addresses, raw=raw),
        capture_output=True,
        text=True,
        check=False,
        timeout=60,
        env=with_tools(environment),
    )


def with_tools(environment: Mapping[str, str]) -> dict[str, str]:
    """What such a network is made with is not on everybody's path."""
    return {**environment, "PATH": f"{os.environ['PATH']}:/usr/sbin:/sbin"}


def closed(
    argv: Sequence[str], *, sysctls: Sequence[str] = (), addresses: Sequence[str] = (), raw: bool = True
) -> list[str]:
    """The program in such a network. `addresses` are the network's own beside loopback's; without `raw` it has no
    CAP_NET_RAW."""
    steps = ["ip link set lo up", *(f"ip addr add {address} dev lo" for address in addresses)]
    steps += [f"sysctl -qw '{one}'" for one in sysctls]
    drop = "" if raw else "setpriv --bounding-set=-net_raw --inh-caps=-net_raw "
    steps.append(f'exec {drop}"$@"')
    return ["unshare", "--net", "sh", "-ec", "; ".join(steps), "sh", *argv]
