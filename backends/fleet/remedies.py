"""Which fix to name first for a finding: the next best action of a row."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence

from backends.fleet.model import Can, Check, Device, Source, SourceName
from backends.fleet.run import FixCard, Parameter


def remedy(
    check: Check, device: Device, cards: Sequence[FixCard], sources: Mapping[SourceName, Source]
) -> FixCard | None:
    """The first fix that answers this kind of finding on this platform, with all its parameters known; none where no
    source of the device can run it."""
    if not any(sources[name].can(Can.RUN_FIXES) for name in device.sources if name in sources):
        return None
    return next((card for card in cards if _answers(card, check, device)), None)


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
