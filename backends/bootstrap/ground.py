"""The folders that a profile stands on, made safe; also where its home cannot be written."""

from __future__ import annotations

import contextlib
import hashlib
import os
import tempfile
from pathlib import Path
from typing import Final

import msgspec

from backends.config.paths import APP, PathRefused, Places, faults, places, secure
from backends.config.schema import Config, Profile
from backends.private import make_folder

LOCK_NAME: Final = "engine.lock"


def ground(profile: Profile) -> Places:
    """The profile's places, made where they are missing and found to be nobody else's. Raises `PathRefused`.

    Where the state folder cannot be made or written (a read-only home), socket and lock are in the temporary folder:
    the engine then works from memory.
    """
    where = places(profile)
    secure(where)
    if writable(where.state):
        return where
    if where.runtime == where.state:
        digest = hashlib.blake2b(os.fsencode(where.state), digest_size=6).hexdigest()
        runtime = Path(tempfile.gettempdir()) / f"{APP}-{os.geteuid()}-{digest}"
        where = msgspec.structs.replace(where, runtime=runtime)
    make_folder(where.runtime)
    for fault in faults(where):
        raise PathRefused(fault)
    return where


def configuration(profile: Profile) -> Config:
    """See `bootstrap.load_config`."""
    from backends.config.load import load  # noqa: PLC0415 - the engine's client needs none of this
    from backends.registry import Kinds  # noqa: PLC0415

    where = ground(profile)
    return load(where.config, Kinds(), must_exist=where.own_config)


def lock_of(where: Places) -> Path:
    """The file whose lock makes a process the engine of the profile."""
    return where.lock if writable(where.state) else where.runtime / LOCK_NAME


def tidy(where: Places) -> None:
    """Remove a socket's folder of its own that is empty again."""
    if where.runtime != where.state:
        with contextlib.suppress(OSError):
            where.runtime.rmdir()


def writable(folder: Path) -> bool:
    """Whether files can be made in `folder`, as far as that shows beforehand."""
    return os.access(folder, os.W_OK | os.X_OK)
