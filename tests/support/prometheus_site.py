"""Prometheus and Alertmanager that give recorded answers, or what a test wants instead, and keep what was asked."""

from __future__ import annotations

import json
import threading
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlsplit

from backends.adapters.prometheus.options import prometheus_options
from backends.adapters.prometheus.source import PrometheusSource
from backends.api import SourceName, SourceSettings, Timing
from backends.testing import FakeClock

ANSWERS = Path(__file__).parents[1] / "backends" / "adapters" / "prometheus" / "answers"
SECRET = "s3cret"
HERE_ID = "93cfadae-f401-41b3-8876-b8f3eb5c8530"
NOW = datetime(2026, 11, 26, 7, 0, 49, tzinfo=UTC)
"""Just after the answers were recorded."""
USUAL: Mapping[str, str] = {
    "/api/v2/alerts": "am_alerts",
    "/api/v2/status": "am_status",
    "/api/v1/targets": "targets",
    "/api/v1/rules": "rules",
    "/api/v1/alertmanagers": "alertmanagers",
    "/api/v1/status/config": "config",
    "/api/v1/status/buildinfo": "buildinfo",
}


def recorded(name: str) -> Any:
    """A recorded answer as it was decoded."""
    return json.loads((ANSWERS / f"{name}.json").read_text(encoding="utf-8"))


def prom(data: Any) -> dict[str, Any]:
    """`data` as Prometheus wraps it."""
    return {"status": "success", "data": data}


def an_alert(fingerprint: str = "1", **more: Any) -> dict[str, Any]:
    """One alert as Alertmanager tells it; `labels` are added to its name, `status` to its state."""
    labels = {"alertname": "Test", "instance": "db01:9100", **more.pop("labels", {})}
    status = {"state": "active", "silencedBy": [], "inhibitedBy": [], **more.pop("status", {})}
    usual = {"annotations": {}, "receivers": [{"name": "oncall"}], "startsAt": "2026-11-26T07:00:00Z"}
    return {"fingerprint": fingerprint, "labels": labels, "status": status, **usual, **more}


def a_target(instance: str = "db01:9100", health: str = "up", job: str = "node", **more: Any) -> dict[str, Any]:
    usual = {
        "lastError": "" if health == "up" else f'Get "http://{instance}/metrics": dial tcp: connection refused',
        "lastScrape": "2026-11-26T07:00:48Z",
        "lastScrapeDuration": 0.01,
        "scrapeInterval": "15s",
        "scrapeTimeout": "10s",
    }
    return {"labels": {"instance": instance, "job": job, **more.pop("labels", {})}, "health": health, **usual, **more}


class QuickClock(FakeClock):
    """Who sleeps wakes at once, and the time has passed."""

    def __init__(self, start: datetime = NOW) -> None:
        super().__init__(start)
        self.passed = 0.0

    def now(self) -> datetime:
        return super().now() + timedelta(seconds=self.passed)

    def boot_s(self) -> float:
        return super().boot_s() + self.passed

    async def sleep(self, seconds: float) -> None:
        self.passed += max(seconds, 0.0)


class _QuietServer(ThreadingHTTPServer):
    daemon_threads = True

    def handle_error(self, *_: object) -> None:
        """A client that hangs up is what some tests are about."""


class Site:
    """One server that is Alertmanager and Prometheus at once. `answers` by path: a value, sent as JSON with status 200;
    bytes, sent as they are; or a pair of status and either."""

    def __init__(self) -> None:
        self.answers: dict[str, Any] = {path: recorded(name) for path, name in USUAL.items()}
        self.asked: list[tuple[str, str, Mapping[str, list[str]], Any]] = []
        """Method, path, query and body of each request."""
        self.headers: list[Mapping[str, str]] = []
        self.date = NOW
        self._server = _QuietServer(("127.0.0.1", 0), self._handler())
        self._thread = threading.Thread(target=self._server.serve_forever, args=(0.01,), daemon=True)
        self._thread.start()

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self._server.server_address[1]}"

    def paths(self, method: str = "GET") -> list[str]:
        return [path for asked, path, _, _ in self.asked if asked == method]

    def close(self) -> None:
        self._server.shutdown()
        self._server.server_close()
        self._thread.join(10)

    def _answer(self, method: str, path: str) -> tuple[int, bytes]:
        found = self.answers.get(f"{method} {path}", self.answers.get(path, (404, b"404 page not found")))
        status, body = found if isinstance(found, tuple) else (200, found)
        return status, body if isinstance(body, bytes) else json.dumps(body).encode()

    def _handler(site) -> type[BaseHTTPRequestHandler]:  # noqa: N805 - `self` is the handler's
        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.0"  # a connection for each request, so that none is left at the end

            def _do(self) -> None:
                url = urlsplit(self.path)
                length = int(self.headers.get("Content-Length", 0))
                body = self.rfile.read(length) if length else b""
                site.headers.append(dict(self.headers.items()))
                site.asked.append((self.command, url.path, parse_qs(url.query), json.loads(body) if body else None))
                status, content = site._answer(self.command, url.path)
                self.send_response_only(status)
                self.send_header("Date", format_datetime(site.date, usegmt=True))
                self.send_header("Content-Length", str(len(content)))
                self.end_headers()
                self.wfile.write(content)

            do_GET = do_POST = do_DELETE = _do  # noqa: N815 - as the library calls them

            def log_message(self, *_: object) -> None:
                """Not into the test's output."""

        return Handler


def open_prometheus(folder: Path, clock: Timing | None = None, name: str = "prom", **options: Any) -> PrometheusSource:
    """A source on these options. Alertmanagers are settled at once, unless the options say otherwise."""

    async def secret() -> str:
        return SECRET

    settings = SourceSettings(
        name=SourceName(name),
        kind="prometheus",
        options={"settle": "0s", **options},
        clients={},
        every_s=30.0,
        secret=secret,
        timing=clock or QuickClock(),
        state_dir=folder,
    )
    return PrometheusSource(settings, prometheus_options(settings))


@contextmanager
def a_site() -> Iterator[Site]:
    site = Site()
    try:
        yield site
    finally:
        site.close()
