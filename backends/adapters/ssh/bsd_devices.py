"""Pure: disks, interfaces, sensors and batteries of a look at FreeBSD, OpenBSD, NetBSD or macOS."""

from __future__ import annotations

import re
from typing import Final

from backends.adapters.ssh.sections import Sections, above_zero, maybe, real, whole
from backends.fleet.host import Battery, FileSystem, Interface, Sensor

_DF: Final = re.compile(
    r"(?P<device>.+?)\s+(?P<size>\d+)\s+(?P<used>-?\d+)\s+(?P<left>-?\d+)\s+(?:-?\d+%|-)"
    r"(?:\s+(?P<iused>\d+)\s+(?P<ifree>\d+)\s+(?:\d+%|-))?\s+(?P<mount>/.*)"
)
_MOUNT: Final = re.compile(r"(?P<device>.+?) on (?P<mount>/.*?)(?: type (?P<type>\w+))? \((?P<options>[^()]*)\)")
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
_IGNORED_LINKS: Final = re.compile(r"lo\d+|gif\d+|stf\d+|pflog\d+|enc\d+|awdl\d+|llw\d+|utun\d+|anpi\d+|ap\d+|XHC\d+")
_KIB: Final = 1024


def disks(sections: Sections) -> tuple[FileSystem, ...]:
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


def interfaces(sections: Sections) -> tuple[Interface, ...]:
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


def sensors(sections: Sections) -> tuple[Sensor, ...]:
    found: list[Sensor] = []
    for name, value in sections.settings("sensors-bsd").items():
        match = re.match(r"(\d+(?:\.\d+)?)\s*(?:C\b|degC)", value)
        if match:
            plain = name.removeprefix("hw.sensors.").removeprefix("dev.").removeprefix("hw.acpi.thermal.")
            found.append(Sensor(name=plain.removesuffix(".temperature"), celsius=real(match[1])))
    return tuple(found)


def batteries(sections: Sections) -> tuple[Battery, ...]:
    lines = sections.lines("power-bsd")
    text = "\n".join(lines)
    has = sections.settings("power-bsd")
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
