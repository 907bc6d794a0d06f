"""Performance data as one number with its limits."""

from __future__ import annotations

from math import isfinite

import pytest
from hypothesis import given
from hypothesis import strategies as some

from backends.adapters.icinga2.perfdata import telling
from backends.adapters.icinga2.records import Metric


@pytest.mark.parametrize(
    ("told", "family", "subject", "wanted"),
    [
        (["load1=12.5;5;10;0", "load5=3;4;6"], "load", "", (12.5, "", 5.0, 10.0)),
        (["time=3", "users=4;5;10"], "check", "users", (4.0, "", 5.0, 10.0)),
        (["a=1;5;10", "b=7;5;10"], "check", "both", (7.0, "", 5.0, 10.0)),
        (["a=1", "b=2"], "check", "", (1.0, "", None, None)),
        (["/=9MB;8;9;0;10", "/var=1MB;8;9;0;10"], "disk", "/var", (10.0, "%", 80.0, 90.0)),
        (["used=95%;75;90;0;100"], "memory", "", (95.0, "%", 75.0, 90.0)),
        (["free=5;10:;7:"], "check", "", (5.0, "", 10.0, 7.0)),
        (["t=5;~:10;0:20"], "check", "", (5.0, "", 10.0, 20.0)),
        (["t=5;3:10;@1:2"], "check", "", (5.0, "", None, None)),
        (["'quoted label''s'=0,5s;1;2"], "check", "quoted label's", (0.5, "s", 1.0, 2.0)),
        (["rta=0.4ms;100;500;0 pl=0%;20;60"], "check", "pl", (0.0, "%", 20.0, 60.0)),
        ([Metric(label="t", value=2.0, unit="seconds", warn=1.0, crit=3.0)], "check", "", (2.0, "s", 1.0, 3.0)),
        ([Metric(label="m", value=50.0, unit="bytes", max=200.0)], "memory", "", (25.0, "%", None, None)),
    ],
)
def test_the_number_that_tells(
    told: list[str | Metric], family: str, subject: str, wanted: tuple[float, str, float | None, float | None]
) -> None:
    value = telling(told, family, subject)
    assert value is not None
    assert (value.value, value.unit, value.warn, value.crit) == wanted


@pytest.mark.parametrize("told", [None, [], [""], ["no number"], ["a=U"], ["a="], ["=3"], ["a=nan"], [Metric()]])
def test_where_there_is_no_number_there_is_none(told: list[str | Metric] | None) -> None:
    assert telling(told, "check", "") is None


@given(
    some.lists(
        some.text(max_size=60)
        | some.from_regex(r"\A'?[a-z ]{0,4}'?=[-0-9.,eE]{1,9}[a-zA-Z%]{0,3}(;[-~@:0-9.]{0,6}){0,4}\Z")
    )
)
def test_whatever_a_plugin_writes_a_number_is_finite(told: list[str]) -> None:
    value = telling(list(told), "disk", "/")
    assert value is None or all(one is None or isfinite(one) for one in (value.value, value.warn, value.crit))
