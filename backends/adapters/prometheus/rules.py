"""Which rule an alert comes from, and the value that it has there now."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Final
from urllib.parse import parse_qs, urlsplit

from msgspec import Struct

from backends.adapters.prometheus import promql
from backends.adapters.prometheus.promql import Measured, measured
from backends.adapters.prometheus.records import Alert, Labels, Rule, RuleAlert
from backends.adapters.prometheus.server import RuleFacts

_LabelSet = frozenset[tuple[str, str]]
_MOST_NEAR: Final = 200


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
        self._near: dict[tuple[str, str], list[_LabelSet]] = {}
        """Those of one name and instance."""
        self._measured: dict[str, Measured] = {}
        for facts in rules:
            for alert in facts.alerts:
                if alert.state == "firing":
                    labels = frozenset(alert.labels.items())
                    self._found[labels] = (facts.rule, alert)
                    self._near.setdefault(_name_of(alert.labels), []).append(labels)

    def of(self, labels: Labels) -> Origin | None:
        """Where an alert with these labels comes from; None where that cannot be told for certain."""
        whole = frozenset(labels.items())
        own = frozenset(item for item in whole if self._external.get(item[0]) != item[1])
        found = self._found.get(whole) or self._found.get(own) or self._among(labels, whole)
        if found is None:
            return None
        rule, alert = found
        if rule.query not in self._measured:
            self._measured[rule.query] = measured(rule.query)
        return Origin(
            rule=rule, labels=alert.labels, measured=self._measured[rule.query], value=promql.number(alert.value)
        )

    def _among(self, labels: Labels, whole: _LabelSet) -> tuple[Rule, RuleAlert] | None:
        """Where it is not known which labels Prometheus adds: the only alert that has none but these."""
        if self._external:
            return None
        near = self._near.get(_name_of(labels), [])[:_MOST_NEAR]
        fitting = [one for one in near if one <= whole]
        return self._found[fitting[0]] if len(fitting) == 1 else None


def _name_of(labels: Labels) -> tuple[str, str]:
    return labels.get("alertname", ""), labels.get("instance", "")


def expression_of(alert: Alert) -> str:
    """The expression of the rule that an alert comes from, which its own link tells without asking anybody; empty
    where it does not."""
    try:
        return parse_qs(urlsplit(alert.generator_url).query, max_num_fields=50).get("g0.expr", [""])[0]
    except ValueError:
        return ""
