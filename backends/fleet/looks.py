"""Names that look alike without being the same: a tired eye takes one device for the other."""

from __future__ import annotations

import re
from typing import Final

import msgspec

from backends.fleet.draft import Draft
from backends.fleet.model import Device, DeviceId
from backends.text import skeleton

_MARK: Final = re.compile(r"‹U\+[0-9A-F]{4,6}›")
"""What `safe` puts in place of an invisible character."""


def looks(name: str) -> str:
    """What is left of a name for a tired eye; invisible characters count for nothing."""
    return skeleton(_MARK.sub("", name)).strip()


def rename(draft: Draft, device: DeviceId, before: str | None, after: str | None) -> None:
    """Keep the index of looks in step with one device's name."""
    if before is not None:
        look = looks(before)
        left = tuple(other for other in draft.skeletons.facts.get(look, ()) if other != device)
        if left:
            draft.skeletons.put(look, left)
        else:
            draft.skeletons.drop(look)
        _flag(draft, look)
    if after is not None:
        look = looks(after)
        draft.skeletons.put(look, tuple(sorted({*draft.skeletons.facts.get(look, ()), device})))
        _flag(draft, look)


def _flag(draft: Draft, look: str) -> None:
    """Flag all that look so when there are different names among them; case is no disguise."""
    alike = [draft.devices.facts[name] for name in draft.skeletons.facts.get(look, ()) if name in draft.devices.facts]
    flag = len({device.name.casefold() for device in alike}) > 1
    for device in alike:
        if device.look_alike is not flag:
            draft.devices.put(device.id, _flagged(device, flag=flag))


def _flagged(device: Device, *, flag: bool) -> Device:
    return msgspec.structs.replace(device, look_alike=flag)
