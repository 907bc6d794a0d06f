"""The thresholds table: defaults, units, paths and what is said about mistakes."""

from __future__ import annotations

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from backends.fleet.limits import GIB
from backends.fleet.thresholds import DEFAULTS, ThresholdError, parse_thresholds, unit_of


@pytest.mark.parametrize("table", [None, {}, {"disk": {}}, {"disk": {"warn": 85}}])
def test_silence_means_the_defaults(table: object) -> None:
    assert parse_thresholds(table) == DEFAULTS


@pytest.mark.parametrize(
    ("table", "group", "field", "value"),
    [
        ({"load": {"warn": 1.5}}, "load", "warn", 1.5),
        ({"disk": {"warn_left": "100 GiB"}}, "disk", "warn_left", 100.0 * GIB),
        ({"disk": {"crit_left": "5GB"}}, "disk", "crit_left", 5e9),
        ({"disk": {"crit_left": "5G"}}, "disk", "crit_left", 5.0 * GIB),
        ({"disk": {"crit_left": "512"}}, "disk", "crit_left", 512.0),
        ({"disk": {"crit": "off"}}, "disk", "crit", None),
        ({"disk": {"crit": False}}, "disk", "crit", None),
        ({"disk": {"read_only": True}}, "disk", "read_only", True),
        ({"process": {"warn_after": "30s"}}, "process", "warn_after", 30.0),
        ({"process": {"cpu": 250}}, "process", "cpu", 250.0),
        ({"process": {"ignore": ["ffmpeg"]}}, "process", "ignore", ("ffmpeg",)),
        ({"certificate": {"warn": "3w"}}, "certificate", "warn", 21.0),
        ({"reboot": {"severity": "off"}}, "reboot", "severity", "off"),
        ({"reboot": {"severity": False}}, "reboot", "severity", "off"),
        ({"kernel": {"oom": "critical"}}, "kernel", "oom", "critical"),
    ],
)
def test_a_limit_is_read_in_its_unit(table: object, group: str, field: str, value: object) -> None:
    assert getattr(getattr(parse_thresholds(table), group), field) == value


def test_a_mount_starts_from_the_limits_around_it() -> None:
    limits = parse_thresholds({"disk": {"warn": 70, "/srv": {"crit": 99}}})
    assert (limits.disk_at("/srv").warn, limits.disk_at("/srv").crit) == (70.0, 99.0)


def test_the_exact_mount_wins_over_a_pattern_that_comes_first() -> None:
    limits = parse_thresholds({"disk": {"/srv*": {"warn": 60}, "/srv/a": {"warn": 50}}})
    assert [limits.disk_at(mount).warn for mount in ("/srv/a", "/srv/b", "/")] == [50.0, 60.0, 85.0]


def test_files_and_inodes_have_paths_too() -> None:
    limits = parse_thresholds({"file": {"/b": {"max_age": "26h"}}, "inode": {"/b": {"warn": 50}}})
    assert (limits.file_at("/b").max_age, limits.inode_at("/b").warn) == (93600.0, 50.0)


@pytest.mark.parametrize(
    ("table", "key", "says"),
    [
        ({"dsik": {}}, "dsik", "did you mean disk?"),
        ({"disks": {}}, "disks", "did you mean disk?"),
        ({"disk": {"wran": 1}}, "disk.wran", "did you mean warn?"),
        ({"disk": {"warn": "much"}}, "disk.warn", "a percentage such as 90"),
        ({"disk": {"warn": 101}}, "disk.warn", "a percentage"),
        ({"disk": {"warn": True}}, "disk.warn", "a percentage"),
        ({"disk": {"warn": float("nan")}}, "disk.warn", "a percentage"),
        ({"disk": {"warn": -1}}, "disk.warn", "a percentage"),
        ({"disk": {"warn": 99}}, "disk.warn", "a warning comes first"),
        ({"memory": {"warn": 1}}, "memory.warn", "a warning comes first"),
        ({"disk": {"/srv": {"warn_left": "1 MB"}}}, 'disk."/srv".warn_left', "a warning comes first"),
        ({"disk": {"warn_left": "5 EB"}}, "disk.warn_left", "an amount such as"),
        ({"disk": {"read_only": "yes"}}, "disk.read_only", "true or false"),
        ({"disk": {"/srv": 5}}, 'disk."/srv"', "must be a table"),
        ({"process": {"warn_after": "soon"}}, "process.warn_after", "a duration"),
        ({"network": {"up": "eth0"}}, "network.up", "a list of names"),
        ({"service": {"failed": "bad"}}, "service.failed", "must be one of critical, warning, info, off"),
        ({"load": 3}, "load", "must be a table"),
        ([], "", "must be a table"),
    ],
)
def test_a_mistake_is_named_with_its_key_and_what_to_write(table: object, key: str, says: str) -> None:
    with pytest.raises(ThresholdError) as caught:
        parse_thresholds(table)
    assert caught.value.key == key
    assert says in caught.value.sentence


_VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=8),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from(["warn", "crit", "/a", "x"]), inner),
    max_leaves=6,
)


# The first text that hypothesis draws on a machine builds its tables of characters, which takes seconds.
@given(st.dictionaries(st.sampled_from([*DEFAULTS.__struct_fields__, "disk ", "?"]), _VALUES, max_size=3))
def test_any_table_is_either_read_or_refused_with_a_sentence(table: dict[str, object]) -> None:
    said = "read"
    try:
        parse_thresholds(table)
    except ThresholdError as error:
        said = error.sentence
    assert said


def test_every_limit_says_what_it_means() -> None:
    for name in DEFAULTS.__struct_fields__:
        group = getattr(DEFAULTS, name)
        for field in group.__struct_fields__ if isinstance(group, msgspec.Struct) else ():
            assert all(unit_of(type(group), field)), f"{name}.{field}"
