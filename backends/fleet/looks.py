"""Names that look alike without being the same: a tired eye takes one device for the other."""

from __future__ import annotations

import re
from typing import Final

import msgspec

from backends.fleet.draft import Draft
from backends.fleet.model import DeviceId
from backends.fleet.steps import STEP, Steps
from backends.text import SafeText, safe, skeleton

_MARK: Final = re.compile(r"‹U\+[0-9A-F]{4,6}›")
"""What `safe` puts in place of an invisible character."""
LATIN: Final = 0x024F
"""The last letter that is a Latin one, with whatever accents."""


def looks(name: str) -> str:
    """What is left of a name for a tired eye; invisible characters count for nothing."""
    found = skeleton(_MARK.sub("", name)).strip()
    return name if found == name else found  # most names are their own look: one text for both


def odd_letters(name: str) -> SafeText:
    """The letters of a name that look like a Latin one and are none, each with its code point: `а U+0430`."""
    odd = [
        char
        for char in dict.fromkeys(name)
        if ord(char) > LATIN and skeleton(char).isalnum() and skeleton(char).isascii()
    ]
    return safe(", ".join(f"{char} U+{ord(char):04X}" for char in odd))


def rename(draft: Draft, device: DeviceId, before: str | None, after: str | None) -> None:
    """Keep the index of looks in step with one device's name."""
    if before is not None:
        draft.skeletons.remove(looks(before), device)
        draft.looks.add(looks(before))
    if after is not None:
        draft.skeletons.add(looks(after), device)
        draft.looks.add(looks(after))


def settle_looks(draft: Draft) -> Steps[None]:
    """Flag all devices that look alike and have different names; case is no disguise."""
    for number, look in enumerate(draft.looks):
        if number % STEP == STEP - 1:
            yield
        alike = [draft.devices.facts[name] for name in draft.skeletons.of(look)]
        flag = len({device.name.casefold() for device in alike}) > 1
        for device in alike:
            if device.look_alike is not flag:
                draft.devices.put(device.id, msgspec.structs.replace(device, look_alike=flag))
    draft.looks.clear()
