"""Pure: the Linux sections of a look."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterator
from typing import Final

from backends.adapters.ssh.findings import Platform, linux_events
from backends.adapters.ssh.sections import COUNTER, Sections, above_zero, maybe, real, whole
from backends.fleet.host import Battery, FileSystem, Interface, Process, Sensor

_DF: Final = re.compile(
    r"(?P<device>.+?)\s+(?P<size>\d+)\s+(?P<used>\d+)\s+(?P<left>-?\d+)\s+(?:\d+%|-)\s+(?P<mount>/.*)"
)
_NO_NUMBERS: Final = re.compile(r"\s-\s+-\s+-\s")
"""What df writes for a file system that tells nothing of itself."""
_OWNER: Final = re.compile(r"d\S+\s+\d+\s+(?P<user>\S+)\s.*\s(?P<pid>\d+)")
_ESCAPE: Final = re.compile(r"\\([0-7]{3})")
_PRETTY: Final = re.compile(r"""PRETTY_NAME=(?P<quote>["']?)(?P<name>.*)(?P=quote)""")
_IFF_UP: Final = 1
_NO_SPEED: Final = 4_000_000
_HZ: Final = 100
_PAGE: Final = 4096
_KIB: Final = 1024


def read_who(sections: Sections) -> Platform:
    """Ids and name of the system."""
    pretty = [match["name"] for line in sections.lines("os-release") if (match := _PRETTY.fullmatch(line.strip()))]
    return Platform(
        system=pretty[0] if pretty else "",
        machine_id=sections.first("machine-id"),
        boot_id=sections.first("boot-id"),
        serial=sections.first("serial"),
    )


def read(sections: Sections) -> Platform:
    """Everything that can be read; what is not there stays None."""
    found = read_who(sections)
    if sections.first("uptime"):
        found.uptime_s = sections.read("uptime", lambda: real(sections.first("uptime").split()[0]), None)
    if sections.first("load"):
        found.load = sections.read("load", lambda: _load(sections.first("load")), None)
    if sections.first("cores"):
        found.cores = sections.read("cores", lambda: whole(sections.first("cores")) or None, None)
    sections.read("memory", lambda: _memory(sections, found), None)
    found.file_systems = sections.read("disks", lambda: _disks(sections), ())
    found.interfaces = sections.read("links", lambda: _interfaces(sections), ())
    found.sensors = _sensors(sections)
    found.batteries = sections.read("power", lambda: _batteries(sections), ())
    found.reboot_required = _reboot(sections)
    sections.read("processes", lambda: _processes(sections, found), None)
    if "kernel" in sections:
        found.kernel_events = sections.read(
            "kernel", lambda: linux_events(sections.lines("kernel"), uptime_s=found.uptime_s), None
        )
    return found


def _load(line: str) -> tuple[float, float, float]:
    one, five, fifteen = (real(word) for word in line.split()[:3])
    return one, five, fifteen


def _memory(sections: Sections, found: Platform) -> None:
    lines = sections.lines("memory")
    if not lines:
        return
    has = {key: whole(value.split()[0]) * _KIB for key, _, value in (line.partition(":") for line in lines)}
    free = has["MemFree"] + has.get("Buffers", 0) + has.get("Cached", 0) + has.get("SReclaimable", 0)
    found.memory_bytes = has["MemTotal"]
    # Kernels before 3.14 do not estimate what is available.
    found.memory_available_bytes = min(has.get("MemAvailable", free), has["MemTotal"])
    found.swap_bytes = has.get("SwapTotal")
    if found.swap_bytes is not None:
        found.swap_used_bytes = max(0, found.swap_bytes - has.get("SwapFree", 0))


def _rows(sections: Sections, name: str) -> Iterator[re.Match[str]]:
    """The rows of a table that df wrote, behind its head; what is no row is noted."""
    for line in sections.lines(name)[1:]:
        if row := _DF.fullmatch(line):
            yield row
        elif " /" in line and not _NO_NUMBERS.search(line):
            sections.fail("disks")


def _disks(sections: Sections) -> tuple[FileSystem, ...]:
    mounts: dict[str, tuple[str, str, bool]] = {}
    for line in sections.lines("mounts"):
        device, mount, kind, options = line.split(" ")[:4]
        # The kernel lists what is hidden below a later mount as well: the last word counts.
        mounts[_unescaped(mount)] = (_unescaped(device), kind, "ro" in options.split(","))
    inodes: dict[str, tuple[int, int]] = {}
    for row in _rows(sections, "inodes"):
        with sections.own("disks"):
            inodes[row["mount"]] = whole(row["size"]), whole(row["used"])
    found: dict[str, FileSystem] = {}
    for row in _rows(sections, "disks"):
        if row["mount"] not in mounts:
            continue
        device, kind, read_only = mounts[row["mount"]]
        total, used = inodes.get(row["mount"], (None, None))
        with sections.own("disks"):
            found[row["mount"]] = FileSystem(
                mount=row["mount"],
                device=device,
                kind=kind,
                size_bytes=whole(row["size"]) * _KIB,
                used_bytes=whole(row["used"]) * _KIB,
                available_bytes=above_zero(row["left"]) * _KIB,
                inodes=total,
                inodes_used=used,
                read_only=read_only,
            )
    if not found and sections.lines("mounts"):
        sections.fail("disks")
    return tuple(found.values())


def _unescaped(text: str) -> str:
    """`\\040` and its like as the kernel writes them, as characters."""
    return _ESCAPE.sub(lambda match: chr(int(match[1], 8)), text)


def _interfaces(sections: Sections) -> tuple[Interface, ...]:
    addresses, leased = _addresses(sections)
    counters = _counters(sections)
    routes = [line.split() for line in sections.lines("routes")]
    default = {row[0] for row in routes if len(row) > 7 and row[1] == "00000000" and row[7] == "00000000"}
    found: list[Interface] = []
    for line in sections.lines("links"):
        name, state, mac, flags, speed = line.split()
        raised = flags.startswith("0x") and bool(int(flags, 16) & _IFF_UP)
        received, sent, errors = counters.get(name, (None, None, None))
        mbit = maybe(speed, whole)
        found.append(
            Interface(
                name=name,
                # Tunnels and their like have no carrier to tell of.
                up=state == "up" or (state == "unknown" and raised),
                addresses=tuple(addresses[name]),
                mac="" if mac == "-" or not mac.strip("0:") else mac,
                speed_mbit=mbit if mbit and mbit < _NO_SPEED else None,
                received_bytes=received,
                sent_bytes=sent,
                errors=errors,
                default_route=name in default,
                dhcp=True if name in leased else None,
            )
        )
    return tuple(found)


def _addresses(sections: Sections) -> tuple[defaultdict[str, list[str]], set[str]]:
    """Addresses by interface, and the interfaces with one that was leased."""
    found: defaultdict[str, list[str]] = defaultdict(list)
    leased: set[str] = set()
    for line in sections.lines("addresses"):
        words = line.split()
        if len(words) > 3 and words[2] in ("inet", "inet6"):
            name = words[1].partition("@")[0]
            found[name].append(words[3].partition("/")[0])
            if words[2] == "inet" and "dynamic" in words:
                leased.add(name)
    return found, leased


def _counters(sections: Sections) -> dict[str, tuple[int, int, int]]:
    found: dict[str, tuple[int, int, int]] = {}
    for line in sections.lines("counters"):
        name, colon, rest = line.partition(":")
        fields = rest.split()
        if colon and len(fields) >= 11:
            received, wrong, sent, lost = (whole(fields[at], COUNTER) for at in (0, 2, 8, 10))
            found[name.strip()] = received, sent, wrong + lost
    return found


def _sensors(sections: Sections) -> tuple[Sensor, ...]:
    found: dict[str, Sensor] = {}
    for line in sections.lines("sensors"):
        degrees, high, critical, name = (*line.split(" ", 3), "", "", "", "")[:4]
        celsius = maybe(degrees, real)
        if celsius is None:
            continue  # a sensor that is asleep answers with nothing
        name = name.strip() or "sensor"
        unique = name if name not in found else f"{name} {len(found) + 1}"
        found[unique] = Sensor(name=unique, celsius=celsius / 1000, high=_degrees(high), critical=_degrees(critical))
    return tuple(found.values())


def _degrees(text: str) -> float | None:
    value = maybe(text, real)
    return None if value is None else value / 1000


def _batteries(sections: Sections) -> tuple[Battery, ...]:
    rows = [line.split("|") for line in sections.lines("power")]
    mains = [row[5].strip() == "1" for row in rows if row[1] == "Mains" and row[5].strip()]
    found: list[Battery] = []
    for _, kind, scope, capacity, status, _ in rows:
        percent = maybe(capacity, real)
        # The battery of a mouse is the business of whoever holds it.
        if kind != "Battery" or scope.strip() == "Device" or percent is None:
            continue
        states = {"Discharging": False, "Charging": True, "Full": True, "Not charging": True}
        plugged = any(mains) if mains else states.get(status.strip())
        found.append(Battery(percent=percent, plugged=plugged))
    return tuple(found)


def _reboot(sections: Sections) -> str | None:
    lines = [line.strip() for line in sections.lines("reboot")]
    if lines[:1] == ["yes"]:
        return "for " + ", ".join(lines[1:9]) if lines[1:] else "the system asks for it"
    return "" if lines == ["no"] else None


def _processes(sections: Sections, found: Platform) -> None:
    lines = sections.lines("processes")
    if "=" not in lines:
        sections.fail("processes")
        return
    middle = lines.index("=")
    counts: dict[str, int] = {}
    for line in lines[middle + 1 :]:
        number, _, name = line.partition(" ")
        counts[name] = whole(number)
    found.counts = counts
    owners = {
        int(match["pid"]): match["user"] for line in sections.lines("owners") if (match := _OWNER.fullmatch(line))
    }
    hz = maybe(sections.first("hz"), whole) or _HZ
    found.processes = tuple(_process(line, hz, owners, found.uptime_s) for line in lines[:middle])


def _process(line: str, hz: int, owners: dict[int, str], uptime_s: float | None) -> Process:
    pid, ticks, start, pages, name = line.split(" ", 4)
    used = whole(ticks) / hz
    age = None if uptime_s is None else max(0.01, uptime_s - whole(start) / hz)
    return Process(
        pid=whole(pid),
        name=name,
        user=owners.get(int(pid), ""),
        cpu_percent=0.0 if age is None else 100.0 * used / age,
        cpu_s=used,
        memory_bytes=above_zero(pages) * _PAGE,
        age_s=age,
        started=start,
    )
