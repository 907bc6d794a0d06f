"""The words of plans and runs: templates filled in, ages, times. Pure."""

from __future__ import annotations

import hashlib
import re
from base64 import b32encode
from collections.abc import Mapping
from datetime import datetime
from typing import Final

from backends.fleet.model import Device
from backends.text import SafeText, safe

_PLACE: Final = re.compile(r"\{([a-z_0-9]+)\}")
_VALUE_COLUMNS: Final = 120


def fill(template: str, values: Mapping[str, str]) -> SafeText:
    """`template` with each `{name}` replaced by its value, made safe; a value is never read as a template itself."""
    text = _PLACE.sub(lambda place: safe(values.get(place[1], place[0]), _VALUE_COLUMNS), template)
    return safe(text, 512)


def age(seconds: float) -> str:
    """`8 s`, `5 min`, `3 h`, `2 d`."""
    for size, unit in ((86400, "d"), (3600, "h"), (60, "min")):
        if seconds >= size:
            return f"{int(seconds // size)} {unit}"
    return f"{max(0, int(seconds))} s"


def ago(then: datetime, now: datetime) -> str:
    return f"{age((now - then).total_seconds())} ago"


def clock(moment: datetime) -> str:
    """`12:04:31 UTC`."""
    return f"{moment:%H:%M:%S} UTC"


def typed_name(device: Device) -> SafeText:
    """What is to be typed to name `device`: its name, or, where that could be mistaken for another one or cannot be
    typed on every keyboard, an id of ASCII characters."""
    if device.name.isascii() and device.name.strip() and not device.look_alike:
        return device.name
    if device.id.isascii() and device.id.isprintable():
        return safe(device.id)
    digest = hashlib.blake2b(device.id.encode("utf-8", "replace"), digest_size=5).digest()
    return safe("device-" + b32encode(digest).decode("ascii").lower())
