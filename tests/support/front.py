"""A web server in front of another one, or of a stand-in: it asks who one is, over TLS where a certificate is given.

Run in threads, beside a test that waits for a program in a terminal.
"""

from __future__ import annotations

import base64
import contextlib
import threading
import urllib.request
from collections.abc import Callable, Iterator, Mapping
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.error import HTTPError

from tests.support.certificates import Issued
from tests.support.replayed import Asked, Said
from tests.support.tls_front import fronted

Answer = Callable[[Asked], Said]


def passed_on(url: str) -> Answer:
    """What the server at `url` answers to the same GET, without what was said of who asks."""

    def answer(asked: Asked) -> Said:
        try:
            with urllib.request.urlopen(f"{url}{asked.path}?{asked.query}", timeout=20) as found:
                return Said(body=found.read(), content_type=found.headers.get("Content-Type", ""))
        except HTTPError as error:
            with error:
                return Said(body=error.read(), status=error.code, content_type="text/plain")

    return answer


def guarded(answer: Answer, lets_in: Mapping[str, int]) -> Answer:
    """Who shows one of these values as `Authorization` gets that status, and the answer where it is 200; others 401."""

    def checked(asked: Asked) -> Said:
        status = lets_in.get(asked.headers.get("authorization", ""), 401)
        return answer(asked) if status == 200 else Said(body=b"no", status=status, content_type="text/plain")

    return checked


def basic(user: str, password: str) -> str:
    """RFC 7617."""
    return f"Basic {base64.b64encode(f'{user}:{password}'.encode()).decode('ascii')}"


@contextlib.contextmanager
def front(answer: Answer, shown: Issued | None = None) -> Iterator[str]:
    """Its address, while it runs."""

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            path, _, query = self.path.partition("?")
            body = self.rfile.read(int(self.headers.get("Content-Length", "0")))
            headers = {name.lower(): value for name, value in self.headers.items()}
            said = answer(Asked(method=self.command, path=path, query=query, headers=headers, body=body))
            self.send_response(said.status)
            named = {"Content-Type": said.content_type, "Content-Length": str(len(said.body)), **said.headers}
            for name, value in named.items():
                self.send_header(name, value)
            self.end_headers()
            self.wfile.write(said.body)

        do_POST = do_GET  # noqa: N815 - named by http.server

        def log_message(self, *words: object) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    running = threading.Thread(target=server.serve_forever, daemon=True)
    running.start()
    try:
        url = f"http://127.0.0.1:{server.server_port}"
        with fronted(url, shown) if shown else contextlib.nullcontext(url) as at:
            yield at
    finally:
        server.shutdown()
        running.join(10)
        server.server_close()
