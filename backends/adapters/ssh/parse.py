"""Pure: the output of `look.sh` -> `HostFacts`. Each section stands alone; one that makes no sense spoils no other."""

from __future__ import annotations

import re
from datetime import datetime, timedelta
from typing import Final

from msgspec import Struct

from backends.adapters.ssh import bsd, linux, watched
from backends.adapters.ssh.sections import END, Sections, real
from backends.adapters.ssh.watch import Watch
from backends.fleet.host import HostFacts
from backends.fleet.model import Identity

PLATFORMS: Final = {
    "Linux": "linux",
    "Darwin": "darwin",
    "FreeBSD": "freebsd",
    "DragonFly": "freebsd",
    "OpenBSD": "openbsd",
    "NetBSD": "netbsd",
}
_CLOCK: Final = re.compile(r"(?P<whole>\d{1,12})(?:\.(?P<nano>\d{9}))?.*")


class Moment(Struct, frozen=True, kw_only=True):
    """When a look was asked for and answered, by our clock; from these the error of the host's clock follows."""

    asked: datetime
    first: datetime
    """When the first bytes were there: the host told its time before."""
    at: datetime


class NoLook(Exception):  # noqa: N818 - a finding
    """What came back is no look: the script did not run, or was cut off."""


def parse(output: bytes, mark: str, moment: Moment, watch: Watch) -> HostFacts:
    """The facts of a complete look. Raises `NoLook`."""
    sections = Sections(output, mark)
    uname = sections.lines("uname")
    if END not in sections or not uname:
        raise NoLook
    kernel, hostname, release = (*(line.strip() for line in uname), "", "")[:3]
    platform = PLATFORMS.get(kernel, "")
    skew, error = sections.read("clock", lambda: _clock(sections.first("clock"), moment), (None, None))
    who = [line.strip() for line in sections.lines("who")]
    read = linux.read(sections) if platform == "linux" else bsd.read(sections, release=release, now=moment.at)
    return HostFacts(
        at=moment.at,
        hostname=hostname,
        platform=platform,
        system=read.system or f"{kernel} {release}".strip(),
        kernel=release,
        machine_id=_plain(read.machine_id),
        boot_id=_plain(read.boot_id),
        serial=_plain(read.serial),
        user=who[0] if who else "",
        privileged=who[1:2] == ["0"],
        clock_skew_s=skew,
        clock_error_s=error,
        uptime_s=read.uptime_s,
        load=read.load,
        cores=read.cores,
        memory_bytes=read.memory_bytes,
        memory_available_bytes=read.memory_available_bytes,
        swap_bytes=read.swap_bytes,
        swap_used_bytes=read.swap_used_bytes,
        file_systems=read.file_systems,
        interfaces=read.interfaces,
        sensors=read.sensors,
        batteries=read.batteries,
        reboot_required=read.reboot_required,
        processes=read.processes,
        services=watched.services(sections, watch),
        watched_processes=watched.processes(sections, watch, read.counts),
        files=watched.files(sections, watch, host_now(moment, skew)),
        certificates=watched.certificates(sections, watch),
        kernel_events=read.kernel_events,
        unread=sections.unread,
    )


def parse_who(output: bytes, mark: str) -> tuple[Identity, str]:
    """Machine id, serial and boot id of a short look. Raises `NoLook`."""
    sections = Sections(output, mark)
    uname = sections.lines("uname")
    if END not in sections or not uname:
        raise NoLook
    read = (linux if uname[0].strip() == "Linux" else bsd).read_who(sections)
    return Identity(machine=_plain(read.machine_id), serial=_plain(read.serial)), _plain(read.boot_id)


def host_now(moment: Moment, skew: float | None) -> datetime:
    """The host's own clock at the look: ages of its files are told by it."""
    return moment.at if skew is None else moment.first + timedelta(seconds=skew)


def _clock(text: str, moment: Moment) -> tuple[float | None, float | None]:
    """The host's clock minus ours, and how wrong that can be."""
    match = _CLOCK.fullmatch(text)
    if match is None:
        raise ValueError(text[:20])
    theirs = real(match["whole"])
    trip = max(0.0, (moment.first - moment.asked).total_seconds())
    if match["nano"]:
        theirs += int(match["nano"]) / 1e9
        error = trip / 2
    else:
        # Whole seconds: anywhere within the second.
        theirs += 0.5
        error = trip / 2 + 0.5
    skew = theirs - (moment.asked.timestamp() + trip / 2)
    return max(-1e9, min(1e9, skew)), error


def _plain(text: str) -> str:
    return text.strip()[:128]
