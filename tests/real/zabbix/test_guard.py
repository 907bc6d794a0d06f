"""The fixture itself: what it starts ends with whoever started it, also when a test run is killed."""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from tests.support.eventually import wait_for
from tests.support.servers.zabbix import GUARDED

STARTS = """
import subprocess, sys
subprocess.Popen(sys.argv[1:], start_new_session=True).wait()
"""
FAMILY = 'trap "" USR1 TERM; sleep 600 & echo $! $$; wait'
"""A server that heeds no gentle signal, with a child of its own."""


@pytest.mark.skipif(shutil.which("setpriv") is None, reason="needs setpriv")
def test_a_killed_test_run_leaves_no_server_and_no_worker_behind() -> None:
    command = [sys.executable, "-c", STARTS, *GUARDED, "sh", "-c", FAMILY]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as run:
        assert run.stdout is not None
        pids = [int(pid) for pid in run.stdout.readline().split()]
        assert all(map(_lives, pids))
        os.kill(run.pid, signal.SIGKILL)
        wait_for(lambda: not any(map(_lives, pids)), "the end of all")


def _lives(pid: int) -> bool:
    """Whether it runs; who has ended and is not buried yet does not."""
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] != "Z"
    except FileNotFoundError:
        return False
