"""Which fix to name first for a finding: the next best action of a row."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence

from backends.fleet.model import Can, Check, Device, FixId, SafeText, Source, SourceName
from backends.fleet.run import FixCard, OwnFix, Parameter, own_fix_id


def remedy(
    check: Check, device: Device, cards: Sequence[FixCard], sources: Mapping[SourceName, Source]
) -> FixCard | None:
    """The first fix that answers this kind of finding on this platform, with all its parameters known; none where no
    source of the device can run it."""
    if not cards or not any(sources[name].can(Can.RUN_FIXES) for name in device.sources if name in sources):
        return None
    return next((card for card in cards if _answers(card, check, device)), None)


def own_remedy(
    check: Check,
    device: Device,
    own: Mapping[SourceName, Sequence[OwnFix]],
    sources: Mapping[SourceName, Source],
) -> tuple[FixId, SafeText] | None:
    """The mildest that a source of the device runs by its own means against just this kind of finding: its id and
    title. What is for any device whatever is wrong is no remedy."""
    if not own:
        return None
    found = [
        (one.risk.rank, own_fix_id(source, one), one.title)
        for source, native in zip(device.sources, device.natives, strict=True)
        if source in own and source in sources and sources[source].can(Can.RUN_OWN)
        for one in own[source]
        if check.family in one.families and (one.natives is None or native in one.natives)
        if all(_known(parameter, check) for parameter in one.parameters)
    ]
    return min(found)[1:] if found else None


def _answers(card: FixCard, check: Check, device: Device) -> bool:
    return (
        check.family in card.families
        and device.platform in card.platforms
        and all(_known(parameter, check) for parameter in card.parameters)
    )


def _known(parameter: Parameter, check: Check) -> bool:
    given = {"subject": check.subject, "target": check.target}.get(parameter.source, "") or parameter.default
    try:
        return re.fullmatch(parameter.pattern, given) is not None
    except re.error:
        return False
