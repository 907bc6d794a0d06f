"""What one look at one end found, and what the last looks together say. Pure."""

from __future__ import annotations

import statistics
from collections import deque
from typing import Final

from msgspec import Struct

from backends.api import FaultKind
from backends.fleet.model import CheckState

LOOKS: Final = 20
"""So many answers, or missing answers, are remembered: over them goes the loss."""
ENOUGH: Final = 10
"""Of fewer answers the loss is told, and not judged."""
OUTAGE: Final = 3
"""So many missing answers in a row are an outage and no loss: what comes after it begins anew."""
SMOOTH: Final = 3
"""The latency is the median of so many answers: one slow one is no news."""


class Limits(Struct, frozen=True, kw_only=True):
    """From where on something is a warning, or critical; None is never."""

    latency_warn: float | None = None
    """Milliseconds."""
    latency_crit: float | None = None
    loss_warn: float | None = 20.0
    """Percent of the last answers that did not come."""
    loss_crit: float | None = 60.0
    days_warn: float | None = None
    """Of a certificate."""
    days_crit: float | None = None


class Spec(Struct, frozen=True, kw_only=True):
    """What is looked at, as it is called in checks."""

    family: str
    """ping, tcp, http, certificate, dns."""
    subject: str = ""
    label: str
    limits: Limits = Limits()


class Found(Struct, frozen=True, kw_only=True):
    """What one look found. Exactly one of `said` and `wrong` is there."""

    answers: tuple[float | None, ...] = ()
    """Milliseconds of each answer that was waited for; None is one that did not come. Empty where nothing was sent."""
    said: str = ""
    """What came back, when it is as it should be: `200 OK`."""
    wrong: str = ""
    """What is not as it should be and what to do, in a sentence."""
    state: CheckState = CheckState.CRITICAL
    """How bad `wrong` is: unknown where nothing could be found out."""
    reached: bool | None = None
    """Whether the device itself is there; None where this look says nothing on it."""
    fault: FaultKind | None = None
    days: float | None = None
    """Until a certificate expires."""

    @property
    def ms(self) -> float | None:
        """Of the quickest answer."""
        return min((ms for ms in self.answers if ms is not None), default=None)


class Tally:
    """The last answers of one end."""

    def __init__(self) -> None:
        self._answers: deque[float | None] = deque(maxlen=LOOKS)

    def add(self, found: Found) -> None:
        self._answers.extend(found.answers)
        last = [*self._answers][-OUTAGE:]
        if len(last) == OUTAGE and not any(ms is not None for ms in last):
            self._answers.clear()

    @property
    def count(self) -> int:
        return len(self._answers)

    @property
    def loss(self) -> float:
        """Percent of the last answers that did not come."""
        lost = sum(1 for ms in self._answers if ms is None)
        return 100.0 * lost / len(self._answers) if self._answers else 0.0

    @property
    def judged_loss(self) -> float | None:
        """The loss, where it is of enough answers to mean something."""
        return self.loss if self.count >= ENOUGH else None

    @property
    def latency(self) -> float | None:
        """Milliseconds; None where nothing has answered lately."""
        came = [ms for ms in self._answers if ms is not None]
        return statistics.median(came[-SMOOTH:]) if came else None
