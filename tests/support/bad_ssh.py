"""Things on loopback that only look like an SSH server, and a wire that can be cut."""

from __future__ import annotations

import contextlib
import selectors
import socket
import struct
import threading
from collections.abc import Iterator

from tests.support.ports import free_port


class _Listener:
    """Accepts on an address of its own in a thread and keeps every connection until it is closed."""

    def __init__(self, address: str, port: int = 0) -> None:
        self.address = address
        self._listener = socket.socket()
        self._listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        self._listener.bind((address, port or free_port(address)))
        self._listener.listen(256)
        self.port: int = self._listener.getsockname()[1]
        self.accepted = 0
        self._open: list[socket.socket] = []
        self._lock = threading.Lock()
        self._ended = threading.Event()
        self._thread = threading.Thread(target=self._accept, daemon=True, name=f"{type(self).__name__}:{self.port}")
        self._thread.start()

    @property
    def at(self) -> str:
        return f"{self.address}:{self.port}"

    def _accept(self) -> None:
        while not self._ended.is_set():
            try:
                connection, _ = self._listener.accept()
            except OSError:
                return
            self.accepted += 1
            with self._lock:
                self._open.append(connection)
            self.greet(connection)

    def greet(self, connection: socket.socket) -> None:
        """What is done with a new connection."""

    def drop(self) -> int:
        """Reset every connection now; gives how many there were."""
        with self._lock:
            gone, self._open = self._open, []
        for connection in gone:
            _reset(connection)
        return len(gone)

    def close(self) -> None:
        self._ended.set()
        with contextlib.suppress(OSError):
            self._listener.shutdown(socket.SHUT_RDWR)
        self._listener.close()
        self.drop()
        self._thread.join(5)


def _reset(connection: socket.socket) -> None:
    with contextlib.suppress(OSError):
        connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
    with contextlib.suppress(OSError):
        # A thread that waits on it wakes; close alone would leave it.
        connection.shutdown(socket.SHUT_RD)
    connection.close()


class Silent(_Listener):
    """Accepts and says nothing."""


class BannerOnly(_Listener):
    """Sends an SSH banner, then nothing."""

    def greet(self, connection: socket.socket) -> None:
        connection.sendall(b"SSH-2.0-OpenSSH_9.2p1\r\n")


class NotSsh(_Listener):
    """Answers like a web server."""

    def greet(self, connection: socket.socket) -> None:
        connection.sendall(b"HTTP/1.1 400 Bad Request\r\nConnection: close\r\n\r\n")


class Dripping(_Listener):
    """Sends its banner one byte a second."""

    def greet(self, connection: socket.socket) -> None:
        threading.Thread(target=self._drip, args=(connection,), daemon=True).start()

    def _drip(self, connection: socket.socket) -> None:
        for byte in b"SSH-2.0-OpenSSH_9.2p1 very slowly\r\n":
            try:
                connection.sendall(bytes((byte,)))
            except OSError:
                return
            if self._ended.wait(1.0):
                return


class Refused:
    """A port that is taken and does not listen: every connection is refused, and nobody else can take it."""

    def __init__(self, address: str) -> None:
        self.address = address
        self._holder = socket.socket()
        self._holder.bind((address, free_port(address)))
        self.port: int = self._holder.getsockname()[1]

    @property
    def at(self) -> str:
        return f"{self.address}:{self.port}"

    def close(self) -> None:
        self._holder.close()


class Wire(_Listener):
    """Passes bytes on to another port of the same address, until it is told to drop or to hold them."""

    def __init__(self, address: str, target: int) -> None:
        self._target = target
        self._held = threading.Event()
        self.passed = 0
        """Bytes from the server so far."""
        super().__init__(address)

    def greet(self, connection: socket.socket) -> None:
        try:
            onward = socket.create_connection((self.address, self._target), timeout=10)
        except OSError:
            _reset(connection)
            return
        onward.settimeout(None)
        with self._lock:
            self._open.append(onward)
        threading.Thread(target=self._pass, args=(connection, onward), daemon=True).start()

    def hold(self) -> None:
        """Pass nothing on any more, and tell nobody: a cable that was pulled."""
        self._held.set()

    def release(self) -> None:
        self._held.clear()

    def _pass(self, near: socket.socket, far: socket.socket) -> None:
        with selectors.DefaultSelector() as selector:
            selector.register(near, selectors.EVENT_READ, far)
            selector.register(far, selectors.EVENT_READ, near)
            with contextlib.suppress(OSError, ValueError, KeyError):
                for data, to, from_server in self._pieces(selector, far):
                    self.passed += len(data) if from_server else 0
                    to.sendall(data)
        for end in (near, far):
            with self._lock:
                known = end in self._open
                if known:
                    self._open.remove(end)
            if known:
                end.close()

    def _pieces(
        self, selector: selectors.BaseSelector, far: socket.socket
    ) -> Iterator[tuple[bytes, socket.socket, bool]]:
        while True:
            for key, _ in selector.select(timeout=1.0):
                source = key.fileobj
                assert isinstance(source, socket.socket)
                if self._held.is_set():
                    self._ended.wait(0.05)
                    continue
                data = source.recv(65536)
                if not data:
                    return
                yield data, key.data, source is far
