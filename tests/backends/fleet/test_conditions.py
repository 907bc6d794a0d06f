"""The same fact has the same name from every source, and what is not known for certain keeps its own."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from backends.fleet.conditions import Conditions, condition_of


@pytest.mark.parametrize(
    ("told", "family", "subject"),
    [
        ("disk /", "disk", "/"),
        ("Disk space on /var/", "disk", "/var"),
        ("Filesystem: /srv", "disk", "/srv"),
        ("/: Disk space is critically low (used > 90%)", "disk", "/"),
        ("Disk C:\\", "disk", "C:"),
        ("inodes /", "inode", "/"),
        ("load", "load", ""),
        ("Load average is too high", "load", ""),
        ("Memory usage", "memory", ""),
        ("swap", "swap", ""),
        ("service nginx.service", "service", "nginx"),
        ("ntp", "clock", ""),
        ("disk", "check", "disk"),
        ("http", "check", "http"),
        ("ssh", "check", "ssh"),
        ("service", "check", "service"),
        ("load balancer", "check", "load balancer"),
        ("memory leak in app", "check", "memory leak in app"),
    ],
)
def test_what_a_check_is_about_is_told_from_its_name(told: str, family: str, subject: str) -> None:
    assert condition_of(told) == (family, subject)


def test_no_two_checks_of_a_device_have_one_name() -> None:
    names = Conditions()
    found = [names.name("web1", told) for told in ("disk /var", "Disk space on /var", "http", "http", "http")]
    assert len(set(found)) == 5
    assert names.name("web2", "disk /var") == ("disk", "/var")


@given(st.lists(st.text(max_size=40), max_size=20))
def test_whatever_checks_are_called_each_has_a_name_of_its_own(told: list[str]) -> None:
    names = Conditions()
    assert len({names.name("x", text) for text in told}) == len(told)
