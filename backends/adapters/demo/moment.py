"""One instant of the story, in the engine's time and in its own."""

from __future__ import annotations

from datetime import datetime, timedelta

from msgspec import Struct, structs


class Moment(Struct, frozen=True, kw_only=True):
    """One instant, in both times."""

    now: datetime
    """By the engine's clock."""
    t: float
    """Seconds of the story."""
    epoch: datetime
    """When the story began, by the engine's clock."""
    began: datetime
    """When it began by its own; another one only where a story stands still on a clock that says another time."""
    speed: float

    def real(self, t: float) -> datetime:
        """The engine's time of a story time; what lies before the beginning is as old as it says at any speed."""
        return min(self.epoch + timedelta(seconds=t / self.speed if t > 0 else t), self.now)

    def earlier(self, when: datetime) -> Moment:
        """The instant at which the engine's clock said `when`; before the beginning, story and clock go alike."""
        back_s = (self.now - when).total_seconds()
        told_s = max(self.t, 0.0) / self.speed
        t = self.t - back_s * self.speed if back_s <= told_s else min(self.t, 0.0) - (back_s - told_s)
        return structs.replace(self, now=when, t=t)
