"""What the source says of itself when it is connected."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Final

from backends.adapters.prometheus.cluster import Heard
from backends.adapters.prometheus.names import facts_of, placing_labels
from backends.adapters.prometheus.options import PrometheusOptions
from backends.adapters.prometheus.server import Server, ServerFacts
from backends.api import Introduction, Right, SourceError, safe

_MOST: Final = 500
_PLACES: Final = ("client", "customer", "tenant", "site")
"""Labels by which places are usually told; asked for by name, since who is well has no alert."""


async def introduction(
    options: PrometheusOptions,
    heard: Heard,
    facts: ServerFacts | None,
    fault: SourceError | None,
    server: Server | None,
) -> Introduction:
    """Raises nothing: what is not to be had is left out."""
    found: dict[str, dict[str, None]] = {}
    for alert in heard.alerts:
        _add(found, facts_of(alert.labels, alert.received_by).items())
    for target in facts.targets if facts is not None else ():
        _add(found, facts_of({**(facts.external if facts is not None else {}), **target.labels}).items())
    if server is not None and fault is None:
        for label in sorted({*_PLACES, *placing_labels(options)}):
            try:
                _add(found, [(f"label.{label}", await server.names(label))])
            except SourceError:
                continue
    product = [heard.version, *([facts.version] if facts is not None else [])]
    return Introduction(
        product=safe(", ".join(part for part in product if part), 200),
        rights=tuple(_rights(options, fault)),
        facts={name: tuple(sorted(values)[:_MOST]) for name, values in sorted(found.items())},
    )


def _rights(options: PrometheusOptions, fault: SourceError | None) -> Iterable[Right]:
    yield Right(what=safe("read alerts"), granted=True, reading=True)
    yield Right(
        what=safe("silence alerts"),
        granted=None,
        remedy=safe("Alertmanager has no rights of its own: a web server in front has to let POST and DELETE through"),
    )
    if options.prometheus is None:
        remedy = safe("Say url, the address of Prometheus: without it nothing is ever known to be well")
        yield Right(what=safe("read targets, rules and values"), granted=False, remedy=remedy, reading=True)
    else:
        remedy = fault.sentence if fault is not None else safe("")
        yield Right(what=safe("read targets, rules and values"), granted=fault is None, remedy=remedy, reading=True)


def _add(found: dict[str, dict[str, None]], facts: Iterable[tuple[str, Sequence[str]]]) -> None:
    for name, values in facts:
        known = found.setdefault(str(safe(name, 120)), {})
        known.update(dict.fromkeys(value for value in values if value))
