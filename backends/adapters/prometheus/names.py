"""From labels to names: which device an alert is of, where that belongs, and what the condition is called."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from typing import Final

from msgspec import Struct

from backends.adapters.prometheus.matchers import ALERT_NAME
from backends.adapters.prometheus.options import PrometheusOptions
from backends.adapters.prometheus.records import Labels
from backends.fleet.conditions import condition_of
from backends.fleet.model import Severity
from backends.fleet.placement import Place

OWN_NATIVE: Final = "alertmanager"
"""The alerting itself, as a device: what is told of nothing else, and whether it works."""
_GROUPS: Final = ("job", "cluster", "service", "namespace")
"""Labels that name what an alert is of when it is of no device."""
_SERVERS: Final = re.compile(r"node|windows|server|host", re.IGNORECASE)
"""Jobs whose targets are servers; of others nobody knows what they are."""
_PAGE: Final = re.compile(r"[A-Za-z][A-Za-z0-9+.-]*://(?:[^@/?#]*@)?(\[[^\]]*\](?::[0-9]*)?|[^/?#]*)(?s:.*)")
_BOXED: Final = re.compile(r"\[([^\]]*)\](?::([0-9]{1,5}))?")
"""An IPv6 address."""
_PORT: Final = re.compile(r"(.+):([0-9]{1,5})")
_DISK: Final = re.compile(r"disk|filesystem|file_system|volume|mount|partition", re.IGNORECASE)
_SPACE: Final = re.compile(r"full|space|usage|used|low|free|avail", re.IGNORECASE)
_INODES: Final = re.compile(r"inode|outoffiles|filesfilling", re.IGNORECASE)
_AHEAD: Final = re.compile(
    r"predict|will|filling|hours|days|soon|forecast|readonly|read_only|error|latency", re.IGNORECASE
)
_NOT_TOLD: Final = frozenset(
    {ALERT_NAME, "prometheus", "monitor", "client", "customer", "tenant", "site", "cluster", "env", "environment"}
    | {"region", "datacenter", "dc", "team"}
)
"""Labels that say whose an alert is, and nothing of what it is about. Fixed, so that a condition keeps its name."""
_SHORT: Final = ("mountpoint", "name", "device", "interface", "container", "pod", "path", "target", "db", "queue")
"""Labels whose values people need beside the alert's name, when there is no summary."""


class Named(Struct, frozen=True, kw_only=True):
    """A device as its labels name it."""

    native: str
    name: str
    kind: str
    place: Place
    """Where its labels place it."""
    label: str = ""
    """The label that names it; empty for the alerting itself."""
    host: bool = False
    """Whether it is a device, and not what stands for one."""


def host_of(instance: str) -> tuple[str, str]:
    """The host of an instance and what is left: `sql01:9100` is `sql01` and `9100`; of a web page, its server."""
    if page := _PAGE.fullmatch(instance):
        port = _PORT.fullmatch(page[1])
        return (port[1] if port else page[1]).strip("[]"), instance
    if boxed := _BOXED.fullmatch(instance):
        return boxed[1], boxed[2] or ""
    if instance.count(":") == 1 and (port := _PORT.fullmatch(instance)):
        return port[1], port[2]
    return instance, ""


def facts_of(labels: Labels, receivers: Iterable[str] = ()) -> dict[str, Sequence[str]]:
    """What placement rules may look at."""
    found: dict[str, Sequence[str]] = {f"label.{name}": (value,) for name, value in labels.items()}
    for name in ("job", "instance"):
        if value := labels.get(name):
            found[name] = (value,)
    if told := tuple(receivers):
        found["receiver"] = told
    return found


def device_of(labels: Labels, options: PrometheusOptions, receivers: Iterable[str] = ()) -> Named:
    """The device that an alert or target with these labels is of. There always is one."""
    place = options.placement.place(facts_of(labels, receivers))
    for label in options.device_labels:
        host, _ = host_of(labels.get(label, ""))
        if host:
            kind = "server" if _SERVERS.search(labels.get("job", "")) else "other"
            return Named(native=f"{host}@{place.site}", name=host, kind=kind, place=place, label=label, host=True)
    for label in _GROUPS:
        if value := labels.get(label):
            return Named(
                native=f"{label}={value}@{place.site}", name=f"{label} {value}", kind="other", place=place, label=label
            )
    return alerting_at(place, options)


def alerting_of(labels: Labels, options: PrometheusOptions) -> Named:
    """The alerting for what has these labels, as a device of its own: a client's, or that of the whole source."""
    return alerting_at(options.placement.place(facts_of(labels)), options)


def alerting_at(place: Place, options: PrometheusOptions) -> Named:
    """The alerting of a site, where labels tell the site; else that of the whole source. Its name has the source in it:
    by names, devices of several sources are taken for one."""
    if place.site == options.placement.place({}).site:
        return Named(native=OWN_NATIVE, name=f"Alertmanager {options.source}", kind="other", place=place)
    return Named(native=f"{OWN_NATIVE}@{place.site}", name=f"alerting {options.source}", kind="other", place=place)


def condition(labels: Labels, options: PrometheusOptions, device: Named) -> tuple[str, str]:
    """What an alert is about, as `backends.fleet.conditions` calls it where that is certain, and as it is called by its
    name and the labels that tell it from others of the name: not those of its device and its place, which all of them
    have, and not its severity, which is no other condition."""
    told = labels.get(ALERT_NAME, "")
    skipped = {*_NOT_TOLD, *options.volatile, *options.device_labels, options.severity_label, device.label}
    skipped |= placing_labels(options) | set(options.external or ())
    parts = [f"{name}={value}" for name, value in sorted(labels.items()) if name not in skipped and value]
    own = " ".join((told or "alert", *parts))
    return _well_known(told, labels) or own, own


def _well_known(name: str, labels: Labels) -> str:
    """The name of a condition that other systems have too; empty where there is doubt."""
    if (mount := labels.get("mountpoint", "")) and not _AHEAD.search(name):
        if _INODES.search(name):
            found = f"inodes {mount}"
        elif _DISK.search(name) and _SPACE.search(name):
            found = f"disk {mount}"
        else:
            found = ""
    elif labels.get("name", "").endswith(".service") and "systemd" in name.casefold():
        found = f"service {labels['name']}"
    else:
        found = ""
    return found if found and condition_of(found)[0] != "check" else ""


def title_of(labels: Labels) -> str:
    """An alert without a summary, for people."""
    parts = [labels[name] for name in _SHORT if labels.get(name)]
    return " ".join([labels.get(ALERT_NAME, "") or "alert without a name", *parts])


def severity_of(labels: Labels, label: str, known: Mapping[str, Severity]) -> Severity:
    """By the label; an alert that says nothing that is known is a warning: somebody wrote a rule for it."""
    return known.get(labels.get(label, "").strip().casefold(), Severity.WARNING)


def placing_labels(options: PrometheusOptions) -> frozenset[str]:
    """The labels by which devices are placed."""
    return frozenset(fact.removeprefix("label.") for fact in options.placement.facts if fact.startswith("label."))
