"""The operating system's keyring, and no other: a backend that somebody slipped in gets no secret to see.

The library's own search for a backend is not used. It imports whatever a variable, a file or an installed package
names. Here a fixed list of classes is tried, and a choice by variable or file is followed within that list only.
Every call runs in one thread of its own with a limit, since a keyring may wait for a person or for ever.
"""

from __future__ import annotations

import asyncio
import configparser
import importlib
import os
import queue
import threading
from collections.abc import Callable
from concurrent.futures import Future
from typing import TYPE_CHECKING, Final, TypeVar

from backends.secrets import OTHER_WAYS, trouble
from backends.text import safe

if TYPE_CHECKING:
    from keyring.backend import KeyringBackend

Result = TypeVar("Result")

SERVICE: Final = "rounds"
LIMIT_S: Final = 5.0
ALLOWED: Final = (
    "keyring.backends.macOS.Keyring",
    "keyring.backends.Windows.WinVaultKeyring",
    "keyring.backends.SecretService.Keyring",
    "keyring.backends.libsecret.Keyring",
    "keyring.backends.kwallet.DBusKeyring",
    "keyring.backends.kwallet.DBusKeyringKWallet4",
)
"""Stores that keep secrets encrypted, in the order in which they are tried."""
_CHAIN: Final = "keyring.backends.chainer.ChainerBackend"
"""`all that work, best first`: which is what is done here anyway."""


async def fetch(source: str) -> str:
    """The secret that is kept for `source`. Raises `SourceError(SECRET)`."""
    value = await _limited(lambda: backend().get_password(SERVICE, source))
    if not value:
        raise trouble(f"The keyring has no secret for {source}: run `rounds login {source}`, or {OTHER_WAYS}.")
    return value


async def keep(source: str, value: str) -> None:
    """Store, and read back: some backends take everything and keep nothing."""

    def stored() -> bool:
        keyring = backend()
        keyring.set_password(SERVICE, source, value)
        return keyring.get_password(SERVICE, source) == value

    if not await _limited(stored):
        raise trouble(f"The keyring took the secret of {source} and did not give it back: {OTHER_WAYS}.")


async def forget(source: str) -> None:
    def deleted() -> None:
        keyring = backend()
        if keyring.get_password(SERVICE, source) is not None:
            keyring.delete_password(SERVICE, source)

    await _limited(deleted)


def probe() -> None:
    """Ask for something, to see whether an answer comes. Raises `SourceError(SECRET)`."""
    try:
        _worker.submit(lambda: backend().get_password(SERVICE, "doctor")).result(LIMIT_S)
    except TimeoutError:
        raise _silent() from None


def backend() -> KeyringBackend:
    """The keyring in use. Raises `SourceError(SECRET)`. May wait for the system's bus: for the worker only."""
    for name in _candidates():
        module, _, class_name = name.rpartition(".")
        try:
            kind = getattr(importlib.import_module(module), class_name)
            if kind.viable:
                keyring: KeyringBackend = kind()
                return keyring
        except (ImportError, AttributeError, RuntimeError):  # made for another system
            continue
    raise trouble(f"This system has no keyring that can be used: {OTHER_WAYS}.")


def _candidates() -> tuple[str, ...]:
    """The classes to try. A choice that is not on the list is refused, not passed over: somebody meant it."""
    for place, name in (("the variable PYTHON_KEYRING_BACKEND", _by_variable()), _by_file()):
        if name and name != _CHAIN:
            if name not in ALLOWED:
                raise trouble(
                    f"{place} chooses the keyring {safe(name, 80)}, which rounds does not give secrets to: "
                    f"take that out, or {OTHER_WAYS}."
                )
            return (name,)
    return ALLOWED


def _by_variable() -> str:
    return os.environ.get("PYTHON_KEYRING_BACKEND", "").strip()


def _by_file() -> tuple[str, str]:
    """The file `keyringrc.cfg`, and what it chooses; its path of modules counts as a choice that is not allowed."""
    from keyring.util import platform_  # noqa: PLC0415 - keyring is heavy

    path = platform_.config_root() / "keyringrc.cfg"
    parser = configparser.RawConfigParser()
    try:
        parser.read(path, encoding="utf-8")
        if parser.get("backend", "keyring-path", fallback=""):
            return str(path), "of a path of its own"
        return str(path), parser.get("backend", "default-keyring", fallback="").strip()
    except (configparser.Error, OSError, UnicodeDecodeError):
        return str(path), "that cannot be read"


class _Worker:
    """One daemon thread for all calls: a keyring that hangs costs one thread, and does not hold up the end."""

    def __init__(self) -> None:
        self._calls: queue.SimpleQueue[Callable[[], None]] = queue.SimpleQueue()
        self._thread: threading.Thread | None = None
        self._lock = threading.Lock()

    def submit(self, call: Callable[[], Result]) -> Future[Result]:
        future: Future[Result] = Future()

        def run() -> None:
            if future.set_running_or_notify_cancel():
                try:
                    future.set_result(_translated(call))
                except BaseException as error:  # noqa: BLE001 - handed on to who waits
                    future.set_exception(error)

        self._calls.put(run)
        with self._lock:
            if self._thread is None:
                self._thread = threading.Thread(target=self._work, name="keyring", daemon=True)
                self._thread.start()
        return future

    def _work(self) -> None:
        while True:
            self._calls.get()()


_worker = _Worker()


async def _limited(call: Callable[[], Result]) -> Result:
    future = _worker.submit(call)
    try:
        async with asyncio.timeout(LIMIT_S):
            return await asyncio.wrap_future(future)
    except TimeoutError:
        raise _silent() from None


def _silent() -> Exception:
    return trouble(
        f"The keyring does not answer; it may be waiting to be unlocked. Unlock it on the desktop, or {OTHER_WAYS}."
    )


def _translated(call: Callable[[], Result]) -> Result:
    from keyring.errors import InitError, KeyringError, KeyringLocked  # noqa: PLC0415 - keyring is heavy

    try:
        return call()
    except (InitError, KeyringLocked):
        raise trouble(f"The keyring needs to be unlocked: unlock it, or {OTHER_WAYS}.") from None
    except KeyringError as error:
        # Its text may quote what was stored; its type does not.
        raise trouble(f"The keyring failed ({type(error).__name__}): {OTHER_WAYS}.") from None
