"""Whatever an Icinga answers, of the right JSON shape or not, comes out as a reading or as a `SourceError`."""

from __future__ import annotations

import json
from typing import Any

from hypothesis import given
from hypothesis import strategies as some

from backends.adapters.icinga2.calls import HOST_ATTRIBUTES, SERVICE_ATTRIBUTES, read
from backends.adapters.icinga2.records import Comment, Dependency, Downtime, Found, Host, Service
from backends.adapters.icinga2.world import Answers, world_of
from backends.api import SourceError
from backends.text import is_safe
from tests.backends.adapters.icinga2.recorded import Told, now, raw

ODD_NUMBERS = some.sampled_from([0, 1, 2, 3, 99, -1, 1e300, -1e300, 2**63, 1e17, 0.5, now().there, now().there + 1e6])
ANYTHING: some.SearchStrategy[Any] = some.recursive(
    some.none() | some.booleans() | ODD_NUMBERS | some.text(max_size=12),
    lambda inner: some.lists(inner, max_size=3) | some.dictionaries(some.text(max_size=8), inner, max_size=3),
    max_leaves=8,
)
RESULT = some.none() | some.fixed_dictionaries(
    {},
    optional={
        "state": ODD_NUMBERS,
        "output": some.none() | some.text(max_size=40),
        "execution_end": ODD_NUMBERS,
        "performance_data": some.none() | some.lists(some.text(max_size=20) | ANYTHING, max_size=3),
        "vars_after": ANYTHING,
    },
)


def changed(name: str, attributes: tuple[str, ...]) -> some.SearchStrategy[bytes]:
    """The recorded answer, with some attributes of its first objects replaced."""
    document = json.loads(raw(name))
    numbers = some.sampled_from(attributes)
    spoils = some.lists(
        some.dictionaries(numbers, ODD_NUMBERS | ANYTHING, max_size=4)
        | some.fixed_dictionaries({"last_check_result": RESULT}),
        max_size=6,
    )

    def spoiled(found: list[dict[str, Any]]) -> bytes:
        results = [
            {**one, "attrs": {**one["attrs"], **spoil}}
            for one, spoil in zip(document["results"], [*found, *[{}] * len(document["results"])], strict=False)
        ]
        return json.dumps({"results": results}).encode()

    return spoils.map(spoiled)


@given(changed("hosts", HOST_ATTRIBUTES), changed("services", SERVICE_ATTRIBUTES))
def test_no_payload_of_the_right_shape_raises(hosts: bytes, services: bytes) -> None:
    found, _ = read(hosts, Found[Host])
    told, _ = read(services, Found[Service])
    world = world_of(
        Answers(
            hosts=found,
            services=[one.attrs for one in told],
            downtimes=[one.attrs for one in read(raw("downtimes"), Found[Downtime])[0]],
            comments=[one.attrs for one in read(raw("comments"), Found[Comment])[0]],
            dependencies=[one.attrs for one in read(raw("dependencies"), Found[Dependency])[0]],
        )
    )
    seen = Told(world)
    for check in seen.checks.values():
        assert check.seen <= now().at
        assert check.since is None or check.since <= now().at
        assert all(map(is_safe, (check.label, check.summary, check.advice)))
        assert check.value is None or abs(check.value) < float("inf")


@given(ANYTHING)
def test_an_answer_of_any_shape_is_read_or_refused(document: Any) -> None:
    for kind in (Found[Host], Found[Service], Found[Downtime], Found[Comment], Found[Dependency]):
        try:
            found, spoiled = read(json.dumps(document).encode(), kind)
        except SourceError:
            continue
        assert len(found) + spoiled == len(document["results"])
