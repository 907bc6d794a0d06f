"""Whatever an agent says in the right shape is read."""

from __future__ import annotations

from typing import Any

import msgspec
from hypothesis import given, settings
from hypothesis import strategies as st

from backends.adapters.netdata.records import Alarm, Chart, Info
from backends.api import Reading, SourceName
from backends.text import is_safe
from tests.backends.adapters.netdata.test_netdata import AT, checks, told

NUMBERS = st.none() | st.floats() | st.sampled_from([0.0, -1.0, 1e18, 1795680341.0])
TEXTS = st.none() | st.text(max_size=8) | st.sampled_from(["/", "/var", "\x1b[2J", "&lt;b&gt;"])
NAMES = st.sampled_from(["disk_space_usage", "ram_in_use", "used_swap", "load_average_15", "x", "\x1b[2J"])
ALARMS = st.builds(
    Alarm,
    name=NAMES,
    chart=st.text(max_size=5),
    status=st.sampled_from(["CLEAR", "WARNING", "CRITICAL", "UNDEFINED", "?"]),
    family=TEXTS,
    info=TEXTS,
    summary=TEXTS,
    value=NUMBERS,
    value_string=TEXTS,
    units=TEXTS,
    last_status_change=st.floats(),
    last_updated=st.floats(),
    update_every=st.floats(),
)
DIMENSIONS = st.dictionaries(
    st.sampled_from(["avail", "used", "free", "cached", "buffers", "load1", "load5", "load15", "uptime", "x"]),
    NUMBERS.map(lambda value: {"value": value}),
    max_size=5,
)
CHARTS = st.dictionaries(
    st.sampled_from(
        ["system.load", "system.ram", "mem.available", "mem.swap", "system.uptime", "disk_space.a", "disk_inodes.a"]
    ),
    st.tuples(DIMENSIONS, st.sampled_from(["/", "/a\x1b", "a", ""]), st.floats()),
)


@settings(max_examples=300, deadline=None)
@given(st.dictionaries(st.text(max_size=4), ALARMS, max_size=4), CHARTS, st.sampled_from(["2", "", "x", "9" * 50, "0"]))
def test_every_answer_of_the_right_shape_is_read(
    alarms: dict[str, Alarm], charts: dict[str, tuple[Any, str, float]], cores: str
) -> None:
    made = {
        name: msgspec.convert({"family": family, "last_updated": last, "dimensions": values}, Chart)
        for name, (values, family, last) in charts.items()
    }
    found = checks(told(alarms=alarms, charts=made, info=Info(version="1", cores_total=cores)))
    assert all(one.seen <= AT for one in found.values())
    assert all(is_safe(text) for one in found.values() for text in (one.label, one.summary, one.unit))
    reading = Reading(source=SourceName("one"), at=AT, checks=tuple(found.values()))
    assert msgspec.msgpack.decode(msgspec.msgpack.encode(reading), type=Reading) == reading
