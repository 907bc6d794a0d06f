"""Whatever its lists hold, as long as they are lists: a reading comes of it."""

from __future__ import annotations

import json
from typing import Any

import msgspec
from hypothesis import given, settings
from hypothesis import strategies as st

from backends.adapters.tactical_rmm.lookups import Looked
from backends.adapters.tactical_rmm.reading import FACTS, USUAL, steady, told
from backends.adapters.tactical_rmm.records import Agent, AgentCheck, Alert
from backends.adapters.tactical_rmm.world import Moment, World
from backends.api import SourceName
from backends.fleet.placement import placement
from backends.http.decode import each
from tests.support.tactical import NOW
from tests.support.tactical_rows import FAILING, a_check, an_agent, an_alert

VALUES = st.one_of(
    st.none(),
    st.booleans(),
    st.integers(-(2**63), 2**63),
    st.floats(),
    st.text(max_size=20),
    st.datetimes().map(lambda time: time.isoformat()),
    st.sampled_from(
        ["0001-01-01T00:00:00+14:00", "9999-12-31T23:59:59-14:00", "offline", "overdue", "failing", "pending"]
    ),
    st.lists(st.integers(), max_size=2),
    st.dictionaries(st.sampled_from(["total", "failing", "status", "has_failing_checks", "last_run"]), st.integers()),
)


def spoilt(row: dict[str, Any]) -> st.SearchStrategy[dict[str, Any]]:
    return st.dictionaries(st.sampled_from(sorted(row)), VALUES, max_size=4).map(lambda some: row | some)


@settings(max_examples=300, deadline=None)
@given(
    agents=st.lists(spoilt(an_agent("fs01", checks=FAILING)), max_size=3),
    alerts=st.lists(spoilt(an_alert(11, "fs01", assigned_check=1)), max_size=3),
    checks=st.lists(spoilt(a_check(1, "diskspace", "Disk", disk="C:")), max_size=3),
)
def test_no_row_of_the_right_shape_is_too_odd(
    agents: list[dict[str, Any]], alerts: list[dict[str, Any]], checks: list[dict[str, Any]]
) -> None:
    """F-73"""

    def rows(given: list[dict[str, Any]], kind: Any) -> list[Any]:
        raws = [msgspec.Raw(json.dumps(row).encode()) for row in given]
        found, spoiled = each(raws, kind)
        assert len(found) + spoiled == len(given)
        return found

    known, found = rows(agents, Agent), rows(checks, AgentCheck)
    looked = {one.agent_id: Looked(at=NOW, boot_s=0.0, rollup=one.checks, checks=found) for one in known}
    world = World(agents=known, alerts=rows(alerts, Alert), looked=looked, boots=steady({}, known))
    reading = told(SourceName("trmm"), Moment(at=NOW), world, placement({}, SourceName("trmm"), {}, FACTS, USUAL))
    assert len(reading.sightings) == len({one.agent_id for one in known})
    assert all(one.seen <= NOW for one in (*reading.sightings, *reading.checks))
    keys = [(check.native, check.key) for check in reading.checks]
    assert len(keys) == len(set(keys))
