"""Pure: the sections of a look at FreeBSD, OpenBSD, NetBSD or macOS; also of systems that none of the readers knows."""

from __future__ import annotations

import re
from datetime import datetime
from typing import Final

from backends.adapters.ssh import bsd_devices
from backends.adapters.ssh.findings import Platform, bsd_events
from backends.adapters.ssh.sections import Sections, elapsed_s, maybe, real, whole
from backends.fleet.host import Process

_BOOT: Final = re.compile(r"\{ sec = (?P<sec>\d+)")
_NUMBER: Final = re.compile(r"\d+(?:\.\d+)?")
_PS: Final = re.compile(
    r"\s*(?P<pid>\d+)\s+(?P<user>\S+)\s+(?P<cpu>[\d.,]+)\s+(?P<time>[\d:.-]+)\s+(?P<rss>\d+)\s+(?P<etime>[\d:-]+)"
    r"\s+(?P<start>\w{3}\s+\w{3}\s+\d+\s+[\d:]+\s+\d{4}|\w{3}\s+\d+\s+\w{3}\s+[\d:]+\s+\d{4})\s+(?P<name>.+)"
)
_EXPERT: Final = re.compile(r'"(?P<key>IOPlatformUUID|IOPlatformSerialNumber)" = "(?P<value>[^"]*)"')
_SWAP_USAGE: Final = re.compile(r"total = (?P<total>[\d.]+)(?P<tu>[KMG])\s+used = (?P<used>[\d.]+)(?P<uu>[KMG])")
_SWAP_TOTAL: Final = re.compile(r"total:\s+(?P<total>\d+)K?\s+(?:1K-blocks|bytes) allocated,\s+(?P<used>\d+)K?\s+used")
_UNITS: Final = {"K": 1024, "M": 1024**2, "G": 1024**3}
_IDLE: Final = frozenset(("idle", "[idle]", "[system]", "kernel_task"))
_KIB: Final = 1024


def read_who(sections: Sections) -> Platform:
    """Ids and name of the system."""
    found = Platform(
        machine_id=sections.first("machine-id"), boot_id=_boot_id(sections), serial=sections.first("serial")
    )
    for line in sections.lines("platform-expert"):
        if match := _EXPERT.search(line):
            if match["key"] == "IOPlatformUUID":
                found.machine_id = match["value"]
            else:
                found.serial = match["value"]
    versions = {key: value.strip() for key, _, value in (line.partition(":") for line in sections.lines("sw-vers"))}
    found.system = " ".join(word for word in (versions.get("ProductName"), versions.get("ProductVersion")) if word)
    return found


def read(sections: Sections, *, release: str, now: datetime) -> Platform:
    """Everything that can be read; what is not there stays None."""
    found = read_who(sections)
    if "load" in sections:
        found.uptime_s = sections.read("uptime-since", lambda: _uptime(sections, now), None)
    if sections.first("load"):
        found.load = sections.read("load", lambda: _load(sections.first("load")), None)
    if sections.first("cores"):
        found.cores = sections.read("cores", lambda: whole(sections.first("cores")) or None, None)
    sections.read("memory-sysctl", lambda: _memory(sections, found), None)
    sections.read("swap", lambda: _swap(sections, found), None)
    found.file_systems = sections.read("disks-bsd", lambda: bsd_devices.disks(sections), ())
    found.interfaces = sections.read("ifconfig", lambda: bsd_devices.interfaces(sections), ())
    found.sensors = sections.read("sensors-bsd", lambda: bsd_devices.sensors(sections), ())
    found.batteries = sections.read("power-bsd", lambda: bsd_devices.batteries(sections), ())
    if installed := sections.first("reboot-kernel"):
        found.reboot_required = "" if installed == release else f"kernel {installed} is installed, {release} runs"
    if "ps" in sections:
        _processes(sections, found)
    if "kernel-bsd" in sections:
        found.kernel_events = sections.read("kernel-bsd", lambda: bsd_events(sections.lines("kernel-bsd")), None)
    return found


def _boot_id(sections: Sections) -> str:
    line = sections.first("boot-id")
    match = _BOOT.search(line)
    # The microseconds move when the clock is set; the second does so rarely.
    return f"boottime-{match['sec']}" if match else line


def _uptime(sections: Sections, now: datetime) -> float:
    """The age of the first process; else what is told of the boot, by our clock."""
    if age := sections.first("init-age"):
        return elapsed_s(age)
    match = _BOOT.search(sections.first("uptime-since"))
    if match is None:
        raise ValueError(sections.first("uptime-since")[:40])
    return max(0.0, now.timestamp() - whole(match["sec"]))


def _load(line: str) -> tuple[float, float, float]:
    one, five, fifteen = (real(word) for word in _NUMBER.findall(line)[:3])
    return one, five, fifteen


def _memory(sections: Sections, found: Platform) -> None:
    has = sections.settings("memory-sysctl")
    if not has:
        return
    total = max(
        whole(has[key]) for key in ("hw.memsize", "hw.physmem64", "hw.physmem") if maybe(has.get(key, ""), whole)
    )
    page = whole(has.get("hw.pagesize", "4096"))
    pages: int | None = None
    if "vm.stats.vm.v_free_count" in has:
        names = ("v_free_count", "v_inactive_count", "v_cache_count")
        pages = sum(whole(has.get(f"vm.stats.vm.{name}", "0")) for name in names)
    elif sections.lines("vm-stat"):
        pages, page = _vm_stat(sections.lines("vm-stat"), page)
    elif sections.lines("vmstat"):
        pages, page = _vmstat(sections.lines("vmstat"), page)
    found.memory_bytes = total
    if pages is not None:
        # ZFS gives its cache back on demand, down to its minimum.
        cache = whole(has.get("kstat.zfs.misc.arcstats.size", "0")) - whole(
            has.get("kstat.zfs.misc.arcstats.c_min", "0")
        )
        found.memory_available_bytes = min(total, pages * page + max(0, cache))
    if usage := _SWAP_USAGE.search(has.get("vm.swapusage", "")):
        found.swap_bytes = _bytes(usage["total"], usage["tu"])
        found.swap_used_bytes = _bytes(usage["used"], usage["uu"])


def _bytes(number: str, unit: str) -> int:
    return whole(f"{real(number) * _UNITS[unit] / _KIB:.0f}") * _KIB


def _vm_stat(lines: list[str], page: int) -> tuple[int, int]:
    """macOS: free, inactive and speculative pages."""
    if told := re.search(r"page size of (\d+) bytes", lines[0]):
        page = whole(told[1])
    has = {key.strip(): value.strip().rstrip(".") for key, _, value in (line.partition(":") for line in lines)}
    return sum(whole(has.get(f"Pages {kind}", "0")) for kind in ("free", "inactive", "speculative")), page


def _vmstat(lines: list[str], page: int) -> tuple[int, int]:
    """OpenBSD and NetBSD: `number words`."""
    has = {words.strip(): number for number, _, words in (line.strip().partition(" ") for line in lines)}
    kinds = ("pages free", "pages inactive", "pages cached", "cached file pages")
    return sum(whole(has.get(kind, "0")) for kind in kinds), whole(has.get("bytes per page", str(page)))


def _swap(sections: Sections, found: Platform) -> None:
    lines = sections.lines("swap")
    for line in lines:
        if match := _SWAP_TOTAL.search(line):
            found.swap_bytes, found.swap_used_bytes = whole(match["total"]) * _KIB, whole(match["used"]) * _KIB
            return
    # FreeBSD: Device 1K-blocks Used Avail Capacity, and a last line for all when there are several.
    rows = [line.split() for line in lines if len(line.split()) >= 4 and line.split()[1].isdigit()]
    if totals := [row for row in rows if row[0] == "Total"]:
        rows = totals
    if rows:
        found.swap_bytes = sum(whole(row[1]) for row in rows) * _KIB
        found.swap_used_bytes = sum(whole(row[2]) for row in rows) * _KIB


def _processes(sections: Sections, found: Platform) -> None:
    counts: dict[str, int] = {}
    processes: list[Process] = []
    for line in sections.lines("ps"):
        try:
            process = _process(line)
        except ValueError:
            sections.fail("ps")
            continue
        counts[process.name] = counts.get(process.name, 0) + 1
        if process.name not in _IDLE and (process.cpu_s or 0.0) >= 2.0:
            processes.append(process)
    found.counts = counts
    found.processes = tuple(processes)


def _process(line: str) -> Process:
    row = _PS.fullmatch(line.rstrip())
    if row is None:
        raise ValueError(line[:40])
    name = row["name"].strip()
    # macOS gives the whole path of a program.
    short = name.rsplit("/", maxsplit=1)[-1] if name.startswith("/") else name
    return Process(
        pid=whole(row["pid"]),
        name=short or name,
        user=row["user"],
        cpu_percent=real(row["cpu"].replace(",", ".")),
        cpu_s=elapsed_s(row["time"]),
        memory_bytes=whole(row["rss"]) * _KIB,
        age_s=elapsed_s(row["etime"]),
        started=" ".join(row["start"].split()),
    )
