"""Where a profile keeps its things: configuration, state, log, known hosts, and the engine's socket.

`places` only computes. `secure` refuses what others could change, and makes the folders (0700) that are missing.
"""

from __future__ import annotations

import hashlib
import os
import re
import tempfile
from pathlib import Path
from typing import Final

import msgspec
from msgspec import Struct

from backends.config.schema import Profile
from backends.private import PathRefused, Unsafe, fault_of, make_folder

__all__ = ["PathRefused", "Places", "Unsafe", "faults", "places", "secure"]

APP: Final = "rounds"
SOCKET_BYTES: Final = 100
"""AF_UNIX addresses hold 104 bytes on some systems; a few are left for a temporary name beside the socket."""
_PROFILE_NAME: Final = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,63}")


class Places(Struct, frozen=True, kw_only=True):
    """The paths of one profile; none of them need be there."""

    profile: Profile
    config: Path
    """The configuration file."""
    own_config: bool
    """The file was named on the command line, so that it has to be there."""
    state: Path
    """The profile's own folder: store, audit, log, lock. Two profiles never share it."""
    runtime: Path
    """Where the socket is: `state`, or a folder in the temporary one when its path is too long for a socket."""

    @property
    def socket(self) -> Path:
        return self.runtime / "engine.sock"

    @property
    def lock(self) -> Path:
        return self.state / "engine.lock"

    @property
    def log(self) -> Path:
        return self.state / "rounds.log"

    @property
    def audit(self) -> Path:
        return self.state / "audit.jsonl"

    @property
    def known_hosts(self) -> Path:
        return self.state / "known_hosts"

    @property
    def crashes(self) -> Path:
        """The folder of crash reports."""
        return self.state / "crashes"


def places(profile: Profile) -> Places:
    """Where `profile` keeps its things. Reads HOME and the XDG variables, changes nothing. Raises `ValueError` with a
    sentence for a name that cannot be one of a file."""
    from platformdirs import PlatformDirs  # noqa: PLC0415 - not for those who only need the schema

    if not _PROFILE_NAME.fullmatch(profile.name):
        raise ValueError(
            f"{profile.name!r} cannot be the name of a profile: use letters, digits, dots, dashes and underscores."
        )
    platform = PlatformDirs(APP, appauthor=False)
    if profile.config:
        config = Path(profile.config).expanduser().absolute()
    else:
        file = "config.toml" if profile.name == "default" else f"{profile.name}.toml"
        config = platform.user_config_path / file
    state = platform.user_state_path / _state_name(profile, config)
    return Places(profile=profile, config=config, own_config=bool(profile.config), state=state, runtime=_runtime(state))


def _state_name(profile: Profile, config: Path) -> str:
    """One name a story and configuration: an engine of one must never answer for another."""
    name = profile.name
    if profile.config:
        name += "-" + _digest(os.fsencode(config))
    if profile.demo is not None:
        name = f"demo-{name}-" + _digest(msgspec.json.encode(profile.demo, order="sorted"))
    return name


def _runtime(state: Path) -> Path:
    if len(os.fsencode(state / "engine.sock")) <= SOCKET_BYTES:
        return state
    return Path(tempfile.gettempdir()) / f"{APP}-{os.geteuid()}-{_digest(os.fsencode(state))}"


def _digest(raw: bytes) -> str:
    return hashlib.blake2b(raw, digest_size=6).hexdigest()


def faults(where: Places, uid: int | None = None) -> list[Unsafe]:
    """Everything that somebody else could change, each with its remedy; empty when all is well. Touches nothing."""
    asked = [
        (where.config, "configuration file"),
        (where.state.parent, "state folder"),
        (where.state, "state folder"),
        (where.runtime, "socket's folder"),
    ]
    if not where.own_config:  # a file that was named may lie anywhere; its folder is judged as one above it
        asked.insert(0, (where.config.parent, "configuration folder"))
    found: dict[tuple[Path, str], Unsafe] = {}
    for path, what in asked:
        if fault := fault_of(path, what, uid):
            found.setdefault((fault.path, fault.remedy), fault)
    return list(found.values())


def secure(where: Places) -> None:
    """Refuse (`PathRefused`) what others could change, then make the folders that are missing, each 0700.

    The state folder may turn out to be impossible to make (a read-only home): that is no reason to stop, the store says
    so and works from memory.
    """
    for fault in faults(where):
        raise PathRefused(fault)
    try:
        make_folder(where.state)
        _close_to_others(where.state)
    except OSError:
        return
    if where.runtime != where.state:
        make_folder(where.runtime)
        _close_to_others(where.runtime)
    for fault in faults(where):  # somebody may have been quicker in the temporary folder
        raise PathRefused(fault)


def _close_to_others(folder: Path) -> None:
    """Nobody but the owner looks in either; only ever takes rights away."""
    if folder.stat().st_mode & 0o077:
        folder.chmod(0o700)
