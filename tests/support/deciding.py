"""What technicians do to issues by commands, and what the commands then say of them."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

from tests.support.following import Following
from tests.support.office import Office

Item = dict[str, Any]


class Watch:
    """The list of issues as it changes; as long as it is watched, one engine is at work."""

    def __init__(self, office: Office, following: Following) -> None:
        self._office = office
        self._following = following

    def issue(self, device: str, condition: str, holds: Callable[[Item], bool] = lambda _: True) -> Item:
        """An issue once that holds of it, as `rounds issues --json` tells it then."""

        def found() -> list[Item]:
            return [one for one in self._following.facts.values() if _is(one, device, condition) and holds(one)]

        self._following.until(lambda: bool(found()), f"{condition} of {device} as it ought to be")
        told = [one for one in self._office.items("issues") if _is(one, device, condition)]
        assert len(told) == 1, told
        return told[0]

    def all(self, holds: Callable[[list[Item]], bool], what: str) -> list[Item]:
        """All issues, once that holds of them."""
        self._following.until(lambda: holds([*self._following.facts.values()]), what)
        return self._office.items("issues")

    def gone(self, device: str, condition: str) -> None:
        """Return when there is no such issue."""
        self._following.until(
            lambda: not any(_is(one, device, condition) for one in self._following.facts.values()),
            f"the end of {condition} of {device}",
        )


@contextmanager
def watched(office: Office) -> Iterator[Watch]:
    with office.follow("issues") as following:
        yield Watch(office, following)


def complaint(office: Office, *words: str) -> tuple[int, str]:
    """Exit status and sentence of a command that is not done, or not all of it."""
    result = office.rounds(*words, check=False)
    assert result.returncode, (words, result.stdout, result.stderr)
    return result.returncode, result.stderr.strip()


def told(office: Office, issue: str) -> list[tuple[str, str, str]]:
    """What the record says of what the sources of an issue were asked, oldest first: source, request, outcome."""
    records = json.loads(office.rounds("audit", "show", "--json").stdout)["items"]
    asked = [one["data"] for one in reversed(records) if (one["subject"], one["event"]) == (issue, "source-told")]
    return [(one["source"], one["request"], one["outcome"]) for one in asked]


def _is(item: Item, device: str, condition: str) -> bool:
    return (item["device_name"], item["condition"]) == (device, condition)
