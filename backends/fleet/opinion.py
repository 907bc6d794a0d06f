"""A second opinion: what a device looks like from here, beside what its sources say. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime
from enum import StrEnum
from typing import Final

from msgspec import Struct

from backends.fleet.addresses import Address
from backends.fleet.model import Device, DeviceId, Health, SafeText, SourceName, safe

SSH, HTTP, HTTPS, SMB, PRINTER, RDP = 22, 80, 443, 445, 9100, 3389
_BY_PLATFORM: Final = {
    "windows": (RDP, SMB, HTTPS),
    **dict.fromkeys(("linux", "darwin", "freebsd", "openbsd", "netbsd"), (SSH, HTTPS)),
}
_BY_KIND: Final = {
    **dict.fromkeys(("firewall", "switch", "access-point"), (HTTPS, SSH, HTTP)),
    "printer": (PRINTER, HTTPS, HTTP),
    "ups": (HTTPS, HTTP, SSH),
    "nas": (HTTPS, SMB, SSH),
}
_ANY: Final = (SSH, HTTPS, RDP, SMB)


class Seen(StrEnum):
    """What became of one attempt."""

    ANSWERED = "answered"
    REFUSED = "refused"
    """Something is there and says no."""
    SILENT = "silent"
    UNTRIED = "untried"
    """It could not be tried; the sentence says why."""
    SAID = "said"
    """Something about it that says nothing on whether it is there: what its name resolves to."""


class Glimpse(Struct, frozen=True, kw_only=True):
    """One attempt at a device, and what became of it."""

    kind: str
    """`ping`, `tcp`, `dns`."""
    what: SafeText
    """`3 pings`, `tcp 443`, `the name sql01`."""
    seen: Seen
    ms: float | None = None
    sentence: SafeText = SafeText("")
    """More about it, where there is more to say."""


class Verdict(StrEnum):
    ANSWERS = "answers"
    REFUSES = "refuses"
    """It takes nothing, but something at its address says no: the device, or a firewall in front of it."""
    SILENT = "silent"
    UNTRIED = "untried"


class Opinion(Struct, frozen=True, kw_only=True):
    """What was seen of one device from here."""

    device: DeviceId
    at: datetime
    address: SafeText
    """Where it was looked for."""
    verdict: Verdict
    sentence: SafeText
    careful: SafeText = SafeText("")
    """Why it may be another device that was seen; empty where nothing speaks for that."""
    looks: tuple[Glimpse, ...] = ()


def ports_of(device: Device) -> tuple[int, ...]:
    """TCP ports on which such a device can be expected to answer."""
    return _BY_KIND.get(device.kind) or _BY_PLATFORM.get(device.platform, _ANY)


def opinion_of(
    device: Device,
    voices: Sequence[tuple[SourceName, Health]],
    address: Address,
    looks: Sequence[Glimpse],
    *,
    name: str,
    here: bool,
    at: datetime,
) -> Opinion:
    """`name` is what the address was resolved from, empty where the sources gave it; `here`: its sources run on this
    machine, and mean the same by it."""
    verdict = _verdict(looks)
    told = _told(voices)
    words = [f"{safe(name, 80)} is {address} from here."] if name else []
    words.append(_SENTENCE[verdict](told, str(address), looks))
    careful = ""
    if address.is_private and not address.is_loopback and not here and verdict is not Verdict.SILENT:
        careful = f"{address} is a private address: on another network than the device's it is somebody else's."
    return Opinion(
        device=device.id,
        at=at,
        address=safe(str(address)),
        verdict=verdict,
        sentence=safe(" ".join(words), 400),
        careful=safe(careful),
        looks=tuple(looks),
    )


class _Told(Struct, frozen=True):
    """What its sources say, as the beginning of a sentence."""

    text: str
    down: bool


def _told(voices: Sequence[tuple[SourceName, Health]]) -> _Told:
    down = [source for source, health in voices if health is Health.DOWN]
    up = [source for source, health in voices if health in (Health.OK, Health.DEGRADED)]
    parts = [f"{_names(down)} that it is down"] if down else []
    parts += [f"{_names(up)} that it is up"] if up else []
    return _Told(", ".join(parts), bool(down))


def _names(sources: Sequence[SourceName]) -> str:
    *names, last = (safe(source, 40) for source in sources)
    return f"{', '.join(names)} and {last} say" if names else f"{last} says"


def _verdict(looks: Sequence[Glimpse]) -> Verdict:
    seen = {one.seen for one in looks}
    if Seen.ANSWERED in seen:
        return Verdict.ANSWERS
    if Seen.REFUSED in seen:
        return Verdict.REFUSES
    return Verdict.SILENT if Seen.SILENT in seen else Verdict.UNTRIED


def _answers(told: _Told, address: str, looks: Sequence[Glimpse]) -> str:
    first = next(one for one in looks if one.seen is Seen.ANSWERED)
    took = f" in {ms_text(first.ms)}" if first.ms is not None else ""
    how = "" if first.kind == "ping" else f" on {first.what}"
    silent = [one for one in looks if one.kind == "ping" and one.seen is Seen.SILENT]
    though = ", though not to pings" if silent else ""
    joint = "; from here" if told.down else ", and from here"
    return (
        f"{told.text}{joint} {address} answers{how}{took}{though}."
        if told.text
        else (f"From here {address} answers{how}{took}{though}.")
    )


def _refuses(told: _Told, address: str, looks: Sequence[Glimpse]) -> str:
    ports = _ports(one for one in looks if one.seen is Seen.REFUSED)
    rest = [_silent(looks)] if _silent(looks) else []
    there = f"from here something at {address} refuses {ports}: the device, or a firewall for it"
    return "; ".join([*([told.text] if told.text else []), there if told.text else _upper(there), *rest]) + "."


def _silence(told: _Told, address: str, looks: Sequence[Glimpse]) -> str:
    silent = _silent(looks)
    if told.down:
        return f"{told.text}; nothing answers from here either, at {address}: {silent}."
    if told.text:
        return f"{told.text}; from here nothing answers at {address}, which a firewall may want so: {silent}."
    return f"Nothing answers from here at {address}: {silent}."


def _untried(told: _Told, address: str, looks: Sequence[Glimpse]) -> str:
    why = next((one.sentence for one in looks if one.seen is Seen.UNTRIED and one.sentence), "nothing was tried.")
    return (
        f"{told.text}; {address} could not be looked at from here: {why}"
        if told.text
        else (f"{address} could not be looked at from here: {why}")
    )


_SENTENCE: Final = {
    Verdict.ANSWERS: _answers,
    Verdict.REFUSES: _refuses,
    Verdict.SILENT: _silence,
    Verdict.UNTRIED: _untried,
}


def _silent(looks: Sequence[Glimpse]) -> str:
    """`3 pings lost, tcp 22, 443 silent`."""
    parts = [f"{one.what} lost" for one in looks if one.kind == "ping" and one.seen is Seen.SILENT]
    if ports := _ports(one for one in looks if one.kind == "tcp" and one.seen is Seen.SILENT):
        parts.append(f"{ports} silent")
    if any(one.kind == "ping" and one.seen is Seen.UNTRIED for one in looks):
        parts.append("not pinged")
    return ", ".join(parts)


def _ports(looks: Iterable[Glimpse]) -> str:
    numbers = [one.what.removeprefix("tcp ") for one in looks]
    return f"tcp {', '.join(numbers)}" if numbers else ""


def ms_text(ms: float) -> SafeText:
    """`12 ms`, `3.4 ms`, `under 0.1 ms`."""
    if ms < 0.1:
        return SafeText("under 0.1 ms")
    return SafeText(f"{ms:.0f} ms" if ms >= 10 else f"{ms:.1f} ms")


def _upper(text: str) -> str:
    return text[:1].upper() + text[1:]
