"""Names and texts that are made to keep a pattern busy: each of these would stop the engine for hours, or for ever, if
it took more than a look at every character. A test that fails here does not end."""

from __future__ import annotations

import re
import tracemalloc

from backends.adapters.icinga2.perfdata import telling
from backends.adapters.icinga2.records import Metric
from backends.adapters.icinga2.rights import Rights
from backends.adapters.prometheus.promql import is_up_rule, measured, seconds
from backends.adapters.zabbix.names import check_name, label_of
from backends.adapters.zabbix.records import Script
from backends.adapters.zabbix.scripts import own_fix
from backends.fleet.conditions import Conditions

MANY = 200_000


def test_the_name_of_a_trigger_may_be_as_long_as_an_answer() -> None:
    for hostile in (f"a{' ' * MANY}b", f"({'{' * MANY}", f"({'{' * MANY})" * 3, f"{'on ' * MANY}x"):
        assert len(check_name(hostile)) < 1_000
        assert len(label_of(hostile)) < 1_000


def test_a_link_to_a_rule_may_hold_anything() -> None:
    assert not is_up_rule(f"up{' ' * 19_000}x")
    assert is_up_rule("up { job = 'node' }  ==  0")


def test_the_expression_of_a_rule_may_be_full_of_quotes() -> None:
    for _ in range(300):
        for hostile in ('"' + '\\"' * 9_000, "'" + "\\'" * 9_000, '"\\' * 6_000, "`" * 19_999):
            assert measured(f"{hostile} > 1").limit is None or hostile.startswith("`")
    assert measured('x{a="> 1"} > 5').limit == 5.0


def test_performance_data_may_be_anything_that_a_plugin_prints() -> None:
    for hostile in ("a" * 4_096, "a " * 2_048 + "= ", "'a" * 2_048 + "=", "'" + "''" * 2_000, "'a'b " * 800):
        assert telling([hostile] * 3_000, "check", "") is None


def test_a_permission_may_be_all_stars() -> None:
    assert not Rights(permissions=("*" * 60 + "x",)).may("actions/acknowledge-problem")
    assert not Rights(permissions=("*a" * 60 + "x",)).may("a" * 200)
    assert Rights(permissions=("*/*-?roblem",)).may("actions/acknowledge-problem")
    assert not Rights(permissions=("actions",)).may("actions/acknowledge-problem")
    assert Rights(permissions=("**",)).may("")


def test_thousands_of_checks_may_have_one_name() -> None:
    conditions = Conditions()
    names = {conditions.name("1", "same") for _ in range(MANY)}
    assert len(names) == MANY
    assert ("check", "same (3)") in names
    assert conditions.name("1", "same (3)")[1] != "same (3)"


def test_the_validator_of_a_script_is_tried_only_where_it_cannot_go_astray() -> None:
    """The value that it is tried on may be Zabbix's as well."""
    for hostile in (r"(a+)+$", r"(a|aa)*b", r"^(?:x*)*y", r"a*a*a*a*a*a*a*b", r"(a?){40}a{40}", r"(.)\1*(.)\2*x"):
        (parameter,) = own_fix(_asking(hostile, "a" * 190 + "!"), None).parameters
        assert re.fullmatch(parameter.pattern, parameter.default)
    for plain in (r"^[a-z0-9_.-]+$", r"^(?:\d{1,3}\.){3}\d{1,3}$", r"yes|no", r"[A-Z]{2}-[0-9]{4,6}( \(.+\))?"):
        (parameter,) = own_fix(_asking(plain, ""), None).parameters
        assert parameter.pattern == plain


def _asking(validator: str, default: str) -> Script:
    return Script(scriptid="1", manualinput="1", manualinput_validator=validator, manualinput_default_value=default)


def test_what_is_remembered_of_a_text_is_small() -> None:
    """A source that says something else in megabytes with every poll must not fill the memory."""
    tracemalloc.start()
    for number in range(64):
        told = f"{number}" + "9" * 1_000_000
        assert telling([Metric(label="a", value=1.0, warn=told)], "check", "") is not None
        seconds(f"{told}s")
    kept, _ = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert kept < 8 * 1024 * 1024
