"""The log and the crash reports: one record a line, in files of the owner's, with no secret in them."""

from __future__ import annotations

import logging
import os
import sys
import tempfile
import time
import traceback
from io import FileIO, TextIOWrapper
from logging.handlers import RotatingFileHandler
from pathlib import Path
from typing import Final

from backends.private import fault_of, make_folder, open_file
from backends.redaction import redacted
from backends.text import safe

__all__ = ["attach", "detach", "redacted", "write_crash"]

LARGEST_BYTES: Final = 2 * 1024 * 1024
KEPT: Final = 3
LINE_COLUMNS: Final = 4096
CRASHES_KEPT: Final = 20
_CHATTY: Final = ("httpx", "httpcore", "asyncssh", "asyncio", "keyring", "textual")
"""Libraries that write whole URLs, commands or terminal traffic below WARNING."""

_crashes: Path | None = None


class OneLine(logging.Formatter):
    """Time in UTC, level, logger, message and traceback as one line that is safe to show and holds no secret."""

    default_time_format = "%Y-%m-%dT%H:%M:%S"
    default_msec_format = "%s.%03dZ"

    def __init__(self) -> None:
        super().__init__("%(asctime)s %(levelname)s %(name)s: %(message)s")
        self.converter = time.gmtime

    def format(self, record: logging.LogRecord) -> str:
        try:
            text = super().format(record)
        except (TypeError, ValueError, KeyError):  # arguments that do not fit their message must not cost the record
            text = f"{self.formatTime(record)} {record.levelname} {record.name}: {record.msg!r}"
        return safe(redacted(text), LINE_COLUMNS)

    def formatException(self, ei: object) -> str:  # noqa: N802 - the name that logging calls
        error = ei[1] if isinstance(ei, tuple) else None
        return _trace(error) if isinstance(error, BaseException) else ""


class PrivateFile(RotatingFileHandler):
    """A rotating file, 0600 from its first byte; a log that cannot be written is silent, it never stops the program."""

    def _open(self) -> TextIOWrapper:
        fd = open_file(Path(self.baseFilename), os.O_WRONLY | os.O_APPEND | os.O_CREAT)
        return TextIOWrapper(FileIO(fd, "a"), encoding="utf-8", errors="backslashreplace", write_through=True)

    def handleError(self, record: logging.LogRecord) -> None:  # noqa: N802 - the name that logging calls
        """A full disk is told by the store."""


def attach(path: Path, crashes: Path, level: int = logging.INFO) -> None:
    """From now on everything that is logged goes to `path` alone, and crash reports to the folder `crashes`. A place
    that cannot be written is no error: then nothing is logged."""
    global _crashes  # noqa: PLW0603 - as the log itself, one for the process
    _crashes = crashes
    handler: logging.Handler
    try:
        make_folder(path.parent)
        handler = PrivateFile(path, maxBytes=LARGEST_BYTES, backupCount=KEPT, encoding="utf-8")
    except OSError:
        handler = logging.NullHandler()
    handler.setFormatter(OneLine())
    root = logging.getLogger()
    for old in root.handlers[:]:
        root.removeHandler(old)
        old.close()
    root.addHandler(handler)
    root.setLevel(level)
    for name in _CHATTY:
        logging.getLogger(name).setLevel(max(level, logging.WARNING))
    logging.captureWarnings(capture=True)


def detach() -> None:
    """Log nowhere, and let go of the file."""
    root = logging.getLogger()
    for handler in root.handlers[:]:
        if isinstance(handler, PrivateFile | logging.NullHandler):
            root.removeHandler(handler)
            handler.close()
    logging.captureWarnings(capture=False)


def write_crash(error: BaseException, folder: Path | None = None) -> Path | None:
    """Write where `error` came from, without the values of variables, to a file of its own (0600), and give its path;
    None when no place could be written."""
    text = safe(f"{type(error).__module__}.{type(error).__qualname__}", 256)
    head = f"rounds crashed: {text}\npython {sys.version.split()[0]} on {sys.platform}\n\n"
    body = head + "\n".join(safe(line, LINE_COLUMNS) for line in redacted(_trace(error)).split("\n")) + "\n"
    for place in filter(None, (folder, _crashes, _temporary())):
        try:
            return _write(place, body)
        except OSError:
            continue
    return None


def _write(folder: Path, body: str) -> Path:
    make_folder(folder)
    if fault := fault_of(folder, "folder"):
        raise PermissionError(str(fault))
    for old in sorted(folder.glob("crash-*.txt"))[: -CRASHES_KEPT + 1]:
        old.unlink(missing_ok=True)
    stamp = time.strftime("%Y%m%dT%H%M%SZ", time.gmtime())
    path = folder / f"crash-{stamp}-{os.getpid()}.txt"
    with os.fdopen(open_file(path, os.O_WRONLY | os.O_CREAT | os.O_TRUNC), "w", encoding="utf-8") as file:
        file.write(body)
    return path


def _temporary() -> Path:
    return Path(tempfile.gettempdir()) / f"rounds-crashes-{os.geteuid()}"


def _trace(error: BaseException) -> str:
    """Files, lines, functions and messages; never locals, and no more than the last frames of a deep recursion."""
    return "".join(traceback.TracebackException.from_exception(error, limit=-50, capture_locals=False).format())
