"""Uptime Kuma 2.5, made up by its `server/prometheus.js` and the text format: there is none to be installed here."""

from __future__ import annotations

from tests.support.replayed import Asked, Replayed, Said


def series(metric: str, value: object, /, **labels: object) -> str:
    """One sample of a monitor: its labels in the order in which Kuma gives them, `null` where it has no host."""
    usual = {"type": "http", "url": "https://", "hostname": "null", "port": "null"}
    own = {f"monitor_{key}": labels.pop(key, usual.get(key, "")) for key in ("id", "name", *usual)}
    told = ",".join(f'{key}="{_escaped(str(text))}"' for key, text in {**labels, **own}.items() if text != "")
    return f"{metric}{{{told}}} {value}"


def page(*samples: str, version: str = "2.5.3") -> bytes:
    """The whole answer."""
    head = f'# TYPE app_version gauge\napp_version{{version="{version}",major="2",minor="5",patch="3"}} 1\n\n'
    help_ = "# HELP monitor_status Monitor Status (1 = UP, 0= DOWN, 2= PENDING, 3= MAINTENANCE)\n"
    return (head + help_ + "# TYPE monitor_status gauge\n" + "".join(f"{one}\n" for one in samples)).encode()


def _escaped(text: str) -> str:
    return text.replace("\\", "\\\\").replace('"', '\\"').replace("\n", "\\n")


SHOP = {"id": 1, "name": "Acme shop", "url": "https://user:pa55@shop.acme.example/x?token=t0p", "client": "Acme"}
MAIL = {"id": 2, "name": "Mail", "type": "port", "hostname": "mail.acme.example", "client": "Acme", "site": "HQ"}
ROUTER = {"id": 3, "name": 'Router "A"\\}', "type": "ping", "hostname": "10.0.0.1", "Customer": "Baker,Cole"}
RECORDED = page(
    series("monitor_status", 1, **SHOP),
    series("monitor_status", 0, **MAIL),
    series("monitor_status", 2, **ROUTER),
    series("monitor_status", 3, id=4, name="Nightly", type="push"),
    series("monitor_status", 0, id=5, name="All of Acme", type="group"),
    series("monitor_response_time", 112, **SHOP),
    series("monitor_response_time", -1, **MAIL),
    series("monitor_cert_days_remaining", 5, **SHOP),
    series("monitor_cert_is_valid", 1, **SHOP),
    series("monitor_uptime_ratio", 0.99, window="1d", **SHOP),
)


def answer(asked: Asked) -> Said:
    if asked.path != "/metrics":
        return Said(body=b"<!DOCTYPE html><html>", content_type="text/html")
    return Said(body=RECORDED, content_type="text/plain; version=0.0.4")


PLAYED = Replayed(
    kind="uptime-kuma", answer=answer, options=lambda url: {"url": url, "requests_per_minute": 60_000}, devices=4
)
