"""What a trigger is about, from its name."""

from __future__ import annotations

import pytest

from backends.adapters.zabbix.limits import limit_of
from backends.adapters.zabbix.names import check_name, label_of
from backends.fleet.conditions import condition_of


@pytest.mark.parametrize(
    ("description", "condition"),
    [
        ('/var: Disk space is critically low (used > {$VFS.FS.PUSED.MAX.CRIT:"/var"}%)', ("disk", "/var")),
        (
            'Linux: FS [/var]: Space is low (used > {$VFS.FS.PUSED.MAX.WARN:"/var"}%, total {ITEM.VALUE2})',
            ("disk", "/var"),
        ),
        ("Windows: FS [System(C:)]: Space is critically low", ("disk", "C:")),
        ("C:: Disk space is low (used > 80%)", ("disk", "C:")),
        ('"Spooler" (Print Spooler) is not running (startup type automatic)', ("service", "Spooler")),
        ("Linux: Load average is too high (per CPU load over {$LOAD} for 5m)", ("load", "")),
        ("High memory utilization (>{$MEMORY.UTIL.MAX}% for 5m)", ("memory", "")),
        ("RAID: {ITEM.LASTVALUE} broken disks on {HOST.NAME}", ("check", "RAID: … broken disks")),
        ("{HOST.NAME}: too many users", ("check", "too many users")),
        ("Lag of {{ITEM.VALUE}.fmtnum(1)} s", ("check", "Lag of … s")),
        ("{$ONLY.A.MACRO}", ("check", "…")),
        ("  Disk   space on /srv ", ("disk", "/srv")),
    ],
)
def test_a_condition_is_named_without_its_values(description: str, condition: tuple[str, str]) -> None:
    assert condition_of(check_name(description)) == condition


def test_the_label_keeps_what_was_written() -> None:
    assert label_of("Linux: FS [/var]: Space is low (used > {$X}%)") == "Linux: FS [/var]: Space is low (used > …%)"


@pytest.mark.parametrize(
    ("expression", "limit"),
    [
        ("last(/acme-dc01/disk.used)>90", 90.0),
        ("min(/host/vfs.fs.size[/,pused],5m) >= 97.5", 97.5),
        ("last(/host/vfs.fs.size[/,free])<5G", 5 * 2**30),
        ("avg(/host/temp,10m)>-5", -5.0),
        ("last(/host/uptime)<10m", 600.0),
        ("last(/host/a)>90 and last(/host/b)>1", None),
        ("last(/host/a)>last(/host/b)", None),
        ("last(/host/a)=0", None),
        ("nodata(/host/a,5m)=1", None),
        ("last(/host/a)>{$LIMIT}", None),
        ("last(/host/a)>90\n", 90.0),
        ("last(/host/a)>" + "9" * 400, None),
        ("", None),
    ],
)
def test_a_limit_is_told_where_it_is_plain(expression: str, limit: float | None) -> None:
    assert limit_of(expression) == limit
