"""Host keys: our own known-hosts file in OpenSSH's format, so that the system's ssh can read it too."""

from __future__ import annotations

import contextlib
from collections.abc import Sequence
from pathlib import Path
from typing import Final

import asyncssh
from msgspec import Struct

from backends.private import make_folder, write_file

PORT: Final = 22
FILE: Final = "known_hosts"
_LARGEST: Final = 16 * 1024 * 1024


class HostKey(Struct, frozen=True, kw_only=True):
    """A host's public key."""

    type: str
    """`ssh-ed25519`."""
    fingerprint: str
    """`SHA256:…`, as OpenSSH prints it."""
    line: str
    """The line for a known-hosts file."""


def host_key(host: str, port: int, key: asyncssh.SSHKey) -> HostKey:
    kind, data = key.export_public_key("openssh").decode("ascii").split()[:2]
    return HostKey(type=kind, fingerprint=key.get_fingerprint(), line=f"{pattern(host, port)} {kind} {data}")


def pattern(host: str, port: int) -> str:
    """How a known-hosts file names a host."""
    return host if port == PORT else f"[{host}]:{port}"


def known_keys(path: Path, host: str, port: int) -> tuple[HostKey, ...]:
    """The keys that were accepted for exactly this host and port; none when the file is not there.

    Lines that are no plain keys of named hosts (hashed names, marked ones) count for nothing.
    """
    wanted = pattern(host, port)
    found: list[HostKey] = []
    for line in _lines(path):
        names, _, key = line.partition(" ")
        if wanted in names.split(","):
            with contextlib.suppress(asyncssh.KeyImportError):
                found.append(host_key(host, port, asyncssh.import_public_key(key)))
    return tuple(found)


def accept_host_key(known_hosts_path: Path, host: str, port: int, key: HostKey) -> None:
    """Trust `key` from now on and no other key of this host. Written whole or not at all, for the owner only."""
    wanted = pattern(host, port)
    kept = [line for line in _lines(known_hosts_path) if wanted not in line.partition(" ")[0].split(",")]
    make_folder(known_hosts_path.parent)
    write_file(known_hosts_path, "\n".join([*kept, key.line, ""]).encode("ascii", "replace"))


def algorithms(known: Sequence[HostKey]) -> tuple[str, ...]:
    """Signature algorithms to ask for, those of known keys first, so that the server shows the key that we know."""
    ours = [name for key in known for name in _SIGNATURES.get(key.type, (key.type,))]
    return tuple(dict.fromkeys((*ours, *(name for names in _SIGNATURES.values() for name in names))))


_SIGNATURES: Final = {
    "ssh-ed25519": ("ssh-ed25519",),
    "ecdsa-sha2-nistp256": ("ecdsa-sha2-nistp256",),
    "ecdsa-sha2-nistp384": ("ecdsa-sha2-nistp384",),
    "ecdsa-sha2-nistp521": ("ecdsa-sha2-nistp521",),
    "ssh-rsa": ("rsa-sha2-512", "rsa-sha2-256"),
}


def _lines(path: Path) -> list[str]:
    try:
        with path.open("rb") as file:
            text = file.read(_LARGEST).decode("utf-8", "replace")
    except FileNotFoundError:
        return []
    return [line.strip() for line in text.split("\n") if line.strip() and not line.lstrip().startswith("#")]
