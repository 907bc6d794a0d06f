"""The server of the kind `stock`, which stands for any product that is connected by an address and a token."""

from __future__ import annotations

import contextlib
import json
import ssl
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any, Final

from tests.support.office import ROOT, Office

PACKAGE: Final = ROOT / "tests" / "support" / "stock"
TOKEN: Final = "t0ken-canary-5e7d"
GROUPS: Final = {
    "fs01": ["Clients/Acme Dental/HQ"],
    "web01": ["Clients/Acme Dental/Depot"],
    "dc01": ["Clients/Baker Law/Main", "Windows"],
    "probe": ["Windows"],
}


class Stockroom:
    """One server; its attributes may be changed while it runs."""

    def __init__(self) -> None:
        self.token = TOKEN
        self.may = {"read": True, "acknowledge problems": True, "run scripts": False}
        self.groups = dict(GROUPS)
        self.url = ""
        self.asked = 0

    def answer(self, token: str) -> tuple[int, Any]:
        self.asked += 1
        if token != f"Bearer {self.token}":
            return 401, {}
        things = [{"name": name, "groups": groups} for name, groups in self.groups.items()]
        return 200, {"version": "Stock 4.2", "account": "reader", "may": self.may, "things": things}


@contextlib.contextmanager
def open_stockroom(context: ssl.SSLContext | None = None) -> Iterator[Stockroom]:
    room = Stockroom()

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def do_GET(self) -> None:
            status, body = room.answer(self.headers.get("Authorization", ""))
            status = status if self.path == "/shelf" else 404
            raw = json.dumps(body).encode()
            self.send_response(status)
            self.send_header("Content-Length", str(len(raw)))
            self.end_headers()
            self.wfile.write(raw)

        def log_message(self, *words: object) -> None:
            pass

    class Server(ThreadingHTTPServer):
        daemon_threads = True

        def handle_error(self, request: object, client_address: object) -> None:
            """A handshake that the client breaks off is what some tests are about."""

    server = Server(("127.0.0.1", 0), Handler)
    if context is not None:
        server.socket = context.wrap_socket(server.socket, server_side=True, do_handshake_on_connect=False)
    room.url = f"{'https' if context else 'http'}://127.0.0.1:{server.server_address[1]}"
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05}, daemon=True)
    thread.start()
    try:
        yield room
    finally:
        server.shutdown()
        server.server_close()
        thread.join()


def stock_office(home: Path, **more: str) -> Office:
    """An office in which the kind `stock` is installed."""
    office = Office(home)
    office.environment = {**office.environment, "PYTHONPATH": f"{ROOT}:{PACKAGE}", **more}
    return office
