"""Which rule an alert comes from, and the value that it has there now."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from urllib.parse import parse_qs, urlsplit

from msgspec import Struct

from backends.adapters.prometheus import promql
from backends.adapters.prometheus.promql import Measured, measured
from backends.adapters.prometheus.records import Alert, Labels, Rule, RuleAlert
from backends.adapters.prometheus.server import RuleFacts

_LabelSet = frozenset[tuple[str, str]]


class Origin(Struct, frozen=True, kw_only=True):
    """Where an alert comes from, at the Prometheus that is asked."""

    rule: Rule
    labels: Labels
    """As its Prometheus knows the alert: without the labels that it puts on while it sends."""
    measured: Measured
    value: float | None

    @property
    def series_labels(self) -> dict[str, str]:
        """The alert's labels without those that its rule gave it: those of the series."""
        own = {"alertname", *(self.rule.labels or {})}
        return {name: value for name, value in self.labels.items() if name not in own}


class Origins:
    """The alerts of all rules, to be found by their labels."""

    def __init__(self, rules: Iterable[RuleFacts], external: Labels) -> None:
        self._external = external
        self._found: dict[_LabelSet, tuple[Rule, RuleAlert]] = {}
        self._measured: dict[str, Measured] = {}
        for facts in rules:
            for alert in facts.alerts:
                if alert.state == "firing":
                    self._found[frozenset(alert.labels.items())] = (facts.rule, alert)

    def of(self, labels: Labels) -> Origin | None:
        """Where an alert with these labels comes from; None where that cannot be told for certain."""
        found = self._found.get(frozenset(labels.items())) or self._found.get(self._without_external(labels))
        if found is None:
            return None
        rule, alert = found
        if rule.query not in self._measured:
            self._measured[rule.query] = measured(rule.query)
        return Origin(
            rule=rule, labels=alert.labels, measured=self._measured[rule.query], value=promql.number(alert.value)
        )

    def _without_external(self, labels: Mapping[str, str]) -> _LabelSet:
        return frozenset(item for item in labels.items() if self._external.get(item[0]) != item[1])


def expression_of(alert: Alert) -> str:
    """The expression of the rule that an alert comes from, which its own link tells without asking anybody; empty
    where it does not."""
    try:
        return parse_qs(urlsplit(alert.generator_url).query, max_num_fields=50).get("g0.expr", [""])[0]
    except ValueError:
        return ""
