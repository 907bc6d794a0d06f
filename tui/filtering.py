"""What was typed after `/`, applied to whatever the list shows."""

from __future__ import annotations

from datetime import datetime

from backends.fleet.model import Device, Issue


class FilterError(Exception):
    """The text is no filter; the message says where and why."""


class Filter:
    """Words that all have to occur; `-word` must not."""

    def __init__(self, text: str) -> None:
        self._words = [word.casefold() for word in text.split()]

    def words(self, *texts: str) -> bool:
        """Whether the words occur in any of `texts`."""
        joined = "\n".join(texts).casefold()
        return all(
            (word[1:] not in joined) if word.startswith("-") and word[1:] else word in joined for word in self._words
        )

    def issue(self, issue: Issue, now: datetime) -> bool:  # noqa: ARG002
        return self.words(
            issue.title, issue.device_name, issue.client_name, issue.site_name, issue.severity, issue.owner
        )

    def device(self, device: Device, now: datetime) -> bool:  # noqa: ARG002
        return self.words(device.name, device.client_name, device.site_name, device.kind, device.address, device.health)


NO_FILTER = Filter("")
