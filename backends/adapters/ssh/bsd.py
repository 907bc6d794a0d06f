"""Pure: the sections of a look at FreeBSD, OpenBSD, NetBSD or macOS; also of systems that none of the readers knows."""

from __future__ import annotations

import re
from datetime import datetime
from typing import Final

from backends.adapters.ssh.findings import Platform, bsd_events
from backends.adapters.ssh.sections import Sections, above_zero, elapsed_s, maybe, real, whole
from backends.fleet.host import Battery, FileSystem, Interface, Process, Sensor

_BOOT: Final = re.compile(r"\{ sec = (?P<sec>\d+)")
_NUMBER: Final = re.compile(r"\d+(?:\.\d+)?")
_DF: Final = re.compile(
    r"(?P<device>.+?)\s+(?P<size>\d+)\s+(?P<used>-?\d+)\s+(?P<left>-?\d+)\s+(?:-?\d+%|-)"
    r"(?:\s+(?P<iused>\d+)\s+(?P<ifree>\d+)\s+(?:\d+%|-))?\s+(?P<mount>/.*)"
)
_MOUNT: Final = re.compile(r"(?P<device>.+?) on (?P<mount>/.*?)(?: type (?P<type>\w+))? \((?P<options>[^()]*)\)")
_PS: Final = re.compile(
    r"\s*(?P<pid>\d+)\s+(?P<user>\S+)\s+(?P<cpu>[\d.,]+)\s+(?P<time>[\d:.-]+)\s+(?P<rss>\d+)\s+(?P<etime>[\d:-]+)"
    r"\s+(?P<start>\w{3}\s+\w{3}\s+\d+\s+[\d:]+\s+\d{4}|\w{3}\s+\d+\s+\w{3}\s+[\d:]+\s+\d{4})\s+(?P<name>.+)"
)
_PSEUDO: Final = frozenset(
    (
        *(
            "devfs",
            "procfs",
            "fdescfs",
            "fdesc",
            "linprocfs",
            "linsysfs",
            "kernfs",
            "ptyfs",
            "autofs",
            "nullfs",
            "null",
        ),
        *(
            "nfs",
            "smbfs",
            "cifs",
            "afpfs",
            "webdav",
            "cd9660",
            "udf",
            "mfs",
            "union",
            "unionfs",
            "sysctlfs",
            "tmpfs/run",
        ),
    )
)
_INSIDE: Final = "/System/Volumes/"
_FLAGS: Final = re.compile(r"(?P<name>[^\s:]+): flags=\w+<(?P<flags>[^>]*)>")
_MAC: Final = re.compile(r"\s+(?:ether|lladdr|address:?)\s+(?P<mac>[0-9a-fA-F:]{17})\b")
_INET: Final = re.compile(r"\s+inet6?\s+(?:alias\s+)?(?P<address>[0-9a-fA-F.:]+)")
_EXPERT: Final = re.compile(r'"(?P<key>IOPlatformUUID|IOPlatformSerialNumber)" = "(?P<value>[^"]*)"')
_SWAP_USAGE: Final = re.compile(r"total = (?P<total>[\d.]+)(?P<tu>[KMG])\s+used = (?P<used>[\d.]+)(?P<uu>[KMG])")
_SWAP_TOTAL: Final = re.compile(r"total:\s+(?P<total>\d+)K?\s+(?:1K-blocks|bytes) allocated,\s+(?P<used>\d+)K?\s+used")
_UNITS: Final = {"K": 1024, "M": 1024**2, "G": 1024**3}
_IDLE: Final = frozenset(("idle", "[idle]", "[system]", "kernel_task"))
_KIB: Final = 1024
_IGNORED_LINKS: Final = re.compile(r"lo\d+|gif\d+|stf\d+|pflog\d+|enc\d+|awdl\d+|llw\d+|utun\d+|anpi\d+|ap\d+|XHC\d+")


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
    found.file_systems = sections.read("disks-bsd", lambda: _disks(sections), ())
    found.interfaces = sections.read("ifconfig", lambda: _interfaces(sections), ())
    found.sensors = sections.read("sensors-bsd", lambda: _sensors(sections), ())
    found.batteries = sections.read("power-bsd", lambda: _batteries(sections), ())
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


def _settings(sections: Sections, name: str) -> dict[str, str]:
    """`key: value` and `key = value` and `key=value`, as the sysctls of the four write them."""
    found: dict[str, str] = {}
    for line in sections.lines(name):
        key, value = (*re.split(r"\s*[:=]\s*", line.strip(), maxsplit=1), "")[:2]
        found[key] = value
    return found


def _memory(sections: Sections, found: Platform) -> None:
    has = _settings(sections, "memory-sysctl")
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


def _disks(sections: Sections) -> tuple[FileSystem, ...]:
    mounts: dict[str, tuple[str, bool]] = {}
    for line in sections.lines("mounts-bsd"):
        if match := _MOUNT.fullmatch(line.strip()):
            options = [option.strip() for option in match["options"].split(",")]
            mounts[match["mount"]] = match["type"] or options[0], "read-only" in options
    found: dict[str, FileSystem] = {}
    for line in sections.lines("disks-bsd"):
        row = _DF.fullmatch(line.rstrip())
        if row is None:
            continue
        mount = row["mount"]
        kind, read_only = mounts.get(mount, ("", False))
        inner = mount.startswith(_INSIDE) and mount != _INSIDE + "Data"
        if (
            kind in _PSEUDO
            or inner
            or row["device"].startswith(("map ", "devfs", "procfs", "fdesc"))
            or row["size"] == "0"
        ):
            continue
        used, free = maybe(row["iused"] or "", whole), maybe(row["ifree"] or "", whole)
        found[mount] = FileSystem(
            mount=mount,
            device=row["device"],
            kind=kind,
            size_bytes=whole(row["size"]) * _KIB,
            used_bytes=above_zero(row["used"]) * _KIB,
            available_bytes=above_zero(row["left"]) * _KIB,
            inodes=None if used is None or free is None else used + free,
            inodes_used=used,
            read_only=read_only,
        )
    return tuple(found.values())


def _interfaces(sections: Sections) -> tuple[Interface, ...]:
    default = [
        line.split(":", 1)[1].strip() for line in sections.lines("route") if line.strip().startswith("interface:")
    ]
    found: list[Interface] = []
    for block in _blocks(sections.lines("ifconfig")):
        head = _FLAGS.match(block[0])
        if head is None or _IGNORED_LINKS.fullmatch(head["name"]):
            continue
        text = "\n".join(block)
        status = re.search(r"^\s+status: (.+)$", text, re.MULTILINE)
        lost = status is not None and status[1].strip() in ("no carrier", "inactive", "no network")
        mac = _MAC.search(text)
        found.append(
            Interface(
                name=head["name"],
                up="UP" in head["flags"].split(",") and not lost,
                addresses=tuple(match["address"] for match in _INET.finditer(text)),
                mac=mac["mac"].lower() if mac else "",
                default_route=head["name"] in default,
            )
        )
    return tuple(found)


def _blocks(lines: list[str]) -> list[list[str]]:
    """Lines that begin in the first column open a block."""
    blocks: list[list[str]] = []
    for line in lines:
        if not line[:1].isspace():
            blocks.append([line])
        elif blocks:
            blocks[-1].append(line)
    return blocks


def _sensors(sections: Sections) -> tuple[Sensor, ...]:
    found: list[Sensor] = []
    for name, value in _settings(sections, "sensors-bsd").items():
        match = re.match(r"(\d+(?:\.\d+)?)\s*(?:C\b|degC)", value)
        if match:
            plain = name.removeprefix("hw.sensors.").removeprefix("dev.").removeprefix("hw.acpi.thermal.")
            found.append(Sensor(name=plain.removesuffix(".temperature"), celsius=real(match[1])))
    return tuple(found)


def _batteries(sections: Sections) -> tuple[Battery, ...]:
    lines = sections.lines("power-bsd")
    text = "\n".join(lines)
    has = _settings(sections, "power-bsd")
    if life := maybe(has.get("hw.acpi.battery.life", ""), real):
        line = has.get("hw.acpi.acline", "")
        return (Battery(percent=life, plugged={"1": True, "0": False}.get(line)),)
    if charge := re.search(r"InternalBattery.*?\s(\d+)%", text):
        plugged = "'AC Power'" in text
        left = re.search(r"(\d+):(\d\d) remaining", text)
        seconds = None if left is None or plugged else float(whole(left[1]) * 3600 + whole(left[2]) * 60)
        return (Battery(percent=real(charge[1]), plugged=plugged, left_s=seconds),)
    if len(lines) == 2 and lines[1].strip() in ("0", "1") and lines[0].strip().isdigit():
        # apm: the charge, 255 or nothing for no battery; then 1 for mains.
        percent = real(lines[0])
        return (Battery(percent=percent, plugged=lines[1].strip() == "1"),) if percent <= 100 else ()
    return ()


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
