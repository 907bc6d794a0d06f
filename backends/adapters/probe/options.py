"""The table of a `probe` source, checked: targets to ping, and `[[sources.NAME.check]]` tables."""

from __future__ import annotations

import re
from typing import Final

import msgspec
from msgspec import Struct

from backends.adapters.probe.found import Limits, Spec
from backends.adapters.probe.ping import PingLook
from backends.adapters.probe.pinger import Pinger
from backends.adapters.probe.reading import PING, Target
from backends.adapters.probe.target import Look
from backends.adapters.probe.tools import checked
from backends.api import ConfigurationError, SourceSettings, safe
from backends.fleet.addresses import as_address, is_host_name
from backends.fleet.placement import Placement
from backends.options import Options

ECHO_S: Final = 1.0
FACTS: Final = ("name", "address")
_KIND: Final = re.compile(r"[a-z][a-z-]{0,31}")
_PING_LIMITS: Final = Limits(latency_warn=500.0)


class Planned(Struct, frozen=True, kw_only=True):
    """One device and all that is looked at there."""

    target: Target
    looks: tuple[Look, ...]


def probe_options(settings: SourceSettings, pinger: Pinger) -> tuple[Planned, ...]:
    """Raises `ConfigurationError` naming the key that is wrong."""
    table = Options(settings)
    plan = _Plan(table.placement(FACTS), _kind(table), pinger)
    limits = limits_of(table, _PING_LIMITS)
    echo_s = table.seconds("timeout", ECHO_S, 0.1, 10.0)
    for text in table.texts("targets"):
        for one in re.split(r"[,\s]+", text.strip()):
            plan.ping(one, limits, echo_s)
    for number, check in enumerate(table.tables("check")):
        plan.check(check, number)
    table.finish()
    if not plan.devices:
        raise ConfigurationError("targets", 'Say what to look at: targets = ["10.0.0.1", "fw=10.0.0.2"], or a check.')
    return plan.planned()


def limits_of(table: Options, usual: Limits) -> Limits:
    """The limits that a table says over `usual`. Raises `ConfigurationError`."""
    found = {
        **{key: _ms(table, key, getattr(usual, key)) for key in ("latency_warn", "latency_crit")},
        **{key: _percent(table, key, getattr(usual, key)) for key in ("loss_warn", "loss_crit")},
    }
    limits = msgspec.structs.replace(usual, **found)
    for what in ("latency", "loss"):
        warn, crit = getattr(limits, f"{what}_warn"), getattr(limits, f"{what}_crit")
        if warn is not None and crit is not None and warn > crit:
            raise ConfigurationError(f"{what}_warn", f"{what}_warn must not be above {what}_crit: set both.")
    return limits


def _ms(table: Options, key: str, usual: float | None) -> float | None:
    given = table.seconds(key, 0.0, 0.001, 60.0)
    return given * 1000 if given else usual


def _percent(table: Options, key: str, usual: float | None) -> float | None:
    given = table.whole(key, 0, 1, 100)
    return float(given) if given else usual


def _kind(table: Options) -> str:
    kind = table.text("device_kind", "other")
    if not _KIND.fullmatch(kind):
        raise ConfigurationError("device_kind", "This is no kind of device, such as server or firewall.")
    return kind


class _Plan:
    """Devices as they are named one after the other."""

    def __init__(self, placement: Placement, kind: str, pinger: Pinger) -> None:
        self._placement = placement
        self._kind = kind
        self._pinger = pinger
        self.devices: dict[str, Target] = {}
        self._looks: dict[str, list[Look]] = {}

    def ping(self, text: str, limits: Limits, echo_s: float) -> None:
        name, _, address = text.rpartition("=")
        if as_address(address) is None and not is_host_name(address):
            raise ConfigurationError("targets", f"“{safe(text, 60)}” is no target: write 10.0.0.1, or fw=10.0.0.1.")
        native = address.rstrip(".").casefold()
        if native in self.devices or (name and self._named(name) is not None):
            raise ConfigurationError("targets", f"“{safe(text, 60)}” is there twice; its address and its name are ids.")
        self._add(native, name or address, address)
        spec = Spec(family=PING, label="Ping", limits=limits)
        self._looks[native].append(PingLook(spec, address, self._pinger, echo_s))

    def check(self, table: Options, number: int) -> None:
        device = table.text("device")
        host, look = checked(table, f"check[{number}]", limits_of)
        table.finish()
        word = device or host
        native = self._named(word)
        if native is None:
            native = word.rstrip(".").casefold()
            self._add(native, word, host)
        if any(
            one.spec.family == look.spec.family and one.spec.subject == look.spec.subject for one in self._looks[native]
        ):
            raise ConfigurationError("check", f"{look.spec.label} is checked twice on {safe(word, 60)}.")
        self._looks[native].append(look)

    def planned(self) -> tuple[Planned, ...]:
        return tuple(Planned(target=one, looks=tuple(self._looks[native])) for native, one in self.devices.items())

    def _named(self, word: str) -> str | None:
        """The device that is called so, or has that address."""
        wanted = word.rstrip(".").casefold()
        return next((key for key, one in self.devices.items() if wanted in (key, one.name.casefold())), None)

    def _add(self, native: str, name: str, address: str) -> None:
        place = self._placement.place({"name": [name], "address": [address]})
        self.devices[native] = Target(native=native, name=name, address=address, kind=self._kind, place=place)
        self._looks[native] = []
