"""Files and folders that only their owner can read or change, whatever the umask says.

Making is separate from judging: `make_folder`, `open_file` and `write_file` make; `fault_of` says what is wrong with
something that is there already, with the one command line that puts it right.
"""

from __future__ import annotations

import contextlib
import os
import shlex
import stat
from pathlib import Path
from typing import Final

from msgspec import Struct

FOLDER_MODE: Final = 0o700
FILE_MODE: Final = 0o600
_OTHERS_MAY_WRITE: Final = stat.S_IWGRP | stat.S_IWOTH


class Unsafe(Struct, frozen=True, kw_only=True):
    """Why a path must not be trusted."""

    path: Path
    sentence: str
    remedy: str
    """The exact command line that puts it right."""

    def __str__(self) -> str:
        return f"{self.sentence} Put it right with: {self.remedy}"


class PathRefused(Exception):  # noqa: N818 - a refusal, not a mistake of the program
    """Somebody else could read or change what only its owner may. The text has the remedy in it."""

    def __init__(self, unsafe: Unsafe) -> None:
        super().__init__(str(unsafe))
        self.unsafe = unsafe


def make_folder(path: Path) -> None:
    """Make `path` and the folders above that are missing, each 0700. Raises `OSError`."""
    missing = []
    folder = path
    while not os.path.lexists(folder):
        missing.append(folder)
        folder = folder.parent
    for folder in reversed(missing):
        with contextlib.suppress(FileExistsError):  # another process was quicker; it makes the same folder
            folder.mkdir(mode=FOLDER_MODE)
            folder.chmod(FOLDER_MODE)
    if missing and not path.is_dir():
        raise NotADirectoryError(20, "Not a directory", str(path))


def open_file(path: Path, flags: int) -> int:
    """A descriptor of `path`, made 0600 when it is new; a symbolic link is never followed. Raises `OSError`."""
    fd = os.open(path, flags | os.O_NOFOLLOW | os.O_CLOEXEC, FILE_MODE)
    try:
        if stat.S_IMODE(os.fstat(fd).st_mode) != FILE_MODE and flags & os.O_CREAT:
            os.fchmod(fd, FILE_MODE)
    except OSError:
        os.close(fd)
        raise
    return fd


def write_file(path: Path, content: bytes, mode: int = FILE_MODE) -> None:
    """Replace `path` by `content` in one step: after a crash there is the old file or the new one. Raises `OSError`."""
    import tempfile  # noqa: PLC0415 - the first paint reads, it does not write

    fd, name = tempfile.mkstemp(prefix=f".{path.name}.", dir=path.parent)
    try:
        with os.fdopen(fd, "wb") as file:
            os.fchmod(file.fileno(), mode)
            file.write(content)
            file.flush()
            os.fsync(file.fileno())
        Path(name).replace(path)
    except BaseException:
        with contextlib.suppress(OSError):
            Path(name).unlink()
        raise
    sync_folder(path.parent)


def sync_folder(folder: Path) -> None:
    """Make names that were added to or taken from `folder` durable."""
    fd = os.open(folder, os.O_RDONLY | os.O_CLOEXEC)
    try:
        os.fsync(fd)
    finally:
        os.close(fd)


def fault_of(path: Path, what: str, uid: int | None = None) -> Unsafe | None:
    """Why `path` (`what` names it in the sentence) is not ours alone to change; None when it is, or is not there.

    The folders above count too: who can write there can put another in its place.
    """
    owner = os.geteuid() if uid is None else uid
    try:
        info = path.lstat()
    except (FileNotFoundError, NotADirectoryError):
        return None
    except PermissionError:
        return _closed_fault(path, what, owner)
    if found := _own_fault(path, what, info, owner):
        return found
    for parent in path.resolve().parents:
        if found := _parent_fault(parent, what, owner):
            return found
    return None


def _closed_fault(path: Path, what: str, owner: int) -> Unsafe:
    """The way to `path` ends at a folder that does not let us in: most often HOME is still another user's."""
    closed, info = path.parent, None
    for closed in path.parents:
        with contextlib.suppress(PermissionError):
            info = closed.lstat()
            break
    quoted = shlex.quote(str(closed))
    if info is not None and info.st_uid == owner:
        remedy = f"chmod u+rwx {quoted}"
    elif Path(os.environ.get("HOME", "")).is_relative_to(closed):
        remedy = f"export HOME=~{_login()}"
    else:
        remedy = f"sudo chmod a+x {quoted}"
    return Unsafe(path=closed, sentence=f"The folder {closed} above the {what} does not let you in.", remedy=remedy)


def _own_fault(path: Path, what: str, info: os.stat_result, owner: int) -> Unsafe | None:
    quoted = shlex.quote(str(path))
    if stat.S_ISLNK(info.st_mode):
        target = shlex.quote(str(path.resolve()))
        remedy = f"rm {quoted} && mv {target} {quoted}" if path.exists() else f"rm {quoted}"
        return Unsafe(
            path=path,
            sentence=f"The {what} {path} is a symbolic link, so that somebody else may decide where it leads.",
            remedy=remedy,
        )
    if info.st_uid != owner:
        return Unsafe(
            path=path,
            sentence=f"The {what} {path} belongs to another user (uid {info.st_uid}).",
            remedy=f"sudo chown {shlex.quote(_login())} {quoted}",
        )
    if info.st_mode & _OTHERS_MAY_WRITE:
        return Unsafe(
            path=path, sentence=f"The {what} {path} can be changed by other users.", remedy=f"chmod go-w {quoted}"
        )
    return None


def _parent_fault(parent: Path, what: str, owner: int) -> Unsafe | None:
    info = parent.stat()
    quoted = shlex.quote(str(parent))
    if info.st_uid not in (0, owner):
        return Unsafe(
            path=parent,
            sentence=f"The folder {parent} above the {what} belongs to another user (uid {info.st_uid}).",
            remedy=f"sudo chown {shlex.quote(_login())} {quoted}",
        )
    writable = info.st_mode & _OTHERS_MAY_WRITE
    # A group of the owner's own number is the owner's private group on systems that make one for everybody.
    private_group = writable == stat.S_IWGRP and info.st_gid == info.st_uid
    if writable and not private_group and not info.st_mode & stat.S_ISVTX:
        return Unsafe(
            path=parent,
            sentence=f"The folder {parent} above the {what} can be changed by other users.",
            remedy=f"chmod go-w {quoted}",
        )
    return None


def _login() -> str:
    import getpass  # noqa: PLC0415 - for a sentence that is rarely needed

    try:
        return getpass.getuser()
    except (OSError, KeyError):  # a user id without a name, as in some containers
        return str(os.geteuid())
