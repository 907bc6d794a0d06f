"""The line of a key."""

from __future__ import annotations

import pytest

from backends.config.locate import Step, line_of

TEXT = '''# a comment [with.brackets] = 1
top = 1
[technician]
name = "x"
about = """
[not.a.table]
name = "inside a text"
"""
[clients."big & co"]
sla.critical = { respond = "15m",
  resolve = "4h" }
[clients.acme.sla]
high.respond = "1h"
[[guards]]
match = "a"
[[guards]]
  match="b"
[sources.a.place]
hostgroup = 'x'
'''


@pytest.mark.parametrize(
    ("path", "line"),
    [
        (("top",), 2),
        (("technician", "name"), 4),
        (("technician", "missing"), 3),
        (("clients", "big & co", "sla", "critical", "respond"), 10),
        (("clients", "acme"), 12),
        (("clients", "acme", "name"), 12),
        (("clients", "acme", "sla", "high", "respond"), 13),
        (("guards", 0, "match"), 15),
        (("guards", 1, "match"), 17),
        (("guards", 1, "confirm"), 16),
        (("sources", "a", "place", "hostgroup"), 19),
        (("sources", "a", "kind"), 18),
        (("nowhere",), 0),
        (("not", "a", "table"), 0),
    ],
)
def test_the_line_is_that_of_the_key_or_of_the_table_around_it(path: tuple[Step, ...], line: int) -> None:
    assert line_of(TEXT, path) == line
