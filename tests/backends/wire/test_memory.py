"""What the engine lets go of goes back to the system, where the C library is glibc."""

from __future__ import annotations

import platform
import subprocess
import sys

import pytest

TABLES = 100
TABLE_KIB = 300
FREED = f"""
import os
from pathlib import Path
from backends.wire.launch import return_memory

def resident():
    return int(Path("/proc/self/statm").read_text().split()[1]) * os.sysconf("SC_PAGE_SIZE") // 1024

WISH
large = bytes(16 << 20)
del large
tables, between = [], []
for number in range({TABLES}):
    tables.append(bytearray(b"x" * ({TABLE_KIB} << 10)))
    between.append(bytes(1000 + number))
before = resident()
tables.clear()
print(before - resident())
"""


@pytest.mark.skipif(platform.libc_ver()[0] != "glibc", reason="only glibc can be told so")
@pytest.mark.parametrize(("wish", "returned"), [("return_memory()", True), ("pass", False)])
def test_large_tables_that_were_freed_are_returned_and_without_the_wish_they_are_not(wish: str, returned: bool) -> None:
    done = subprocess.run(
        [sys.executable, "-c", FREED.replace("WISH", wish)], capture_output=True, text=True, check=True
    )

    assert (int(done.stdout) > TABLES * TABLE_KIB * 0.9) is returned
