"""Pure: what a look says of the services, processes, files and certificates that are watched."""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import datetime
from functools import partial
from typing import Final

from cryptography import x509

from backends.adapters.ssh.sections import Sections, whole
from backends.adapters.ssh.watch import Watch
from backends.fleet.host import Certificate, Service, WatchedFile, WatchedProcess

_PEM: Final = re.compile(r"-----BEGIN [A-Z ]*CERTIFICATE-----\n.*?\n-----END [A-Z ]*CERTIFICATE-----", re.DOTALL)
_COMMAND_NAME: Final = 15
"""Characters of a program's name that Linux keeps."""
_CERTIFICATES: Final = 8


def services(sections: Sections, watch: Watch) -> tuple[Service, ...]:
    """The watched ones in their order, then those that failed."""
    if "failed" not in sections:
        return sections.read("services", lambda: tuple(_scripts(sections, watch)), ())
    known = sections.read("systemd", lambda: tuple(_units(sections, watch)), ())
    return (*known, *_failed(sections, {_unit(name) for name in watch.services}))


def _scripts(sections: Sections, watch: Watch) -> Iterator[Service]:
    """`number code said`: the exit codes of LSB init scripts."""
    for line in sections.lines("services"):
        number, code, said = (*line.split(" ", 2), "")[:3]
        state = {"0": "running", "3": "stopped", "missing": "missing", "1": "failed", "2": "failed", "32": "failed"}
        told = state.get(code, "unknown")
        # BSD scripts know two codes only, and old upstart jobs say it in words.
        if told == "failed" and re.search(r"\bis not running\b|\(failed\)|stopped", said):
            told = "stopped"
        if told == "running" and "stop/waiting" in said:
            told = "stopped"
        yield Service(name=watch.services[whole(number)], state=told, watched=True, detail=said.strip()[:200])


def _units(sections: Sections, watch: Watch) -> Iterator[Service]:
    """Blocks of `Property=value`, one a unit in the order asked for."""
    blocks: list[dict[str, str]] = [{}]
    for line in [*(raw.strip() for raw in sections.raw("systemd")), ""]:
        key, found, value = line.partition("=")
        if found:
            blocks[-1][key] = value
        elif blocks[-1]:
            blocks.append({})
    for name, block in zip(watch.services, blocks, strict=False):
        if block:
            yield Service(name=name, state=_unit_state(block), watched=True, detail=_unit_detail(block))


def _unit_state(block: dict[str, str]) -> str:
    if block.get("LoadState") == "not-found":
        return "missing"
    states = {"active": "running", "reloading": "running", "inactive": "stopped", "failed": "failed"}
    # A unit that restarts for ever is never running for long.
    if block.get("SubState") == "auto-restart":
        return "failed"
    return states.get(block.get("ActiveState", ""), "unknown")


def _unit_detail(block: dict[str, str]) -> str:
    result = block.get("Result", "")
    words = [block.get("ActiveState", ""), block.get("SubState", ""), "" if result == "success" else result]
    return ", ".join(word for word in words if word)


def _failed(sections: Sections, watched: set[str]) -> Iterator[Service]:
    for line in sections.lines("failed"):
        words = line.replace("●", " ").replace("*", " ").split()
        if words and words[0].endswith(".service") and words[0] not in watched:
            name = words[0].removesuffix(".service")
            yield Service(name=name, state="failed", watched=False, detail=" ".join(words[4:])[:200])


def _unit(name: str) -> str:
    return name if "." in name.rsplit("@", maxsplit=1)[-1] and name.endswith(".service") else f"{name}.service"


def processes(sections: Sections, watch: Watch, counts: dict[str, int] | None) -> tuple[WatchedProcess, ...]:
    """How often each watched process runs; those that could not be counted are left out."""
    lines: dict[int, int] = sections.read("watched-processes", lambda: dict(_numbered(sections)), {})
    found: list[WatchedProcess] = []
    for number, name in enumerate(watch.processes):
        if " " in name or "/" in name:
            if number in lines:
                found.append(WatchedProcess(name=name, count=lines[number]))
        elif counts is not None:
            # macOS tells up to its full name, Linux only the beginning.
            short = counts.get(name[:_COMMAND_NAME], 0) if len(name) > _COMMAND_NAME else 0
            found.append(WatchedProcess(name=name, count=counts.get(name, 0) or short))
    return tuple(found)


def _numbered(sections: Sections) -> Iterator[tuple[int, int]]:
    for line in sections.lines("watched-processes"):
        number, count = line.split()
        yield whole(number), whole(count)


def files(sections: Sections, watch: Watch, now: datetime) -> tuple[WatchedFile, ...]:
    """Files by the host's own clock `now`; those in folders that we may not enter are unread."""
    found: list[WatchedFile] = []
    for line in sections.lines("files"):
        file = sections.read("files", partial(_file, line, watch, now), None)
        if file is not None:
            found.append(file)
    return tuple(found)


def _file(line: str, watch: Watch, now: datetime) -> WatchedFile:
    number, *rest = line.split()
    path = watch.files[whole(number)]
    if rest == ["missing"]:
        return WatchedFile(path=path, exists=False)
    size, changed = rest
    age = now.timestamp() - int(changed)
    return WatchedFile(path=path, exists=True, size_bytes=whole(size), age_s=max(0.0, min(age, 1e10)))


def certificates(sections: Sections, watch: Watch) -> tuple[Certificate, ...]:
    return tuple(
        _certificate(path, sections, f"certificate {number}")
        for number, path in enumerate(watch.certificates)
        if f"certificate {number}" in sections
    )


def _certificate(path: str, sections: Sections, name: str) -> Certificate:
    word, *rest = sections.lines(name) or [""]
    if word != "read":
        return Certificate(path=path, expires=None, problem=_PROBLEMS.get(word, "it could not be read"))
    found: list[tuple[datetime, str]] = []
    for pem in _PEM.findall("\n".join(rest))[:_CERTIFICATES]:
        try:
            certificate = x509.load_pem_x509_certificate(pem.replace("TRUSTED CERTIFICATE", "CERTIFICATE").encode())
            found.append((certificate.not_valid_after_utc, _common_name(certificate)))
        except (ValueError, x509.InvalidVersion):
            return Certificate(path=path, expires=None, problem="the certificate in it is damaged")
    if not found:
        return Certificate(path=path, expires=None, problem="there is no PEM certificate in it")
    # A chain is as good as its weakest link.
    expires, subject = min(found)
    return Certificate(path=path, expires=expires, subject=subject)


_PROBLEMS: Final = {
    "missing": "there is no such file",
    "hidden": "we may not read it",
    "special": "it is no ordinary file",
}


def _common_name(certificate: x509.Certificate) -> str:
    try:
        names = certificate.subject.get_attributes_for_oid(x509.NameOID.COMMON_NAME)
        return str(names[0].value)[:128] if names else ""
    except ValueError:
        return ""
